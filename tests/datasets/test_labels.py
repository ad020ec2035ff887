"""Clips without a label, where none is needed."""

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate

from partkd.models import SkeletonDataPreprocessor

PIPELINE = [dict(type='NormalizePose2D'), dict(type='PackSkeletonInputs')]


@pytest.fixture(params=['no cache', 'cache'])
def build(request, write_annotations, tmp_path):
    """Function that builds a dataset of clips, read from the file or from a cache."""

    def make(clips, name='low.pkl', **options):
        cache = dict(folder=str(tmp_path / 'cache')) if request.param == 'cache' else None
        return DATASETS.build(
            dict(
                type='PairedPoseDataset',
                ann_file=write_annotations(clips, name=name),
                pipeline=PIPELINE,
                cache=cache,
                require_labels=False,
                **options,
            )
        )

    return make


def clips_with(make_clip, labels, **options):
    clips = [make_clip(f'clip_{i}', label=label, **options) for i, label in enumerate(labels)]
    for clip in clips:
        if clip['label'] is None:
            del clip['label']
    return clips


def samples_of(dataset):
    """As a data loader and the model make them."""
    places = list(range(len(dataset)))
    items = dataset.__getitems__(places)
    return SkeletonDataPreprocessor()(pseudo_collate(items))['data_samples']


@pytest.mark.parametrize('labels', [[None] * 4, [1, None, 0, None], [2, 1, 0, 0]])
def test_a_sample_has_a_label_where_its_clip_has_one(labels, build, make_clip):
    dataset = build(clips_with(make_clip, labels))
    numbers = [-1 if label is None else label for label in labels]
    assert dataset.labels.tolist() == numbers and dataset.labels.dtype == np.int64
    for samples in (samples_of(dataset), [dataset[place]['data_samples'] for place in range(4)]):
        assert [hasattr(sample, 'gt_label') for sample in samples] == [n >= 0 for n in numbers]
        found = [int(sample.gt_label) for sample in samples if hasattr(sample, 'gt_label')]
        assert found == [number for number in numbers if number >= 0]
        assert [sample.frame_dir for sample in samples] == dataset.frame_dirs
    assert dataset.get_subset(torch.tensor([1, 3]).numpy()).labels.tolist() == numbers[1::2]


def test_a_label_that_is_there_has_to_be_good(build, make_clip):
    with pytest.raises(ValueError, match=r'1 clips of .* out of range \(class 3: 1 clips\)'):
        build(clips_with(make_clip, [None, 3, 0]), num_classes=3)


@pytest.mark.parametrize('side', ['low', 'high', 'both'])
def test_pairs_need_no_labels_and_one_side_does_not_contradict_the_other(
    side, build, make_clip, write_annotations
):
    none, labels = [None] * 3, [0, 1, 2]
    high = clips_with(make_clip, labels if side == 'low' else none)
    teacher = dict(ann_file=write_annotations(high, name='high.pkl'), pipeline=PIPELINE)
    dataset = build(clips_with(make_clip, labels if side == 'high' else none), teacher=teacher)
    assert len(dataset.teacher) == 3 and not dataset.skipped


def test_few_labels_are_of_all_classes(build, make_clip):
    """At least one of each; a smaller share is a part of a larger one; seeds differ."""
    labels = [0] * 20 + [1] * 10 + [2] * 4 + [None] * 6
    clips = clips_with(make_clip, labels)

    def chosen(fraction, seed=0):
        dataset = build(clips, labelled_fraction=fraction, label_seed=seed)
        assert len(samples_of(dataset)) == len(dataset)
        return set(dataset.frame_dirs), np.bincount(dataset.labels + 1).tolist()

    (few, counts), (more, other_counts) = chosen(0.1), chosen(0.5)
    assert counts == [0, 2, 1, 1] and other_counts == [0, 10, 5, 2] and few < more
    assert chosen(0.1)[0] == few != chosen(0.1, seed=1)[0]
    assert len(chosen(1.0)[0]) == 40
    shuffled = build(clips[::-1], name='other.pkl', labelled_fraction=0.1)
    assert set(shuffled.frame_dirs) == few
    with pytest.raises(ValueError, match='labelled_fraction=0.5 of .*no clip has a label: leave'):
        build(clips_with(make_clip, [None] * 4), num_classes=2, labelled_fraction=0.5)
