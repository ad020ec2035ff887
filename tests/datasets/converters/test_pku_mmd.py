import pytest


def write_video(path, frames=20, both_from=10) -> None:
    """Joint v of frame t lies at (t + 1, v, 1); a second person comes in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for t in range(frames):
        first = [x for v in range(25) for x in (t + 1, v, 1)]
        second = [-x for x in first] if t >= both_from else [0] * 75
        lines.append(' '.join(map(str, first + second)))
    path.write_text('\n'.join(lines) + '\n')


def write_lines(path, *lines) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(lines) + '\n')


@pytest.fixture
def src(tmp_path):
    write_video(tmp_path / 'PKU_Skeleton_Renew' / '0002-L.txt')
    write_video(tmp_path / 'PKU_Skeleton_Renew' / '0003-R.txt')
    labels = tmp_path / 'Train_Label_PKU_final'
    write_lines(labels / '0002-L.txt', '1,2,7,2', '51,8,15,1')
    write_lines(labels / '0003-R.txt', '26,18,12,1')
    title = ('Training videos:', '0002-L, ', 'Validation videos:', '0003-R, ')
    write_lines(tmp_path / 'Split' / 'cross-subject.txt', *title)
    return tmp_path


def test_cuts_videos_into_actions(src, convert_to):
    summary, clips = convert_to('pku_mmd', src)
    assert {name: (clip['label'], clip['keypoint'].shape) for name, clip in clips.items()} == {
        '0002-L_01': (0, (1, 5, 25, 3)),
        '0002-L_02': (50, (2, 7, 25, 3)),
        '0003-R_01': (25, (2, 6, 25, 3)),  # written the wrong way round
    }
    assert clips['0002-L_01']['keypoint'][0, 0, 4].tolist() == [3, 4, 1]
    assert summary.split == dict(xsub_train=['0002-L_01', '0002-L_02'], xsub_val=['0003-R_01'])


def test_phase_two(tmp_path, convert_to):
    write_video(tmp_path / 'skeleton_v2' / 'A01N02-M.txt')
    write_lines(tmp_path / 'label_v2' / 'A01N02-M.txt', '3,0,4,1')
    title = ('Training:', 'A01N02-M', 'Validation:', 'A01N03-M')
    write_lines(tmp_path / 'cross_view_v2.txt', *title)
    summary, clips = convert_to('pku_mmd_2', tmp_path)
    assert clips['A01N02-M_01']['label'] == 2
    assert summary.split == dict(xview_train=['A01N02-M_01'])
    assert summary.origins == dict(subject={'N02'}, camera={'M'})


def test_bad_files(src, convert_to):
    labels = src / 'Train_Label_PKU_final'
    write_lines(labels / '0002-L.txt', '1,2,7,2', '52,8,15,1', '3,30,40,1', '4,8,15,1')
    write_lines(labels / '0003-R.txt', '26,18,twelve,1')
    write_video(src / 'PKU_Skeleton_Renew' / '0004-M.txt')
    summary, clips = convert_to('pku_mmd', src)
    assert list(clips) == ['0002-L_01', '0002-L_04']
    expected = (
        ('clip 0002-L_02', 'label 51'),
        ('clip 0002-L_03', 'no frames'),
        ('0003-R.txt', "line 1, field 3 is 'twelve'"),
        ('0004-M.txt', 'no label file'),
    )
    for (place, part), (where, fault) in zip(expected, summary.faults, strict=True):
        assert place in where and part in fault


def test_labels_that_change_are_read_again(src, convert_to):
    convert_to('pku_mmd', src, ignore=['0003-R'])
    write_lines(src / 'Train_Label_PKU_final' / '0002-L.txt', '9,2,7,2')
    assert convert_to('pku_mmd', src)[1]['0002-L_01']['label'] == 8
