"""Files on the disk: written whole or not at all, told by their content."""

from .atomic import make_folder, replacing, require_place, write_atomically
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
    'make_folder',
    'read_record',
    'replacing',
    'require_place',
    'source_digest',
    'write_atomically',
]
