"""Scores of single clips, as mmengine's ``DumpResults`` writes them: read, checked, aligned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from partkd.datasets import TENSORS, read_pickle
from partkd.messages import shown

_REMEDY = 'write it with `python tools/test.py CONFIG CHECKPOINT --dump FILE.pkl`'
_NAMES = (
    "have 'frame_dir' among the meta_keys of PackSkeletonInputs in the test pipeline, and test "
    'again'
)


@dataclass(frozen=True)
class ClipScores:
    """What a model says of N clips.

    Args:
        file (Path): Where it is from.
        clips (tuple[str, ...] | None): Their names; None where the file has none.
        labels (np.ndarray): Their classes, (N,) int64.
        values (np.ndarray): Scores of C classes, (N, C) float64.
    """

    file: Path
    clips: tuple[str, ...] | None
    labels: np.ndarray
    values: np.ndarray

    @property
    def are_probabilities(self) -> bool:
        """Whether they look like what a softmax gives."""
        return bool((self.values >= 0).all() and np.allclose(self.values.sum(1), 1, atol=1e-3))


def load_scores(file: str | Path) -> ClipScores:
    """Read a dump without running anything that is in it.

    Args:
        file (str | Path): What ``tools/test.py --dump``, or mmaction2's, wrote.

    Returns:
        ClipScores: Of its clips, in its order.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no dump of scores, a clip has no label or is there twice, or a score
            is infinite or no number.
    """
    file = Path(file)
    if not file.is_file():
        raise FileNotFoundError(f'there is no dump of scores {file}: {_REMEDY}')
    content = read_pickle(file, 'a dump of scores', TENSORS)
    if not isinstance(content, list) or not content:
        raise ValueError(f'{file} is no dump of scores, a list of clips: {_REMEDY}')
    values = [_scores(clip, f'clip {row} of {file}') for row, clip in enumerate(content)]
    if len(widths := Counter(map(len, values))) > 1:
        raise ValueError(f'{file} has scores of {sorted(widths)} classes: {_REMEDY}')
    labels = [
        _label(clip, len(values[0]), f'clip {row} of {file}') for row, clip in enumerate(content)
    ]
    return ClipScores(file, _names(content, file), np.array(labels), np.stack(values))


def align(streams: Sequence[ClipScores]) -> list[ClipScores]:
    """Bring dumps into the order of the first.

    Args:
        streams (Sequence[ClipScores]): One or more.

    Returns:
        list[ClipScores]: Row by row of the same clips.

    Raises:
        ValueError: If they are not of the same clips, labels and classes, or not of one kind of
            scores; it names both files.
    """
    first, *others = streams
    for other in others:
        _require_alike(first, other)
    return [first, *(_in_order_of(first, other) for other in others)]


def require_unseen(validation: ClipScores, test: ClipScores) -> None:
    """Refuse to choose on clips that figures are then told of.

    Args:
        validation (ClipScores): What is chosen on.
        test (ClipScores): What is reported.

    Raises:
        ValueError: If they share clips, or do not name them; it names the files.
    """
    for one in (validation, test):
        if one.clips is None:
            raise ValueError(
                f'{one.file} does not name its clips, so that nobody knows whether the weights are '
                f'found on clips of the test: {_NAMES}, or give the weights'
            )
    shared = sorted(set(validation.clips or ()) & set(test.clips or ()))
    if shared:
        raise ValueError(
            f'{validation.file} and {test.file} share {len(shared)} clips, such as {shared[0]}: '
            'weights found on test clips flatter the fusion. Dump the scores of a validation '
            'split, --cfg-options test_dataloader.dataset.split=NAME'
        )


def _scores(clip: Any, where: str) -> np.ndarray:
    values = clip.get('pred_score') if isinstance(clip, dict) else None
    if not isinstance(values, np.ndarray) or values.ndim != 1 or values.dtype.kind != 'f':
        raise ValueError(f'{where} has no pred_score, one number for each class: {_REMEDY}')
    if len(values) < 2:
        raise ValueError(f'{where} has a pred_score of {len(values)} classes: {_REMEDY}')
    if not np.isfinite(values).all():
        raise ValueError(
            f'{where} has scores that are infinite or no numbers: train that model again with a '
            'lower learning rate'
        )
    return values.astype(np.float64)


def _label(clip: dict, num_classes: int, where: str) -> int:
    label = clip.get('gt_label')
    values = np.asarray(label).ravel() if isinstance(label, np.ndarray | int) else np.empty(0)
    if len(values) != 1 or values.dtype.kind not in 'iu' or not 0 <= values[0] < num_classes:
        raise ValueError(
            f'{where} has gt_label {shown(label)}, which is none of its {num_classes} classes: '
            'test on clips with labels'
        )
    return int(values[0])


def _names(content: list[dict], file: Path) -> tuple[str, ...] | None:
    names: list[Any] = [clip.get('frame_dir') for clip in content]
    if all(name is None for name in names):
        return None
    for row, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(f'clip {row} of {file} has frame_dir {shown(name)}: {_REMEDY}')
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f'{file} has the clip {shown(name)} {count} times: {_REMEDY}')
    return tuple(names)


def _require_alike(first: ClipScores, other: ClipScores) -> None:
    pair = f'{first.file} and {other.file}'
    widths = first.values.shape[1], other.values.shape[1]
    if widths[0] != widths[1]:
        raise ValueError(
            f'{pair} have scores of {widths[0]} and {widths[1]} classes: fuse streams of one data '
            'set'
        )
    if first.are_probabilities != other.are_probabilities:
        raise ValueError(
            f'{pair} are of two kinds, of which one is probabilities: test both with the same '
            'cls_head.average_clips'
        )
    if (first.clips is None) != (other.clips is None):
        without = first if first.clips is None else other
        raise ValueError(f'of {pair}, {without.file} does not name its clips: {_NAMES}')
    others = set(first.clips or ()) ^ set(other.clips or ())
    if others or len(first.labels) != len(other.labels):
        example = f' ({len(others)}, such as {min(others)}, are in one alone)' if others else ''
        raise ValueError(f'{pair} are not of the same clips{example}: test both on the same split')


def _in_order_of(first: ClipScores, other: ClipScores) -> ClipScores:
    if first.clips is not None and other.clips is not None:
        row_of = {name: row for row, name in enumerate(other.clips)}
        rows = [row_of[name] for name in first.clips]
        other = replace(
            other, clips=first.clips, labels=other.labels[rows], values=other.values[rows]
        )
    differ = np.flatnonzero(first.labels != other.labels)
    if len(differ):
        row = int(differ[0])
        name = f'clip {row}' if first.clips is None else first.clips[row]
        raise ValueError(
            f'{first.file} and {other.file} have other labels for {len(differ)} clips, such as '
            f'{name}: {first.labels[row]} and {other.labels[row]}. Test both on the same file and '
            'split, in the same order'
        )
    return other
