"""What joint names say, over the spellings in use."""

import pytest

from partkd.layouts.naming import bare_name, find_pair, mirror_images, part_of, rank_of, side_of


@pytest.mark.parametrize(
    ('name', 'part'),
    [
        ('nose', 'head'),
        ('head_top', 'head'),
        ('mouth_left', 'head'),
        ('L_Ear', 'head'),
        ('face-12', 'head'),
        ('left_shoulder', 'left_arm'),
        ('RightElbow', 'right_arm'),
        ('right_hand_root', 'right_arm'),
        ('left_middle_finger3', 'left_arm'),
        ('R_Ring_2', 'right_arm'),
        ('left hip', 'left_leg'),
        ('right_foot_index', 'right_leg'),
        ('left_big_toe', 'left_leg'),
        ('hip', 'trunk'),
        ('mid_hip', 'trunk'),
        ('shoulder_centre', 'trunk'),
        ('head_bottom', 'trunk'),
        ('upper_neck', 'trunk'),
        ('left_neck', 'trunk'),
        ('Pelvis', 'trunk'),
        ('root', 'trunk'),
        ('left_front_paw', None),
        ('tailbase', None),
        ('wrist', None),
        ('kpt-3', None),
        ('center', None),
        ('left_right_knee', None),
    ],
)
def test_part_of(name: str, part: str | None):
    assert part_of(name) == part


def test_side_and_bare_name():
    assert [side_of(name) for name in ('L_Hip', 'hip_right', 'neck')] == ['left', 'right', None]
    assert bare_name('L_Big_toe') == bare_name('right_big_toe') == 'big_toe'
    assert bare_name('left_thumb1') != bare_name('left_thumb2')


def test_rank_grows_outwards():
    chain = ['left_shoulder', 'left_elbow', 'left_wrist', 'left_hand_root', 'left_thumb1']
    ranks = [rank_of(name) for name in chain]
    assert ranks == sorted(set(ranks))


def test_mirror_images():
    joints = ['neck', 'left_thumb1', 'left_thumb2', 'right_thumb2', 'right_thumb1']
    assert mirror_images(joints) == (0, 4, 3, 2, 1)
    with pytest.raises(ValueError, match='no mirror image for left_thumb1, left_thumb2'):
        mirror_images(joints[:3])


def test_find_pair():
    joints = ['right_hip', 'hip', 'left_hip', 'left_shoulder']
    assert find_pair(joints, 'hip') == (2, 0)
    assert find_pair(joints, 'shoulder') == ()
