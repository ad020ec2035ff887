"""Steps of a chain, which leave their result in a folder of their own and are not done twice."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from partkd.configuration import canonical
from partkd.evaluation import environment
from partkd.files import MadeOnce, digest
from partkd.version import RESULTS_VERSION


class Step(MadeOnce):
    """A step of a chain, in a folder named by what the step depends on.

    A changed config or input gives another folder, so nothing is overwritten.

    Args:
        root (str | Path): Where the folder is made.
        name (str): What the step is, such as ``'teacher'``.
        settings (Any): Configs and files that decide the result, see
            :func:`partkd.configuration.canonical`.
    """

    def __init__(self, root: str | Path, name: str, settings: Any) -> None:
        fingerprint = dict(settings=digest(canonical(settings)), results_version=RESULTS_VERSION)
        label = re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')
        # Names of variants may be longer than a file system takes; the digits tell them apart.
        super().__init__(Path(root) / f'{label[:80]}-{digest(fingerprint)[:8]}', fingerprint)

    def make(self, action: Callable[[Path], dict], wait: bool = True) -> dict:
        """Do the step unless it is finished, see :meth:`MadeOnce.make`.

        Returns:
            dict: With ``seconds`` and ``environment``, to which `action` may add, beside what
            every folder's record has.
        """

        def timed(folder: Path) -> dict:
            start, made_with = time.monotonic(), environment()
            record = action(folder)
            made_with |= record.get('environment', {})
            return record | dict(seconds=time.monotonic() - start, environment=made_with)

        return super().make(timed, wait)
