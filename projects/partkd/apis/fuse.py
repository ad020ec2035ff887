"""Fusing what models that see several streams say."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from partkd.arguments import NotNegative, checked
from partkd.evaluation import (
    ClipScores,
    align,
    environment,
    figures,
    find_weights,
    fuse_scores,
    in_words,
    load_scores,
    require_unseen,
    table,
)
from partkd.experiments import chain_logger
from partkd.files import require_place, write_atomically

FUSION = 'fusion'
_HEADS = dict(top1='top-1', top5='top-5', mean1='mean of classes')

Figures = dict[str, dict[str, float]]


@checked
def fuse(
    dumps: Sequence[str | Path],
    work_dir: str | Path,
    weights: Sequence[NotNegative] | None = None,
    val: Sequence[str | Path] | None = None,
) -> Figures:
    """Fuse the scores of several models, such as those of four streams.

    The fusion is the weighted mean of the scores. Its figures and those of each model go to
    ``fusion.md`` and ``fusion.json`` in `work_dir`.

    Args:
        dumps (Sequence[str | Path]): What ``tools/test.py --dump`` wrote of the same test clips,
            one for each model.
        work_dir (str | Path): Where the figures and the log go.
        weights (Sequence[float], optional): One for each dump; their ratio counts. Defaults to
            None: found on `val`.
        val (Sequence[str | Path], optional): Dumps of validation clips by the same models, in the
            same order, see :func:`partkd.evaluation.find_weights`. Defaults to None.

    Returns:
        dict[str, dict[str, float]]: ``top1``, ``top5`` and ``mean1`` in [0, 1] of each dump by
        name, and of ``'fusion'``.

    Raises:
        FileNotFoundError: If there is no such dump.
        ValueError: If dumps are not of the same clips and classes, or if validation and test share
            clips.
    """
    _check_arguments(dumps, weights, val)
    folder = Path(work_dir)
    for suffix in ('.md', '.json'):
        require_place(folder / f'{FUSION}{suffix}')
    names = _short_names(dumps)
    test = align([load_scores(file) for file in dumps])
    validation = align([load_scores(file) for file in val]) if val else []
    for streams in zip(validation, test):
        _require_same_classes(*streams)
        require_unseen(*streams)
    if weights is None:
        weights = find_weights([one.values for one in validation], validation[0].labels)
    shares = (np.array(weights) / np.sum(weights)).tolist()
    told = _figures(names, test, shares)
    record = dict(
        weights=dict(zip(names, shares)),
        found_on=dict(clips=len(validation[0].labels), figures=_figures(names, validation, shares))
        if validation
        else None,
        clips=len(test[0].labels),
        figures=told,
        environment=environment(),
    )
    page = _page(record)
    with chain_logger(FUSION, folder) as logger:
        write_atomically(folder / f'{FUSION}.json', json.dumps(record, indent=1) + '\n')
        write_atomically(folder / f'{FUSION}.md', page)
        logger.info(f'\n{page}')
    return told


def _check_arguments(
    dumps: Sequence[str | Path],
    weights: Sequence[float] | None,
    val: Sequence[str | Path] | None,
) -> None:
    if len(dumps) < 2:
        raise ValueError('dumps: give those of two streams or more')
    if (weights is None) == (val is None):
        raise ValueError('give either weights, or val: the dumps that they are found on')
    for name, values in (('weights', weights), ('val', val)):
        if values is not None and len(values) != len(dumps):
            raise ValueError(
                f'{name}: there are {len(values)}, and {len(dumps)} dumps: give one for each, in '
                'the same order'
            )
    if weights is not None and not sum(weights):
        raise ValueError('weights: all of them are 0: give one stream at least some weight')
    for name, files in (('dumps', dumps), ('val', val or ())):
        if len(set(map(Path, files))) < len(files):
            raise ValueError(f'{name}: a file is there twice: give one for each stream')


def _require_same_classes(validation: ClipScores, test: ClipScores) -> None:
    widths = validation.values.shape[1], test.values.shape[1]
    if widths[0] != widths[1]:
        raise ValueError(
            f'{validation.file} and {test.file} have scores of {widths[0]} and {widths[1]} '
            'classes: give val in the order of the dumps'
        )


def _short_names(files: Sequence[str | Path]) -> list[str]:
    """As much of the paths' ends as tells them apart, for a report may be shared."""
    parts = [Path(file).with_suffix('').parts for file in files]
    length = 1
    while len({one[-length:] for one in parts}) < len(parts):
        length += 1
    return ['/'.join(one[-length:]) for one in parts]


def _figures(names: list[str], streams: list[ClipScores], shares: list[float]) -> Figures:
    labels = streams[0].labels
    values = [one.values for one in streams]
    told = {name: figures(one, labels) for name, one in zip(names, values)}
    return told | {FUSION: figures(fuse_scores(values, shares), labels)}


def _page(record: dict) -> str:
    found = record['found_on']
    how = (
        f'found on {found["clips"]} validation clips, none of which is in the test: of all '
        'multiples of a tenth those with the best top-1'
        if found
        else 'given'
    )
    parts = [
        '# Fusion',
        f'Accuracy in percent on {record["clips"]} test clips. The fusion is the weighted mean of '
        f'the scores; its weights are {how}.',
        _table(record['figures'], record['weights']),
    ]
    if found:
        parts += [
            'On the validation clips, which flatter the fusion, as its weights are chosen there:',
            _table(found['figures'], record['weights']),
        ]
    return '\n\n'.join([*parts, f'- {in_words(record["environment"])}.\n'])


def _table(told: Figures, weights: dict[str, float]) -> str:
    rows = [
        [name, f'{weights[name]:.2f}' if name in weights else '', *_percent(told[name])]
        for name in told
    ]
    return table(['', 'weight', *_HEADS.values()], rows)


def _percent(values: dict[str, float]) -> list[str]:
    return [f'{100 * values[key]:.1f}' for key in _HEADS]
