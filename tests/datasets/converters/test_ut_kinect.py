import pytest


def write_recording(path, frames) -> None:
    """Joint v of frame t lies at (t, v + 1, 2)."""
    rows = [[t, *(x for v in range(20) for x in (t, v + 1, 2))] for t in frames]
    path.write_text('\n'.join(' '.join(map(str, row)) for row in rows) + '\n')


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'joints'
    folder.mkdir()
    write_recording(folder / 'joints_s01_e01.txt', [250, 252, 252, 254, 256, 300, 302])
    write_recording(folder / 'joints_s10_e02.txt', range(10))
    (tmp_path / 'actionLabel.txt').write_text(
        's01_e01\nwalk: 252 255 \nclapHands: 300 310\ns10_e02\ncarry: NaN NaN\npush: 2 4\n'
    )
    return tmp_path


def test_cuts_recordings_into_actions(src, convert_to):
    summary, clips = convert_to('ut_kinect', src)
    walk = clips['s01_e01_walk']
    assert walk['keypoint'][0, :, 0, 0].tolist() == [252, 254]
    assert walk['keypoint'][0, 0, :5, 1].tolist() == [4, 3, 2, 1, 5]
    assert [clip['label'] for clip in clips.values()] == [0, 9, 6]
    assert summary.split == dict(odd=['s01_e01_walk', 's01_e01_clapHands'], even=['s10_e02_push'])
    ((where, fault),) = summary.faults
    assert where.endswith('clip s10_e02_carry') and 'no frames' in fault
    assert not convert_to('ut_kinect', src, ignore=['s10_e02_carry'])[0].faults


def test_bad_files(src, convert_to):
    path = src / 'joints' / 'joints_s02_e01.txt'
    write_recording(path, range(3))
    path.write_text(path.read_text()[:-10])
    write_recording(src / 'joints' / 'joints_s03_e01.txt', range(3))
    summary, clips = convert_to('ut_kinect', src, ignore=['s10_e02_carry'])
    assert len(clips) == 3
    expected = ('line 3 has 57 fields, it should have 61', 'has no s03_e01')
    for part, (_, fault) in zip(expected, summary.faults, strict=True):
        assert part in fault


def test_without_labels(src, convert_to):
    (src / 'actionLabel.txt').rename(src / 'labels.txt')
    with pytest.raises(FileNotFoundError, match=r'no actionLabel\.txt in'):
        convert_to('ut_kinect', src)
    (src / 'labels.txt').rename(src / 'actionLabel.txt').write_text('s01_e01\nwalk 252\n')
    with pytest.raises(ValueError, match=r'no clip is left'):
        convert_to('ut_kinect', src)
