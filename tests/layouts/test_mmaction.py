"""The three graphs that mmaction2 has too are the same here."""

import numpy as np
import pytest
from mmaction.datasets.transforms import JointToBone
from mmaction.models.utils import Graph

from partkd.layouts import LAYOUTS, get_layout

SHARED = ['coco', 'nturgb+d', 'openpose']


@pytest.mark.parametrize('mode', ['stgcn_spatial', 'spatial', 'binary_adj'])
@pytest.mark.parametrize('name', SHARED)
def test_same_graph(name: str, mode: str):
    ours = Graph(layout=get_layout(name).graph_cfg(), mode=mode)
    np.testing.assert_array_equal(ours.A, Graph(layout=name, mode=mode).A)


@pytest.mark.parametrize('name', SHARED)
def test_same_bones(name: str):
    layout = get_layout(name)
    x = np.random.default_rng(0).normal(size=(1, 4, layout.num_joints, 2)).astype(np.float32)
    theirs = JointToBone(dataset=name).transform(dict(keypoint=x))['keypoint']
    ours = x - x[:, :, list(layout.bones())]
    if name == 'openpose':
        # Their tree starts at the nose, the graph's centre is the neck: one bone is turned.
        nose, neck = layout.joints.index('nose'), layout.joints.index('neck')
        np.testing.assert_array_equal(ours[:, :, nose], -theirs[:, :, neck])
        ours, theirs = np.delete(ours, [nose, neck], 2), np.delete(theirs, [nose, neck], 2)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize('name', LAYOUTS)
def test_every_layout_makes_a_graph(name: str):
    matrix = Graph(layout=get_layout(name).graph_cfg(), mode='stgcn_spatial').A
    assert matrix.shape == (3, get_layout(name).num_joints, get_layout(name).num_joints)
    # Each joint's neighbours, itself included, are averaged.
    np.testing.assert_allclose(matrix.sum(axis=(0, 1)), 1)
