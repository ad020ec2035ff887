"""What comes before the first chain: the data, records without runs."""

import inspect
import logging
from collections.abc import Sequence
from pathlib import Path

from mmengine.utils import get_object_from_string

from partkd.arguments import require
from partkd.configuration import canonical, check_buildable, innermost_dataset
from partkd.evaluation import Results

from .folds import Fold
from .recipe import Recipe


def new_results(recipe: Recipe, folds: Sequence[Fold | None] = (None,)) -> Results:
    """The records of a recipe that has not begun.

    Args:
        recipe (Recipe): The recipe.
        folds (Sequence[Fold | None]): What is left out in turn. Defaults to ``(None,)``: the
            config's own splits.

    Returns:
        Results: Without runs.
    """
    return Results(
        title=recipe.title,
        config=inside_checkout(recipe.cfg.filename),
        seeds=recipe.seeds,
        students=recipe.students,
        conditions=recipe.conditions,
        planned=len(recipe.seeds) * len(folds) * recipe.num_runs,
        paper=recipe.paper,
        notes=recipe.notes,
        folds=[fold.name for fold in folds if fold],
    )


def prepare(recipe: Recipe, logger: logging.Logger) -> None:
    """Build every model, so that what cannot be built is found here, and make the recipe's data.

    Args:
        recipe (Recipe): The recipe.
        logger (logging.Logger): Says so.

    Raises:
        ValueError: If the function is not there, or a model cannot be built.
    """
    for cfg in (*recipe.every_config(), *recipe.every_pretraining()):
        check_buildable(cfg)
    if same := sides_that_are_one(recipe):
        logger.warning(
            f"both sides of {same}'s pairs are the same clips in the same pipeline, so that its "
            'teacher sees no better skeletons than it does: give the student the ann_file of the '
            'poorer ones, unless this is meant as a control'
        )
    if recipe.prepare:
        arguments = dict(recipe.prepare)
        name = arguments.pop('type', None)
        require(name, str, 'distill.prepare.type')
        function = get_object_from_string(name)
        if function is None:
            raise ValueError(
                f'distill.prepare: there is no function {name}: give its full path, such as '
                'partkd.datasets.synthetic.make_synthetic'
            )
        try:
            inspect.signature(function).bind(**arguments)
        except TypeError as error:
            raise ValueError(f'distill.prepare: {name}: {error}') from error
        logger.info(f'preparing the data with {name}')
        function(**arguments)


def sides_that_are_one(recipe: Recipe) -> str | None:
    """A student whose teacher sees what it sees, though it is no control.

    Args:
        recipe (Recipe): The recipe. Students with a config of their own may be controls.

    Returns:
        str | None: Its name; None where there is no such, or where a degradation is the difference.
    """
    poorer = ('prob', 'degradations', 'test_degradations')
    if any(one.get(key) for one in recipe.conditions.values() for key in poorer):
        return None
    condition = next(iter(recipe.conditions))
    for student in recipe.students:
        if not recipe.is_distilled(student) or (recipe.known[student] or {}).get('config'):
            continue
        cfg = recipe.student_config(student, condition, 0)
        dataset = innermost_dataset(cfg.train_dataloader['dataset'])
        root, teacher = dataset.get('data_root') or '', dataset.get('teacher') or {}
        seen = recipe.test_set(student).get('pipeline')
        low, high = (
            canonical([side.get('ann_file'), steps], side.get('data_root') or root)
            for side, steps in ((dataset, seen), (teacher, teacher.get('pipeline')))
        )
        if low == high:
            return student
    return None


def inside_checkout(config: str | None) -> str:
    """A config's path from the folder ``configs`` on, so that no home directory is told.

    Args:
        config (str | None): The path; None for a config made in code.

    Returns:
        str: The path inside the checkout, or the name alone.
    """
    if config is None:
        return 'a config made in code'
    parts = Path(config).parts
    return '/'.join(parts[parts.index('configs') :]) if 'configs' in parts else parts[-1]
