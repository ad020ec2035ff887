"""NW-UCLA Multiview Action3D (Wang et al., CVPR 2014)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Rule, in_two, make_annotation
from .kinect_v1 import from_sdk_order
from .readers import read_json, require_finite, require_shape

_NAME = re.compile(r'a(\d{2})_s(\d{2})_e(\d{2})_v(\d{2})')
_ACTIONS = {
    1: 'pick up with one hand',
    2: 'pick up with two hands',
    3: 'drop trash',
    4: 'walk around',
    5: 'sit down',
    6: 'stand up',
    8: 'donning',
    9: 'doffing',
    11: 'throw',
    12: 'carry',
}


@CONVERTERS.register_module('nw_ucla')
class NWUCLA(Converter):
    """NW-UCLA, Kinect v1: ``a01_s01_e00_v01.json`` and the others.

    The form in which CTR-GCN's authors hand it on, with ``skeletons`` (frames, 20 joints, 3) in
    metres. Splits: ``xview`` (views 1 and 2 train, 3 validates).
    """

    layout = 'kinect_v1'
    pattern = 'a[0-9]*.json'
    download = 'NW-UCLA\'s "all_sqe"'
    classes = tuple(_ACTIONS.values())

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or int(name[1]) not in _ACTIONS:
            raise ValueError('no name like a01_s01_e00_v01.json with a known action: rename it')
        content = read_json(source)
        if not isinstance(content, dict) or 'skeletons' not in content:
            raise ValueError("no 'skeletons': take the JSON files of skeletons")
        try:
            positions = np.array(content['skeletons'], np.float64)
        except (ValueError, TypeError) as error:
            raise ValueError(f"'skeletons' is no array of numbers ({error})") from error
        require_finite(require_shape(positions, (None, 20, 3), "'skeletons'"), "'skeletons'")
        label = list(_ACTIONS).index(int(name[1]))
        annotation = make_annotation(source.stem, label, from_sdk_order(positions)[None])
        yield Clip(annotation, dict(subject=int(name[2]), camera=int(name[4])))

    def split_rules(self) -> Mapping[str, Rule]:
        return in_two('xview', 'camera', (1, 2))
