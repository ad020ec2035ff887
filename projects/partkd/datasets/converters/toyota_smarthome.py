"""Toyota Smarthome, trimmed (Das et al., ICCV 2019)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Origin, Rule, in_two, make_annotation
from .readers import read_json, require_finite

_NAME = re.compile(r'((\w[\w.]*?)_p(\d{2})_r\d{2}_v\d{2}_c(\d{2}))(_\w+)?')
_JOINTS = 13
_SUBJECTS = (3, 4, 6, 7, 9, 12, 13, 15, 17, 19, 25)
# Those that enough cameras have seen.
_CROSS_VIEW = (
    'Cutbread',
    'Drink.Frombottle',
    'Drink.Fromcan',
    'Drink.Fromcup',
    'Drink.Fromglass',
    'Eat.Attable',
    'Eat.Snack',
    'Enter',
    'Getup',
    'Leave',
    'Pour.Frombottle',
    'Pour.Fromcan',
    'Readbook',
    'Sitdown',
    'Takepills',
    'Uselaptop',
    'Usetablet',
    'Usetelephone',
    'Walk',
)


@CONVERTERS.register_module('toyota_smarthome')
class ToyotaSmarthome(Converter):
    """Toyota Smarthome, LCR-Net: ``Walk_p02_r00_v02_c03_pose3d.json`` and the others.

    16,115 files with ``frames``, each a list of detections, of which the first is taken, as the
    publishers do; a frame without one stays as zeros. Splits: ``xsub`` (11 of 18 subjects train);
    ``xview1`` and ``xview2``, 19 of the 31 classes, with a split ``_train`` (camera 1; cameras 1,
    3, 4, 6, 7), ``_val`` (camera 5) and ``_test`` (camera 2). Labels are those of all 31 classes.

    Args:
        src (str | Path): Folder of the publishers' files.
        dims (int): 3 for ``pose3d``, 2 for ``pose2d``. Defaults to 3.
    """

    layout = 'lcrnet'
    pattern = '*_p[0-9][0-9]_r[0-9][0-9]_v[0-9][0-9]_c[0-9][0-9]*.json'
    download = "Toyota Smarthome's skeletons (trimmed, v1.2)"
    classes = (
        'Cook.Cleandishes',
        'Cook.Cleanup',
        'Cook.Cut',
        'Cook.Stir',
        'Cook.Usestove',
        'Cutbread',
        'Drink.Frombottle',
        'Drink.Fromcan',
        'Drink.Fromcup',
        'Drink.Fromglass',
        'Eat.Attable',
        'Eat.Snack',
        'Enter',
        'Getup',
        'Laydown',
        'Leave',
        'Makecoffee.Pourgrains',
        'Makecoffee.Pourwater',
        'Maketea.Boilwater',
        'Maketea.Insertteabag',
        'Pour.Frombottle',
        'Pour.Fromcan',
        'Pour.Fromkettle',
        'Readbook',
        'Sitdown',
        'Takepills',
        'Uselaptop',
        'Usetablet',
        'Usetelephone',
        'Walk',
        'WatchTV',
    )

    def __init__(self, src: str | Path, dims: int = 3) -> None:
        super().__init__(src)
        if dims not in (2, 3):
            raise ValueError(f'dims is {dims}: set 2 or 3')
        self.dims = dims

    def name_of(self, source: Path) -> str:
        name = _NAME.fullmatch(source.stem)
        return name[1] if name else source.stem

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or name[2] not in self.classes:
            raise ValueError('no name like Walk_p02_r00_v02_c03.json with one of the 31 activities')
        content = read_json(source)
        if not isinstance(content, dict) or not isinstance(content.get('frames'), list):
            raise ValueError("no list 'frames': take the files of skeletons")
        poses = [self._pose(frame, number) for number, frame in enumerate(content['frames'], 1)]
        keypoint = np.array(poses).reshape(1, -1, _JOINTS, self.dims)
        label = self.classes.index(name[2])
        origin = dict(subject=int(name[3]), camera=int(name[4]), activity=name[2])
        yield Clip(make_annotation(name[1], label, keypoint), origin)

    def split_rules(self) -> Mapping[str, Rule]:
        rules = in_two('xsub', 'subject', _SUBJECTS)
        for name, train in (('xview1', (1,)), ('xview2', (1, 3, 4, 6, 7))):
            for split, cameras in (('train', train), ('val', (5,)), ('test', (2,))):
                rules[f'{name}_{split}'] = _seen_by(cameras)
        return rules

    def _pose(self, frame: Any, number: int) -> np.ndarray:
        """Of one frame (V, C): the file has all x, then all y, then all z."""
        field = f'pose{self.dims}d'
        if frame == []:
            return np.zeros((_JOINTS, self.dims))
        try:
            values = np.array(frame[0][field], np.float64).reshape(self.dims, _JOINTS)
        except (LookupError, TypeError, ValueError) as error:
            raise ValueError(
                f'frame {number}: no {field} of {_JOINTS} joints ({type(error).__name__}: {error})'
            ) from error
        return require_finite(values.T, f'frame {number}: {field}')


def _seen_by(cameras: tuple[int, ...]) -> Rule:
    def rule(origin: Origin) -> bool:
        return origin['camera'] in cameras and origin['activity'] in _CROSS_VIEW

    return rule
