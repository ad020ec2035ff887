"""How fast publishers' files become an annotation file, and in how much memory."""

import resource
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from partkd.datasets.converters import convert
from partkd.datasets.converters.skeleton_files import read_bodies
from partkd.evaluation import environment, in_words
from partkd.evaluation.markdown import table

from .fresh_process import in_a_fresh_process
from .memory import peak_memory
from .ntu_files import write_skeleton_files
from .side_by_side import Side, SideBySide, compare

_JOINTS, _COLUMNS = 25, 12
_FEW = 10  # the memory of so many times fewer files is what that of all is held against


@dataclass
class ConversionMemory:
    """What conversions of few and of many files take, each in a fresh process.

    Args:
        runs (list[dict]): Of each ``clips``, ``processes``, ``seconds``, and the most bytes that
            the process (``main``) and the largest of its workers (``worker``) had.
        environment (dict): See :func:`partkd.evaluation.environment`.
    """

    runs: list[dict[str, Any]]
    environment: dict

    def report(self) -> str:
        """The figures as markdown."""
        head = ['files', 'processes', 'time', 'clips/s', 'most memory', 'of a worker']
        rows = [
            [
                f'{run["clips"]:,}',
                str(run['processes']),
                f'{run["seconds"]:.0f} s',
                f'{run["clips"] / run["seconds"]:.0f}',
                f'{run["main"] / 1e6:,.0f} MB',
                f'{run["worker"] / 1e6:,.0f} MB' if run['worker'] else '',
            ]
            for run in self.runs
        ]
        made_with = in_words(self.environment)
        return f'## Memory of conversions\n\n{table(head, rows)}\n\n- {made_with}.\n'


def conversion(
    clips: int = 256, rounds: int = 5, many: int = 56_880, processes: int = 2, folder: str = ''
) -> list[SideBySide | ConversionMemory]:
    """Compare clips per second with one and several processes, and memory with few and many files.

    The files are as NTU RGB+D publishes them, with noise for motion.

    Args:
        clips (int): Files that are converted in each round. Defaults to 256.
        rounds (int): See :func:`compare`. Defaults to 5.
        many (int): Files of the conversion whose memory is measured, beside that of a tenth of
            them; 0 leaves it out. Defaults to 56,880, as many as NTU RGB+D 60 has; their
            annotation file takes 2 GB meanwhile.
        processes (int): How many are held against one. Defaults to 2.
        folder (str): Where the files lie meanwhile; they are deleted in the end. Defaults to '',
            the system's folder for such things.

    Returns:
        list[SideBySide | ConversionMemory]: Speed, and memory.
    """
    results: list[SideBySide | ConversionMemory] = [_speed(clips, rounds, processes, folder)]
    if many:
        runs = []
        for number in (max(many // _FEW, 1), many):
            with TemporaryDirectory(dir=folder or None) as place:
                write_skeleton_files(Path(place, 'files'), number)
                runs += [
                    in_a_fresh_process(measure_conversion, place, number, among)
                    for among in (1, processes)
                ]
        results.append(ConversionMemory(runs, environment()))
    return results


def measure_conversion(place: str, clips: int, processes: int, started: float) -> dict[str, Any]:
    """Convert the files of a folder once.

    Args:
        place (str): Has the folder ``files``, and takes the annotation file.
        clips (int): How many files there are.
        processes (int): How many read them.
        started (float): When the process was started, as :func:`time.time` counts.

    Returns:
        dict[str, Any]: One of the runs of :class:`ConversionMemory`.

    Raises:
        RuntimeError: If clips are missing.
    """
    _convert(Path(place), clips, processes)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return dict(
        clips=clips,
        processes=processes,
        seconds=time.time() - started,
        main=peak_memory(),
        worker=workers if processes > 1 else 0,
    )


def _speed(clips: int, rounds: int, processes: int, folder: str) -> SideBySide:
    with TemporaryDirectory(dir=folder or None) as place:
        size = write_skeleton_files(Path(place, 'files'), clips)
        sides = [
            Side('one process', partial(_convert, Path(place), clips, 1), clips),
            Side(f'{processes} processes', partial(_convert, Path(place), clips, processes), clips),
            Side('reading alone, in one process', partial(_read, Path(place, 'files')), clips),
        ]
        notes = [
            f'{clips} files of {size / clips / 1e3:.0f} kB on average, as NTU RGB+D 60 publishes '
            'them: text of 12 numbers a joint. They are in the memory of the operating system.',
            'A conversion reads, chooses the people, checks each clip, keeps the parts and writes '
            'the annotation file. Reading alone makes arrays of the text, with NumPy.',
        ]
        return compare('Conversion of .skeleton files', 'clips', sides, rounds, notes=notes)


def _convert(place: Path, clips: int, processes: int) -> None:
    summary = convert('ntu60', place / 'files', place / 'ntu60.pkl', processes=processes)
    if summary.clips != clips:
        raise RuntimeError(f'{summary.clips} of {clips} clips were written')


def _read(files: Path) -> None:
    for file in sorted(files.iterdir()):
        read_bodies(file, _JOINTS, _COLUMNS)
