"""UAV-Human (Li et al., CVPR 2021)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Rule, in_two, make_annotation
from .skeleton_files import Body, read_bodies

_NAME = re.compile(r'P(\d+)S\d+G\d+B\d+H\d+UC\d+LC\d+A(\d+)R\d+_\d+')
_CLASSES = 155
_PERSONS = 2
# fmt: off
_SUBJECTS_1 = (
    0, 2, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25, 26, 27, 28, 29, 30, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 56, 57, 59,
    61, 62, 63, 64, 65, 67, 68, 69, 70, 71, 73, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88,
    89, 90, 98, 100, 102, 103, 105, 106, 110, 111, 112, 114, 115, 116, 117, 118,
)
_SUBJECTS_2 = (
    0, 3, 4, 5, 6, 8, 10, 11, 12, 14, 16, 18, 19, 20, 21, 22, 24, 26, 29, 30, 31, 32, 35, 36, 37,
    38, 39, 40, 43, 44, 45, 46, 47, 49, 52, 54, 56, 57, 59, 60, 61, 62, 63, 64, 66, 67, 69, 70, 71,
    72, 73, 74, 75, 77, 78, 79, 80, 81, 83, 84, 86, 87, 88, 89, 91, 92, 93, 94, 95, 96, 97, 99, 100,
    101, 102, 103, 104, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 117, 118,
)
# fmt: on


@CONVERTERS.register_module('uav_human')
class UAVHuman(Converter):
    """UAV-Human, COCO-17 by AlphaPose: ``P000S00G10B10H10UC022000LC021000A000R0_08241716.txt``.

    Text files in NTU RGB+D's form, of which x and y are taken; the two bodies that move most are
    kept. The publishers' numbers stand for 155 classes. Splits: ``xsub1`` and ``xsub2`` (each 89 of
    119 subjects train).
    """

    layout = 'coco'
    pattern = 'P[0-9]*A[0-9]*R[0-9]*.txt'
    download = "UAV-Human's skeletons"

    def read(self, source: Path) -> Iterator[Clip]:
        name = _NAME.fullmatch(source.stem)
        if name is None or int(name[2]) >= _CLASSES:
            raise ValueError(
                'no name like P000S00G10B10H10UC022000LC021000A000R0_08241716.txt with an action '
                f'below {_CLASSES}: rename or remove it'
            )
        frames, bodies = read_bodies(source, 17, 12)
        kept = sorted(bodies, key=_motion, reverse=True)[:_PERSONS]
        keypoint = np.zeros((len(kept), frames, 17, 2))
        for person, body in zip(keypoint, kept):
            person[body.frames] = body.values[..., :2]
        yield Clip(make_annotation(source.stem, int(name[2]), keypoint), dict(subject=int(name[1])))

    def split_rules(self) -> Mapping[str, Rule]:
        return in_two('xsub1', 'subject', _SUBJECTS_1) | in_two('xsub2', 'subject', _SUBJECTS_2)


def _motion(body: Body) -> float:
    """As the publishers have it: the sum of the deviations of x and y over joints and frames."""
    return float(body.values[..., :2].reshape(-1, 2).std(axis=0).sum())
