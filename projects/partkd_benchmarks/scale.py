"""What a data set of a million clips costs in memory and at the start."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from mmaction.registry import MODELS
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from partkd.datasets import PairedPoseDataset
from partkd.datasets.cache.clip_cache import ClipWriter
from partkd.datasets.clip_source import ClipSource
from partkd.distillation import compute_teacher_files
from partkd.evaluation import environment, in_words
from partkd.evaluation.markdown import table
from partkd.models import SkeletonDataPreprocessor

from .fresh_process import in_a_fresh_process
from .memory import peak_memory
from .untrained import untrained_teacher

_JOINTS, _CHANNELS, _CLASSES = 17, 2, 60
_FEWEST_FRAMES, _MOST_FRAMES = 16, 48
_TEACHER_CHANNELS = 8
_MEGABYTE = 1e6


@dataclass
class Scale:
    """What it takes to read all clips once, and to make a teacher's files of them.

    Each is done in a process of its own, whose memory is ``VmHWM``, the most bytes that it had;
    it counts the pages of the files.

    Args:
        clips (int): How many there are, each with a pair.
        size (int): Bytes of both caches.
        writing (float): Seconds that writing them took.
        start (dict[str, float]): Seconds from the start of a fresh process, by what was there
            then.
        epoch (float): Seconds of the epoch.
        trainer (int): Memory of the process that reads.
        workers (list[int]): Memory of each worker of its data loader.
        building (float): Seconds that feature bank and part matrix took, from the start of a
            fresh process.
        files_size (int): Bytes of both.
        builder (int): Memory of the process that makes them.
        environment (dict): See :func:`partkd.evaluation.environment`.
    """

    clips: int
    size: int
    writing: float
    start: dict[str, float]
    epoch: float
    trainer: int
    workers: list[int]
    building: float
    files_size: int
    builder: int
    environment: dict

    def report(self) -> str:
        """The figures as markdown."""
        rows = [
            ['caches on disk', f'{self.size / 1e9:.2f} GB'],
            ['writing them', f'{self.writing:.1f} s'],
            *([f'start until {what}', f'{taken:.1f} s'] for what, taken in self.start.items()),
            ['one epoch, shuffled', f'{self.epoch:.1f} s ({self.clips / self.epoch:,.0f} clips/s)'],
            ['most memory of the trainer', f'{self.trainer / _MEGABYTE:,.0f} MB'],
            *(
                [f'most memory of worker {number}', f'{size / _MEGABYTE:,.0f} MB']
                for number, size in enumerate(self.workers)
            ),
            ['feature bank and part matrix on disk', f'{self.files_size / 1e9:.2f} GB'],
            [
                'making both in one pass',
                f'{self.building:.0f} s ({self.clips / self.building:,.0f} clips/s)',
            ],
            ['most memory of what makes them', f'{self.builder / _MEGABYTE:,.0f} MB'],
        ]
        made_with = in_words(self.environment)
        title = f'## {self.clips:,} clips, each with a pair'
        return f'{title}\n\n{table(["", ""], rows)}\n\n- {made_with}.\n'


def scale(
    clips: int = 1_000_000, workers: int = 2, batch_size: int = 256, folder: str = ''
) -> Scale:
    """Write caches of synthetic clips, read them as training does, and make a teacher's files.

    The teacher is one narrow block: what is measured is all that is not its forward passes.

    Args:
        clips (int): How many. A million take 5 GB on the disk. Defaults to 1,000,000.
        workers (int): Of the data loader. Defaults to 2.
        batch_size (int): Clips of a batch. Defaults to 256.
        folder (str): Where the caches lie meanwhile; they are deleted in the end. Defaults to
            '', the system's folder for such things.

    Returns:
        Scale: The figures.
    """
    with TemporaryDirectory(dir=folder or None) as place:
        start = time.perf_counter()
        settings = write_caches(Path(place), clips)
        writing = time.perf_counter() - start
        size = sum(file.stat().st_size for file in Path(place).rglob('*') if file.is_file())
        read_all = in_a_fresh_process(read, settings, workers, batch_size)
        built = in_a_fresh_process(build, settings, place)
    return Scale(clips, size, writing, **read_all, **built, environment=environment())


def write_caches(folder: Path, clips: int) -> dict:
    """Write the caches of a student's and a teacher's clips, a clip at a time.

    Args:
        folder (Path): Where to.
        clips (int): How many.

    Returns:
        dict: Arguments of the :class:`PairedPoseDataset` that reads them.
    """

    class Noise(ClipSource):
        """Noise in the place of an annotation file."""

        def store(self, writer: ClipWriter, transforms: list[Callable], test_mode: bool) -> dict:
            for item in _items(clips, _FEWEST_FRAMES if test_mode else _MOST_FRAMES):
                writer.add(item)
            return dict(warning='', faults={}, outside={}, checked=clips, classes=[])

    class NoiseDataset(PairedPoseDataset):
        CLIP_SOURCE = Noise

    placeholder = folder / 'synthetic.pkl'
    placeholder.write_text(f'{clips} synthetic clips')
    normalise, pack = dict(type='NormalizePose2D'), dict(type='PackSkeletonInputs')
    sample = dict(type='UniformSampleSkeleton', clip_len=_FEWEST_FRAMES)
    settings = dict(
        ann_file=str(placeholder),
        pipeline=[normalise, dict(type='RotateSkeleton'), sample, pack],
        num_classes=_CLASSES,
        cache=dict(folder=str(folder / 'cache'), dtype='float16'),
        teacher=dict(ann_file=str(placeholder), pipeline=[normalise, sample, pack]),
        load_teacher=True,
    )
    NoiseDataset(**settings)
    return settings


def read(settings: dict, workers: int, batch_size: int, started: float) -> dict[str, Any]:
    """Read all clips once, shuffled.

    Args:
        settings (dict): Arguments of the data set.
        workers (int): Of the data loader.
        batch_size (int): Clips of a batch.
        started (float): When the process was started, as :func:`time.time` counts.

    Returns:
        dict[str, Any]: What :class:`Scale` has of it.

    Raises:
        RuntimeError: If clips or their pairs are missing.
    """
    start = {'the imports': time.time() - started}
    dataset = PairedPoseDataset(**settings)
    start['the data set'] = time.time() - started
    loader = DataLoader(
        dataset, batch_size, shuffle=True, num_workers=workers, collate_fn=pseudo_collate
    )
    preprocessor, seen, sizes = SkeletonDataPreprocessor(), 0, {}
    for batch in loader:
        data = preprocessor(batch, training=True)
        start.setdefault('the first batch', time.time() - started)
        if len(data['teacher_inputs'].keypoint) != len(data['inputs'].keypoint):
            raise RuntimeError('clips came without their pairs')
        seen += len(data['inputs'].keypoint)
        for worker in multiprocessing.active_children():
            sizes[worker.pid] = peak_memory(worker.pid) or sizes.get(worker.pid, 0)
    if seen != len(dataset):
        raise RuntimeError(f'{seen} of {len(dataset)} clips came')
    epoch = time.time() - started - start['the data set']
    return dict(start=start, epoch=epoch, trainer=peak_memory(), workers=list(sizes.values()))


def build(settings: dict, folder: str, started: float) -> dict[str, Any]:
    """Make feature bank and part matrix of the clips' pairs.

    Args:
        settings (dict): Arguments of the data set.
        folder (str): Where to.
        started (float): When the process was started, as :func:`time.time` counts.

    Returns:
        dict[str, Any]: What :class:`Scale` has of it.
    """
    backbone = dict(type='mmaction.STGCN', base_channels=_TEACHER_CHANNELS, num_stages=1)
    head = dict(type='SkeletonHead', num_classes=_CLASSES, in_channels=_TEACHER_CHANNELS)
    model = dict(
        type='SkeletonRecognizer',
        layout='coco',
        backbone=dict(backbone, in_channels=_CHANNELS, inflate_stages=[], down_stages=[]),
        cls_head=head,
    )
    teacher = MODELS.build(untrained_teacher(Path(folder), model))
    teacher.init_weights()
    files = Path(folder, 'teacher_files')
    clips = PairedPoseDataset(**settings).require_teacher()
    compute_teacher_files(teacher, clips, files, part_matrix={})
    return dict(
        building=time.time() - started,
        files_size=sum(file.stat().st_size for file in files.glob('*.npy')),
        builder=peak_memory(),
    )


def _items(clips: int, most_frames: int) -> Iterator[dict]:
    """Items as the transforms would have left them: stretches of one long noise."""
    generator = np.random.default_rng(0)
    noise = generator.standard_normal((1, 10_000, _JOINTS, _CHANNELS), dtype=np.float32)
    score = np.ones((1, most_frames, _JOINTS), np.float32)
    lengths = generator.integers(_FEWEST_FRAMES, most_frames + 1, clips).tolist()
    places = generator.integers(noise.shape[1] - most_frames, size=clips).tolist()
    for number, (frames, place) in enumerate(zip(lengths, places, strict=True)):
        yield dict(
            frame_dir=f'S{number // 1000:04}C{number % 1000:03}P000R000A{number % _CLASSES:03}',
            label=number % _CLASSES,
            total_frames=frames,
            keypoint=noise[:, place : place + frames],
            keypoint_score=score[:, :frames],
        )
