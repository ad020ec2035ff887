"""Two processes give the loss and the gradients that one process gives on the joined batch."""

import os
import socket

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmaction.registry import DATASETS

from partkd.distillation import FeatureBank, build_teacher_files
from partkd.distillation.gather import gather_rows
from partkd.models import GlobalMSCLoss, KLLoss, PMSCLoss
from partkd.structures import CLIP_FEATURES, SkeletonFeatures

PLACES = [0, 3, 5, 8, 11, 3, 1, 2]  # clip 3 comes in both halves
SPLIT = 5  # the ranks see batches of different sizes


LOSSES = (PMSCLoss(), PMSCLoss(features='segments'), GlobalMSCLoss(), KLLoss())


def distil(rank, teacher, samples, teacher_clips, features):
    """Losses and gradients of a share of the batch."""
    share = slice(None) if rank is None else (slice(0, SPLIT), slice(SPLIT, None))[rank]
    samples = samples[share]
    paired = [clip for clip in teacher_clips[share] if clip is not None]
    inputs = None
    if hasattr(teacher, 'model'):
        inputs = teacher.model.data_preprocessor.collate(paired)
    leaves = {
        name: getattr(features, name)[share].clone().requires_grad_() for name in CLIP_FEATURES
    }
    target = teacher(samples, inputs)
    labels = torch.cat([sample.gt_label for sample in samples])
    out = dict(rows=len(target.labels), gradients={}, losses={})
    for loss, name in zip(LOSSES, leaves):
        values = loss(SkeletonFeatures(joints=None, **leaves), target, labels)
        [value] = [values[key] for key in values if key.startswith('loss_')]
        value.backward()
        out['losses'][name], out['gradients'][name] = value.detach(), leaves[name].grad
    return out


def worker(rank, port, out, *args):
    os.environ.update(
        MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port), RANK=str(rank), WORLD_SIZE='2'
    )
    torch.set_num_threads(1)
    dist.init_process_group('gloo')
    try:
        torch.save(distil(rank, *args), f'{out}/{rank}.pth')
    finally:
        dist.destroy_process_group()


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def run_two(target, out, *args):
    mp.start_processes(target, (free_port(), str(out), *args), nprocs=2, start_method='fork')
    return [torch.load(f'{out}/{rank}.pth') for rank in range(2)]


@pytest.mark.parametrize('kind', ['loop', 'bank', 'large bank'])
def test_two_processes_equal_one(kind, teacher, teacher_cfg, dataset_cfg, tmp_path, monkeypatch):
    torch.set_num_threads(1)  # forked processes must not inherit a pool of threads
    dataset = DATASETS.build(dict(dataset_cfg, load_teacher=True))
    source = teacher.cpu()  # a forked process has no GPU
    if kind == 'large bank':
        monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    if kind != 'loop':
        file = str(tmp_path / 'bank.npz')
        build_teacher_files(teacher, dataset.teacher, bank_file=file)
        source = FeatureBank(file, teacher_cfg)
        source.init_weights()
    items = [dataset[place] for place in PLACES]
    torch.manual_seed(0)
    shapes = (5, 8), (2, 5, 8), (8,), (3,)
    features = SkeletonFeatures(None, *(torch.randn(8, *shape) for shape in shapes))
    args = (
        source,
        [item['data_samples'] for item in items],
        [item['teacher_inputs'] for item in items],
        features,
    )
    one = distil(None, *args)
    two = run_two(worker, tmp_path, *args)

    assert {rank['rows'] for rank in two} == {one['rows']}
    for name, loss in one['losses'].items():
        # What distributed training does with the losses and gradients of its processes.
        mean = sum(rank['losses'][name] for rank in two) / 2
        torch.testing.assert_close(mean, loss)
        gradient = torch.cat([rank['gradients'][name] for rank in two]) / 2
        torch.testing.assert_close(gradient, one['gradients'][name])


def gather_worker(rank, port, out):
    os.environ.update(
        MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port), RANK=str(rank), WORLD_SIZE='2'
    )
    dist.init_process_group('gloo')
    try:
        rows = torch.full((2 * rank, 3), float(rank), requires_grad=True)
        torch.save(gather_rows(rows), f'{out}/{rank}.pth')
    finally:
        dist.destroy_process_group()


def test_a_process_without_rows_takes_part(tmp_path):
    gathered = run_two(gather_worker, tmp_path)
    for rows in gathered:
        assert torch.equal(rows, torch.ones(2, 3))
        assert not rows.requires_grad
