"""Penn Action (Zhang et al., ICCV 2013)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from .converter import CONVERTERS, Clip, Converter, Rule, is_in, make_annotation
from .readers import read_mat, require_finite, require_shape


@CONVERTERS.register_module('penn_action')
class PennAction(Converter):
    """Penn Action, 13 joints by hand: the ``labels`` folder, ``0001.mat`` and the others.

    A joint that the annotators could not place lies at (1, 1) there, or nearer to the corner in a
    clip that was made smaller; it is missing here, zeros with score 0. Splits: the publishers'
    ``train`` and ``test``.

    Args:
        src (str | Path): Folder of the publisher's files.
        occluded (bool): Whether joints that annotators placed without seeing them count as seen:
            the teacher's side of a pair. Defaults to False: they are missing as well.
    """

    layout = 'penn_action'
    pattern = '[0-9][0-9][0-9][0-9].mat'
    download = 'Penn Action\'s "labels"'
    classes = (
        'baseball_pitch',
        'baseball_swing',
        'bench_press',
        'bowl',
        'clean_and_jerk',
        'golf_swing',
        'jump_rope',
        'jumping_jacks',
        'pullup',
        'pushup',
        'situp',
        'squat',
        'strum_guitar',
        'tennis_forehand',
        'tennis_serve',
    )

    def __init__(self, src: str | Path, occluded: bool = False) -> None:
        super().__init__(src)
        self.occluded = occluded

    def read(self, source: Path) -> Iterator[Clip]:
        x, y, visibility, action, train, dimensions = read_mat(
            source, 'x', 'y', 'visibility', 'action', 'train', 'dimensions'
        )
        for values, name in ((x, 'x'), (y, 'y'), (visibility, 'visibility')):
            require_finite(require_shape(values, (None, 13), name), name)
            if len(values) != len(x):
                raise ValueError(f'{name} has {len(values)} frames, x has {len(x)}')
        if action.size != 1 or str(action.flat[0]) not in self.classes:
            raise ValueError(f'action is {action}: it should be one of {", ".join(self.classes)}')
        if train.size != 1 or train.flat[0] not in (1, -1):
            raise ValueError(f'train is {train}: it should be 1 or -1')
        points = np.stack([x, y], axis=2).astype(np.float32)
        seen = (points > 1).any(axis=2)
        if not self.occluded:
            seen &= visibility > 0
        label = self.classes.index(str(action.flat[0]))
        annotation = make_annotation(
            source.stem, label, (points * seen[..., None])[None], seen[None]
        )
        annotation['img_shape'] = tuple(int(side) for side in dimensions.flat[:2])
        yield Clip(annotation, dict(train=int(train.flat[0])))

    def split_rules(self) -> Mapping[str, Rule]:
        return {'train': is_in('train', (1,)), 'test': is_in('train', (-1,))}
