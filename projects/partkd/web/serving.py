"""Serving the page, and what goes with it when it ends."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from .contender import Contender
from .page import build_page, require_gradio

LARGEST = '200mb'  # of an upload
_PLACE = 'GRADIO_TEMP_DIR'


@contextmanager
def served(
    contenders: Sequence[Contender],
    estimator: Mapping[str, Any] | None = None,
    host: str = '127.0.0.1',
    port: int = 7860,
) -> Iterator[Any]:
    """Serve a page while the context lasts. Uploads and pictures go with it.

    Args:
        contenders (Sequence[Contender]): See :func:`build_page`.
        estimator (Mapping[str, Any], optional): The same. Defaults to None.
        host (str): Who may come: ``'0.0.0.0'`` lets other machines in. Defaults to this machine
            alone.
        port (int): Defaults to 7860.

    Yields:
        gradio.Blocks: The page; ``local_url`` is its address.

    Raises:
        ImportError: If Gradio is not installed.
        OSError: If the port is taken.
    """
    gradio = require_gradio()
    before = os.environ.get(_PLACE)
    with TemporaryDirectory(prefix='partkd-') as folder:
        os.environ[_PLACE] = folder  # parts of a page ask for it when they are made
        try:
            page = build_page(contenders, estimator)
            page.launch(
                server_name=host,
                server_port=port,
                max_file_size=LARGEST,
                theme=gradio.themes.Base(font=['sans-serif'], font_mono=['monospace']),
                prevent_thread_lock=True,
                quiet=True,
            )
            try:
                yield page
            finally:
                page.close(verbose=False)
        finally:
            os.environ.pop(_PLACE)
            if before is not None:
                os.environ[_PLACE] = before
