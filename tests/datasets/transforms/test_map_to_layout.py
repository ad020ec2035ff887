"""Joints of one layout in those of another."""

import numpy as np
import pytest
import torch

from partkd.datasets.transforms import MapToLayout
from partkd.layouts import get_layout, layout_names, named_map


@pytest.mark.parametrize('layout', layout_names())
def test_joints_are_means_of_those_that_were_seen(layout, random_results):
    """Joint by joint, where some are missing."""
    results = random_results(layout, frames=3)
    hidden = np.random.default_rng(0).random(results['keypoint'].shape[:3]) < 0.4
    results['keypoint'][hidden] = results['keypoint_score'][hidden] = 0
    results['keypoint_score'] *= np.float32(0.5)
    given = {key: results[key].copy() for key in ('keypoint', 'keypoint_score')}
    target = get_layout('coco')
    weights = named_map(get_layout(layout), target)
    out = MapToLayout('coco')(results)
    assert out['layout'] is target and out['keypoint'].shape[2] == 17
    for person, frame, joint in np.ndindex(2, 3, 17):
        used = [one for one in np.flatnonzero(weights[joint]) if not hidden[person, frame, one]]
        place = person, frame, joint
        if not used:
            assert not out['keypoint'][place].any() and out['keypoint_score'][place] == 0
            continue
        for key in given:
            expected = np.mean([given[key][person, frame, one] for one in used], 0)
            np.testing.assert_allclose(out[key][place], expected, rtol=1e-5)


def test_its_own_layout_stays(random_results):
    results = random_results('coco')
    expected = results['keypoint'].copy()
    out = MapToLayout('coco')(results)
    assert torch.equal(torch.from_numpy(out['keypoint']), torch.from_numpy(expected))
