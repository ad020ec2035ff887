"""What holds for every layout that comes with the package."""

import copy
import json
import pickle

import numpy as np
import pytest

from partkd.layouts import LAYOUTS, PART_NAMES, PoseLayout
from partkd.layouts.naming import parts_from_names

JOINT_COUNTS = {
    'aic': 14,
    'azure_kinect': 32,
    'blazepose': 33,
    'coco': 17,
    'h36m': 17,
    'halpe26': 26,
    'jhmdb': 15,
    'kinect_v1': 20,
    'lcrnet': 13,
    'mpii': 16,
    'nturgb+d': 25,
    'nw_ucla': 20,
    'openpose': 18,
    'openpose25': 25,
    'penn_action': 13,
    'smpl': 24,
    'uiprmd_kinect': 22,
    'uiprmd_vicon': 39,
    'union': 31,
}

every_layout = pytest.mark.parametrize('layout', LAYOUTS.values(), ids=lambda layout: layout.name)


def mirrored(name: str) -> str:
    """Exchange left and right in a joint name."""
    if 'left' in name or 'right' in name:
        return name.replace('left', '?').replace('right', 'left').replace('?', 'right')
    is_sided_marker = name.isupper() and name[0] in 'LR' and name != 'RBAK'
    return {'L': 'R', 'R': 'L'}[name[0]] + name[1:] if is_sided_marker else name


def test_all_graphs_are_there():
    assert {name: layout.num_joints for name, layout in LAYOUTS.items()} == JOINT_COUNTS


@every_layout
def test_graph_is_a_tree(layout: PoseLayout):
    assert len(layout.links) == layout.num_joints - 1
    assert len({frozenset(link) for link in layout.links}) == len(layout.links)


@every_layout
def test_links_point_inwards(layout: PoseLayout):
    distance = {layout.centre: 0}
    remaining = set(layout.links)
    while remaining:
        reached = {link for link in remaining if link[1] in distance}
        assert reached, f'these links do not point to the centre: {remaining}'
        distance.update({outer: distance[inner] + 1 for outer, inner in reached})
        remaining -= reached
    assert len(distance) == layout.num_joints


@every_layout
def test_bones_lead_to_the_centre(layout: PoseLayout):
    bones = layout.bones()
    assert bones[layout.centre] == layout.centre
    for joint in range(layout.num_joints):
        path = [joint]
        while path[-1] != layout.centre:
            path.append(bones[path[-1]])
            assert len(path) <= layout.num_joints, f'no way from {layout.joints[joint]}'


@every_layout
def test_swap_exchanges_left_and_right(layout: PoseLayout):
    assert [layout.joints[j] for j in layout.swap] == [mirrored(name) for name in layout.joints]


@every_layout
def test_swap_maps_the_body_onto_itself(layout: PoseLayout):
    swap = layout.swap
    head, left_arm, right_arm, left_leg, right_leg = (set(part) for part in layout.parts)
    assert {swap[j] for j in head} == head
    assert {swap[j] for j in left_arm} == right_arm
    assert {swap[j] for j in left_leg} == right_leg
    assert {swap[j] for j in layout.trunk} == set(layout.trunk)
    assert {(swap[a], swap[b]) for a, b in layout.links} == set(layout.links)
    assert all(layout.bones()[swap[j]] == swap[b] for j, b in enumerate(layout.bones()))
    assert swap[layout.centre] == layout.centre


@every_layout
def test_parts_and_trunk_divide_the_joints(layout: PoseLayout):
    parts = layout.part_joints()
    assert sorted(j for part in (*parts, layout.trunk) for j in part) == [*range(layout.num_joints)]
    head_and_trunk = set(parts[0]) | set(layout.trunk)
    assert set(layout.part_joints(trunk='head')[0]) == head_and_trunk
    assert layout.part_joints(trunk='head')[1:] == parts[1:]
    assert all(layout.part_of(j) == p for p, part in enumerate(parts) for j in part)
    assert all(layout.part_of(j) is None for j in layout.trunk)


@every_layout
def test_parts_agree_with_the_names(layout: PoseLayout):
    if layout.name == 'uiprmd_vicon':
        pytest.skip('its markers go by codes, which the rules for names leave alone')
    by_name = parts_from_names(layout.joints)
    for part_name, part in zip(PART_NAMES, layout.parts, strict=True):
        assert {layout.joints[j] for j in part} == set(by_name[part_name])


@every_layout
@pytest.mark.parametrize('trunk', ['ignore', 'head'])
def test_part_averaging(layout: PoseLayout, trunk: str):
    matrix = layout.part_averaging(trunk)
    assert matrix.shape == (5, layout.num_joints)
    assert matrix.dtype == np.float32
    x = np.random.default_rng(0).normal(size=(layout.num_joints, 3))
    expected = [x[list(part)].mean(0) for part in layout.part_joints(trunk)]
    np.testing.assert_allclose(matrix @ x, expected, rtol=1e-5, atol=1e-6)


@every_layout
def test_hips_and_shoulders_are_pairs(layout: PoseLayout):
    for left, right in (layout.hips, layout.shoulders):
        assert layout.swap[left] == right
        assert mirrored(layout.joints[left]) == layout.joints[right]
        assert not layout.joints[left].lower().startswith('r')


@every_layout
def test_copies_are_equal(layout: PoseLayout):
    clone = pickle.loads(pickle.dumps(layout))
    assert clone == layout
    assert hash(clone) == hash(layout)
    assert copy.deepcopy(layout) is layout
    assert len({*LAYOUTS.values(), clone}) == len(LAYOUTS)


@every_layout
def test_a_description_gives_the_same_layout(layout):
    """Also behind JSON, as an exported model carries it."""
    assert PoseLayout.from_dict(json.loads(json.dumps(layout.to_dict()))) == layout
