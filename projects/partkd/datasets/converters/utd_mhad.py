"""UTD-MHAD (Chen et al., ICIP 2015)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .converter import CONVERTERS, Clip, Converter, Rule, is_in, make_annotation
from .readers import read_mat, require_finite, require_shape

_NAME = re.compile(r'(a(\d+)_s(\d+)_t\d+)_skeleton\.mat')


@CONVERTERS.register_module('utd_mhad')
class UTDMHAD(Converter):
    """UTD-MHAD, Kinect v1: ``a1_s1_t1_skeleton.mat`` and the others.

    861 files with ``d_skel`` (20 joints, 3, frames) in metres. Splits: ``xsub_train`` (subjects 1,
    3, 5) and ``xsub_val`` (7) are those of the configs; ``odd`` and ``even`` subjects are the
    publishers' protocol.
    """

    layout = 'kinect_v1'
    pattern = '*_skeleton.mat'
    download = 'UTD-MHAD\'s "Skeleton" archive'
    classes = (
        'swipe left',
        'swipe right',
        'wave',
        'clap',
        'throw',
        'arm cross',
        'basketball shoot',
        'draw x',
        'draw circle (clockwise)',
        'draw circle (counter clockwise)',
        'draw triangle',
        'bowling',
        'boxing',
        'baseball swing',
        'tennis swing',
        'arm curl',
        'tennis serve',
        'push',
        'knock',
        'catch',
        'pick up and throw',
        'jog',
        'walk',
        'sit to stand',
        'stand to sit',
        'lunge',
        'squat',
    )

    def name_of(self, source: Path) -> str:
        return source.stem.removesuffix('_skeleton')

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.name)
        if name is None or not 1 <= int(name[2]) <= len(self.classes):
            raise ValueError(
                'no name like a1_s1_t1_skeleton.mat with an action from 1 to '
                f'{len(self.classes)}: rename or remove it'
            )
        (positions,) = read_mat(source, 'd_skel')
        require_finite(require_shape(positions, (20, 3, None), 'd_skel'), 'd_skel')
        keypoint = positions.transpose(2, 0, 1)[None]
        yield Clip(make_annotation(name[1], int(name[2]) - 1, keypoint), dict(subject=int(name[3])))

    def split_rules(self) -> Mapping[str, Rule]:
        return {
            'xsub_train': is_in('subject', (1, 3, 5)),
            'xsub_val': is_in('subject', (7,)),
            'odd': is_in('subject', (1, 3, 5, 7)),
            'even': is_in('subject', (2, 4, 6, 8)),
        }
