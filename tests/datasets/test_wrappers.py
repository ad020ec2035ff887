from mmengine.dataset import BaseDataset, RepeatDataset
from torch.utils.data import Subset

from partkd.datasets import innermost


def test_wrappers_are_taken_off():
    clips = BaseDataset(lazy_init=True)
    assert innermost(clips) is clips
    assert innermost(Subset(RepeatDataset(clips, times=3, lazy_init=True), [1])) is clips
