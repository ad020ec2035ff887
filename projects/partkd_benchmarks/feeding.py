"""How fast clips come from a file to a batch of tensors, beside mmaction2's own data set."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mmaction.datasets import PoseDataset
from mmaction.models import ActionDataPreprocessor
from mmaction.registry import TRANSFORMS
from mmengine.dataset import BaseDataset, pseudo_collate
from mmengine.model import BaseDataPreprocessor
from torch import Tensor
from torch.utils.data import DataLoader

from partkd.datasets import PairedPoseDataset
from partkd.models import SkeletonDataPreprocessor

from .ntu_like import MOST_PERSONS, num_frames, write_clips
from .side_by_side import Side, SideBySide, compare

_PLAIN = 'mmaction2 PoseDataset'


def feeding(
    clips: int = 512,
    batch_size: int = 64,
    clip_len: int = 100,
    rounds: int = 5,
    threads: int = 1,
    device: str = 'cpu',
) -> list[SideBySide]:
    """Compare clips per second, in 3D and in 2D.

    Args:
        clips (int): Clips of an epoch, which each side reads once a round, shuffled. Defaults to
            512.
        batch_size (int): Clips of a batch. Defaults to 64.
        clip_len (int): Frames that are sampled of each clip. Defaults to 100.
        rounds (int): See :func:`compare`. Defaults to 5.
        threads (int): Of PyTorch. Defaults to 1.
        device (str): Where the batches have to be. Defaults to ``'cpu'``.

    Returns:
        list[SideBySide]: In 3D and in 2D.
    """
    results = []
    for dims in (3, 2):
        with TemporaryDirectory() as folder:
            write_clips(Path(folder, 'clips.pkl'), dims, num_frames(clips))
            feeders = make_feeders(Path(folder), dims, batch_size, clip_len, device)
            sides = [Side(name, feed, amount=clips) for name, feed in feeders.items()]
            notes = [
                f'{clips} clips of the lengths and persons of NTU RGB+D 60; {clip_len} frames '
                f'sampled, batches of {batch_size} on {device}, no worker processes.',
                'One epoch: data set, transforms, collation, data preprocessor. What fills the '
                'cache is not in it.',
            ]
            title = f'Feeding in {dims}D'
            results.append(compare(title, 'clips', sides, rounds, threads, notes))
    return results


def make_feeders(
    folder: Path, dims: int, batch_size: int, clip_len: int, device: str, shuffle: bool = True
) -> dict[str, Callable[[], list[Tensor]]]:
    """The sides: each reads all clips once.

    Args:
        folder (Path): Has ``clips.pkl``, and takes the cache.
        dims (int): Coordinates of the clips, 2 or 3.
        batch_size (int): Clips of a batch.
        clip_len (int): Frames that are sampled.
        device (str): Where the batches have to be.
        shuffle (bool): Whether clips come in random order. Defaults to True.

    Returns:
        dict[str, Callable[[], list[Tensor]]]: By name, what returns all batches
        (N, M, T, V, C); of mmaction2 (N, 1, M, T, V, C).
    """
    ann_file = str(folder / 'clips.pkl')
    plain = PoseDataset(
        ann_file, [TRANSFORMS.build(step) for step in _theirs(dims, clip_len)], split='all'
    )
    layout = 'nturgb+d' if dims == 3 else 'coco'
    uncached, cached = (
        PairedPoseDataset(ann_file, _ours(dims, clip_len), layout, cache=cache)
        for cache in (None, dict(folder=str(folder / 'cache')))
    )
    fixed = SkeletonDataPreprocessor('fixed', num_frames=clip_len, num_persons=MOST_PERSONS)
    sides = {
        _PLAIN: (plain, ActionDataPreprocessor()),
        'PairedPoseDataset without cache': (uncached, fixed),
        'PairedPoseDataset': (cached, fixed),
    }
    return {
        name: _Feeder(dataset, preprocessor.to(device), batch_size, shuffle)
        for name, (dataset, preprocessor) in sides.items()
    }


class _Feeder:
    """Reads an epoch, as a runner does."""

    def __init__(
        self,
        dataset: BaseDataset,
        preprocessor: BaseDataPreprocessor,
        batch_size: int,
        shuffle: bool,
    ) -> None:
        self.loader = DataLoader(dataset, batch_size, shuffle, collate_fn=pseudo_collate)
        self.preprocessor = preprocessor

    def __call__(self) -> list[Tensor]:
        inputs = (self.preprocessor(batch, training=True)['inputs'] for batch in self.loader)
        return [getattr(one, 'keypoint', one) for one in inputs]


def _theirs(dims: int, clip_len: int) -> list[dict]:
    """What mmaction2's configs of ST-GCN++ have for the stream of joints."""
    dataset = 'nturgb+d' if dims == 3 else 'coco'
    return [
        dict(type=f'PreNormalize{dims}D'),
        dict(type='GenSkeFeat', dataset=dataset, feats=['j']),
        dict(type='UniformSampleFrames', clip_len=clip_len),
        dict(type='PoseDecode'),
        dict(type='FormatGCNInput', num_person=MOST_PERSONS),
        dict(type='PackActionInputs'),
    ]


def _ours(dims: int, clip_len: int) -> list[dict]:
    """The same with mmaction2's normalisation and what this package has for the rest."""
    return [
        dict(type=f'PreNormalize{dims}D'),
        dict(type='SkeletonStreams', streams=['joint'], with_score=dims == 2),
        dict(type='UniformSampleSkeleton', clip_len=clip_len),
        dict(type='PackSkeletonInputs'),
    ]
