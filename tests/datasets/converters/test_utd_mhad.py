from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import eye

from partkd.datasets import load_annotations


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


def test_converts(mat_dir, convert_to):
    summary, clips = convert_to('utd_mhad', mat_dir.parent)
    assert list(clips) == ['a1_s1_t1', 'a27_s2_t1', 'a3_s3_t1', 'a4_s7_t1']
    assert [clip['label'] for clip in clips.values()] == [0, 26, 2, 3]
    keypoint = clips['a27_s2_t1']['keypoint']
    assert keypoint.shape == (1, 32, 20, 3) and keypoint.dtype == np.float32
    assert keypoint[0, 9, 4].tolist() == [5, 0, 9]
    assert clips['a27_s2_t1']['total_frames'] == 32
    assert summary.split == {
        'xsub_train': ['a1_s1_t1', 'a3_s3_t1'],
        'xsub_val': ['a4_s7_t1'],
        'odd': ['a1_s1_t1', 'a3_s3_t1', 'a4_s7_t1'],
        'even': ['a27_s2_t1'],
    }


@pytest.mark.parametrize('name', ['a1_s1_t1', 'a22_s3_t2'])
def test_publishers_files_equal_the_reference(name, real_data, convert_to):
    clip = convert_to('utd_mhad', real_data / 'raw_samples' / 'utd_mhad')[1][name]
    reference = load_annotations(real_data / 'utdmhad' / 'kinect20_3d.pkl')['annotations']
    expected = next(clip for clip in reference if clip['frame_dir'] == name)
    assert set(clip) == set(expected)
    np.testing.assert_array_equal(clip.pop('keypoint'), expected.pop('keypoint'))
    assert clip == expected


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
        (write_mat(d_iner=np.zeros(3)), "no d_skel, it has ['d_iner']: take the skeleton"),
        (write_mat(d_skel=np.zeros((25, 3, 4))), 'shape (25, 3, 4), it should be (20, 3, fr'),
        (write_mat(d_skel=np.zeros((20, 3))), 'shape (20, 3)'),
        (write_mat(d_skel=np.zeros((20, 3, 0))), 'shape (20, 3, 0)'),
        (write_mat(d_skel=np.zeros((20, 3, 4))), 'no persons'),
        (write_mat(d_skel=eye(20)), 'd_skel is sparse'),
        (write_mat(d_skel=np.full((20, 3, 4), np.nan)), 'not finite numbers'),
        (write_mat(d_skel=np.full((20, 3, 4), 1 + 2j)), 'not finite numbers'),
    ],
)
def test_bad_file(write, message, mat_dir, convert_to):
    write(mat_dir / 'a2_s2_t2_skeleton.mat')
    summary, clips = convert_to('utd_mhad', mat_dir)
    ((where, fault),) = summary.faults
    assert 'a2_s2_t2_skeleton.mat' in where and message in fault
    assert len(clips) == 4


def test_truncated_file(mat_dir, convert_to):
    path = mat_dir / 'a1_s1_t1_skeleton.mat'
    path.write_bytes(path.read_bytes()[:-50])
    summary, clips = convert_to('utd_mhad', mat_dir)
    assert 'truncated or no MATLAB file' in summary.faults[0][1]
    assert 'a1_s1_t1' not in clips and len(clips) == 3


@pytest.mark.parametrize('name', ['a28_s1_t1', 'a0_s1_t1', 'wave'])
def test_bad_name(name, mat_dir, convert_to):
    (mat_dir / f'{name}_skeleton.mat').write_bytes(b'')
    summary, _ = convert_to('utd_mhad', mat_dir)
    ((where, fault),) = summary.faults
    assert where.endswith(f'{name}_skeleton.mat') and 'no name like' in fault
