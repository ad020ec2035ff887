"""The multi-branch temporal layer, frame by frame, on real frames alone."""

import pytest
import torch
from mmengine.device import get_device

from partkd.models.layers import MultiBranchConvolution, share_frame_mask

DEVICE = get_device()
LENGTHS = (9, 4, 7, 1)
MASK = torch.arange(9, device=DEVICE) < torch.tensor(LENGTHS, device=DEVICE)[:, None]


def make_layer(stride: int) -> MultiBranchConvolution:
    """In eval mode, with random statistics."""
    torch.manual_seed(0)
    layer = MultiBranchConvolution(6, 8, stride).to(DEVICE).eval()
    for tensor in layer.state_dict().values():
        if tensor.is_floating_point():
            tensor += torch.rand_like(tensor)
    return layer


def normalised(norm, x):
    """A batch norm of (C, ...) by its running statistics."""
    shape = (-1, *[1] * (x.dim() - 1))
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean.view(shape)) * scale.view(shape) + norm.bias.view(shape)


def narrowed(branch, clip):
    weight, bias = branch[0].weight.flatten(1), branch[0].bias
    mapped = torch.einsum('dc,ctv->dtv', weight, clip) + bias[:, None, None]
    return normalised(branch[1], mapped).clamp(min=0)


def by_hand(layer, clip, centre):
    """What comes out at one frame (C', V) of the real frames (C, T, V) alone."""
    out = []
    for branch, dilation in zip(layer.branches, (1, 2)):
        frames, conv = narrowed(branch, clip), branch[3].conv
        total = conv.bias[:, None]
        for tap in range(5):
            frame = centre + (tap - 2) * dilation
            if 0 <= frame < clip.shape[1]:
                total = total + conv.weight[:, :, tap, 0] @ frames[:, frame]
        out.append(normalised(branch[3].bn, total))
    pooled = layer.branches[2]
    frames = narrowed(pooled, clip)[:, max(centre - 1, 0) : centre + 2]
    out.append(normalised(pooled[4], frames.amax(1)))
    single = layer.branches[3]
    mapped = single.conv.weight.flatten(1) @ clip[:, centre] + single.conv.bias[:, None]
    return torch.cat([*out, normalised(single.bn, mapped)])


@pytest.mark.parametrize('stride', [1, 2])
def test_each_frame_is_made_of_real_frames(stride):
    """Whatever padded frames hold."""
    layer = make_layer(stride)
    x = torch.randn(4, 6, 9, 5, device=DEVICE)
    x = torch.where(MASK[:, None, :, None], x, 50 + x)
    with share_frame_mask(layer).use(MASK), torch.no_grad():
        out = layer(x)
    assert out.shape == (4, 8, -(-9 // stride), 5)
    for person, length in enumerate(LENGTHS):
        for place in range(out.shape[2]):
            centre = place * stride
            expected = torch.zeros(8, 5, device=DEVICE)
            if centre < length:
                expected = by_hand(layer, x[person, :, :length], centre)
            torch.testing.assert_close(out[person, :, place], expected)


def test_channels_that_four_branches_cannot_share_are_refused():
    with pytest.raises(ValueError, match='10 channels .* 4 branches: set base_channels to a mult'):
        MultiBranchConvolution(6, 10)
