"""One module for each pose graph, each holding only a dict called ``layout``."""
