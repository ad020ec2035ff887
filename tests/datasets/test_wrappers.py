from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from torch.utils.data import Subset

from partkd.datasets import innermost, parts_of


def test_wrappers_are_taken_off():
    clips = BaseDataset(lazy_init=True)
    assert innermost(clips) is clips
    assert innermost(Subset(RepeatDataset(clips, times=3, lazy_init=True), [1])) is clips


def test_joined_data_sets_are_parts():
    one, other = BaseDataset(lazy_init=True), BaseDataset(lazy_init=True)
    joined = ConcatDataset([one, other], lazy_init=True)
    joined.datasets[1] = RepeatDataset(other, times=2, lazy_init=True)
    assert parts_of(one) == [one]
    assert parts_of(Subset(joined, [1])) == [one, other]
