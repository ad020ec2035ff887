"""Two processes give the loss and the gradients that one process gives on the joined batch."""

import os
import socket

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from partkd.distillation.gather import gather_rows
from partkd.models import GlobalMSCLoss, PMSCLoss
from partkd.structures import SkeletonFeatures

PLACES = [0, 3, 5, 8, 11, 3, 1, 2]  # clip 3 comes in both halves
SPLIT = 5  # the ranks see batches of different sizes


def distil(rank, teacher, samples, teacher_clips, features):
    """Losses and gradients of a share of the batch."""
    share = slice(None) if rank is None else (slice(0, SPLIT), slice(SPLIT, None))[rank]
    samples = samples[share]
    paired = [clip for clip in teacher_clips[share] if clip is not None]
    inputs = None
    if hasattr(teacher, 'model'):
        inputs = teacher.model.data_preprocessor.collate(paired)
    parts = features.parts[share].clone().requires_grad_()
    pooled = features.pooled[share].clone().requires_grad_()
    student = SkeletonFeatures(None, parts, pooled)
    target = teacher(samples, inputs)
    labels = torch.cat([sample.gt_label for sample in samples])
    losses = [loss(student, target, labels) for loss in (PMSCLoss(), GlobalMSCLoss())]
    total = losses[0]['loss_pmsc'] + losses[1]['loss_global_msc']
    count = sum(loss[name] for loss, name in zip(losses, ('pmsc_ratio', 'global_msc_ratio')))
    total.backward()
    return dict(
        loss=total.detach(),
        count=count / 2 * len(samples),
        parts=parts.grad,
        pooled=pooled.grad,
        rows=len(target.labels),
    )


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


@pytest.mark.parametrize('kind', ['loop', 'bank'])
def test_two_processes_equal_one(kind, teacher, teacher_cfg, dataset_cfg, tmp_path):
    from mmaction.registry import DATASETS

    from partkd.distillation import FeatureBank, build_teacher_files

    torch.set_num_threads(1)  # forked processes must not inherit a pool of threads
    dataset = DATASETS.build(dict(dataset_cfg, load_teacher=True))
    source = teacher
    if kind == 'bank':
        file = str(tmp_path / 'bank.npz')
        build_teacher_files(teacher, dataset.teacher, bank_file=file)
        source = FeatureBank(file, teacher_cfg)
        source.init_weights()
    items = [dataset[place] for place in PLACES]
    torch.manual_seed(0)
    features = SkeletonFeatures(None, torch.randn(8, 5, 8), torch.randn(8, 8))
    args = (
        source,
        [item['data_samples'] for item in items],
        [item['teacher_inputs'] for item in items],
        features,
    )
    one = distil(None, *args)
    two = run_two(worker, tmp_path, *args)

    counts = [rank['count'] for rank in two]
    assert {rank['rows'] for rank in two} == {one['rows']}
    torch.testing.assert_close(sum(counts), one['count'])
    joined = sum(rank['loss'] * count for rank, count in zip(two, counts)) / one['count']
    torch.testing.assert_close(joined, one['loss'])
    for name in ('parts', 'pooled'):
        gradients = [rank[name] * count for rank, count in zip(two, counts)]
        torch.testing.assert_close(torch.cat(gradients) / one['count'], one[name])


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
