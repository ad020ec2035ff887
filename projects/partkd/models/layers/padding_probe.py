"""Whether a backbone heeds the frame mask, found by trying it.

It is tried with its weights moved, for at the start learned parts are often zero, and what they
will do to padded frames does not show. Running statistics follow the moved weights: with others,
activations grow from layer to layer until gates are saturated, which hides what they do as well.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._compile import _disable_dynamo
from torch.func import functional_call
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.utils.rnn import pad_sequence

from .frame_mask import FrameMask, downsample_mask

NOISE = 0.1
# Odd before and after the first stride of 2, for there masks are at fault by one frame.
NUM_FRAMES, FEWER_FRAMES = 5, 3
# Float32 leaves 1e-5 after ten blocks, a mean over padded frames 1e-2 and more.
TOLERANCE = 1e-3


# as torch.compiler.disable, which takes a second more to import
@_disable_dynamo
def check_padding(
    backbone: nn.Module, frame_mask: FrameMask, num_joints: int, in_channels: int
) -> None:
    """Refuse a backbone whose features depend on how far a clip is padded.

    The first call tries it, in some tenths of a second for ST-GCN; once it has passed, further
    calls return at once. Call it before a mask is in force.

    Args:
        backbone (nn.Module): Maps (P, 1, T, V, C) to (P, 1, C', T', V). Its weights, statistics
            and mode stay as they are.
        frame_mask (FrameMask): The mask that its layers read.
        num_joints (int): V.
        in_channels (int): C.

    Raises:
        RuntimeError: If it does not heed the mask, or has batch norms that are synchronised.
    """
    if frame_mask.proven:
        return
    name = type(backbone).__name__
    if any(isinstance(module, nn.SyncBatchNorm) for module in backbone.modules()):
        raise RuntimeError(
            f'synchronised batch norms of {name} know of no padded frames: remove sync_bn, or '
            'sample clips of one length in the pipeline (UniformSampleSkeleton)'
        )
    error = padding_error(backbone, frame_mask, num_joints, in_channels)
    if not error <= TOLERANCE:
        raise RuntimeError(
            f'{name} does not heed padded frames: at weights moved by {NOISE} its features of a '
            f'clip padded to up to four times its length are {error:.1%} off. Sample clips of one '
            'length in the pipeline (UniformSampleSkeleton), or take a backbone that heeds the '
            'frame mask, as MaskedAAGCN in the place of AAGCN (docs/extending.md)'
        )
    frame_mask.proven = True


@torch.no_grad()
def padding_error(
    backbone: nn.Module, frame_mask: FrameMask, num_joints: int, in_channels: int
) -> float:
    """By how much features of real frames change where clips are padded.

    Random clips are padded to twice and four times their length: in training mode, where clips
    depend on each other, clips of one length; in eval mode clips of unlike length together.
    Training mode does not count where a backbone draws at random beyond its dropouts.

    Args:
        backbone, frame_mask, num_joints, in_channels: As for :func:`check_padding`.

    Returns:
        float: The largest norm of a clip's difference over the norm of its features, infinite
        where their numbers differ.
    """
    generator = torch.Generator().manual_seed(0)
    state = _moved(backbone, generator)
    long, other = torch.randn(2, NUM_FRAMES, num_joints, in_channels, generator=generator)
    short = other[:FEWER_FRAMES]

    def run(clips: Sequence[Tensor], num_frames: int) -> list[Tensor]:
        batch, mask = _pad(clips, num_frames)
        with frame_mask.use(None if mask.all() else mask):
            joints = functional_call(backbone, state, (batch[:, None],))[:, 0]
        real = downsample_mask(mask, joints.shape[2])
        return [features[:, frames] for features, frames in zip(joints, real, strict=True)]

    lengths = (2 * NUM_FRAMES, 4 * NUM_FRAMES)
    with torch.random.fork_rng(devices=[]), torch.autocast('cpu', enabled=False):
        with _mode(backbone, training=True):
            alone = run([long, other], NUM_FRAMES)
            errors = [_distance(run([long, other], frames), alone) for frames in lengths]
            if max(errors) > TOLERANCE < _distance(run([long, other], NUM_FRAMES), alone):
                errors = []
        with _mode(backbone, training=False):
            alone = run([long], NUM_FRAMES) + run([short], FEWER_FRAMES)
            errors += [_distance(run([long, short], frames), alone) for frames in lengths]
    # The maximum of Python would pass over what is not a number.
    return float(torch.tensor(errors).max())


def _moved(backbone: nn.Module, generator: torch.Generator) -> dict[str, Tensor]:
    """A copy on the CPU, in float32, of buffers, and of parameters as training might move them."""
    state = {}
    for name, tensor in (*backbone.named_parameters(), *backbone.named_buffers()):
        copy = tensor.detach().to('cpu', copy=True)
        state[name] = copy.float() if copy.is_floating_point() else copy
    for name, _ in backbone.named_parameters():
        state[name] += NOISE * torch.randn(state[name].shape, generator=generator)
    return state


def _pad(clips: Sequence[Tensor], num_frames: int) -> tuple[Tensor, Tensor]:
    """Zero-padded clips (P, num_frames, V, C) and their mask (P, num_frames)."""
    batch = pad_sequence(list(clips), batch_first=True)
    batch = F.pad(batch, (0, 0, 0, 0, 0, num_frames - batch.shape[1]))
    lengths = torch.tensor([len(clip) for clip in clips])
    return batch, torch.arange(num_frames) < lengths[:, None]


def _distance(padded: list[Tensor], alone: list[Tensor]) -> float:
    """The largest relative difference of a clip; not a number where one has no finite norm."""
    pairs = list(zip(padded, alone, strict=True))
    if any(one.shape != other.shape for one, other in pairs):
        return math.inf
    errors = [(one - other).norm() / other.norm().clamp(min=1e-12) for one, other in pairs]
    return float(torch.stack(errors).max())


@contextmanager
def _mode(backbone: nn.Module, training: bool) -> Iterator[None]:
    """Eval mode, or training mode without dropout in which running statistics are the batch's."""
    modules = list(backbone.modules())
    modes = [module.training for module in modules]
    norms = [module for module in modules if isinstance(module, _NormBase)]
    momenta = [norm.momentum for norm in norms]
    for module in modules:
        module.training = training and not isinstance(module, _DropoutNd)
    for norm in norms:
        norm.momentum = 1.0
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
