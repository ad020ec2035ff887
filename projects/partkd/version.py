"""The version of the package, read by ``setup.py`` without importing anything else."""

__version__ = '0.1.0'

# Raised by a change after which the same configs and files give other clips, features or weights:
# what was made before is then made again. Other changes of code make nothing again.
RESULTS_VERSION = 1
