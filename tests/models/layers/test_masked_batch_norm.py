"""The masked batch norm against torch's own on the real frames side by side."""

import pytest
import torch
from mmengine.device import get_device
from torch import nn

from partkd.models.layers import FrameMask, mask_batch_norms

DEVICE = get_device()
LENGTHS = torch.tensor([9, 4, 7, 1], device=DEVICE)
MASK = torch.arange(9, device=DEVICE) < LENGTHS[:, None]


def make_pair(dims: int, **options) -> tuple[nn.Module, nn.Module, FrameMask]:
    """Torch's batch norm, the masked one of the same weights, and its mask."""
    torch.manual_seed(0)
    plain = (nn.BatchNorm1d if dims == 1 else nn.BatchNorm2d)(6, device=DEVICE, **options)
    for tensor in plain.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) + 0.5)
    frame_mask, masked = FrameMask(), nn.Sequential(plain)
    mask_batch_norms(masked, frame_mask)
    assert type(masked[0]) is not type(plain)
    return plain, masked, frame_mask


def make_input(dims: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Far from zero, and further still where padded."""
    shape = (4, 6, 9) if dims == 1 else (4, 6, 9, 5)
    x = 3 + 2 * torch.randn(shape, device=DEVICE)
    return torch.where(frames_of(x), x, 50 * x).to(dtype).requires_grad_()


def frames_of(x: torch.Tensor) -> torch.Tensor:
    """Where ``x`` is real, in a shape that broadcasts with it."""
    return MASK.view(4, 1, 9, *[1] * (x.dim() - 3))


def side_by_side(x: torch.Tensor) -> torch.Tensor:
    """The real frames alone, (1, C, frames, ...)."""
    return x.transpose(1, 2)[MASK].transpose(0, 1)[None]


@pytest.mark.parametrize('dims', [1, 2])
@pytest.mark.parametrize('options', [{}, dict(momentum=None), dict(affine=False), dict(eps=0.5)])
def test_outputs_gradients_and_statistics_are_of_the_real_frames(dims, options):
    plain, masked, frame_mask = make_pair(dims, **options)
    x = make_input(dims)
    grad = torch.randn_like(x)
    for _ in range(2):  # the mean over batches of momentum=None differs from the second on
        expected = plain(side_by_side(x))
        with frame_mask.use(MASK):
            out = masked(x)
    torch.testing.assert_close(side_by_side(out), expected)
    assert (out * ~frames_of(x) == 0).all()
    for name, buffer in plain.named_buffers():
        torch.testing.assert_close(masked[0].get_buffer(name), buffer)
    assert masked[0].num_batches_tracked == 2

    tensors = [x, *plain.parameters()]
    wanted = torch.autograd.grad(expected, tensors, side_by_side(grad))
    got = torch.autograd.grad(out, [x, *masked.parameters()], grad)
    for mine, theirs in zip(got, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('dims', [1, 2])
def test_one_real_frame_leaves_finite_statistics(dims):
    _, masked, frame_mask = make_pair(dims)
    x = make_input(dims)[:1]
    with frame_mask.use(MASK[3:]):
        masked(x).sum().backward()
    assert all(buffer.isfinite().all() for buffer in masked.buffers())


def test_gradients_against_finite_differences():
    _, masked, frame_mask = make_pair(2)
    masked.double()
    x = make_input(2).detach().double().requires_grad_()

    def normalise(x, *parameters):
        with frame_mask.use(MASK):
            return masked(x)

    assert torch.autograd.gradcheck(normalise, (x, *masked.parameters()))


def test_bfloat16_is_as_near_as_torchs_own():
    """Both are held against float32 on the same rounded input."""
    plain, masked, frame_mask = make_pair(2)
    x = make_input(2, torch.bfloat16)
    grad = torch.randn_like(x)
    exact = x.detach().float().requires_grad_()
    runs = [plain(side_by_side(exact)), plain(side_by_side(x))]
    with torch.autocast(DEVICE, dtype=torch.bfloat16), frame_mask.use(MASK):
        out = masked(x)
    assert out.dtype == torch.bfloat16
    grads = [
        torch.autograd.grad(y, leaf, side_by_side(grad).to(y.dtype))[0].float()
        for y, leaf in zip(runs, (exact, x))
    ]
    (mine,) = torch.autograd.grad(out, x, grad)
    for got, reference, bound in (
        (side_by_side(out), *runs),
        (mine, *grads),
    ):
        error = (got.float() - reference).abs().max()
        assert error <= 2 * (bound.float() - reference).abs().max()


def test_without_running_statistics_clips_would_depend_on_each_other():
    with pytest.raises(ValueError, match='batch norm 0 keeps no running .*track_running_stats'):
        make_pair(2, track_running_stats=False)
