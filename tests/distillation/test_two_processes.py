"""Two processes give the loss and the gradients that one process gives on the joined batch."""

import pytest
import torch
from mmaction.registry import DATASETS

from partkd.distillation import FeatureBank, compute_teacher_files
from partkd.models import (
    GlobalMSCLoss,
    GraphMatchingLoss,
    KLLoss,
    PMSCLoss,
    PredictiveCodingLoss,
)
from partkd.structures import SkeletonFeatures, gather_rows

PLACES = [0, 3, 5, 8, 11, 3, 1, 2]  # clip 3 comes in both halves
SPLIT = 5  # the ranks see batches of different sizes


def losses():
    of_parts = PMSCLoss(), PMSCLoss(reads='segments')
    return *of_parts, GlobalMSCLoss(), KLLoss(), GraphMatchingLoss(), PredictiveCodingLoss()


def distil(rank, teacher, samples, teacher_clips, features):
    """Losses and gradients of a share of the batch."""
    share = slice(None) if rank is None else (slice(0, SPLIT), slice(SPLIT, None))[rank]
    samples = samples[share]
    paired = [clip for clip in teacher_clips[share] if clip is not None]
    inputs = None
    if hasattr(teacher, 'model'):
        inputs = teacher.model.data_preprocessor.collate(paired)
    leaves = {name: values[share].clone() for name, values in vars(features).items()}
    target = teacher(samples, inputs)
    labels = torch.cat([sample.gt_label for sample in samples])
    out = dict(rows=len(target.labels), gradients={}, losses={})
    for loss in losses():
        [name], of = loss.reads, f'{type(loss).__name__} of {loss.reads}'
        leaf = leaves[name].clone().requires_grad_()
        values = loss(SkeletonFeatures(**leaves | {name: leaf}), target, labels)
        value = sum(values[key] for key in values if key.startswith('loss_'))
        value.backward()
        out['losses'][of], out['gradients'][of] = value.detach(), leaf.grad
    return out


@pytest.mark.parametrize('kind', ['loop', 'bank', 'large bank'])
def test_two_processes_equal_one(
    kind, teacher, teacher_cfg, dataset_cfg, tmp_path, monkeypatch, run_two
):
    dataset = DATASETS.build(dict(dataset_cfg, load_teacher=True))
    source = teacher.cpu()  # a forked process has no GPU
    if kind == 'large bank':
        monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    if kind != 'loop':
        file = str(tmp_path / 'bank')
        compute_teacher_files(teacher, dataset.teacher, file)
        source = FeatureBank(file, teacher_cfg)
        source.init_weights()
    items = [dataset[place] for place in PLACES]
    torch.manual_seed(0)
    shapes = dict(parts=(5, 8), segments=(2, 5, 8), pooled=(8,), logits=(3,), joints=(2, 3, 25, 8))
    features = {name: torch.randn(8, *shape) for name, shape in shapes.items()}
    features = SkeletonFeatures(**features, person_mask=torch.arange(16).view(8, 2) % 3 > 0)
    args = (
        source,
        [item['data_samples'] for item in items],
        [item['teacher_inputs'] for item in items],
        features,
    )
    one = distil(None, *args)
    two = run_two(distil, *args)

    assert {rank['rows'] for rank in two} == {one['rows']}
    for name, loss in one['losses'].items():
        # What distributed training does with the losses and gradients of its processes.
        mean = sum(rank['losses'][name] for rank in two) / 2
        torch.testing.assert_close(mean, loss)
        gradient = torch.cat([rank['gradients'][name] for rank in two]) / 2
        torch.testing.assert_close(gradient, one['gradients'][name])


def gather(rank):
    rows = torch.full((2 * rank, 3 - rank), float(1 + rank), requires_grad=True)
    return gather_rows(rows), gather_rows(rows > 0)


def test_rows_of_unlike_sizes_are_gathered(run_two):
    """A process without rows takes part, and decides the width."""
    for rows, mask in run_two(gather):
        assert torch.equal(rows, torch.tensor([[2.0, 2, 0], [2, 2, 0]]))
        assert not rows.requires_grad
        assert torch.equal(mask, rows > 0)
