"""A recipe that compares fairly: nobody has seen the test clips, and all students have the same."""

import json
from collections.abc import Callable

from partkd.configuration import build_dataset, datasets_inside, innermost_dataset

from .recipe import Recipe


def check_clips(recipe: Recipe) -> None:
    """Refuse a recipe that tests on what it trains on, or its students on different clips.

    All data sets are built for it, so that bad clips are found before anything is trained.

    Args:
        recipe (Recipe): Teachers and students, those with a config of their own as well.

    Raises:
        ValueError: Naming both files and a clip; or see :class:`PairedPoseDataset`.
    """
    names = _clip_names()
    baseline, *others = recipe.students
    tested = recipe.test_set(baseline)
    for student in others:
        _check_same(names, student, recipe.test_set(student), baseline, tested)
    for cfg in recipe.every_config():
        trained = innermost_dataset(cfg.train_dataloader['dataset'])
        for seen in (tested, innermost_dataset(cfg.test_dataloader['dataset'])):
            _check_unseen(names, trained, seen)
    for cfg in recipe.every_pretraining():
        for trained in datasets_inside(cfg.train_dataloader['dataset']):
            _check_unseen(names, trained, tested)


def _check_unseen(names: Callable, trained: dict, tested: dict) -> None:
    both = names(trained) & names(tested)
    if both:
        raise ValueError(
            f'{len(both)} clips, such as {min(both)}, are in {_source(trained)}, which is '
            f'trained on, and in {_source(tested)}, which is tested on: use splits that '
            'have no clip in common'
        )


def _check_same(names: Callable, student: str, theirs: dict, baseline: str, tested: dict) -> None:
    odd = names(theirs) ^ names(tested)
    if odd:
        raise ValueError(
            f'{student!r} is tested on {_source(theirs)} and {baseline!r} on {_source(tested)}, '
            f'and {len(odd)} clips, such as {min(odd)}, are in only one of them: test all '
            'students on the same clips'
        )


def _clip_names() -> Callable[[dict], set[str]]:
    """A function that tells the names of a data set's good clips, and builds each but once."""
    known: dict[str, set[str]] = {}

    def names(dataset: dict) -> set[str]:
        teacher = _without_pipeline(dataset.get('teacher') or {})
        source = _without_pipeline(dataset) | dict(teacher=teacher)
        key = json.dumps(source, sort_keys=True, default=str)
        if key not in known:
            known[key] = set(build_dataset(dataset).frame_dirs)
        return known[key]

    return names


def _without_pipeline(dataset: dict) -> dict:
    """What decides which clips are in it."""
    return {k: value for k, value in dataset.items() if k not in ('pipeline', 'load_teacher')}


def _source(dataset: dict) -> str:
    return f'{dataset["ann_file"]} [{dataset.get("split")}]'
