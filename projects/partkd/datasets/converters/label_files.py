"""Files that say of clips what no pose estimator knows: the class, the person, the splits."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from partkd.datasets.annotations import label_of, load_annotations, name_of
from partkd.messages import shown

from .readers import read_lines


@dataclass(frozen=True)
class Listed:
    """What a file of labels says of a clip.

    Args:
        label (int): Its class.
        subject (str): Who is seen. Defaults to '', not known.
        splits (tuple[str, ...]): Those that it is in. Defaults to none.
        img_shape (tuple[int, int], optional): Height and width of its pictures in pixels. Defaults
            to None, not known.
    """

    label: int
    subject: str = ''
    splits: tuple[str, ...] = ()
    img_shape: tuple[int, int] | None = None


def read_labels(file: Path) -> tuple[dict[str, Listed], tuple[str, ...]]:
    """Read a file of labels.

    Args:
        file (Path): A CSV file with columns ``name``, ``label`` (a class's name, or its number from
            0 on) and, where it has them, ``subject`` and ``split``; ``file`` may stand in the place
            of ``name``, its ending is left out; mmaction2's list of files and numbers (``.txt``, a
            line ``video.mp4 3``); or an annotation file (``.pkl``) of the same clips by another
            estimator or sensor.

    Returns:
        tuple[dict[str, Listed], tuple[str, ...]]: What it says of each clip by the clip's name, and
        the names of the classes, none where it has numbers alone.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is of another form.
    """
    if file.suffix == '.pkl':
        return _of_annotations(file)
    return _of_list(file) if file.suffix == '.txt' else _of_table(file)


def _of_list(file: Path) -> tuple[dict[str, Listed], tuple[str, ...]]:
    rows = []
    for number, line in enumerate(read_lines(file), 1):
        name, _, label = line.strip().rpartition(' ')
        if not name or not label.isdigit():
            raise ValueError(f'line {number} of {file} is no file and number of a class')
        rows.append((Path(name).stem, Listed(int(label))))
    return _by_name(rows, file), ()


def _by_name(rows: list[tuple[str, Listed]], file: Path) -> dict[str, Listed]:
    """Clips go by their names, of which two rows would say two things."""
    names = Counter(name for name, _ in rows)
    if twice := sorted(name for name, count in names.items() if count > 1):
        raise ValueError(
            f'{file} has several rows for {", ".join(map(shown, twice[:3]))} (folders and endings '
            'of files are left out): give each clip a name and a row of its own'
        )
    return dict(rows)


def _of_table(file: Path) -> tuple[dict[str, Listed], tuple[str, ...]]:
    reader = csv.DictReader(read_lines(file))
    columns = set(reader.fieldnames or ())
    if 'label' not in columns or not {'name', 'file'} & columns:
        raise ValueError(
            f'{file} has the columns {reader.fieldnames}: it should have label, and name or file'
        )
    rows = [dict(row, name=row.get('name') or Path(row['file']).stem) for row in reader]
    names = {row['label'] for row in rows}
    classes = () if all(map(str.isdigit, names)) else tuple(sorted(names))
    listed = [
        (
            row['name'],
            Listed(
                label=classes.index(row['label']) if classes else int(row['label']),
                subject=row.get('subject') or '',
                splits=(row['split'],) if row.get('split') else (),
            ),
        )
        for row in rows
    ]
    return _by_name(listed, file), classes


def _of_annotations(file: Path) -> tuple[dict[str, Listed], tuple[str, ...]]:
    content = load_annotations(file)
    splits: dict[str, list[str]] = {}
    for split, names in content['split'].items():
        for name in names:
            splits.setdefault(name, []).append(split)
    listed = {}
    for clip in content['annotations']:
        name, label = name_of(clip), label_of(clip)
        if name is None or label is None:
            raise ValueError(f'{file} has a clip without a name or a label: take another file')
        listed[name] = Listed(label, '', tuple(splits.get(name, ())), _shape_of(clip, file))
    return listed, tuple(content['classes'])


def _shape_of(clip: dict, file: Path) -> tuple[int, int] | None:
    shape = clip.get('img_shape')
    if shape is None:
        return None
    try:
        height, width = (int(side) for side in shape[:2])
    except (TypeError, ValueError):
        raise ValueError(f'{file}: img_shape is {shown(shape)}: it is height and width') from None
    return height, width
