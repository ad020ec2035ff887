"""Files on the disk: written whole or not at all, told by their content."""

from .atomic import (
    make_folder,
    naming_errors,
    replacing,
    require_place,
    reserve,
    write_atomically,
)
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
    'naming_errors',
    'read_record',
    'replacing',
    'require_place',
    'reserve',
    'source_digest',
    'write_atomically',
]
