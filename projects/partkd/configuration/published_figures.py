"""What others have published of their models under degradations."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partkd.arguments import require
from partkd.messages import shown

from .degradations import read_degradation
from .yaml_files import read_yaml

KEYS = {'source', 'degradations', 'rows'}


@dataclass(frozen=True)
class PublishedFigures:
    """A table of others.

    Args:
        source (str): Who published it, and the data.
        degradations (tuple[str, ...]): Its columns behind that of clips as they are, see
            :func:`read_degradation`.
        rows (dict[str, list[float]]): By model, top-1 in percent as it is and under each.
    """

    source: str
    degradations: tuple[str, ...]
    rows: dict[str, list[float]]


def read_published(file: str | Path) -> PublishedFigures:
    """Read a table of others.

    Args:
        file (str | Path): YAML with ``source``, ``degradations`` and ``rows``.

    Returns:
        PublishedFigures: What it says.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is of another form, or names a degradation that there is not.
    """
    content: Any = read_yaml(file, 'table')
    if not isinstance(content, dict) or content.keys() != KEYS:
        raise ValueError(f'{file} is no table of figures: give {", ".join(sorted(KEYS))}')
    require(content['source'], str, f'{file}: source')
    require(content['degradations'], list[str], f'{file}: degradations')
    require(content['rows'], dict[str, list[float]], f'{file}: rows')
    for degradation in content['degradations']:
        read_degradation(degradation)
    if len(set(content['degradations'])) < len(content['degradations']):
        raise ValueError(f'{file} names a degradation twice: each is one column')
    number = 1 + len(content['degradations'])
    for name, figures in content['rows'].items():
        if len(figures) != number or not all(0 <= figure <= 100 for figure in figures):
            raise ValueError(
                f'{file}: row {shown(name)} has {shown(figures)}: give {number} figures in '
                'percent, as it is and under each degradation'
            )
    return PublishedFigures(content['source'], tuple(content['degradations']), content['rows'])
