"""Transforms of mmaction2's graph networks that have others in their place here.

Those of features take scores for a third coordinate, those of frames leave the scores behind, and
the last ones pad.
"""

from collections.abc import Callable, Sequence

from mmaction.datasets.transforms import (
    Flip,
    FormatGCNInput,
    GenSkeFeat,
    JointToBone,
    MergeSkeFeat,
    PackActionInputs,
    PadTo,
    PoseDecode,
    ToMotion,
    UniformSampleFrames,
)

from .transforms import (
    FlipSkeleton,
    PackSkeletonInputs,
    SkeletonStreams,
    UniformSampleSkeleton,
)

_IN_THE_PLACE_OF: dict[type, type] = {
    Flip: FlipSkeleton,
    **dict.fromkeys((JointToBone, ToMotion, MergeSkeFeat, GenSkeFeat), SkeletonStreams),
    **dict.fromkeys((UniformSampleFrames, PoseDecode, PadTo), UniformSampleSkeleton),
    **dict.fromkeys((FormatGCNInput, PackActionInputs), PackSkeletonInputs),
}


def require_usable(transforms: Sequence[Callable], where: str) -> None:
    """Refuses the transforms that have others in their place, and those that come too late.

    Args:
        transforms (Sequence[Callable]): A pipeline, built.
        where (str): What it is of.

    Raises:
        ValueError: Naming all of them, and what to take.
    """
    names = [type(step).__name__ for step in transforms]
    if 'PackSkeletonInputs' in names[:-1]:
        raise ValueError(
            f'the pipeline of {where} goes on behind PackSkeletonInputs, which leaves nothing to '
            'transform: put it last, and once'
        )
    others = {
        type(step).__name__: _IN_THE_PLACE_OF[type(step)].__name__
        for step in transforms
        if type(step) in _IN_THE_PLACE_OF
    }
    if others:
        raise ValueError(
            f"the pipeline of {where} has transforms of mmaction2's that make what its own "
            'networks read, with persons, frames and scores in other places: take '
            + ', '.join(f'{mine} in the place of {theirs}' for theirs, mine in others.items())
        )
