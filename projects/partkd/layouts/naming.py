"""What a joint's name says: its side, its body part, its mirror image."""

import re
from collections.abc import Sequence

PART_NAMES = ('head', 'left_arm', 'right_arm', 'left_leg', 'right_leg')

_SIDES = {'left': 'left', 'l': 'left', 'right': 'right', 'r': 'right'}

# Every word of a name has to be known, so that 'left_front_paw' or 'tail_base' is never taken for
# a joint of a human. Where words disagree the earlier row decides ('foot_index', 'hand_root').
# Within a row the places go outwards, from where the part hangs on.
_PLACES = {
    'leg': ('hip', 'leg thigh', 'knee', 'shin', 'ankle', 'foot', 'heel toe toes'),
    'arm': (
        'collar clavicle',
        'shoulder',
        'arm',
        'elbow',
        'bow',
        'forearm',
        'wrist',
        'palm hand',
        'knuckle finger thumb index forefinger middle ring little pinky',
    ),
    'head': ('head', 'nose', 'face mouth lip jaw chin forehead eye', 'ear'),
    'trunk': (
        'pelvis root waist',
        'belly navel abdomen torso trunk spine back',
        'sternum chest thorax',
        'neck',
    ),
}
_PLACE_OF = {word: place for place, rows in _PLACES.items() for row in rows for word in row.split()}
_RANK_OF = {
    word: rank for rows in _PLACES.values() for rank, row in enumerate(rows) for word in row.split()
}
_NEUTRAL = 'upper lower top bottom base tip big small inner outer medial lateral mid centre center'
_QUALIFIERS = frozenset(_NEUTRAL.split())
# The lower end of the head is the neck, under several names.
_NECK_ENDS = ({'head', 'bottom'}, {'head', 'base'})


def side_of(name: str) -> str | None:
    """Tell the side of a joint.

    Args:
        name (str): A joint name, as ``'left_big_toe'``, ``'L_Hip'`` or ``'LeftElbow'``.

    Returns:
        str | None: ``'left'``, ``'right'``, or None for a joint on the midline.
    """
    sides = {_SIDES[word] for word in _split(name) if word in _SIDES}
    return sides.pop() if len(sides) == 1 else None


def bare_name(name: str) -> str:
    """Take the side out of a name: ``'left_big_toe'`` and ``'L_Big_toe'`` give ``'big_toe'``.

    Args:
        name (str): A joint name.

    Returns:
        str: What is left of it, in lower case, joined by underscores.
    """
    return '_'.join(word for word in _split(name) if word not in _SIDES)


def part_of(name: str) -> str | None:
    """Find the body part of a joint from its name.

    Shoulders and hips go with their limbs, hands with arms, feet with legs, ears and head top
    with the head; necks, spines and pelvises are trunk.

    Args:
        name (str): A joint name.

    Returns:
        str | None: One of ``PART_NAMES``, ``'trunk'``, or None where the name does not say.
    """
    side, words = side_of(name), _bare_words(name)
    places = {_PLACE_OF.get(word) for word in words - _QUALIFIERS}
    if not places or None in places:
        return None
    if is_neck(name):
        return 'trunk'
    place = next(place for place in _PLACES if place in places)
    if place in ('head', 'trunk'):
        return place
    if side is not None:
        return f'{side}_{place}'
    # The middle of both shoulders or hips is trunk; any other limb needs a side.
    return 'trunk' if words & {'shoulder', 'hip'} else None


def is_neck(name: str) -> bool:
    """Tell whether a joint is a neck, the end of the trunk that carries the head.

    Args:
        name (str): A joint name.

    Returns:
        bool: True for ``'neck'``, ``'upper_neck'``, ``'head_bottom'`` and the like.
    """
    words = _bare_words(name)
    return 'neck' in words or words in _NECK_ENDS


def rank_of(name: str) -> int:
    """Tell how far out along its part a joint lies, to compare joints of one part.

    Args:
        name (str): A joint name that :func:`part_of` can place.

    Returns:
        int: Smaller for a shoulder than for an elbow, for a nose than for an ear.
    """
    return max(_RANK_OF.get(word, 0) for word in _bare_words(name))


def mirror_images(joints: Sequence[str]) -> tuple[int, ...]:
    """Pair left joints with right ones by name.

    Args:
        joints (Sequence[str]): The V joint names.

    Returns:
        tuple[int, ...]: For every joint the index of its mirror image, its own on the midline.

    Raises:
        ValueError: If a joint with a side has no counterpart.
    """
    index = {(side_of(name), bare_name(name)): joint for joint, name in enumerate(joints)}
    other = {'left': 'right', 'right': 'left', None: None}
    lonely = [name for name in joints if (other[side_of(name)], bare_name(name)) not in index]
    if lonely:
        raise ValueError(f'no mirror image for {", ".join(lonely)}: give swap=... in the layout')
    return tuple(index[other[side_of(name)], bare_name(name)] for name in joints)


def find_pair(joints: Sequence[str], bare: str) -> tuple[int, ...]:
    """Find the left and the right joint of one name.

    Args:
        joints (Sequence[str]): The V joint names.
        bare (str): The name without its side, as ``'hip'``.

    Returns:
        tuple[int, ...]: Indices of the left and the right one; empty unless there are both.
    """
    sided = {side_of(name): i for i, name in enumerate(joints) if bare_name(name) == bare}
    return (sided['left'], sided['right']) if {'left', 'right'} <= sided.keys() else ()


def parts_from_names(joints: Sequence[str]) -> dict[str, list[str]]:
    """Find the five parts from the joint names.

    A graph without a joint of the head, but with a neck, has the neck for a head.

    Args:
        joints (Sequence[str]): The V joint names.

    Returns:
        dict[str, list[str]]: The joints of each of ``PART_NAMES``.

    Raises:
        ValueError: If some joints can't be placed or a part stays empty.
    """
    found = {joint: part_of(joint) for joint in joints}
    lost = [joint for joint, part in found.items() if part is None]
    if lost:
        shown = ', '.join(lost[:12]) + (f' and {len(lost) - 12} more' if len(lost) > 12 else '')
        raise ValueError(
            f"can't tell which body part these joints belong to: {shown}. "
            'If it is a full-body human pose, give the parts in a layout dict'
        )
    parts = {part: [joint for joint in joints if found[joint] == part] for part in PART_NAMES}
    parts['head'] = parts['head'] or [joint for joint in joints if is_neck(joint)]
    empty = [part for part, members in parts.items() if not members]
    if empty:
        raise ValueError(f'no joints for {", ".join(empty)}: not a full-body human pose')
    return parts


def _split(name: str) -> list[str]:
    """Split a name into lower-case words and numbers."""
    spaced = re.sub(r'(?<=[a-z0-9])(?=[A-Z])', ' ', name)
    return re.findall(r'[a-z]+|\d+', spaced.lower())


def _bare_words(name: str) -> set[str]:
    return {word for word in _split(name) if word not in _SIDES and not word.isdigit()}
