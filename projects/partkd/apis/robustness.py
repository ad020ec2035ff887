"""Testing models under several degradations."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from mmengine.config import Config

from partkd.configuration import (
    PublishedFigures,
    add_degradation,
    check_components,
    check_labels,
    load_config,
    read_degradation,
    read_published,
    student_config,
)
from partkd.engine.distributed import require_one_process
from partkd.engine.runner import quiet_runner
from partkd.engine.weights import load_student_weights
from partkd.evaluation import METRIC, NOTHING, environment, in_words, table
from partkd.experiments import chain_logger
from partkd.files import require_place, write_atomically
from partkd.visualization import draw_robustness, require_picture

AS_IT_IS = 'as it is'
_STEM = 'robustness'

Model = tuple[str | Path | Config, str | Path]


def robustness(
    models: Mapping[str, Model],
    degradations: Sequence[str],
    work_dir: str | Path,
    options: dict | None = None,
    beside: str | Path | None = None,
) -> dict[str, dict[str, float]]:
    """Test models on clips as they are and under each degradation.

    A clip is degraded in the same way for all models with one layout. The matrix goes to
    ``robustness.md``, ``robustness.json`` and ``robustness.png`` in `work_dir`.

    Args:
        models (Mapping): By name, config and checkpoint; of a distillation the student is tested.
        degradations (Sequence[str]): See :func:`partkd.configuration.read_degradation`.
        work_dir (str | Path): Where the figures and the logs go.
        options (dict, optional): Settings to override in all configs, by dotted key. Defaults to
            None.
        beside (str | Path, optional): A table that others have published, see
            :func:`partkd.configuration.read_published`: its degradations come before the others,
            its figures are rows of the report. Defaults to None.

    Returns:
        dict[str, dict[str, float]]: Top-1 in [0, 1], by model and by degradation, the first of
        which is ``'as it is'``.

    Raises:
        FileNotFoundError: If there is no such config, checkpoint or table.
        ValueError: If there is no such degradation, or the weights are not the model's.
    """
    require_one_process('Start one')
    published = None if beside is None else read_published(beside)
    columns = [*(published.degradations if published else ()), *degradations]
    transforms = {AS_IT_IS: None} | {text: read_degradation(text) for text in columns}
    folder = Path(work_dir)
    for suffix in ('.md', '.json'):
        require_place(folder / f'{_STEM}{suffix}')
    require_picture(folder / f'{_STEM}.png')
    cfgs = {name: _read(config, options) for name, (config, _) in models.items()}
    tests = {
        (name, text): _degraded(cfg, transform)
        for name, cfg in cfgs.items()
        for text, transform in transforms.items()
    }
    figures: dict[str, dict[str, float]] = {name: {} for name in models}
    clips: dict[str, int] = {}
    with chain_logger(_STEM, folder) as logger:
        for number, ((name, text), cfg) in enumerate(tests.items(), start=1):
            figures[name][text], clips[name] = _test(cfg, models[name][1], folder)
            top1 = f'top-1 {100 * figures[name][text]:.1f}'
            logger.info(f'[{number}/{len(tests)}] {name}, {text}: {top1}')
        logger.info(f'\n{_write(figures, clips, published, folder)}')
    return figures


def _read(config: str | Path | Config, options: dict | None) -> Config:
    cfg = student_config(load_config(config, options))
    cfg.pop('experiment_name', None)  # of the training, in the config that it left
    check_labels(cfg, splits=('test',))
    check_components(cfg, splits=('test',))
    return cfg


def _degraded(cfg: Config, transform: dict | None) -> Config:
    cfg = copy.deepcopy(cfg)
    if transform is not None:
        add_degradation(cfg, transform, splits=('test',))
    return cfg


def _test(cfg: Config, checkpoint: str | Path, folder: Path) -> tuple[float, int]:
    """Top-1, and the number of clips."""
    cfg.work_dir, cfg.resume, cfg.load_from = str(folder), False, None
    with quiet_runner(cfg) as runner:
        load_student_weights(runner.model, checkpoint)
        metrics = runner.test()
        return float(metrics[METRIC]), len(runner.test_dataloader.dataset)


def _write(
    figures: dict[str, dict[str, float]],
    clips: dict[str, int],
    published: PublishedFigures | None,
    folder: Path,
) -> str:
    names, columns = list(figures), list(next(iter(figures.values())))
    rows = [[name, *(f'{100 * figures[name][one]:.1f}' for one in columns)] for name in names]
    made_with = environment()
    notes = [
        f'Test clips: {", ".join(f"{number} ({name})" for name, number in clips.items())}.',
        f'{in_words(made_with)}.',
    ]
    if published:
        rows += _published_rows(published, len(columns))
        notes.append(f'Rows in italics are published figures: {published.source}.')
    labels = [re.sub(r'[^=,]*/', '', column) for column in columns]  # folders tell nothing
    page = '\n\n'.join(
        [
            '# Under degradations',
            'Top-1 in percent. A clip is degraded in the same way for all models with one layout.',
            table(['', *labels], rows),
            ''.join(f'- {note}\n' for note in notes),
        ]
    )
    shown = {name: dict(zip(labels, row.values(), strict=True)) for name, row in figures.items()}
    record = dict(top1=shown, clips=clips, environment=made_with)
    record |= dict(published=asdict(published)) if published else {}
    write_atomically(folder / f'{_STEM}.json', json.dumps(record, indent=1) + '\n')
    write_atomically(folder / f'{_STEM}.md', page)
    matrix = np.array([[figures[name][one] for one in columns] for name in names])
    draw_robustness(matrix, names, labels, folder / f'{_STEM}.png')
    return page


def _published_rows(published: PublishedFigures, columns: int) -> list[list[str]]:
    """Their columns are the first of all."""
    return [
        [f'*{name}*', *(f'*{one:.1f}*' for one in row), *[NOTHING] * (columns - len(row))]
        for name, row in published.rows.items()
    ]
