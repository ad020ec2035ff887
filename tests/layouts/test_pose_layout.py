"""What a layout accepts, what it refuses, and what it fills in."""

from dataclasses import FrozenInstanceError, replace

import pytest

from partkd.layouts import PART_NAMES, PoseLayout, get_layout, layout_names

JOINTS = ['neck', 'head', 'left_hand', 'right_hand', 'left_foot', 'right_foot']
LINKS = [('head', 'neck')] + [(joint, 'neck') for joint in JOINTS[2:]]


def stick_man(**changes) -> dict:
    """A config dict of the smallest body there is."""
    return dict(dict(name='stick_man', joints=JOINTS, links=LINKS, centre='neck'), **changes)


def test_from_dict_fills_in_from_names():
    layout = PoseLayout.from_dict(stick_man())
    assert layout.links == ((1, 0), (2, 0), (3, 0), (4, 0), (5, 0))
    assert layout.swap == (0, 1, 3, 2, 5, 4)
    assert layout.parts == ((1,), (2,), (3,), (4,), (5,))
    assert layout.trunk == (0,)
    assert layout.dims == (2, 3)
    assert layout.hips == layout.shoulders == (0,)


def test_from_dict_takes_names_or_indices():
    by_name = PoseLayout.from_dict(
        stick_man(
            joints=list('abcdef'),
            links=[('b', 'a'), ('c', 'a'), ('d', 'a'), ('e', 'a'), ('f', 'a')],
            centre='a',
            swap=[('c', 'd'), ('e', 'f')],
            parts=dict(zip(PART_NAMES, (['b'], ['c'], ['d'], ['e'], ['f']), strict=True)),
            hips=['e', 'f'],
            dims=[3],
        )
    )
    by_index = PoseLayout.from_dict(
        stick_man(
            joints=list('abcdef'),
            links=[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)],
            centre=0,
            swap=[0, 1, 3, 2, 5, 4],
            parts=[[1], [2], [3], [4], [5]],
            hips=[4, 5],
            dims=(3,),
        )
    )
    assert by_name == by_index
    assert by_name.hips == (4, 5)


def test_bones_of_single_joints_can_be_set():
    layout = PoseLayout.from_dict(stick_man(bones=dict(left_foot='left_hand')))
    assert layout.bones() == (0, 0, 0, 0, 2, 0)


def test_neck_stands_in_for_a_missing_head():
    joints = [joint for joint in JOINTS if joint != 'head']
    layout = PoseLayout.from_dict(stick_man(joints=joints, links=LINKS[1:]))
    assert layout.parts[0] == (0,)
    assert layout.trunk == ()


def test_graph_cfg_is_what_mmaction_takes():
    layout = PoseLayout.from_dict(stick_man())
    assert layout.graph_cfg() == dict(
        num_node=6, inward=list(layout.links), center=0, parts=layout.part_joints('head')
    )


def test_layout_is_frozen():
    with pytest.raises(FrozenInstanceError):
        get_layout('coco').centre = 3


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(links=LINKS[1:]), r'not connected.*\{head\}'),
        (dict(links=[*LINKS, ('neck', 'neck')]), 'two different joints'),
        (dict(links=[*LINKS, (6, 0)]), r'\[6\] are out of range for 6 joints'),
        (dict(centre=-1), r'\[-1\] are out of range'),
        (dict(swap=[1, 2, 0, 3, 4, 5]), 'not an involution.*neck'),
        (dict(swap=[0, 1]), 'swap has 2 entries for 6 joints'),
        (dict(parts=[[1], [2], [2], [4], [5]]), 'left_hand is in left_arm and right_arm'),
        (dict(parts=[[1], [2], [], [4], [5]]), 'part right_arm has no joints'),
        (dict(parts=[[1], [2], [3], [4]]), '4 parts'),
        (dict(parts=dict(head=['head'], torso=['neck'])), 'parts are head, torso; needed are'),
        (dict(bones=dict(head='left_hand', left_hand='head')), 'bones from head do not lead'),
        (dict(bones=dict(neck='head')), 'centre neck must be its own parent'),
        (dict(joints=[*JOINTS, 'head']), r"\['head'\] occur more than once"),
        (dict(joints=[*JOINTS, 'tail']), "can't tell which body part .*: tail"),
        (dict(joints=[*JOINTS, 'left_eye']), 'no mirror image for left_eye'),
        (dict(centre='tail'), 'no joints are called tail'),
        (dict(center=0), r"unknown keys \['center'\]"),
    ],
)
def test_what_is_wrong_is_named(changes: dict, message: str):
    with pytest.raises(ValueError, match=f"layout 'stick_man': .*{message}"):
        PoseLayout.from_dict(stick_man(**changes))


def test_missing_keys_are_named():
    with pytest.raises(ValueError, match=r"missing keys \['centre', 'links'\]"):
        PoseLayout.from_dict(dict(name='stick_man', joints=JOINTS))


def test_body_without_legs_is_refused():
    with pytest.raises(ValueError, match='no joints for left_leg, right_leg'):
        PoseLayout.from_dict(stick_man(joints=JOINTS[:4], links=LINKS[:3]))


def test_incomplete_parents_are_refused():
    with pytest.raises(ValueError, match='parents has 3 entries for 17 joints'):
        replace(get_layout('coco'), parents=(0, 0, 0))


def test_unknown_trunk_option():
    with pytest.raises(ValueError, match="'ignore' or 'head', not 'legs'"):
        get_layout('coco').part_averaging(trunk='legs')


def test_get_layout_takes_names_dicts_and_layouts():
    coco = get_layout('coco')
    assert get_layout(coco) is coco
    assert get_layout(stick_man()) == PoseLayout.from_dict(stick_man())


@pytest.mark.parametrize('wrong', ['ntu', None, ['coco']])
def test_unknown_layout_lists_the_known(wrong):
    with pytest.raises(ValueError, match='unknown layout') as error:
        get_layout(wrong)
    assert all(name in str(error.value) for name in layout_names())
