"""How much memory a large feature bank takes."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from mmaction.structures import ActionDataSample

from partkd.distillation import FeatureBank
from partkd.distillation.arrays import array_file, clip_arrays, save_arrays
from partkd.distillation.resumable_rows import ResumableRows
from partkd.distillation.teacher_fingerprint import fingerprint_of_model
from partkd.evaluation.markdown import table
from partkd.files import MadeOnce

from .memory import peak_memory
from .training import partkd_config
from .untrained import untrained_teacher

NUM_CLASSES = 60
CHUNK = 10_000


@dataclass
class BankMemory:
    """What a process took that read batches of a feature bank.

    Args:
        num_rows (int): Clips of the bank.
        file_size (int): Of the bank, in bytes.
        peaks (dict[str, int]): Most memory that the process had taken by then, in bytes.
        seconds (dict[str, float]): What was measured, by name.
    """

    num_rows: int
    file_size: int
    peaks: dict[str, int]
    seconds: dict[str, float]

    def report(self) -> str:
        """All of it.

        Returns:
            str: Markdown.
        """
        rows = [['file', _megabytes(self.file_size)]]
        rows += [[f'peak memory {when}', _megabytes(peak)] for when, peak in self.peaks.items()]
        rows += [[what, f'{value * 1e3:,.3g} ms'] for what, value in self.seconds.items()]
        return f'## A feature bank of {self.num_rows:,} clips\n\n{table(["", ""], rows)}\n'


def bank_memory(
    num_rows: int = 1_000_000, channels: int = 16, num_batches: int = 100
) -> BankMemory:
    """Read random batches of 64 clips of a bank, in a process of its own.

    Args:
        num_rows (int): Clips of the bank. Defaults to 1,000,000.
        channels (int): C of its features. Defaults to 16.
        num_batches (int): Batches that are read. Defaults to 100.

    Returns:
        BankMemory: The figures.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_bank(folder, num_rows, channels)
        with ProcessPoolExecutor(1, get_context('spawn')) as pool:
            peaks, seconds = pool.submit(read_bank, folder, num_rows, num_batches).result()
        size = sum(file.stat().st_size for file in (folder / 'bank').glob('*.npy'))
    return BankMemory(num_rows, size, peaks, seconds)


def write_bank(folder: Path, num_rows: int, channels: int) -> None:
    """Write a teacher and a bank of noise, piece by piece.

    Args:
        folder (Path): Where to.
        num_rows (int): Clips.
        channels (int): C of the features.
    """
    rng = np.random.default_rng(0)
    shapes = dict(parts=(5, channels), pooled=(channels,), logits=(NUM_CLASSES,))

    def write(bank: Path) -> dict:
        with ResumableRows(bank, num_rows) as stored:
            for start in range(0, num_rows, CHUNK):
                rows = np.arange(start, min(start + CHUNK, num_rows))
                stored.write(
                    rows, {n: rng.random((len(rows), *s), np.float32) for n, s in shapes.items()}
                )
        names = [_name(row) for row in range(num_rows)]
        arrays = clip_arrays(names, np.arange(num_rows) % NUM_CLASSES)
        return dict(outputs=[*save_arrays(bank, arrays), *map(array_file, shapes)])

    teacher = untrained_teacher(folder, partkd_config(4, 'coco'))
    MadeOnce(folder / 'bank', fingerprint_of_model(teacher)).make(write)


def read_bank(
    folder: Path, num_rows: int, num_batches: int
) -> tuple[dict[str, int], dict[str, float]]:
    """Open a bank and read batches of it, as training does.

    Args:
        folder (Path): Where :func:`write_bank` wrote it.
        num_rows (int): Its clips.
        num_batches (int): How many batches of 64 clips.

    Returns:
        tuple: Peak memory in bytes and seconds, by name.
    """
    teacher = dict(config=str(folder / 'teacher.py'), checkpoint=str(folder / 'teacher.pth'))
    bank = FeatureBank(str(folder / 'bank'), teacher, reads=('parts', 'pooled', 'logits'))
    peaks = {'before the bank is opened': peak_memory()}
    start = perf_counter()
    bank.init_weights()
    opened = perf_counter()
    peaks['once it is open'] = peak_memory()
    rng = np.random.default_rng(1)
    for _ in range(num_batches):
        rows = rng.choice(num_rows, min(64, num_rows), replace=False)
        bank([_sample(row) for row in rows.tolist()])
    done = perf_counter()
    peaks[f'after {num_batches} random batches of 64'] = peak_memory()
    return peaks, {'to open it': opened - start, 'for a batch': (done - opened) / num_batches}


def _sample(row: int) -> ActionDataSample:
    sample = ActionDataSample(metainfo=dict(frame_dir=_name(row), paired=True))
    return sample.set_gt_label(row % NUM_CLASSES)


def _name(row: int) -> str:
    return f'S001C002P{row % 100:03d}R002A{row % NUM_CLASSES:03d}_{row:07d}'


def _megabytes(size: int) -> str:
    return f'{size / 1e6:,.0f} MB'
