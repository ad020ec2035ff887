"""The one way from a publisher's files to an annotation file, for all converters."""

import pickle
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from mmengine.logging import MMLogger
from mmengine.utils import track_iter_progress

from partkd.arguments import Whole, checked
from partkd.datasets.annotations import restricted_load, save_annotations
from partkd.files import (
    BusyError,
    digest,
    make_folder,
    require_place,
    source_digest,
    write_atomically,
)

from .converter import CONVERTERS, Clip, Converter
from .summary import ConversionSummary

_TWICE = 'another file has this name as well: rename or remove one'


@dataclass(frozen=True)
class _Part:
    """Some sources, and the file that holds their clips once they are read."""

    file: Path
    sources: list[Path]
    ignored: list[Path]


@checked
def convert(
    name: str,
    src: str | Path,
    out_file: str | Path,
    ignore: Collection[str] = (),
    processes: Whole = 1,
    options: Mapping[str, Any] | None = None,
) -> ConversionSummary:
    """Converts a publisher's files to an annotation file.

    Bad files are left out and listed. What was read is kept beside the annotation file, in a
    folder ``*.parts``, until all files are good or left out on request: the same call goes on
    where it was interrupted, and reads again what was changed.

    Args:
        name (str): A converter, see :func:`converter_names`.
        src (str | Path): Folder of the publisher's files.
        out_file (str | Path): The annotation pickle to write.
        ignore (Collection[str]): Names of clips that are left out. Defaults to none.
        processes (int): How many processes read. Defaults to 1.
        options (Mapping[str, Any], optional): Arguments of the converter. Defaults to None.

    Returns:
        ConversionSummary: What was written, what was left out and why.

    Raises:
        BusyError: If another process is writing the same file.
        FileNotFoundError: If the folder holds none of the files.
        OSError: If there is no place for the file.
        ValueError: If there is no such converter, or not one clip is good; nothing is written.
    """
    options = dict(options or {})
    settings = dict(converter=name, options={key: str(value) for key, value in options.items()})
    return run_converter(make_converter(name, src, options), settings, out_file, ignore, processes)


def run_converter(
    converter: Converter,
    settings: Mapping[str, Any],
    out_file: str | Path,
    ignore: Collection[str] = (),
    processes: int = 1,
) -> ConversionSummary:
    """Does what :func:`convert` does, with a converter that is built already.

    Args:
        converter (Converter): What reads.
        settings (Mapping[str, Any]): What its clips depend on beside its files and code, as JSON
            can hold it.
        out_file (str | Path): See :func:`convert`.
        ignore (Collection[str]): See :func:`convert`. Defaults to none.
        processes (int): See :func:`convert`. Defaults to 1.

    Returns:
        ConversionSummary: See :func:`convert`.

    Raises:
        BusyError, FileNotFoundError, OSError, ValueError: See :func:`convert`.
    """
    out_file = Path(out_file)
    sources = converter.sources()
    summary = ConversionSummary.of(converter, out_file, set(ignore))
    folder = _parts_folder(out_file)
    try:
        with ExitStack() as locks:
            for lock in [folder / 'lock', *folder.glob('lock_*')]:  # of shards that are being read
                locks.enter_context(FileLock(lock, blocking=False))
            parts = _make_parts(converter, settings, sources, summary.asked_out, folder)
            _read(converter, parts, processes)
            clips = _good_clips(parts, summary)
            save_annotations(clips, summary.split, out_file, converter.classes)
            if not summary.faults:
                shutil.rmtree(folder)
    except Timeout:
        raise BusyError(f'another process is writing {out_file}: wait, or stop it') from None
    return summary


def read_shard(
    converter: Converter,
    settings: Mapping[str, Any],
    out_file: str | Path,
    shard: tuple[int, int],
    ignore: Collection[str] = (),
    processes: int = 1,
) -> None:
    """Reads a share of the sources, on one of several machines, and writes no annotation file.

    Once all shares are read, :func:`run_converter` with the same arguments writes it, and reads
    nothing again.

    Args:
        converter (Converter): See :func:`run_converter`.
        settings (Mapping[str, Any]): See :func:`run_converter`.
        out_file (str | Path): See :func:`run_converter`. Its folder is one that all machines see.
        shard (tuple[int, int]): Which share, from 1 on, and of how many.
        ignore (Collection[str]): See :func:`convert`. Defaults to none.
        processes (int): See :func:`convert`. Defaults to 1.

    Raises:
        BusyError: If another process reads the same share.
        FileNotFoundError, OSError: See :func:`convert`.
        ValueError: If there is no such share.
    """
    number, count = shard
    if not 1 <= number <= count:
        raise ValueError(f'shard={number}/{count}: it is one of 1/{count} to {count}/{count}')
    folder = _parts_folder(Path(out_file))
    parts = _make_parts(converter, settings, converter.sources(), set(ignore), folder)
    own = parts[number - 1 :: count]
    try:
        with FileLock(folder / f'lock_{number}_of_{count}', blocking=False):
            _read(converter, own, processes)
    except Timeout:
        raise BusyError(f'another process reads shard {number} of {count} already') from None
    MMLogger.get_current_instance().info(
        f'shard {number} of {count}: {sum(len(part.sources) for part in own)} are read. Once all '
        f'shards are, the same command without it writes {out_file}'
    )


def _parts_folder(out_file: Path) -> Path:
    require_place(out_file)
    folder = out_file.with_name(f'{out_file.name}.parts')
    make_folder(folder)
    return folder


def make_converter(name: str, src: str | Path, options: Mapping[str, Any]) -> Converter:
    """A converter by its name.

    Raises:
        ValueError: If there is none, or it has no such options.
    """
    kind = CONVERTERS.module_dict.get(name)
    if kind is None:
        raise ValueError(f'no converter {name!r}: take one of {", ".join(converter_names())}')
    try:
        return kind(src, **options)
    except TypeError as error:
        raise ValueError(f'converter {name!r} does not take these options: {error}') from error


def converter_names() -> list[str]:
    """Names of all converters, in alphabetical order."""
    return sorted(CONVERTERS.module_dict)


def converter_list() -> str:
    """Names of all converters, each with what it converts, one a line."""
    names = converter_names()
    return '\n'.join(f'  {name:18}{_first_line(CONVERTERS.module_dict[name])}' for name in names)


def _first_line(kind: type) -> str:
    return (kind.__doc__ or '').partition('\n')[0]


def _make_parts(
    converter: Converter,
    settings: Mapping[str, Any],
    sources: list[Path],
    ignore: set[str],
    folder: Path,
) -> list[_Part]:
    """A part is called after all that its clips depend on: one that is there is right."""
    code = source_digest({*Path(__file__).parent.rglob('*.py'), *converter.code()})
    common = dict(settings, code=code)
    parts = []
    for start in range(0, len(sources), converter.sources_of_a_part):
        members = sources[start : start + converter.sources_of_a_part]
        ignored = [source for source in members if converter.name_of(source) in ignore]
        states = [_state(file) for source in members for file in converter.inputs(source)]
        stamp = digest(dict(common, states=states, ignored=[str(source) for source in ignored]))
        parts.append(_Part(folder / f'{stamp}.pkl', members, ignored))
    return parts


def _state(file: Path) -> list:
    try:
        stat = file.stat()
    except OSError:  # reading it says so
        return [str(file)]
    return [str(file), stat.st_size, stat.st_mtime_ns]


def _read(converter: Converter, parts: list[_Part], processes: int) -> None:
    """Reads the parts that are not there yet."""
    missing = [part for part in parts if not part.file.is_file()]
    if len(missing) < len(parts):
        MMLogger.get_current_instance().info(
            f'{len(parts) - len(missing)} of {len(parts)} parts have been read before'
        )
    read = partial(_read_part, converter)
    if processes == 1 or len(missing) < 2:
        for _ in track_iter_progress((map(read, missing), len(missing))):
            pass
        return
    with ProcessPoolExecutor(
        min(processes, len(missing)),
        mp_context=get_context(converter.start_method),
        initializer=torch.set_num_threads,  # each has a core to itself
        initargs=(1,),
    ) as pool:
        try:
            for _ in track_iter_progress((pool.map(read, missing), len(missing))):
                pass
        except BaseException:  # an interrupted call does not wait for all that was asked for
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _read_part(converter: Converter, part: _Part) -> None:
    clips: list[dict] = []
    faults: list[tuple[str, str, str]] = []  # name, where it is, what is wrong
    for source in part.sources:
        if source in part.ignored:
            continue
        try:
            for clip in converter.read(source):
                name, fault = clip.annotation['frame_dir'], converter.fault_of(clip.annotation)
                if fault is None:
                    clips.append(dict(annotation=clip.annotation, origin=dict(clip.origin)))
                else:
                    faults.append((name, f'{source}, clip {name}', fault))
        except Exception as error:  # whatever a malformed file leads to, the rest goes on
            is_told = isinstance(error, (ValueError, OSError))
            fault = str(error) if is_told else f'malformed ({type(error).__name__}: {error})'
            faults.append((converter.name_of(source), str(source), fault))
    ignored = [converter.name_of(source) for source in part.ignored]
    content = dict(clips=clips, faults=faults, ignored=ignored)
    write_atomically(part.file, pickle.dumps(content, protocol=4))


def _good_clips(parts: list[_Part], summary: ConversionSummary) -> Iterator[dict]:
    """The clips that are written, one part in memory at a time; the summary is kept on the way."""
    names: set[str] = set()
    for part in parts:
        content = restricted_load(part.file)
        summary.ignored += content['ignored']
        for name, where, fault in content['faults']:
            if name in summary.asked_out:
                summary.ignored.append(name)
            else:
                summary.faults.append((where, fault))
        for found in content['clips']:
            clip = Clip(**found)
            name = clip.annotation['frame_dir']
            if name in summary.asked_out:
                summary.ignored.append(name)
            elif name in names:
                summary.faults.append((name, _TWICE))
            else:
                names.add(name)
                summary.add(clip)
                yield clip.annotation
    summary.drop_empty_splits()
    if not names:
        listed = '\n'.join(f'  {where}: {fault}' for where, fault in summary.faults)
        raise ValueError(
            f'no clip is left, {len(summary.ignored)} are left out on request, '
            f'{len(summary.faults)} are bad:\n{listed}\nNothing was written'
        )
