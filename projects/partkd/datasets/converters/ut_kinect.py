"""UTKinect-Action3D (Xia et al., CVPR Workshops 2012): recordings of ten actions, cut into them."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Rule, is_in, make_annotation
from .kinect_v1 import from_sdk_order
from .readers import parse_numbers, read_lines, require_finite

_NAME = re.compile(r'joints_(s(\d{2})_e(\d{2}))')
_LABELS = 'actionLabel.txt'


@CONVERTERS.register_module('ut_kinect')
class UTKinect(Converter):
    """UTKinect-Action3D, Kinect v1: ``joints_s01_e01.txt`` and the others, ``actionLabel.txt``.

    20 recordings, cut into 199 actions, ``s01_e01_walk`` and so on. A frame that is there twice is
    taken once. Splits: ``odd`` and ``even`` subjects.
    """

    layout = 'kinect_v1'
    pattern = 'joints_s[0-9]*.txt'
    download = "UTKinect-Action3D's joints and actionLabel.txt"
    classes = (
        'walk',
        'sitDown',
        'standUp',
        'pickUp',
        'carry',
        'throw',
        'push',
        'pull',
        'waveHands',
        'clapHands',
    )

    @cached_property
    def label_file(self) -> Path:
        """The file of labels.

        Raises:
            FileNotFoundError: If there is none.
        """
        found = sorted(self.src.rglob(_LABELS))
        if not found:
            raise FileNotFoundError(f'no {_LABELS} in {self.src}: put it there')
        return found[0]

    def inputs(self, source: Path) -> list[Path]:
        return [source, self.label_file]

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None:
            raise ValueError('no name like joints_s01_e01.txt: rename or remove it')
        values = require_finite(parse_numbers(read_lines(source), 61), 'a joint')
        numbers, first_rows = np.unique(values[:, 0].astype(int), return_index=True)
        keypoint = from_sdk_order(values[first_rows, 1:].reshape(1, -1, 20, 3))
        actions = self._actions().get(name[1])
        if actions is None:
            raise ValueError(f'{self.label_file} has no {name[1]}')
        for action, first, last in actions:
            inside = (numbers >= first) & (numbers <= last)
            annotation = make_annotation(
                f'{name[1]}_{action}', self.classes.index(action), keypoint[:, inside]
            )
            yield Clip(annotation, dict(subject=int(name[2])))

    def split_rules(self) -> Mapping[str, Rule]:
        return {
            'odd': is_in('subject', range(1, 11, 2)),
            'even': is_in('subject', range(2, 11, 2)),
        }

    def _actions(self) -> dict[str, list[tuple[str, float, float]]]:
        """Of each recording its actions with their first and last frames.

        One is NaN in the publishers' file: a clip without frames, which is left out as such.
        """
        actions: dict[str, list[tuple[str, float, float]]] = {}
        recording: list[tuple[str, float, float]] = []
        for number, line in enumerate(read_lines(self.label_file), 1):
            fields = line.replace(':', ' ').split()
            if len(fields) == 1:
                recording = actions.setdefault(fields[0], [])
            elif len(fields) == 3 and fields[0] in self.classes:
                recording.append((fields[0], float(fields[1]), float(fields[2])))
            elif fields:
                raise ValueError(
                    f'{self.label_file}: line {number} is {line!r}, it should be a recording like '
                    's01_e01, or an action with its first and last frame'
                )
        return actions
