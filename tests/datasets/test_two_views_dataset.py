"""Clips of one or more data sets and layouts, each in two views."""

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.dataset import pseudo_collate

from partkd.datasets import save_annotations
from partkd.layouts import get_layout
from partkd.structures import PendingBatch

ENDS = [dict(type='UniformSampleSkeleton', clip_len=8), dict(type='PackSkeletonInputs')]
NOISE = dict(type='ScaleSkeleton', max_change=0.05)  # tells 5 from 6


def write(file, layout, numbers):
    """Clips without labels, of which all coordinates are about their number."""
    rng = np.random.default_rng(0)
    joints = get_layout(layout).num_joints
    clips = [
        dict(
            frame_dir=f'{file.stem}_{number}',
            total_frames=12,
            keypoint=(number + rng.uniform(0, 0.1, (1, 12, joints, 2))).astype(np.float32),
        )
        for number in numbers
    ]
    save_annotations(clips, {'train': [c['frame_dir'] for c in clips]}, file)
    return dict(
        type='PairedPoseDataset',
        ann_file=str(file),
        layout=layout,
        split='train',
        require_labels=False,
        pipeline=[dict(type='MapToLayout', layout='coco'), NOISE, *ENDS],
    )


@pytest.fixture
def settings(tmp_path) -> dict:
    datasets = [
        write(tmp_path / 'kinect.pkl', 'kinect_v1', [10, 20, 30]),
        write(tmp_path / 'coco.pkl', 'coco', [40, 50]),
    ]
    return dict(type='TwoViewsDataset', datasets=datasets)


def numbers_of(batch) -> list[int]:
    """Which clips of a batch (N, M, T, V, C) there are; views are some percents off."""
    return (batch.keypoint.flatten(1).mean(1) / 10).round().int().tolist()


def test_every_clip_has_two_draws_of_its_pipeline(settings):
    dataset = DATASETS.build(settings)
    assert len(dataset) == 5 and dataset.num_frames.tolist() == [12] * 5
    assert 'kinect.pkl [train], ' in dataset.metainfo['source']
    for index, number in enumerate((1, 2, 3, 4, 5)):
        item = dataset[index]
        one, other = item['inputs'], item['teacher_inputs']
        assert one.shape == other.shape == (1, 8, 17, 2) and not torch.equal(one, other)
        assert round(one.mean().item() / 10) == round(other.mean().item() / 10) == number
        assert item['data_samples'].frame_dir.endswith(f'_{number}0')


@pytest.mark.parametrize('cached', ['no', 'all', 'one'])
def test_a_batch_mixes_layouts_and_keeps_views_together(settings, cached, tmp_path):
    for dataset in settings['datasets'][: dict(no=0, all=2, one=1)[cached]]:
        dataset['cache'] = dict(folder=str(tmp_path / 'cache'))
    dataset = DATASETS.build(settings)
    indices = [4, 0, 3, 2]
    items = dataset.__getitems__(indices)
    assert isinstance(items[0]['inputs'], PendingBatch) == (cached == 'all')
    preprocessor = MODELS.build(dict(type='SkeletonDataPreprocessor'))
    batch = preprocessor(pseudo_collate(items))
    found = numbers_of(batch['inputs'])
    assert sorted(found) == [1, 3, 4, 5] and numbers_of(batch['teacher_inputs']) == found
    assert not torch.equal(batch['inputs'].keypoint, batch['teacher_inputs'].keypoint)
    assert batch['inputs'].frame_mask is None
    names = [sample.frame_dir.split('_')[1] for sample in batch['data_samples']]
    assert names == [f'{number}0' for number in found]


@pytest.mark.parametrize('cached', [False, True])
def test_one_network_wants_one_graph(settings, cached, tmp_path):
    for dataset in settings['datasets']:
        dataset['pipeline'] = dataset['pipeline'][1:]
        if cached:
            dataset['cache'] = dict(folder=str(tmp_path / 'cache'))
    dataset = DATASETS.build(settings)
    batch = pseudo_collate(dataset.__getitems__([0, 4]))
    with pytest.raises(ValueError, match=r"agree in .*\(17, 2\), \(20, 2\).*type='MapToLayout'"):
        MODELS.build(dict(type='SkeletonDataPreprocessor'))(batch)


def test_other_data_sets_are_refused(settings):
    with pytest.raises(ValueError, match=r'datasets=\[\]: name one or more'):
        DATASETS.build(dict(type='TwoViewsDataset', datasets=[]))
    with pytest.raises(ValueError, match='holds PairedPoseDatasets, not a TwoViewsDataset'):
        DATASETS.build(dict(type='TwoViewsDataset', datasets=[settings]))
