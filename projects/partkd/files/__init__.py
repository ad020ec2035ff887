"""Files on the disk: written whole or not at all, told by their content."""

from .atomic import replacing, write_atomically
from .digests import digest, file_digest, source_digest
from .made_once import RECORD, BusyError, ChangedError, MadeOnce, read_record
from .mapped_file import MappedFile, MappedRows

__all__ = [
    'RECORD',
    'BusyError',
    'ChangedError',
    'MadeOnce',
    'MappedFile',
    'MappedRows',
    'digest',
    'file_digest',
    'read_record',
    'replacing',
    'source_digest',
    'write_atomically',
]
