"""SCD-Net's masks: joints that lie together, and stretches of time."""

from collections import Counter

import numpy as np
import pytest
import torch

from partkd.datasets.transforms import StructuralMask, TemporalCubeMask
from partkd.datasets.transforms.clue_masks import count_walks
from partkd.layouts import get_layout, layout_names
from partkd.structures import ClipBatch


def batch(layout='coco', frames=(32,) * 4, persons=2) -> ClipBatch:
    layout = get_layout(layout)
    keypoint = torch.rand(len(frames), persons, max(frames), layout.num_joints, 2) + 1
    for row, length in zip(keypoint, frames, strict=True):
        row[:, length:] = 0
    return ClipBatch(
        keypoint,
        (keypoint[..., 0] > 0).float(),
        torch.full((len(frames),), persons),
        torch.tensor(frames),
        [f'clip{row}' for row in range(len(frames))],
        layout,
        test_mode=False,
    )


def walks_from(layout, joint, length):
    """Where each walk of some links ends, one by one; staying is a link."""
    ends = [joint]
    for _ in range(length):
        ends = [
            other
            for end in ends
            for other in range(layout.num_joints)
            if other == end or (end, other) in layout.links or (other, end) in layout.links
        ]
    return Counter(ends)


@pytest.mark.parametrize('layout', layout_names())
def test_walks_are_counted(layout):
    layout = get_layout(layout)
    walks = count_walks(layout, 2)
    for joint in range(layout.num_joints):
        expected = walks_from(layout, joint, 2)
        assert walks[joint].tolist() == [expected[other] for other in range(layout.num_joints)]


def test_walks_of_a_chain_by_hand():
    """An arm from its end: 2 ways to stay, 2 to the next joint, 1 to the one after that."""
    chain = get_layout('kinect_v1')
    joints = [chain.joints.index(name) for name in ('left_hand', 'left_wrist', 'left_elbow')]
    walks = count_walks(chain, 2)
    assert walks[joints[0], joints].tolist() == [2, 2, 1]


@pytest.mark.parametrize('layout', ['coco', 'nturgb+d', 'kinect_v1'])
def test_the_joints_with_most_walks_from_those_drawn_are_hidden(layout, monkeypatch):
    clips = batch(layout)
    joints = clips.layout.num_joints
    drawn = torch.randint(joints, (4, 5))
    monkeypatch.setattr(torch, 'randint', lambda *args, **kwargs: drawn)
    out = StructuralMask(prob=1.0).apply(clips)
    for row in range(4):
        counts = np.zeros(joints)
        for start in drawn[row].tolist():
            for end, number in walks_from(clips.layout, start, 2).items():
                counts[end] += number
        gone = (out.keypoint[row] == 0).all(-1)
        assert torch.equal(gone, gone[0, 0].expand_as(gone))  # of all persons, in all frames
        gone = gone[0, 0].numpy()
        assert gone.sum() == round(0.32 * joints)
        assert counts[gone].min() >= counts[~gone].max()
        assert torch.equal(out.keypoint_score[row] == 0, torch.from_numpy(gone).expand(2, 32, -1))
    assert clips.keypoint.ne(0).all()


def test_of_the_authors_joints_there_are_eight():
    gone = (StructuralMask(prob=1.0).apply(batch('nturgb+d')).keypoint == 0).all(-1)
    assert gone[:, 0, 0].sum(1).tolist() == [8] * 4


def test_ties_are_broken_at_random():
    """One joint reaches fewer than are hidden: the others are drawn."""
    torch.manual_seed(0)
    mask = StructuralMask(share=0.9, num_drawn=1, reach=0, prob=1.0)
    gone = (mask.apply(batch(frames=(1,) * 64)).keypoint == 0).all(-1)[:, 0, 0]
    assert (gone.sum(1) == 15).all() and (gone.sum(0) > 40).all() and (gone.sum(0) < 64).all()


@pytest.mark.parametrize('mask', [StructuralMask, TemporalCubeMask])
def test_half_of_the_clips_are_masked_and_none_in_a_test(mask):
    torch.manual_seed(0)
    clips = batch(frames=(16,) * 200, persons=1)
    masked = (mask().apply(clips).keypoint == 0).flatten(1).any(1).sum()
    assert 70 < masked < 130
    clips.test_mode = True
    assert mask(prob=1.0).apply(clips) is clips


def test_six_of_sixteen_stretches_are_emptied():
    """Also of clips whose lengths 16 does not divide; padding stays empty."""
    torch.manual_seed(0)
    lengths = (64, 32, 40, 16)
    out = TemporalCubeMask(prob=1.0).apply(batch(frames=lengths))
    for row, length in enumerate(lengths):
        gone = (out.keypoint[row] == 0).all(-1)
        assert torch.equal(gone, gone[:1, :, :1].expand_as(gone))
        emptied = {
            cube: {
                bool(gone[0, frame, 0]) for frame in range(length) if frame * 16 // length == cube
            }
            for cube in range(16)
        }
        assert all(len(told) == 1 for told in emptied.values())
        assert sum(told == {True} for told in emptied.values()) == 6
        assert gone[:, length:].all()


def test_something_is_left():
    with pytest.raises(ValueError, match='num_masked=4 of num_cubes=4 leave nothing'):
        TemporalCubeMask(num_cubes=4, num_masked=4)
    with pytest.raises(ValueError, match=r'share=1: it is a number in \[0, 1\)'):
        StructuralMask(share=1)
