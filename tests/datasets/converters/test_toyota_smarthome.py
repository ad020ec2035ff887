import json

import pytest

from partkd.layouts import get_layout


def pose(offset=0) -> dict:
    """x of joint v is v + 1, y is 20 + v, z is 40 + v."""
    axes = [[first + v + offset for v in range(13)] for first in (1, 20, 40)]
    return dict(pose2d=sum(axes[:2], []), pose3d=sum(axes, []), cumscore=1.0)


def write(path, *frames) -> None:
    path.write_text(json.dumps(dict(K=10, njts=13, frames=list(frames))))


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'json'
    folder.mkdir()
    write(folder / 'Cook.Cut_p03_r00_v02_c03_pose3d.json', [pose(), pose(9)], [], [pose(1)])
    write(folder / 'Walk_p02_r00_v02_c01.json', [pose()])
    write(folder / 'WatchTV_p25_r01_v00_c02.json', [pose()])
    return folder


def test_converts(src, convert_to):
    summary, clips = convert_to('toyota_smarthome', src)
    assert {name: clip['label'] for name, clip in clips.items()} == {
        'Cook.Cut_p03_r00_v02_c03': 2,
        'Walk_p02_r00_v02_c01': 29,
        'WatchTV_p25_r01_v00_c02': 30,
    }
    keypoint = clips['Cook.Cut_p03_r00_v02_c03']['keypoint']
    head = get_layout('lcrnet').joints.index('head')
    assert keypoint[0, :, head].tolist() == [[13, 32, 52], [0, 0, 0], [14, 33, 53]]
    assert summary.split == dict(
        xsub_train=['Cook.Cut_p03_r00_v02_c03', 'WatchTV_p25_r01_v00_c02'],
        xsub_val=['Walk_p02_r00_v02_c01'],
        xview1_train=['Walk_p02_r00_v02_c01'],
        xview2_train=['Walk_p02_r00_v02_c01'],
    )


def test_flat(src, convert_to):
    clip = convert_to('toyota_smarthome', src, dims=2)[1]['Walk_p02_r00_v02_c01']
    assert clip['keypoint'][0, 0, 2].tolist() == [3, 22]


def test_bad_files(src, convert_to):
    (src / 'Walk_p04_r00_v02_c01.json').write_text('{"frames": [')
    (src / 'Walk_p05_r00_v02_c01.json').write_text('{}')
    (src / 'Walk_p06_r00_v02_c01.json').write_text('{"frames": [[], [{"pose3d": [1, 2]}]]}')
    (src / 'Walk_p07_r00_v02_c01.json').write_text('{"frames": [[{"pose2d": [1, 2]}]]}')
    (src / 'Dance_p08_r00_v02_c01.json').write_text('{}')
    summary, clips = convert_to('toyota_smarthome', src)
    assert len(clips) == 3
    faults = sorted(fault for _, fault in summary.faults)
    expected = ('frame 1: no pose3d', 'frame 2: no pose3d', "no list 'frames'", 'no name like')
    for part, fault in zip((*expected, 'truncated or no JSON'), faults, strict=True):
        assert part in fault
