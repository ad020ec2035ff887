"""Files on the disk: written whole or not at all, told by their content."""

from .atomic import replacing, write_atomically
from .digests import file_digest, source_digest

__all__ = ['file_digest', 'replacing', 'source_digest', 'write_atomically']
