"""MSR Action3D (Li et al., CVPR Workshops 2010)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from partkd.layouts import get_layout

from .converter import CONVERTERS, Clip, Converter, Origin, Rule, is_in, make_annotation
from .readers import parse_numbers, read_lines, require_finite

_NAME = re.compile(r'(a(\d{2})_s(\d{2})_e(\d{2}))_skeleton3D')
_JOINTS = (
    'right_shoulder',
    'left_shoulder',
    'shoulder_centre',
    'spine',
    'right_hip',
    'left_hip',
    'hip_centre',
    'right_elbow',
    'left_elbow',
    'right_wrist',
    'left_wrist',
    'right_hand',
    'left_hand',
    'right_knee',
    'left_knee',
    'right_ankle',
    'left_ankle',
    'right_foot',
    'left_foot',
    'head',
)
_ORDER = [_JOINTS.index(joint) for joint in get_layout('kinect_v1').joints]
_ODD = (1, 3, 5, 7, 9)
# The three sets of eight actions, as labels.
_ACTION_SETS = {
    'as1': (1, 2, 4, 5, 9, 12, 17, 19),
    'as2': (0, 3, 6, 7, 8, 10, 11, 13),
    'as3': (5, 13, 14, 15, 16, 17, 18, 19),
}


@CONVERTERS.register_module('msr_action3d')
class MSRAction3D(Converter):
    """MSR Action3D, Kinect v1: ``a01_s01_e01_skeleton3D.txt`` and the others.

    567 files with a line of x, y, z in metres and confidence for each joint of each frame; that of
    ``a13_s09_e02`` is all zeros. Splits: ``xsub_train`` (subjects 1, 3, 5, 7) and ``xsub_val`` (9)
    are those of the configs; ``odd`` and ``even`` subjects are the publishers' protocol, and the
    same in each of their three action sets, ``as1_odd`` to ``as3_even``.
    """

    layout = 'kinect_v1'
    pattern = '*_skeleton3D.txt'
    download = 'MSR Action3D\'s "skeletons in real world coordinates"'
    classes = (
        'high arm wave',
        'horizontal arm wave',
        'hammer',
        'hand catch',
        'forward punch',
        'high throw',
        'draw x',
        'draw tick',
        'draw circle',
        'hand clap',
        'two hand wave',
        'side boxing',
        'bend',
        'forward kick',
        'side kick',
        'jogging',
        'tennis swing',
        'tennis serve',
        'golf swing',
        'pick up and throw',
    )

    def name_of(self, source: Path) -> str:
        return source.stem.removesuffix('_skeleton3D')

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or not 1 <= int(name[2]) <= len(self.classes):
            raise ValueError(
                'no name like a01_s01_e01_skeleton3D.txt with an action from 1 to '
                f'{len(self.classes)}: rename or remove it'
            )
        lines = read_lines(source)
        if len(lines) % 20:
            raise ValueError(
                f'truncated in the middle of a frame: it has {len(lines)} lines, 20 a frame: '
                'download it again'
            )
        values = require_finite(parse_numbers(lines, 4), 'a joint').reshape(1, -1, 20, 4)
        values = values[:, :, _ORDER]
        label = int(name[2]) - 1
        annotation = make_annotation(name[1], label, values[..., :3], values[..., 3])
        yield Clip(annotation, dict(subject=int(name[3]), label=label))

    def split_rules(self) -> Mapping[str, Rule]:
        rules = {
            'xsub_train': is_in('subject', (1, 3, 5, 7)),
            'xsub_val': is_in('subject', (9,)),
            'odd': is_in('subject', _ODD),
            'even': lambda origin: origin['subject'] not in _ODD,
        }
        for name, labels in _ACTION_SETS.items():
            rules[f'{name}_odd'] = _both(labels, is_odd=True)
            rules[f'{name}_even'] = _both(labels, is_odd=False)
        return rules


def _both(labels: tuple[int, ...], is_odd: bool) -> Rule:
    def rule(origin: Origin) -> bool:
        return origin['label'] in labels and (origin['subject'] in _ODD) == is_odd

    return rule
