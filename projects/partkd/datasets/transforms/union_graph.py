"""How the joints of a layout become those of the union graph, and how it guesses the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from partkd.layouts import PoseLayout

# What other layouts call the union's joints.
_SYNONYMS = {
    'spine_base': 'hip_centre pelvis root mid_hip hip',
    'spine_mid': 'spine spine1 spine_navel belly',
    'upper_spine': 'spine2 spine_chest',
    'spine_shoulder': 'shoulder_centre spine3 thorax',
    'neck': 'neck_base upper_neck',
    'head': 'head_top',
    'left_foot': 'left_big_toe left_foot_index',
    'right_foot': 'right_big_toe right_foot_index',
}
# A layout that has not even these under their names is of another kind, such as markers.
_ALWAYS_THERE = [
    f'{side}_{joint}'
    for joint in ('shoulder', 'elbow', 'wrist', 'hip', 'knee')
    for side in ('left', 'right')
]


@dataclass(frozen=True)
class Rule:
    """How one joint is guessed from others.

    Args:
        joint (str): Its name.
        sources (tuple[str, ...]): Those others.
        weights (tuple[float, ...]): Their weights in a sum, for which all of them have to be
            there. Defaults to (), the mean of those that are there.
    """

    joint: str
    sources: tuple[str, ...]
    weights: tuple[float, ...] = ()


def _middle(joint: str, one: str, other: str) -> Rule:
    return Rule(joint, (one, other), (0.5, 0.5))


def _beyond(joint: str, outer: str, inner: str, share: float) -> Rule:
    """On the line from the inner to the outer one, further by a share of it."""
    return Rule(joint, (outer, inner), (1 + share, -share))


_FACE = ('nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear')
# In this order, in which later rules use what earlier ones guessed (arXiv 2604.17013, Appendix A).
RULES = (
    _middle('spine_base', 'left_hip', 'right_hip'),
    _middle('spine_shoulder', 'left_shoulder', 'right_shoulder'),
    _middle('spine_mid', 'spine_base', 'spine_shoulder'),
    _middle('upper_spine', 'spine_mid', 'spine_shoulder'),
    Rule('head', _FACE),
    _middle('neck', 'spine_shoulder', 'head'),
    *(
        _beyond(f'{side}_{joint}', f'{side}_{outer}', f'{side}_{inner}', share)
        for joint, outer, inner, share in (
            ('hand', 'wrist', 'elbow', 0.25),
            ('foot', 'ankle', 'knee', 0.15),
            ('hand_tip', 'hand', 'wrist', 0.18),
            ('thumb', 'hand', 'wrist', 0.32),
        )
        for side in ('left', 'right')
    ),
    *(Rule(joint, ('head',)) for joint in _FACE),
)


@cache
def namesakes(layout: PoseLayout, union: Sequence[str]) -> tuple[int, ...]:
    """Find the joints of the union in a layout.

    Args:
        layout (PoseLayout): The layout.
        union (Sequence[str]): Names of the union's joints.

    Returns:
        tuple[int, ...]: For each joint of the union its index in the layout, -1 where it has none.

    Raises:
        ValueError: If the layout has no such joints where every body has them.
    """
    index = {name: joint for joint, name in enumerate(layout.joints)}
    missing = [name for name in _ALWAYS_THERE if name not in index]
    if missing:
        raise ValueError(
            f'layout {layout.name!r} has no {", ".join(missing)}, so nobody knows what its joints '
            'are in the union graph: rename the joints in a layout of your own, or leave out '
            'MapToUnion'
        )
    names = ((name, *_SYNONYMS.get(name, '').split()) for name in union)
    return tuple(next((index[one] for one in several if one in index), -1) for several in names)
