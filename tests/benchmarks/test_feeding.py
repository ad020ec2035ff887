import pytest
import torch

from partkd_benchmarks import feeding
from partkd_benchmarks.feeding import make_feeders
from partkd_benchmarks.ntu_like import write_clips


@pytest.mark.parametrize('dims', [3, 2])
def test_all_sides_give_the_same_tensors(dims, tmp_path):
    """Clips of just the length that is sampled leave nothing to chance."""
    clip_len = 9
    write_clips(tmp_path / 'clips.pkl', dims, [clip_len] * 8)
    feeders = make_feeders(tmp_path, dims, 3, clip_len, 'cpu', shuffle=False)
    theirs, *ours = (torch.cat(feed()) for feed in feeders.values())
    assert theirs.shape == (8, 1, 2, clip_len, *((25, 3) if dims == 3 else (17, 3)))
    assert theirs[3, 0, 1].any() and not theirs[2, 0, 1].any()  # the second person
    for one in ours:
        torch.testing.assert_close(one, theirs[:, 0].float(), rtol=0, atol=1e-5)


def test_report():
    comparisons = feeding(clips=6, batch_size=4, clip_len=5, rounds=1)
    assert [comparison.title for comparison in comparisons] == ['Feeding in 3D', 'Feeding in 2D']
    for comparison in comparisons:
        assert 'PairedPoseDataset without cache' in comparison.report()
        assert list(comparison.seconds)[0] == 'mmaction2 PoseDataset'
