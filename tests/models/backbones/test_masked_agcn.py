"""2s-AGCN's graph convolution, link by link, on real frames alone."""

import math

import pytest
import torch
from mmengine.device import get_device

from partkd.models.backbones.masked_agcn import SoftmaxGraphConvolution
from partkd.models.layers import downsample_mask, share_frame_mask

DEVICE = get_device()
# After a stride of 2.
LENGTHS = (5, 2, 4, 1)
MASK = downsample_mask(
    torch.arange(9, device=DEVICE) < torch.tensor((9, 4, 7, 1), device=DEVICE)[:, None], 5
)


def make_layer() -> SoftmaxGraphConvolution:
    """With weights as training might move them."""
    torch.manual_seed(0)
    layer = SoftmaxGraphConvolution(3, 8, torch.rand(3, 6, 6)).to(DEVICE)
    with torch.no_grad():
        for weight in layer.parameters():
            weight += torch.randn_like(weight)
    return layer


def mapped(conv, clip):
    out = torch.einsum('dc,ctv->dtv', conv.weight.flatten(1), clip)
    return out if conv.bias is None else out + conv.bias[:, None, None]


def by_hand(layer, clip):
    """The sum over subsets (C', T, V), by Eq. 3 and 4, divided as in the authors' code."""
    frames = clip.shape[1]
    total = torch.zeros(8, frames, 6, device=DEVICE)
    for k in range(3):
        theta, phi = mapped(layer.conv_a[k], clip), mapped(layer.conv_b[k], clip)
        linked = torch.zeros_like(clip)
        for w in range(6):
            alike = [(theta[:, :, v] * phi[:, :, w]).sum() / (2 * frames) for v in range(6)]
            powers = [math.exp(one) for one in alike]
            for v in range(6):
                link = layer.A[k, v, w] + layer.PA[k, v, w] + powers[v] / sum(powers)
                linked[:, :, w] += link * clip[:, :, v]
        total += mapped(layer.conv_d[k], linked)
    return total


@torch.no_grad()
def test_links_are_of_the_real_frames():
    """Whatever padded frames hold; the divisor is the number of real frames at this stride."""
    layer = make_layer()
    x = torch.randn(4, 3, 5, 6, device=DEVICE)
    x = torch.where(MASK[:, None, :, None], x, 50 + x)
    out = layer.aggregate(x, MASK)
    for person, length in enumerate(LENGTHS):
        clip = x[person, :, :length]
        torch.testing.assert_close(out[person, :, :length], by_hand(layer, clip))


def test_a_bias_of_the_queries_would_have_no_effect():
    """Which is why there is none."""
    layer, x = make_layer(), torch.randn(2, 3, 5, 6, device=DEVICE)
    expected = layer.aggregate(x, None)
    for query in layer.conv_a:
        assert query.bias is None
        query.bias = torch.nn.Parameter(torch.randn(2, device=DEVICE))
    torch.testing.assert_close(layer.aggregate(x, None), expected)


def test_at_the_start_a_block_is_the_joint_itself():
    """The skeleton stays, and what is learned beside it starts at next to nothing."""
    adjacency = torch.rand(3, 6, 6)
    layer = SoftmaxGraphConvolution(64, 64, adjacency)
    share_frame_mask(layer)
    layer.init_weights()
    x = torch.randn(2, 64, 5, 6)
    torch.testing.assert_close(layer(x), x.clamp(min=0), rtol=0, atol=1e-4)
    assert torch.equal(layer.A, adjacency) and not layer.A.requires_grad
    assert layer.PA.eq(1e-6).all()
    for convolve in layer.conv_d:
        assert convolve.weight.std().item() == pytest.approx((2 / (3 * 64 * 64)) ** 0.5, rel=0.1)


def test_too_few_channels_to_compare_joints_by_are_refused():
    with pytest.raises(ValueError, match='of 3 channels .* set base_channels to 4 or more'):
        SoftmaxGraphConvolution(3, 3, torch.rand(3, 6, 6))
