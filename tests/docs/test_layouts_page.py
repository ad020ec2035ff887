"""docs/layouts.md lists every layout as it is."""

from pathlib import Path

from partkd.layouts import PART_NAMES, PoseLayout, get_layout, layout_names

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'layouts.md'


def row(layout: PoseLayout) -> str:
    """A layout's row: the joints in order, each with its number and the part that it is in."""
    part_of = {joint: part for part, its in zip(PART_NAMES, layout.parts) for joint in its}
    marks = {'head': 'h', 'left_arm': 'la', 'right_arm': 'ra', 'left_leg': 'll', 'right_leg': 'rl'}
    joints = ', '.join(
        f'{number} {name} ({marks[part_of[number]]})' if number in part_of else f'{number} {name}'
        for number, name in enumerate(layout.joints)
    )
    dims = ', '.join(f'{dim}D' for dim in layout.dims)
    return f'| `{layout.name}` | {layout.num_joints} | {dims} | {joints} |'


def test_every_layout_stands_in_the_table_as_it_is():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith('| `')]
    assert rows == [row(get_layout(name)) for name in layout_names()]
