"""NTU RGB+D and NTU RGB+D 120 (Shahroudy et al., CVPR 2016; Liu et al., TPAMI 2019)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .converter import CONVERTERS, Clip, Converter, Rule, in_two, make_annotation, require_found
from .main_bodies import main_bodies
from .ntu_rgbd_classes import NTU120_CLASSES
from .skeleton_files import Body, read_bodies

_NAME = re.compile(r'S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})')
_COLUMNS = 12  # x y z, depth x y, colour x y, orientation w x y z, tracking state
# fmt: off
_SUBJECTS_60 = (1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38)
_SUBJECTS_120 = (
    *_SUBJECTS_60, 45, 46, 47, 49, 50, 52, 53, 54, 55, 56, 57, 58, 59, 70, 74, 78, 80, 81, 82, 83,
    84, 85, 86, 89, 91, 92, 93, 94, 95, 97, 98, 100, 103,
)
# fmt: on


class _NTURGBD(Converter):
    """Files ``S001C001P001R001A001.skeleton``: set-up, camera, subject, repetition, action."""

    layout = 'nturgb+d'
    pattern = '*.skeleton'
    setups: int

    def sources(self) -> list[Path]:
        """The files of this data set: those of NTU RGB+D 120 may lie beside those of 60."""
        numbers = {file: _NAME.fullmatch(file.stem) for file in super().sources()}
        return require_found(
            [file for file, name in numbers.items() if not name or int(name[1]) <= self.setups],
            self,
        )

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or not 1 <= int(name[5]) <= len(self.classes):
            raise ValueError(
                'no name like S001C001P001R001A001.skeleton with an action from 1 to '
                f'{len(self.classes)}: rename or remove it'
            )
        frames, tracked = read_bodies(source, 25, _COLUMNS)
        bodies = [Body(body.frames, body.values[..., :3]) for body in tracked]
        if not bodies:
            raise ValueError(
                'nobody is in it: leave it out with the publishers\' list of "samples with missing '
                'skeletons", --ignore'
            )
        keypoint = main_bodies(bodies, frames)
        origin = dict(setup=int(name[1]), camera=int(name[2]), subject=int(name[3]))
        yield Clip(make_annotation(name[0], int(name[5]) - 1, keypoint), origin)


@CONVERTERS.register_module('ntu60')
class NTU60(_NTURGBD):
    """NTU RGB+D 60, Kinect v2: ``S001C001P001R001A001.skeleton`` to set-up 17.

    Spurious bodies are removed, and two people kept, by :func:`main_bodies`. Splits: ``xsub`` (20
    of 40 subjects train) and ``xview`` (cameras 2 and 3 train).
    """

    download = 'NTU RGB+D\'s "3D skeletons (body joints)"'
    classes = NTU120_CLASSES[:60]
    setups = 17

    def split_rules(self) -> Mapping[str, Rule]:
        return in_two('xsub', 'subject', _SUBJECTS_60) | in_two('xview', 'camera', (2, 3))


@CONVERTERS.register_module('ntu120')
class NTU120(_NTURGBD):
    """NTU RGB+D 120, Kinect v2: both archives, to set-up 32.

    As :class:`NTU60`. Splits: ``xsub`` (53 of 106 subjects train) and ``xset`` (set-ups of even
    number train).
    """

    download = 'NTU RGB+D 120\'s "3D skeletons (body joints)", both archives'
    classes = NTU120_CLASSES
    setups = 32

    def split_rules(self) -> Mapping[str, Rule]:
        return in_two('xsub', 'subject', _SUBJECTS_120) | in_two('xset', 'setup', range(2, 33, 2))
