import numpy as np
import pytest
from scipy.io import savemat

PEOPLE = ('ann', 'bob', 'carl', 'dora')


@pytest.fixture
def src(tmp_path):
    """Four people, three activities of twelve; joint v has x = v + 1."""
    for person in PEOPLE:
        for activity in (1, 2, 12):
            folder = tmp_path / '3DvideoNorm' / person / f'video{activity}'
            folder.mkdir(parents=True)
            positions = np.ones((20, 3, 3))
            positions[:, 0] = np.arange(1, 21)[:, None]
            savemat(folder / 'sklWorld.mat', dict(SW=positions))
    return tmp_path


def test_converts(src, convert_to):
    summary, clips = convert_to('sysu', src)
    assert list(clips)[:4] == ['ann_video01', 'ann_video02', 'ann_video12', 'bob_video01']
    assert clips['ann_video12']['label'] == 11
    assert clips['ann_video12']['keypoint'][0, 0, :5, 0].tolist() == [4, 3, 2, 1, 5]
    assert len(summary.split) == 120 and summary.origins['subject'] == {1, 2, 3, 4}


def test_half_of_the_people_train(src, convert_to):
    """Setting 1: half of them for each activity. Setting 2: the same half for all."""
    summary, clips = convert_to('sysu', src)
    halves = set()
    for number in range(1, 31):
        for setting in (1, 2):
            train = summary.split[f'setting{setting}_{number:02d}_train']
            val = summary.split[f'setting{setting}_{number:02d}_val']
            assert sorted(train + val) == sorted(clips) and not set(train) & set(val)
            for activity in ('01', '02', '12'):
                assert sum(name.endswith(activity) for name in train) == 2
        people = {name.split('_')[0] for name in train}
        assert len(people) == 2
        halves.add(frozenset(people))
    assert len(halves) == 6  # all that there are


def test_publishers_lists_come_first(src, convert_to):
    names = ['ann/video1', 'bob/video2', 'carl/video12']
    (src / 'splits').mkdir()
    (src / 'splits' / 'setting1_07.txt').write_text('\n'.join(names))
    summary, _ = convert_to('sysu', src)
    assert summary.split['setting1_07_train'] == ['ann_video01', 'bob_video02', 'carl_video12']
    assert len(summary.split['setting1_07_val']) == 9


def test_bad_files(src, convert_to):
    folder = src / '3DvideoNorm' / 'ann'
    (folder / 'video1' / 'sklWorld.mat').write_bytes(b'cut')
    savemat(folder / 'video2' / 'sklWorld.mat', dict(SW=np.ones((25, 3, 2))))
    (folder / 'video13').mkdir()
    savemat(folder / 'video13' / 'sklWorld.mat', dict(SW=np.ones((20, 3, 2))))
    summary, clips = convert_to('sysu', src)
    assert len(clips) == 10
    expected = ('truncated or no MATLAB', 'SW has shape (25, 3, 2)', 'no folder video1 to video12')
    for part, (_, fault) in zip(expected, summary.faults, strict=True):
        assert part in fault
