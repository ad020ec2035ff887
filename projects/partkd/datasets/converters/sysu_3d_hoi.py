"""SYSU 3D Human-Object Interaction (Hu et al., CVPR 2015)."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Origin, Rule, make_annotation, require_found
from .kinect_v1 import from_sdk_order
from .readers import read_lines, read_mat, require_finite, require_shape

_SPLITS = 30


@CONVERTERS.register_module('sysu')
class SYSU3DHOI(Converter):
    """SYSU 3D HOI, Kinect v1: ``3DvideoNorm/PERSON/video1/sklWorld.mat`` and the others.

    480 files with ``SW`` (20 joints, 3, frames) in metres; people are numbered in the order of
    their folders' names. Splits: ``setting1_01_train`` to ``setting2_30_val``. In setting 1 half of
    the people train each activity, in setting 2 the same half trains all of them. A split's
    training clips are those that ``setting1_01.txt`` and its like name, ``PERSON/video1`` one a
    line, where there is such a file; else they are drawn, from a seed that is the split's number.
    """

    layout = 'kinect_v1'
    pattern = 'video*/sklWorld.mat'
    download = 'SYSU 3D HOI\'s "3DvideoNorm"'
    classes = (
        'drinking',
        'pouring',
        'calling phone',
        'playing phone',
        'wearing backpacks',
        'packing backpacks',
        'sitting chair',
        'moving chair',
        'taking out wallet',
        'taking from wallet',
        'mopping',
        'sweeping',
    )

    @cached_property
    def people(self) -> list[str]:
        """Folders of people, in the order of their numbers."""
        return sorted({source.parents[1].name for source in super().sources()})

    def sources(self) -> list[Path]:
        found = super().sources()
        return require_found(sorted(found, key=_person_and_activity), self)

    def name_of(self, source: Path) -> str:
        person, activity = _person_and_activity(source)
        return f'{person}_video{activity:02d}'

    def read(self, source: Path) -> Iterator[Clip]:
        person, activity = _person_and_activity(source)
        if not 1 <= activity <= len(self.classes):
            raise ValueError(f'no folder video1 to video{len(self.classes)}: rename or remove it')
        (positions,) = read_mat(source, 'SW')
        require_finite(require_shape(positions, (20, 3, None), 'SW'), 'SW')
        keypoint = from_sdk_order(positions.transpose(2, 0, 1))[None]
        origin = dict(
            subject=self.people.index(person) + 1,
            label=activity - 1,
            listed=f'{person}/video{activity}',
        )
        yield Clip(make_annotation(self.name_of(source), activity - 1, keypoint), origin)

    def split_rules(self) -> Mapping[str, Rule]:
        rules: dict[str, Rule] = {}
        for setting in (1, 2):
            for number in range(1, _SPLITS + 1):
                name = f'setting{setting}_{number:02d}'
                listed = sorted(self.src.rglob(f'{name}.txt'))
                trains = _from_list(listed[0]) if listed else self._drawn(setting, number)
                rules[f'{name}_train'] = trains
                rules[f'{name}_val'] = _not(trains)
        return rules

    def _drawn(self, setting: int, number: int) -> Rule:
        rng = np.random.default_rng([setting, number])
        draws = len(self.classes) if setting == 1 else 1
        halves = [
            {int(subject) + 1 for subject in rng.permutation(len(self.people))[::2]}
            for _ in range(draws)
        ]
        return lambda origin: origin['subject'] in halves[origin['label'] % draws]


def _person_and_activity(source: Path) -> tuple[str, int]:
    number = re.fullmatch(r'video(\d+)', source.parent.name)
    return source.parents[1].name, int(number[1]) if number else 0


def _from_list(file: Path) -> Rule:
    names = {line.strip() for line in read_lines(file)}
    return lambda origin: origin['listed'] in names


def _not(rule: Rule) -> Rule:
    def other(origin: Origin) -> bool:
        return not rule(origin)

    return other
