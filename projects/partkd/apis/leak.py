"""A recipe that compares fairly: nobody has seen the test clips, and all students have the same."""

import functools
from collections.abc import Callable
from pathlib import Path

from partkd.datasets.annotations import load_annotations, select_split

from .config import innermost_dataset
from .recipe import Recipe


def check_clips(recipe: Recipe) -> None:
    """Refuse a recipe that tests on what it trains on, or its students on different clips.

    Args:
        recipe (Recipe): Teachers and students, those with a config of their own as well.

    Raises:
        ValueError: Naming both files and a clip.
    """
    read = functools.cache(_read_clips)
    baseline, *others = recipe.students
    tested = recipe.test_set(baseline)
    for student in others:
        _check_same(read, student, recipe.test_set(student), baseline, tested)
    for cfg in recipe.every_config():
        trained = innermost_dataset(cfg.train_dataloader['dataset'])
        for seen in (tested, innermost_dataset(cfg.test_dataloader['dataset'])):
            _check_unseen(read, trained, seen)


def _check_unseen(read: Callable, trained: dict, tested: dict) -> None:
    both = _clips(read, trained) & _clips(read, tested)
    if both:
        raise ValueError(
            f'{len(both)} clips, such as {min(both)}, are in {_source(trained)}, which is '
            f'trained on, and in {_source(tested)}, which is tested on: use splits that '
            'have no clip in common'
        )


def _check_same(read: Callable, student: str, theirs: dict, baseline: str, tested: dict) -> None:
    odd = _clips(read, theirs) ^ _clips(read, tested)
    if odd:
        raise ValueError(
            f'{student!r} is tested on {_source(theirs)} and {baseline!r} on {_source(tested)}, '
            f'and {len(odd)} clips, such as {min(odd)}, are in only one of them: test all '
            'students on the same clips'
        )


def _clips(read: Callable, dataset: dict) -> set[str]:
    path = Path(dataset.get('data_root') or '', dataset['ann_file'])
    clips, wanted = read(path, dataset.get('split')), dataset.get('frame_dirs')
    return clips if wanted is None else clips & set(wanted)


def _read_clips(path: Path, split: str | None) -> set[str]:
    clips, _ = select_split(load_annotations(path), split, path)
    return {clip['frame_dir'] for clip in clips}


def _source(dataset: dict) -> str:
    return f'{dataset["ann_file"]} [{dataset.get("split")}]'
