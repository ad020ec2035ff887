"""Why a pickle from outside cannot be read, in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partkd.messages import shown

from .file_kinds import kind_of_file
from .pickle_opcodes import TruncatedPickleError
from .restricted_pickle import RefusedGlobalError, restricted_load


def read_pickle(
    path: str | Path, what: str, more: Mapping[tuple[str, str], Any] | None = None
) -> Any:
    """Read a pickle without running anything that is in it.

    Args:
        path (str | Path): The file, which is there.
        what (str): What it should be, with its article, for the errors.
        more (Mapping, optional): See :func:`restricted_load`. Defaults to None.

    Returns:
        Any: Its content.

    Raises:
        ValueError: If it is none, damaged, or asks for something else; it names the file.
    """
    path = Path(path)
    try:
        return restricted_load(path, more)
    except RefusedGlobalError as error:
        raise ValueError(
            f'{path} asks for {error}, which {what} has no use for; it was not '
            'run. Write the file again with numpy arrays, numbers, strings, dicts and lists'
        ) from None
    except TruncatedPickleError as error:
        kind = kind_of_file(path) or f'is truncated ({error}): copy or download it again'
        raise ValueError(f'{path} {kind}') from None
    except Exception as error:  # the unpickler raises nearly anything on foreign bytes
        kind = kind_of_file(path) or (
            f'is damaged or no pickle ({shown(error)}): copy or download it again'
        )
        raise ValueError(f'{path} {kind}') from error
