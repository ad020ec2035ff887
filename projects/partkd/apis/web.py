"""A page in the browser."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from partkd.arguments import Bounds, checked
from partkd.datasets import load_annotations
from partkd.inference import load_model
from partkd.web import (
    Contender,
    clips_by_name,
    contenders_of_folder,
    require_gradio,
    served,
)

Port = Annotated[int, Bounds('the number of a port, 1 to 65535', 1, 65535)]


@checked
def web(
    model: str | Path,
    weights: str | Path | None = None,
    data: str | Path | None = None,
    estimator: Mapping[str, Any] | None = None,
    device: str | None = None,
    host: str = '127.0.0.1',
    port: Port = 7860,
) -> None:
    """Serve a page that shows what models see and say, also with joints hidden by hand.

    Args:
        model (str | Path): A finished folder of ``tools/distill.py``, whose teacher, plain and
            distilled student are shown side by side with the clips they were tested on; or one
            model, see :func:`load_model`.
        weights (str | Path, optional): The checkpoint of a config. Defaults to None.
        data (str | Path, optional): Annotation file of clips to choose from, of one model. Defaults
            to None, files are uploaded.
        estimator (Mapping[str, Any], optional): What finds the joints in uploaded videos. Defaults
            to None.
        device (str, optional): Where PyTorch computes. Defaults to the GPU where there is one.
        host (str): Who may come: ``'0.0.0.0'`` lets other machines in. Defaults to this machine
            alone.
        port (int): Of the page. Defaults to 7860.

    Returns:
        None: When it is interrupted.

    Raises:
        FileNotFoundError: If a file is not there.
        ImportError: If Gradio is not installed.
        OSError: If the port is taken.
        ValueError: If the model cannot be used.
    """
    require_gradio()  # before anything is loaded
    with served(_contenders(model, weights, data, device), estimator, host, port) as page:
        print(f'{page.local_url} shows the page, until Ctrl-C')
        page.block_thread()


def _contenders(
    model: str | Path, weights: str | Path | None, data: str | Path | None, device: str | None
) -> list[Contender]:
    if Path(model).is_dir():
        return contenders_of_folder(model, device)
    clips = [] if data is None else load_annotations(data)['annotations']
    return [Contender('student', load_model(model, weights, device), clips_by_name(clips))]
