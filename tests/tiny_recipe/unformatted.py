"""Imported by the processes of a sweep, where the tests' own patches do not reach."""

import mmengine.config.config

mmengine.config.config.FormatCode = lambda text, **kwargs: (text, True)
