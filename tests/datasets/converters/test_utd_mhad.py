import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import eye

from partkd.datasets import PairedPoseDataset, load_annotations
from partkd.datasets.converters import convert_utd_mhad

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def mat_dir(tmp_path) -> Path:
    """Four clips of subjects 1, 2, 3 and 7; frame t of joint v has x = v + 1, z = t."""
    folder = tmp_path / 'Skeleton'
    folder.mkdir()
    for action, subject in ((1, 1), (27, 2), (3, 3), (4, 7)):
        positions = np.zeros((20, 3, 5 + action))
        positions[:, 0] = np.arange(1, 21)[:, None]
        positions[:, 2] = np.arange(5 + action)
        savemat(folder / f'a{action}_s{subject}_t1_skeleton.mat', {'d_skel': positions})
    return folder


def test_converts(mat_dir, tmp_path):
    out_file = tmp_path / 'out' / 'utd.pkl'
    returned = convert_utd_mhad(tmp_path, out_file)
    content = load_annotations(out_file)
    clips = {clip['frame_dir']: clip for clip in content['annotations']}
    assert list(clips) == ['a1_s1_t1', 'a27_s2_t1', 'a3_s3_t1', 'a4_s7_t1']
    assert [clip['label'] for clip in clips.values()] == [0, 26, 2, 3]
    keypoint = clips['a27_s2_t1']['keypoint']
    assert keypoint.shape == (1, 32, 20, 3) and keypoint.dtype == np.float32
    assert keypoint[0, 9, 4].tolist() == [5, 0, 9]
    assert clips['a27_s2_t1']['total_frames'] == 32
    assert (
        content['split']
        == returned['split']
        == {
            'xsub_train': ['a1_s1_t1', 'a3_s3_t1'],
            'xsub_val': ['a4_s7_t1'],
            'odd': ['a1_s1_t1', 'a3_s3_t1', 'a4_s7_t1'],
            'even': ['a27_s2_t1'],
        }
    )


def test_result_is_a_dataset(mat_dir, tmp_path):
    convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')
    dataset = PairedPoseDataset(
        str(tmp_path / 'utd.pkl'), [], layout='kinect_v1', split='xsub_train', num_classes=27
    )
    assert len(dataset) == 2


def test_splits_without_a_clip_are_left_out(mat_dir, tmp_path):
    (mat_dir / 'a27_s2_t1_skeleton.mat').unlink()
    split = convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')['split']
    assert list(split) == ['xsub_train', 'xsub_val', 'odd']


def test_tool(mat_dir, tmp_path, monkeypatch):
    tool = ROOT / 'tools' / 'data' / 'convert_utd_mhad.py'
    monkeypatch.setattr(sys, 'argv', [str(tool), str(mat_dir), str(tmp_path / 'utd.pkl')])
    runpy.run_path(str(tool), run_name='__main__')
    assert len(load_annotations(tmp_path / 'utd.pkl')['annotations']) == 4


@pytest.mark.parametrize('name', ['a1_s1_t1', 'a22_s3_t2'])
def test_publishers_files_equal_the_reference(name, real_data, tmp_path):
    content = convert_utd_mhad(real_data / 'raw_samples' / 'utd_mhad', tmp_path / 'utd.pkl')
    clip = next(clip for clip in content['annotations'] if clip['frame_dir'] == name)
    reference = load_annotations(real_data / 'utdmhad' / 'kinect20_3d.pkl')['annotations']
    expected = next(clip for clip in reference if clip['frame_dir'] == name)
    assert set(clip) == set(expected)
    np.testing.assert_array_equal(clip.pop('keypoint'), expected.pop('keypoint'))
    assert clip == expected


def test_no_files(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no \*_skeleton\.mat in .*: set the folder'):
        convert_utd_mhad(tmp_path, tmp_path / 'utd.pkl')


def write_bytes(raw: bytes):
    return lambda path: path.write_bytes(raw)


def write_mat(**content):
    return lambda path: savemat(path, content)


@pytest.mark.parametrize(
    ('write', 'message'),
    [
        (write_bytes(b''), 'truncated or no MATLAB file'),
        (write_bytes(b'<html>' * 99), 'truncated or no MATLAB file'),
        (write_bytes(b'MATLAB 7.3 MAT-file'.ljust(124) + b'\x00\x02IM'), 'no MATLAB file'),
        (write_mat(d_iner=np.zeros(3)), r"no d_skel, it has \['d_iner'\]: take the skeleton"),
        (write_mat(d_skel=np.zeros((25, 3, 4))), r'shape \(25, 3, 4\), it should be \(20, 3, fr'),
        (write_mat(d_skel=np.zeros((20, 3))), r'shape \(20, 3\)'),
        (write_mat(d_skel=np.zeros((20, 3, 0))), r'shape \(20, 3, 0\)'),
        (write_mat(d_skel=eye(20)), 'd_skel is sparse'),
        (write_mat(d_skel=np.full((20, 3, 4), np.nan)), 'not finite numbers'),
        (write_mat(d_skel=np.full((20, 3, 4), 1 + 2j)), 'not finite numbers'),
    ],
)
def test_bad_file(write, message, mat_dir, tmp_path):
    write(mat_dir / 'a2_s2_t2_skeleton.mat')
    with pytest.raises(ValueError, match=message) as error:
        convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')
    assert error.match(r'1 of 5 files are bad:\n  .*a2_s2_t2_skeleton\.mat: ')
    assert not (tmp_path / 'utd.pkl').exists()


def test_truncated_file(mat_dir, tmp_path):
    path = mat_dir / 'a1_s1_t1_skeleton.mat'
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r'a1_s1_t1_skeleton\.mat: truncated or no MATLAB file'):
        convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')


@pytest.mark.parametrize('name', ['a28_s1_t1', 'a0_s1_t1', 'wave'])
def test_bad_name(name, mat_dir, tmp_path):
    (mat_dir / f'{name}_skeleton.mat').write_bytes(b'')
    with pytest.raises(ValueError, match=rf'{name}_skeleton\.mat: no name like .*rename'):
        convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')


def test_same_name_in_two_folders(mat_dir, tmp_path):
    (mat_dir / 'copy').mkdir()
    content = (mat_dir / 'a1_s1_t1_skeleton.mat').read_bytes()
    (mat_dir / 'copy' / 'a1_s1_t1_skeleton.mat').write_bytes(content)
    with pytest.raises(ValueError, match='another folder has this name as well: remove one'):
        convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')


def test_many_bad_files_are_counted(mat_dir, tmp_path):
    for trial in range(8):
        (mat_dir / f'a9_s9_t{trial}_skeleton.mat').write_bytes(b'')
    with pytest.raises(ValueError, match=r'8 of 12 files are bad') as error:
        convert_utd_mhad(mat_dir, tmp_path / 'utd.pkl')
    assert str(error.value).count('a9_s9') == 5 and 'and 3 more' in str(error.value)
