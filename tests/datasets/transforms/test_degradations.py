"""What is gone or moved, against numbers made by hand."""

import copy

import numpy as np
import pytest
import torch

from partkd.datasets import (
    FrameGap,
    FrameLoss,
    JointJitter,
    PartLoss,
    VisibilityMasks,
    save_annotations,
)
from partkd.datasets.transforms.part_loss import joints_of
from partkd.datasets.transforms.visibility_masks import counterparts
from partkd.layouts import get_layout
from partkd.structures import ClipBatch

FORMS = ['random', 'uniform', 'block']
# By index from 1, as RA-GCN's code counts the joints of NTU RGB+D.
RA_GCN = {
    'left_arm': {5, 6, 7, 8, 22, 23},
    'right_arm': {9, 10, 11, 12, 24, 25},
    'hands': {22, 23, 24, 25},
    'legs': {13, 14, 15, 16, 17, 18, 19, 20},
    'trunk': {1, 2, 3, 4, 21},
}


def gone_frames(results):
    return ~results['keypoint'].any((0, 2, 3))


@pytest.mark.parametrize('test_mode', [False, True])
@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize('share', [0, 0.25, 0.5, 1])
def test_as_many_frames_are_gone_as_asked_for(share, form, test_mode, random_results):
    results = FrameLoss(share, form)(random_results(frames=20, test_mode=test_mode))
    gone = gone_frames(results)
    assert gone.sum() == 20 * share
    assert (results['keypoint_score'][:, gone] == 0).all()
    assert (results['keypoint_score'][:, ~gone] > 0).all()


def test_forms_of_lost_frames(random_results):
    uniform = gone_frames(FrameLoss(0.5, 'uniform')(random_results(frames=8)))
    assert np.flatnonzero(uniform).tolist() == [1, 3, 5, 7]
    places = set()
    for number in range(30):
        item = random_results(frames=10, test_mode=True, frame_dir=f'clip_{number}')
        block = np.flatnonzero(gone_frames(FrameLoss(0.3, 'block')(item)))
        assert (np.diff(block) == 1).all()
        places.add(block[0])
    assert places == set(range(8))


@pytest.mark.parametrize(
    'frames, length, expected',
    [
        (10, 80, range(45, 55)),
        (11, 80, range(45, 55)),
        (30, 52, range(35, 52)),
        (20, 30, ()),
        (0, 80, ()),
    ],
)
def test_the_gap_is_that_of_ra_gcn(frames, length, expected, random_results):
    results = FrameGap(frames)(random_results(frames=length, test_mode=True))
    assert np.flatnonzero(gone_frames(results)).tolist() == list(expected)
    assert not results['keypoint_score'][:, list(expected)].any()


def test_what_is_gone_at_one_share_is_gone_at_every_higher_one(random_results):
    few, many = (
        gone_frames(FrameLoss(share)(random_results(frames=40, test_mode=True)))
        for share in (0.3, 0.6)
    )
    assert many[few].all() and many.sum() > few.sum()


@pytest.mark.parametrize(
    'transform', [FrameLoss(0.5), FrameLoss(0.5, 'block'), JointJitter(0.5, 0.1)], ids=repr
)
def test_in_test_name_and_seed_decide_alone(transform, random_results, generator_state):
    state = generator_state()
    first, again, other = (
        transform(random_results(frames=30, test_mode=True, frame_dir=name))['keypoint']
        for name in ('a', 'a', 'b')
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert generator_state() == state
    same = [np.array_equal(first, reseeded(transform, seed, random_results)) for seed in range(4)]
    assert same[0] and not all(same[1:])
    drawn = [transform(random_results(frames=30))['keypoint'] for _ in range(8)]
    assert not all(np.array_equal(drawn[0], other) for other in drawn[1:])


def reseeded(transform, seed, random_results):
    other = copy.copy(transform)
    other.seed = seed
    return other(random_results(frames=30, test_mode=True, frame_dir='a'))['keypoint']


def test_jitter_is_in_lengths_of_the_torso(random_results):
    """Moved are as many joints as asked for, as far as asked for, and none that was not there."""
    layout = get_layout('coco')
    item = random_results(layout, frames=400, test_mode=True)
    item['keypoint'] *= 100
    item['keypoint'][:, :, -1] = item['keypoint_score'][:, :, -1] = 0
    before, scores = item['keypoint'].copy(), item['keypoint_score'].copy()
    middles = [before[:, :, list(pair)].mean(2) for pair in (layout.hips, layout.shoulders)]
    torso = np.median(np.linalg.norm(middles[1] - middles[0], axis=-1))
    results = JointJitter(0.3, 0.1)(item)
    shift = results['keypoint'] - before
    moved = shift.any(-1)
    assert not moved[:, :, -1].any() and np.array_equal(results['keypoint_score'], scores)
    assert moved[:, :, :-1].mean() == pytest.approx(0.3, abs=0.02)
    assert shift[moved].std() == pytest.approx(0.1 * torso, rel=0.05)
    assert abs(shift[moved].mean()) < 0.01 * torso


def test_parts_are_those_of_ra_gcn():
    layout = get_layout('nturgb+d')
    for part, joints in RA_GCN.items():
        assert {joint + 1 for joint in joints_of(part, layout)} == joints
    coco = get_layout('coco')
    assert [coco.joints[joint] for joint in joints_of('hands', coco)] == [
        'left_wrist',
        'right_wrist',
    ]
    with pytest.raises(ValueError, match='layout coco has no joints of the trunk'):
        joints_of('trunk', coco)


def test_a_part_is_gone_and_all_else_is_as_it_was(random_results):
    before = random_results('coco')['keypoint']
    results = PartLoss('right_arm')(random_results('coco'))
    gone = list(get_layout('coco').parts[2])
    kept = [joint for joint in range(17) if joint not in gone]
    assert (
        not results['keypoint'][:, :, gone].any()
        and not results['keypoint_score'][:, :, gone].any()
    )
    np.testing.assert_array_equal(results['keypoint'][:, :, kept], before[:, :, kept])


@pytest.fixture
def masks(tmp_path):
    """A file of one person of Penn Action's joints, of whom joint t is hidden in frame t."""
    keypoint = np.ones((1, 4, 13, 2), np.float32)
    score = np.ones((1, 4, 13), np.float32)
    score[0, range(4), range(4)] = 0
    clip = dict(frame_dir='a', label=0, total_frames=4, keypoint=keypoint, keypoint_score=score)
    save_annotations([clip], {}, tmp_path / 'masks.pkl')
    return str(tmp_path / 'masks.pkl')


def test_masks_go_there_and_back(masks, random_results):
    """Of 4 frames, those of a longer clip are 0 1 2 3 2 1 0 1 ..., from one that is drawn."""
    way, starts = [0, 1, 2, 3, 2, 1] * 4, set()
    for number in range(40):
        item = random_results(
            'penn_action', persons=1, frames=12, test_mode=True, frame_dir=f'clip_{number}'
        )
        gone = VisibilityMasks(masks)(item)['keypoint_score'][0] == 0
        assert (gone.sum(1) == 1).all()
        hidden = gone.argmax(1).tolist()
        (start,) = [place for place in range(4) if way[place : place + 12] == hidden]
        starts.add(start)
    assert starts == {0, 1, 2, 3}


def test_masks_of_another_layout(masks, random_results):
    """A joint takes the mask of its namesake, else of the one as far out along its part."""
    penn, ntu = get_layout('penn_action'), get_layout('nturgb+d')
    found = counterparts(penn, ntu)
    for joint, taken in enumerate(found):
        if ntu.part_of(joint) is None:
            assert taken == -1
        else:
            assert penn.part_of(taken) == ntu.part_of(joint)
    wrists = [joint for joint, name in enumerate(ntu.joints) if 'wrist' in name]
    assert ['wrist' in penn.joints[found[joint]] for joint in wrists] == [True, True]
    gone = VisibilityMasks(masks)(random_results('nturgb+d', frames=12))['keypoint_score'] == 0
    assert gone.any() and not gone[:, :, list(ntu.trunk)].any()


def test_a_file_without_masks_is_refused(tmp_path, masks):
    with pytest.raises(FileNotFoundError, match=r'none\.pkl'):
        VisibilityMasks(str(tmp_path / 'none.pkl'))
    with pytest.raises(ValueError, match='no clip to take masks from: .*13 joints'):
        VisibilityMasks(masks, layout='coco')


def test_padding_stays_empty(masks):
    keypoint = torch.ones(2, 2, 6, 17, 2)
    keypoint[1, 1], keypoint[1, :, 4:] = 0, 0
    batch = ClipBatch(
        keypoint,
        keypoint[..., 0].clone(),
        torch.tensor([2, 1]),
        torch.tensor([6, 4]),
        ['a', 'b'],
        get_layout('coco'),
        True,
    )
    for step in (FrameLoss(0.5), JointJitter(1.0, 0.5), PartLoss('legs'), VisibilityMasks(masks)):
        out = step.transform_batch(batch)
        assert not out.keypoint[1, 1].any() and not out.keypoint[1, :, 4:].any(), step
        assert torch.isfinite(out.keypoint).all()
        if isinstance(step, FrameLoss):
            assert (~out.keypoint[1, 0, :4].any(-1).any(-1)).sum() == 2
