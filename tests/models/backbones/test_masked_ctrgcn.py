"""CTR-GCN's graph convolution, topology by topology, on real frames alone."""

import itertools

import pytest
import torch
from mmengine.device import get_device

from partkd.models.backbones.masked_ctrgcn import TopologyGraphConvolution
from partkd.models.layers import share_frame_mask

DEVICE = get_device()
LENGTHS = (9, 4, 1)
MASK = torch.arange(9, device=DEVICE) < torch.tensor(LENGTHS, device=DEVICE)[:, None]


def make_layer(in_channels: int, out_channels: int) -> TopologyGraphConvolution:
    """With weights as training might move them."""
    torch.manual_seed(0)
    layer = TopologyGraphConvolution(in_channels, out_channels, torch.rand(3, 5, 5)).to(DEVICE)
    with torch.no_grad():
        for weight in layer.parameters():
            weight += 0.3 * torch.randn_like(weight)
    return layer


def mapped(conv, clip):
    return torch.einsum('dc,ctv->dtv', conv.weight.flatten(1), clip) + conv.bias[:, None, None]


def by_hand(layer, clip):
    """The sum over subsets (C', T, V), as Chen et al. write it: the mean after the convolutions."""
    total = torch.zeros(layer.bn.num_features, *clip.shape[1:], device=DEVICE)
    for subset, parts in enumerate(layer.convs):
        query, key = (mapped(conv, clip).mean(1) for conv in (parts.conv1, parts.conv2))
        value, weight = mapped(parts.conv3, clip), parts.conv4.weight.flatten(1)
        for channel, u, v in itertools.product(range(len(value)), range(5), range(5)):
            difference = torch.tanh(query[:, u] - key[:, v])
            own = weight[channel] @ difference + parts.conv4.bias[channel]
            topology = layer.PA[subset, u, v] + layer.alpha * own
            total[channel, :, u] += topology * value[channel, :, v]
    return total


@torch.no_grad()
def test_topologies_are_of_the_real_frames():
    """Whatever padded frames hold."""
    layer = make_layer(3, 4)
    x = torch.randn(3, 3, 9, 5, device=DEVICE)
    x = torch.where(MASK[:, None, :, None], x, 50 + x)
    out = layer.aggregate(x, MASK)
    for person, length in enumerate(LENGTHS):
        clip = x[person, :, :length]
        torch.testing.assert_close(
            out[person, :, :length], by_hand(layer, clip), rtol=1e-4, atol=1e-4
        )


@torch.no_grad()
@pytest.mark.parametrize('in_channels', [3, 4])
def test_a_joint_is_added_to_its_neighbours(in_channels):
    layer = make_layer(in_channels, 4).eval()
    share_frame_mask(layer)
    x = torch.randn(2, in_channels, 6, 5, device=DEVICE)
    beside = x if in_channels == 4 else layer.down(x)
    expected = (layer.bn(layer.aggregate(x, None)) + beside).clamp(min=0)
    torch.testing.assert_close(layer(x), expected)


def test_at_the_start_the_topology_is_the_skeletons_and_a_block_the_joint_itself():
    adjacency = torch.rand(3, 5, 5)
    layer = TopologyGraphConvolution(4, 4, adjacency)
    share_frame_mask(layer)
    layer.init_weights()
    x = torch.randn(2, 4, 6, 5)
    expected = sum(
        convolve.conv3(x) @ own.T for convolve, own in zip(layer.convs, adjacency, strict=True)
    )
    torch.testing.assert_close(layer.aggregate(x, None), expected)
    torch.testing.assert_close(layer(x), x.clamp(min=0), rtol=0, atol=1e-4)


@pytest.mark.parametrize(('in_channels', 'hidden'), [(2, 8), (3, 8), (9, 8), (64, 8), (128, 16)])
def test_joints_are_compared_by_an_eighth_of_the_channels_but_no_fewer_than_eight(
    in_channels, hidden
):
    layer = TopologyGraphConvolution(in_channels, 4, torch.rand(3, 5, 5))
    assert {convolve.conv1.out_channels for convolve in layer.convs} == {hidden}
