"""UI-PRMD (Vakanski et al., Data 2018): the same exercises seen by a Kinect and by Vicon."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from partkd.layouts import get_layout

from .converter import CONVERTERS, Clip, Converter, Rule, in_two, make_annotation, require_found
from .readers import parse_numbers, read_lines, require_finite

_NAME = re.compile(r'(m(\d{2})_s(\d{2})_e(\d{2}))_positions')


class _UIPRMD(Converter):
    """Files ``m01_s01_e01_positions.txt`` of one sensor: correct repetitions, cut."""

    pattern = 'm[0-9][0-9]_s[0-9][0-9]_e[0-9][0-9]_positions.txt'
    classes = (
        'deep squat',
        'hurdle step',
        'inline lunge',
        'side lunge',
        'sit to stand',
        'standing active straight leg raise',
        'standing shoulder abduction',
        'standing shoulder extension',
        'standing shoulder internal-external rotation',
        'standing shoulder scaption',
    )
    sensor: str

    def sources(self) -> list[Path]:
        """The sensor's files: those of the other have the same names in a folder of its own."""
        return require_found([file for file in super().sources() if self._is_of(file)], self)

    def name_of(self, source: Path) -> str:
        return f'c_{source.stem.removesuffix("_positions")}'

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or not 1 <= int(name[2]) <= len(self.classes):
            raise ValueError('no name like m01_s01_e01_positions.txt with a movement from 1 to 10')
        lines = read_lines(source)
        joints = get_layout(self.layout).num_joints
        separator = ',' if ',' in lines[0] else None
        values = require_finite(parse_numbers(lines, 3 * joints, 1, separator), 'a joint')
        keypoint = values.reshape(1, -1, joints, 3)
        annotation = make_annotation(self.name_of(source), int(name[2]) - 1, keypoint)
        yield Clip(annotation, dict(subject=int(name[3])))

    def split_rules(self) -> Mapping[str, Rule]:
        return in_two('xsub', 'subject', range(1, 6))

    def _is_of(self, file: Path) -> bool:
        folders = [part.lower() for part in file.relative_to(self.src).parts[:-1]]
        return self.sensor in folders and not any('incorrect' in folder for folder in folders)


@CONVERTERS.register_module('uiprmd_kinect')
class UIPRMDKinect(_UIPRMD):
    """UI-PRMD, 22 joints by Kinect v2: ``Segmented Movements/Kinect/Positions``.

    Correct repetitions, named ``c_m01_s01_e01`` on both sides of a pair; each joint lies relative
    to the one before it, as published. Splits: ``xsub`` (subjects 1 to 5 train).
    """

    layout = 'uiprmd_kinect'
    download = 'UI-PRMD\'s "Segmented Movements", with its folder "Kinect"'
    sensor = 'kinect'


@CONVERTERS.register_module('uiprmd_vicon')
class UIPRMDVicon(_UIPRMD):
    """UI-PRMD, 39 markers by Vicon: ``Segmented Movements/Vicon/Positions``.

    As :class:`UIPRMDKinect`, in millimetres.
    """

    layout = 'uiprmd_vicon'
    download = 'UI-PRMD\'s "Segmented Movements", with its folder "Vicon"'
    sensor = 'vicon'
