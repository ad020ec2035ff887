from pathlib import Path

from matplotlib.figure import Figure

from partkd.files import replacing, require_place


def require_picture(file: str | Path) -> None:
    """Refuse a picture that cannot be written, before what it shows is computed.

    Args:
        file (str | Path): The picture; its folder is made where it is missing.

    Raises:
        OSError: If there is no place for it, naming it.
        ValueError: If it is of no kind that can be drawn.
    """
    require_place(file)
    kinds = Figure().canvas.get_supported_filetypes()
    if _kind(file) not in kinds:
        raise ValueError(f'{file} is no picture that can be drawn: end its name in .png, or .pdf')


def save_picture(figure: Figure, file: str | Path) -> None:
    """Write a picture, whole or not at all.

    Args:
        figure (Figure): What it shows.
        file (str | Path): The picture; its folder is made where it is missing.

    Raises:
        OSError: If it cannot be written, naming it.
        ValueError: If it is of no kind that can be drawn.
    """
    require_picture(file)
    with replacing(file) as picture:
        figure.savefig(picture, format=_kind(file), dpi=120)


def _kind(file: str | Path) -> str:
    return Path(file).suffix[1:].lower()
