import numpy as np
import pytest

from partkd.layouts import get_layout


def write(path, frames=2, confidence=1) -> None:
    """Joint v of frame t lies at (t, v + 1, 3)."""
    lines = [f'{t} {v + 1} 3 {confidence}' for t in range(frames) for v in range(20)]
    path.write_text('\n'.join(lines) + '\n')


def test_converts(tmp_path, convert_to):
    for name in ('a01_s01_e01', 'a06_s09_e01', 'a20_s02_e03'):
        write(tmp_path / f'{name}_skeleton3D.txt')
    summary, clips = convert_to('msr_action3d', tmp_path)
    assert [clip['label'] for clip in clips.values()] == [0, 5, 19]
    keypoint = clips['a01_s01_e01']['keypoint']
    assert keypoint.shape == (1, 2, 20, 3)
    # numbers of joints in the publishers' files, from 1 on
    numbers = dict(head=20, shoulder_centre=3, hip_centre=7, right_hand=12, left_foot=19)
    for joint, number in numbers.items():
        place = get_layout('kinect_v1').joints.index(joint)
        assert keypoint[0, 1, place].tolist() == [1, number, 3]
    assert summary.split == dict(
        xsub_train=['a01_s01_e01'],
        xsub_val=['a06_s09_e01'],
        odd=['a01_s01_e01', 'a06_s09_e01'],
        even=['a20_s02_e03'],
        as1_odd=['a06_s09_e01'],
        as1_even=['a20_s02_e03'],
        as2_odd=['a01_s01_e01'],
        as3_odd=['a06_s09_e01'],
        as3_even=['a20_s02_e03'],
    )


def test_bad_files(tmp_path, convert_to):
    write(tmp_path / 'a01_s01_e01_skeleton3D.txt')
    write(tmp_path / 'a13_s09_e02_skeleton3D.txt', confidence=0)
    short = tmp_path / 'a02_s01_e01_skeleton3D.txt'
    write(short)
    short.write_text('\n'.join(short.read_text().splitlines()[:-3]))
    (tmp_path / 'a03_s01_e01_skeleton3D.txt').write_text('1 2 3 4\n' * 19 + '1 2 x 4\n')
    (tmp_path / 'a21_s01_e01_skeleton3D.txt').write_text('')
    summary, clips = convert_to('msr_action3d', tmp_path)
    assert list(clips) == ['a01_s01_e01']
    faults = [fault for _, fault in summary.faults]
    expected = (
        'truncated in the middle of a frame: it has 37 lines',
        "line 20, field 3 is 'x'",
        'no persons',
        'no name like',
    )
    assert all(part in fault for part, fault in zip(expected, faults, strict=True))


@pytest.mark.parametrize('side', ['left', 'right'])
def test_every_joint_once(side, tmp_path, convert_to):
    write(tmp_path / 'a01_s01_e01_skeleton3D.txt')
    clips = convert_to('msr_action3d', tmp_path)[1]
    joints = get_layout('kinect_v1').joints
    numbers = clips['a01_s01_e01']['keypoint'][0, 0, :, 1]
    assert sorted(numbers) == list(range(1, 21))
    of_side = [int(n) for joint, n in zip(joints, numbers) if joint.startswith(side)]
    first = dict(left=[2, 9, 11, 13, 6, 15, 17, 19], right=[1, 8, 10, 12, 5, 14, 16, 18])
    assert of_side == first[side]
    assert np.isfinite(numbers).all()
