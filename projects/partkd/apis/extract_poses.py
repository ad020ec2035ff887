"""Poses of videos, in one quality or in two."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from partkd.arguments import Whole, checked
from partkd.datasets import ConversionSummary, read_shard, run_converter
from partkd.poses import VideoPoses


@checked
def extract_poses(
    videos: str | Path,
    out: str | Path,
    estimators: Mapping[str, dict],
    labels: str | None = None,
    test_subjects: Sequence[str] = (),
    persons: Whole = 2,
    ignore: Collection[str] = (),
    processes: Whole = 1,
    shard: tuple[int, int] | None = None,
) -> dict[str, ConversionSummary]:
    """Extract the poses of all videos in a folder, as annotation files.

    Interrupted, the same call goes on. A video that cannot be read, or in which nobody is found, is
    listed and left out.

    Args:
        videos (str | Path): Folder of the videos, with folders in it.
        out (str | Path): The annotation file; of several estimators the folder of theirs.
        estimators (Mapping[str, dict]): By name, the config of a :class:`PoseEstimator`, and
            ``size``, see :class:`VideoPoses`. Of one the name does not count; of several, such as
            ``high`` and ``low``, each writes ``<out>/<name>.pkl``, and their clips are pairs.
        labels (str, optional): A CSV file, mmaction2's list, an annotation file, or ``'folders'``,
            see :func:`read_labels`. Defaults to None, clips have no labels.
        test_subjects (Sequence[str]): Who is for test. Defaults to nobody, no splits.
        persons (int): How many are kept of a video: those who are seen most. Defaults to 2.
        ignore (Collection[str]): Names of videos to leave out, without ending. Defaults to none.
        processes (int): How many processes estimate. Defaults to 1.
        shard (tuple[int, int], optional): Which share of the videos, from 1 on, and of how many:
            each of several machines takes its own, and writes no annotation file. The same call
            without it writes them, once all have ended. Defaults to None, all videos.

    Returns:
        dict[str, ConversionSummary]: By the estimators' names, what was written; of a share
        nothing.

    Raises:
        FileNotFoundError: If there is no video.
        ImportError: If an estimator's package is not installed.
        ValueError: If an estimator or its settings are not known, or not one video is good.
    """
    if not estimators:
        raise ValueError('estimators={}: name one')
    settings: dict[str, dict[str, Any]] = {
        name: dict(
            estimator={key: value for key, value in config.items() if key != 'size'},
            size=config.get('size'),
            labels=labels,
            test_subjects=list(test_subjects),
            persons=persons,
        )
        for name, config in estimators.items()
    }
    # all of them before the first one runs for long
    converters = {name: VideoPoses(videos, **own) for name, own in settings.items()}
    summaries = {}
    for name, converter in converters.items():
        file = Path(out) if len(estimators) == 1 else Path(out, f'{name}.pkl')
        if shard is not None:
            read_shard(converter, settings[name], file, shard, ignore, processes)
            continue
        summaries[name] = run_converter(converter, settings[name], file, ignore, processes)
    return summaries
