"""The checks that every layout passes when it is built."""

from typing import Protocol

from .graph import components
from .naming import PART_NAMES


class LayoutFields(Protocol):
    """What the checks read of a :class:`PoseLayout`, which says what each field means."""

    @property
    def name(self) -> str: ...
    @property
    def joints(self) -> tuple[str, ...]: ...
    @property
    def links(self) -> tuple[tuple[int, int], ...]: ...
    @property
    def centre(self) -> int: ...
    @property
    def swap(self) -> tuple[int, ...]: ...
    @property
    def parts(self) -> tuple[tuple[int, ...], ...]: ...
    @property
    def dims(self) -> tuple[int, ...]: ...
    @property
    def parents(self) -> tuple[int, ...]: ...
    @property
    def hips(self) -> tuple[int, ...]: ...
    @property
    def shoulders(self) -> tuple[int, ...]: ...
    @property
    def num_joints(self) -> int: ...


def check_layout(layout: LayoutFields) -> None:
    """Check that a layout describes one body.

    Args:
        layout (LayoutFields): The layout, all of it but ``parents`` filled in.

    Raises:
        ValueError: If the graph is not connected, an index is out of range, a name occurs twice,
            ``swap`` is not an involution, or a part is empty or shares a joint with another.
    """
    _check_names(layout)
    if not layout.dims:
        _fail(
            layout, 'dims is empty: name the numbers of coordinates that data may have, as (2, 3)'
        )
    if not layout.name:
        _fail(layout, 'it has no name')
    _check_range(layout)
    _check_swap(layout)
    _check_parts(layout)
    _check_links(layout)


def check_parents(layout: LayoutFields) -> None:
    """Check that the bones of a layout form a tree whose root is the centre.

    Args:
        layout (LayoutFields): The layout, complete.

    Raises:
        ValueError: If from some joint the bones do not lead to the centre.
    """
    _check_length(layout, 'parents')
    if layout.parents[layout.centre] != layout.centre:
        _fail(layout, f'the centre {layout.joints[layout.centre]} must be its own parent')
    for joint in range(layout.num_joints):
        end = joint
        for _ in range(layout.num_joints):
            end = layout.parents[end]
        if end != layout.centre:
            _fail(
                layout,
                f'the bones from {layout.joints[joint]} do not lead to the centre '
                f'{layout.joints[layout.centre]}',
            )


def _fail(layout: LayoutFields, message: str) -> None:
    raise ValueError(f'layout {layout.name!r}: {message}')


def _check_names(layout: LayoutFields) -> None:
    twice = sorted({name for name in layout.joints if layout.joints.count(name) > 1})
    if twice:
        _fail(layout, f'joint names {twice} occur more than once')


def _check_range(layout: LayoutFields) -> None:
    used = {layout.centre, *layout.swap, *layout.parents, *layout.hips, *layout.shoulders}
    used.update(*layout.links, *layout.parts)
    beyond = sorted(used.difference(range(layout.num_joints)))
    if beyond:
        _fail(layout, f'joint indices {beyond} are out of range for {layout.num_joints} joints')


def _check_length(layout: LayoutFields, key: str) -> None:
    length = len(getattr(layout, key))
    if length != layout.num_joints:
        _fail(layout, f'{key} has {length} entries for {layout.num_joints} joints')


def _check_swap(layout: LayoutFields) -> None:
    _check_length(layout, 'swap')
    lost = [name for j, name in enumerate(layout.joints) if layout.swap[layout.swap[j]] != j]
    if lost:
        _fail(layout, f'swap is not an involution: swapped twice, {lost} do not come back')


def _check_parts(layout: LayoutFields) -> None:
    if len(layout.parts) != len(PART_NAMES):
        _fail(layout, f'it has {len(layout.parts)} parts, needed are {", ".join(PART_NAMES)}')
    owner: dict[int, str] = {}
    for part_name, part in zip(PART_NAMES, layout.parts, strict=True):
        if not part:
            _fail(layout, f'part {part_name} has no joints')
        for joint in part:
            if joint in owner:
                both = f'{owner[joint]} and {part_name}'
                _fail(layout, f'parts must be disjoint, {layout.joints[joint]} is in {both}')
            owner[joint] = part_name


def _check_links(layout: LayoutFields) -> None:
    if any(len(link) != 2 or link[0] == link[1] for link in layout.links):
        _fail(layout, 'every link must join two different joints')
    pieces = components(layout.num_joints, layout.links)
    if len(pieces) > 1:
        named = ['{' + ', '.join(layout.joints[j] for j in piece) + '}' for piece in pieces]
        _fail(layout, f'the graph is not connected, it falls into {" and ".join(named)}')
