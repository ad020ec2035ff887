"""Training steps on clips of real lengths: padded as mmaction2 pads them, and not."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS, OPTIM_WRAPPERS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.model import BaseModel
from torch import Tensor

from partkd.engine.optim_wrapper import precision

from .noise_clips import NoiseClips
from .ntu_like import NUM_CLASSES
from .published_order import in_published_order
from .side_by_side import Side, SideBySide, compare

NUM_JOINTS = 25
PRECISIONS = ('float32', 'tf32', 'bfloat16')
# Frames that its authors give a network, by its base config in configs/partkd/_base_/models.
PUBLISHED_FRAMES = dict(
    stgcn=300,
    stgcnpp=100,
    agcn=300,
    ctrgcn=64,
    efficientgcn_b0=288,
    efficientgcn_b2=288,
    efficientgcn_b4=288,
    pa_resgcn_b19=288,
)
_MODELS = Path(__file__).resolve().parents[2] / 'configs' / 'partkd' / '_base_' / 'models'


def training_steps(
    backbone: str = 'stgcn',
    base_channels: int = 64,
    batch_size: int = 8,
    steps: int = 8,
    rounds: int = 5,
    threads: int = 1,
    precision: str = 'float32',
    compiled: bool = False,
    device: str = get_device(),
) -> SideBySide:
    """Training steps of mmaction2's recogniser and PartKD's, on clips of NTU60's lengths.

    Both are the paper's nine-block ST-GCN for 25 joints and 60 classes with the same weights. A
    step is forward, backward and optimizer, on clips that lie on the device. mmaction2 pads to 2
    persons and 300 frames, or to 2 persons with 100 sampled frames; PartKD takes all real frames
    in length-grouped batches, and for the sake of comparison what mmaction2 takes. Of another
    backbone both sides are PartKD's: one gets, as its authors have it, two persons and their number
    of frames, with zeros where there are no more, or with frames sampled, and computes in the order
    of their code; the other gets what is real.

    Args:
        backbone (str): ``'stgcn'``, or the name of another base config of a model, such as
            ``'ctrgcn'`` or ``'efficientgcn_b4'``. Defaults to ``'stgcn'``.
        base_channels (int): Width of the first block; that of EfficientGCN is given by its config.
            Defaults to 64.
        batch_size (int): Clips of a step. Defaults to 8.
        steps (int): Steps of PartKD in a round, from short clips to long ones. Defaults to 8.
        rounds (int): How often each side has its turn. Defaults to 5.
        threads (int): Of PyTorch. Defaults to 1.
        precision (str): ``'float32'``, ``'tf32'`` (float32 on a GPU with products of 10 bits) or
            ``'bfloat16'`` (mixed). Defaults to ``'float32'``.
        compiled (bool): Whether all forward passes are compiled. Defaults to False.
        device (str): Where to train. Defaults to the GPU where there is one.

    Returns:
        SideBySide: Seconds for a clip.

    Raises:
        ValueError: If the precision or the backbone is unknown, or has no such width.
    """
    if backbone not in PUBLISHED_FRAMES:
        raise ValueError(f'backbone must be one of {", ".join(PUBLISHED_FRAMES)}, got {backbone!r}')
    if precision not in PRECISIONS:
        raise ValueError(f'precision must be one of {PRECISIONS}, got {precision!r}')
    clips = NoiseClips(64 * batch_size)
    batches = _typical(clips, clips.batches(batch_size), steps)

    def side(name: str, model: BaseModel, batches: Sequence[dict]) -> Side:
        if compiled:
            model.compile()
        step = training(model, batches, precision == 'bfloat16', device)
        return Side(name, step, len(batches) * batch_size)

    of_stgcn = backbone == 'stgcn'
    works = (
        _of_stgcn(clips, batches, base_channels)
        if of_stgcn
        else _of(backbone, clips, batches, base_channels)
    )
    sides = [side(name, model, data) for name, model, data in works]
    title = (
        f'Training steps{"" if of_stgcn else f" of {backbone}"}, {precision}'
        f'{", compiled" if compiled else ""}, batches of {batch_size}'
    )
    with _tf32(precision != 'float32'):
        return compare(title, 'clips', sides, rounds, threads, [_contents(clips, batches)])


Work = tuple[str, BaseModel, list[dict]]


def _of_stgcn(clips: NoiseClips, batches: list[list[int]], base_channels: int) -> list[Work]:
    """Name, model and batches of each side."""
    padded = _data(clips, batches[0])
    padded['inputs'] = [pad(clip, 2, 300) for clip in padded['inputs']]
    sampled = _data(clips, batches[-1])
    sampled['inputs'] = [pad(_sample(clip, 100), 2, 100) for clip in sampled['inputs']]
    grouped = [_data(clips, batch) for batch in batches]
    return [
        ('mmaction2, 2 x 300 frames', mmaction2_model(base_channels), [_theirs(padded)]),
        ('mmaction2, 2 x 100 frames', mmaction2_model(base_channels), [_theirs(sampled)]),
        ('PartKD, 2 x 100 frames', partkd_model(base_channels), [sampled]),
        ('PartKD, all real frames', partkd_model(base_channels), grouped),
    ]


def _of(
    backbone: str, clips: NoiseClips, batches: list[list[int]], base_channels: int
) -> list[Work]:
    """Name, model and batches of each side, of a backbone that has no other in mmaction2."""
    frames = PUBLISHED_FRAMES[backbone]

    def model() -> BaseModel:
        return _seeded(**base_config(backbone, base_channels))

    streams = base_config(backbone, base_channels)['backbone'].get('in_channels', 3) // 3

    def data(batch: Sequence[int], prepare: Callable[[Tensor], Tensor]) -> dict:
        content = _data(clips, batch)
        content['inputs'] = [prepare(clip.tile(streams)) for clip in content['inputs']]
        return content

    typical = batches[len(batches) // 2]
    return [
        (
            f'2 persons, {frames} frames, zeros',
            in_published_order(model()),
            [data(typical, lambda clip: pad(clip[:, :frames], 2, frames))],
        ),
        (
            f'2 persons, {frames} frames sampled',
            in_published_order(model()),
            [data(typical, lambda clip: pad(_sample(clip, frames), 2, frames))],
        ),
        (
            f'real persons, {frames} frames sampled',
            model(),
            [data(typical, lambda clip: _sample(clip, frames))],
        ),
        (
            'real persons, all real frames',
            model(),
            [data(one, lambda clip: clip) for one in batches],
        ),
    ]


def base_config(backbone: str, base_channels: int) -> dict:
    """Config of a base config's model, for NTU RGB+D 60.

    Args:
        backbone (str): Its name.
        base_channels (int): Width of the first block.

    Returns:
        dict: Of a ``SkeletonRecognizer``.

    Raises:
        ValueError: If its width is given otherwise.
    """
    model = Config.fromfile(_MODELS / f'{backbone}.py').model.to_dict()
    model.update(layout='nturgb+d')
    model['cls_head']['num_classes'] = NUM_CLASSES
    if backbone.startswith('efficientgcn'):
        if base_channels != 64:
            raise ValueError(f'{backbone} has no base_channels: leave it out')
        return model
    model['backbone']['base_channels'] = base_channels
    model['cls_head']['in_channels'] = 4 * base_channels
    return model


def mmaction2_model(base_channels: int) -> BaseModel:
    """mmaction2's recogniser, as its own configs build it."""
    model = _seeded(
        type='mmaction.RecognizerGCN',
        backbone=dict(
            _backbone(base_channels), graph_cfg=dict(layout='nturgb+d', mode='stgcn_spatial')
        ),
        cls_head=dict(
            type='mmaction.GCNHead', num_classes=NUM_CLASSES, in_channels=4 * base_channels
        ),
        data_preprocessor=dict(type='mmaction.ActionDataPreprocessor'),
    )
    # It hands its scores to numpy, which knows no bfloat16.
    model.cls_head.register_forward_hook(lambda head, inputs, scores: scores.float())
    return model


def partkd_model(base_channels: int, layout: str = 'nturgb+d') -> BaseModel:
    """PartKD's recogniser, with the weights of :func:`mmaction2_model`."""
    return _seeded(**partkd_config(base_channels, layout))


def partkd_config(base_channels: int, layout: str) -> dict:
    """Config of :func:`partkd_model`."""
    return dict(
        type='SkeletonRecognizer',
        layout=layout,
        backbone=_backbone(base_channels),
        cls_head=dict(type='SkeletonHead', num_classes=NUM_CLASSES, in_channels=4 * base_channels),
    )


def training(
    model: BaseModel,
    batches: Sequence[dict],
    amp: bool,
    device: str = 'cpu',
    wrapper: str = 'OptimWrapper',
) -> Callable[[], list[Tensor]]:
    """A function that trains a model for one step on each batch and returns the losses.

    Args:
        model (BaseModel): The model.
        batches (Sequence[dict]): What it is trained on.
        amp (bool): Whether in bfloat16.
        device (str): Where. Defaults to ``'cpu'``.
        wrapper (str): The optimizer wrapper of float32; that of bfloat16 is called the same behind
            ``BFloat16``. Defaults to ``'OptimWrapper'``.

    Returns:
        Callable[[], list[Tensor]]: One call, all batches.
    """
    model.to(device)
    batches = [model.data_preprocessor.cast_data(batch) for batch in batches]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    built = OPTIM_WRAPPERS.build(dict(type='BFloat16' * amp + wrapper, optimizer=optimizer))
    if amp and precision(built) != 'bfloat16':
        raise ValueError(f'this {device} has no bfloat16 to be measured: take float32')
    return lambda: [model.train_step(batch, built)['loss'] for batch in batches]


def pad(clip: Tensor, num_persons: int, num_frames: int) -> Tensor:
    """Zeros after the persons and frames of a clip (M, T, V, C)."""
    persons, frames = clip.shape[:2]
    return F.pad(clip, (0, 0, 0, 0, 0, num_frames - frames, 0, num_persons - persons))


def _backbone(base_channels: int) -> dict:
    blocks = dict(num_stages=9, inflate_stages=[4, 7], down_stages=[4, 7])
    return dict(type='mmaction.STGCN', base_channels=base_channels, **blocks)


def _seeded(**config) -> BaseModel:
    torch.manual_seed(0)
    return MODELS.build(config).train()


def _data(clips: NoiseClips, batch: Sequence[int]) -> dict:
    return dict(inputs=clips.keypoints(batch, NUM_JOINTS), data_samples=clips.samples(batch))


def _theirs(data: dict) -> dict:
    """A batch as mmaction2's recogniser takes it, of several views of each clip."""
    return dict(data, inputs=[clip[None] for clip in data['inputs']])


@contextmanager
def _tf32(allowed: bool) -> Iterator[None]:
    """Whether a GPU may round the factors of float32 products, as PyTorch lets convolutions do."""
    backends = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [backend.allow_tf32 for backend in backends]
    try:
        for backend in backends:
            backend.allow_tf32 = allowed
        yield
    finally:
        for backend, value in zip(backends, before):
            backend.allow_tf32 = value


def _sample(clip: Tensor, num_frames: int) -> Tensor:
    """Frames evenly over a clip (M, T, V, C)."""
    return clip[:, torch.linspace(0, clip.shape[1] - 1, num_frames).long()]


def _typical(clips: NoiseClips, batches: list[list[int]], steps: int) -> list[list[int]]:
    """Every so manyth batch from short to long, beginning where the mean length is that of all."""
    stride = len(batches) // steps
    choices = [batches[start::stride][:steps] for start in range(stride)]

    def difference(chosen: list[list[int]]) -> float:
        return abs(clips.num_frames[np.concatenate(chosen)].mean() - clips.num_frames.mean())

    return min(choices, key=difference)


def _contents(clips: NoiseClips, batches: list[list[int]]) -> str:
    indices = np.concatenate(batches)
    frames, persons = clips.num_frames[indices], clips.num_persons[indices]
    return (
        f'Clips of {frames.min()} to {frames.max()} frames, {frames.mean():.1f} in the mean, and '
        f'{persons.mean():.2f} persons. {_padding(clips, batches):.1%} of what PartKD computes is '
        f'padding; of a whole window of its batch sampler, '
        f'{_padding(clips, clips.batches(len(batches[0]))):.1%}.'
    )


def _padding(clips: NoiseClips, batches: list[list[int]]) -> float:
    """Share of the batches' frames that is padding."""
    padded = [clips.num_persons[batch].sum() * clips.num_frames[batch].max() for batch in batches]
    real = [(clips.num_persons * clips.num_frames)[batch].sum() for batch in batches]
    return 1 - sum(real) / sum(padded)
