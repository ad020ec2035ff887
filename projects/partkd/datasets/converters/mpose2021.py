"""MPOSE2021 (Mazzia et al., Pattern Recognition 2022)."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Rule, is_in, make_annotation
from .readers import read_lines, require_shape

_LAYOUTS = {25: 'openpose25', 17: 'coco'}
_SPLITS = ('1', '2', '3')


@CONVERTERS.register_module('mpose2021')
class MPOSE2021(Converter):
    """MPOSE2021, OpenPose: the folder ``openpose`` that the package ``mpose`` has unpacked.

    15,429 clips in ``1/X_train.npy`` and ``1/X_test.npy``, (clips, 30 frames, joints, 3) with x, y
    and score, labels in ``y_*.npy``, names in ``1/1.txt``. Zeros at the end of a clip are not part
    of it. Splits: ``split1`` to ``split3``, from ``1.txt`` to ``3.txt``.

    Args:
        src (str | Path): Folder of one estimator.
        joints (int): 25 for OpenPose, 17 for PoseNet and MoveNet. Defaults to 25.
    """

    layout = 'openpose25'
    pattern = '1/X_*.npy'
    download = 'the estimator, "openpose" or another, with "1", "2" and "3" in it'
    classes = (
        'standing',
        'check-watch',
        'cross-arms',
        'scratch-head',
        'sit-down',
        'get-up',
        'turn',
        'walk',
        'wave1',
        'box',
        'kick',
        'point',
        'pick-up',
        'bend',
        'hands-clap',
        'wave2',
        'jog',
        'jump',
        'pjump',
        'run',
    )

    def __init__(self, src: str | Path, joints: int = 25) -> None:
        super().__init__(src)
        if joints not in _LAYOUTS:
            raise ValueError(f'joints is {joints}: set one of {list(_LAYOUTS)}')
        self.joints = joints
        self.layout = _LAYOUTS[joints]

    def inputs(self, source: Path) -> list[Path]:
        return [source, self._labels(source), self._list('1')]

    def read(self, source: Path) -> Iterator[Clip]:
        values = _load(source)
        require_shape(values, (None, None, self.joints, 3), source.name)
        labels = _load(self._labels(source))
        names = self.lists['1'].get(source.stem.removeprefix('X_'), [])
        if not len(values) == len(labels) == len(names):
            raise ValueError(
                f'{len(values)} clips, {len(labels)} labels in {self._labels(source).name}, '
                f'{len(names)} names in {self._list("1").name}: download them again'
            )
        for name, label, clip in zip(names, labels, values):
            seen = np.flatnonzero(clip.any(axis=(1, 2)))
            clip = clip[None, : seen[-1] + 1 if len(seen) else 0]
            annotation = make_annotation(name, int(label), clip[..., :2], clip[..., 2])
            yield Clip(annotation, dict(name=name))

    def split_rules(self) -> Mapping[str, Rule]:
        return {
            f'split{number}_{split}': is_in('name', set(members.get(part, [])))
            for number, members in self.lists.items()
            for part, split in (('train', 'train'), ('test', 'val'))
        }

    @cached_property
    def lists(self) -> dict[str, dict[str, list[str]]]:
        """Of each split that is there the names of its two parts, in the order of the arrays."""
        lists: dict[str, dict[str, list[str]]] = {}
        for number in _SPLITS:
            if number != '1' and not self._list(number).is_file():
                continue
            parts: dict[str, list[str]] = {'train': [], 'test': []}
            for place, line in enumerate(read_lines(self._list(number)), 1):
                fields = line.split()
                if len(fields) < 2 or fields[1] not in parts:
                    raise ValueError(
                        f'{self._list(number)}: line {place} is {line!r}, it should be a name and '
                        '"train" or "test"'
                    )
                parts[fields[1]].append(fields[0])
            lists[number] = parts
        return lists

    def _list(self, number: str) -> Path:
        return self.src / number / f'{number}.txt'

    def _labels(self, source: Path) -> Path:
        return source.with_name(source.name.replace('X_', 'y_', 1))


def _load(file: Path) -> np.ndarray:
    try:
        return np.load(file, mmap_mode='r', allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f'{file.name} is truncated or no array ({error})') from error
