"""Ragged clips to a padded batch."""

import pytest
import torch
from mmaction.structures import ActionDataSample

from partkd.models import SkeletonDataPreprocessor


def clip(persons: int, frames: int) -> torch.Tensor:
    return torch.randn(persons, frames, 5, 3)


def test_padding_and_masks_of_ragged_clips():
    clips = [clip(1, 4), clip(2, 6)]
    batch = SkeletonDataPreprocessor()(dict(inputs=clips))['inputs']
    assert batch.keypoint.shape == (2, 2, 6, 5, 3)
    assert torch.equal(batch.keypoint[0, :1, :4], clips[0])
    assert batch.keypoint[0, 1:].abs().sum() == batch.keypoint[0, :, 4:].abs().sum() == 0
    assert torch.equal(batch.keypoint[1], clips[1])
    assert batch.frame_mask.tolist() == [[True] * 4 + [False] * 2, [True] * 6]
    assert batch.person_mask.tolist() == [[True, False], [True, True]]


def test_no_masks_where_everything_is_real():
    batch = SkeletonDataPreprocessor()(dict(inputs=[clip(2, 6), clip(2, 6)]))['inputs']
    assert batch.frame_mask is None and batch.person_mask is None


def test_frames_are_padded_on_to_a_multiple():
    preprocessor = SkeletonDataPreprocessor(pad_frames_divisor=4)
    batch = preprocessor(dict(inputs=[clip(1, 3), clip(1, 5)]))['inputs']
    assert batch.keypoint.shape == (2, 1, 8, 5, 3)
    assert batch.frame_mask.sum(1).tolist() == [3, 5] and batch.person_mask is None
    whole = preprocessor(dict(inputs=[clip(1, 8), clip(1, 8)]))['inputs']
    assert whole.keypoint.shape[2] == 8 and whole.frame_mask is None
    alike = preprocessor(dict(inputs=[clip(1, 7), clip(1, 7)]))['inputs']
    assert alike.frame_mask.sum(1).tolist() == [7, 7]
    with pytest.raises(ValueError, match='pad_frames_divisor=0: it is an integer from 1 on'):
        SkeletonDataPreprocessor(pad_frames_divisor=0)


def test_fixed_padding_cuts_and_fills_and_marks_nothing():
    clips = [clip(1, 4), clip(3, 9)]
    preprocessor = SkeletonDataPreprocessor(padding='fixed', num_frames=7, num_persons=2)
    batch = preprocessor(dict(inputs=clips))['inputs']
    assert batch.keypoint.shape == (2, 2, 7, 5, 3)
    assert torch.equal(batch.keypoint[1], clips[1][:2, :7])
    assert batch.keypoint[0, 1:].abs().sum() == batch.keypoint[0, :, 4:].abs().sum() == 0
    assert batch.frame_mask is None and batch.person_mask is None


def test_teacher_inputs_of_the_clips_that_have_one():
    samples = [ActionDataSample(metainfo=dict(frame_dir=name)) for name in 'abc']
    teacher = [clip(1, 8), None, clip(1, 5)]
    data = dict(inputs=[clip(1, 4)] * 3, data_samples=samples, teacher_inputs=teacher)
    out = SkeletonDataPreprocessor()(data)
    assert [sample.frame_dir for sample in out['data_samples']] == ['a', 'b', 'c']
    assert torch.equal(out['teacher_inputs'].keypoint[0], teacher[0])
    assert torch.equal(out['teacher_inputs'].keypoint[1, :, :5], teacher[2])
    data['teacher_inputs'] = [None] * 3
    assert SkeletonDataPreprocessor()(data)['teacher_inputs'] is None


def test_batches_are_made_where_the_model_is():
    preprocessor = SkeletonDataPreprocessor().to('meta')
    batch = preprocessor(dict(inputs=[clip(1, 4), clip(2, 6)]))['inputs']
    tensors = batch.keypoint, batch.frame_mask, batch.person_mask
    assert {tensor.device.type for tensor in tensors} == {'meta'}


def test_it_follows_the_module_that_it_is_a_part_of():
    preprocessor = SkeletonDataPreprocessor()
    torch.nn.Sequential(preprocessor).to('meta').double()
    assert preprocessor.device.type == 'meta'


def test_unknown_padding_is_named():
    with pytest.raises(ValueError, match="'loop'"):
        SkeletonDataPreprocessor(padding='loop')
