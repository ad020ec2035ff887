import numpy as np
import pytest


@pytest.fixture
def src(tmp_path):
    """Five clips of 30 frames, the first of them three long."""
    folder = tmp_path / 'openpose'
    for number in '123':
        (folder / number).mkdir(parents=True)
    clips = np.random.default_rng(0).uniform(1, 9, (5, 30, 25, 3)).round(3)
    clips[0, 3:] = 0
    np.save(folder / '1' / 'X_train.npy', clips[:3])
    np.save(folder / '1' / 'X_test.npy', clips[3:])
    np.save(folder / '1' / 'y_train.npy', np.array([0, 19, 3]))
    np.save(folder / '1' / 'y_test.npy', np.array([1, 2]))
    parts = ['train', 'test', 'train', 'test', 'train']
    lines = [f'clip{i}\t{part}' for i, part in enumerate(parts)]
    (folder / '1' / '1.txt').write_text('\n'.join(lines) + '\n')
    (folder / '2' / '2.txt').write_text('clip0\ttest\nclip1\ttrain\n')
    return folder


def test_converts(src, convert_to):
    summary, clips = convert_to('mpose2021', src)
    assert {name: clip['label'] for name, clip in clips.items()} == {
        'clip1': 1,
        'clip3': 2,
        'clip0': 0,
        'clip2': 19,
        'clip4': 3,
    }
    train = np.load(src / '1' / 'X_train.npy').astype(np.float32)
    np.testing.assert_array_equal(clips['clip0']['keypoint'][0], train[0, :3, :, :2])
    np.testing.assert_array_equal(clips['clip4']['keypoint_score'][0], train[2, :, :, 2])
    assert summary.split == dict(
        split1_train=['clip0', 'clip2', 'clip4'],
        split1_val=['clip1', 'clip3'],
        split2_train=['clip1'],
        split2_val=['clip0'],
    )


def test_bad_files(src, convert_to):
    np.save(src / '1' / 'y_test.npy', np.array([1]))
    summary, clips = convert_to('mpose2021', src)
    assert len(clips) == 3
    assert '2 clips, 1 labels in y_test.npy, 2 names in 1.txt' in summary.faults[0][1]
    whole = (src / '1' / 'X_test.npy').read_bytes()
    (src / '1' / 'X_test.npy').write_bytes(whole[:-9])
    assert 'X_test.npy is truncated' in convert_to('mpose2021', src)[0].faults[0][1]
    (src / '1' / '1.txt').write_text('clip0\n')
    with pytest.raises(ValueError, match=r"1\.txt: line 1 is 'clip0'"):
        convert_to('mpose2021', src)


def test_seventeen_joints(src, convert_to):
    for part in ('train', 'test'):
        file = src / '1' / f'X_{part}.npy'
        np.save(file, np.load(file)[:, :, :17])
    summary, clips = convert_to('mpose2021', src, joints=17)
    assert summary.layout == 'coco' and clips['clip1']['keypoint'].shape == (1, 30, 17, 2)
    with pytest.raises(ValueError, match='joints is 18'):
        convert_to('mpose2021', src, joints=18)
