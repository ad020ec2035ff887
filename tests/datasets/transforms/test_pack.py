import numpy as np
import torch

from partkd.datasets import PackSkeletonInputs


def test_packs(random_results):
    results = random_results(persons=2, frames=7)
    keypoint = results['keypoint'].copy()
    packed = PackSkeletonInputs()({**results, 'sample_idx': 4, 'paired': True})
    assert set(packed) == {'inputs', 'data_samples'}
    assert packed['inputs'].dtype == torch.float32 and packed['inputs'].is_contiguous()
    np.testing.assert_array_equal(packed['inputs'].numpy(), keypoint)
    assert packed['data_samples'].gt_label.tolist() == [1]
    assert packed['data_samples'].metainfo == {
        'frame_dir': 'clip',
        'sample_idx': 4,
        'paired': True,
    }


def test_label_may_be_absent_and_meta_keys_chosen(random_results):
    results = random_results()
    del results['label']
    sample = PackSkeletonInputs(meta_keys=['total_frames'])(results)['data_samples']
    assert 'gt_label' not in sample and sample.metainfo == {'total_frames': 7}


def test_takes_views_and_other_dtypes(random_results):
    results = random_results()
    results['keypoint'] = results['keypoint'].astype(np.float64)[:, ::-2]
    inputs = PackSkeletonInputs()(results)['inputs']
    assert inputs.shape == (2, 4, 17, 2) and inputs.dtype == torch.float32
