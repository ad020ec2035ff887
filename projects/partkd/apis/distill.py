"""The whole recipe: teacher, part matrix, feature bank, students, report."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from partkd.configuration import load_config, pair_config, set_work_dir
from partkd.engine.distributed import require_one_process
from partkd.evaluation import Results
from partkd.experiments import (
    Chain,
    Progress,
    Recipe,
    chain_logger,
    check_clips,
    new_results,
    prepare,
)


def distill(
    config: str | Path | Config,
    work_dir: str | Path | None = None,
    seeds: Sequence[int] | None = None,
    students: Sequence[str] | None = None,
    conditions: Sequence[str] | None = None,
    options: dict | None = None,
    teacher: str | Path | None = None,
) -> Results:
    """Train teachers and students, test them, and report.

    For every seed: a teacher is trained and tested, the part matrix and the feature bank are made
    of it, and for every condition every student is trained and tested. Each step leaves its
    result in ``<work_dir>/seed_<seed>/<step>-<digest>`` and is skipped when it is there; a
    training that was interrupted goes on from its last checkpoint and ends as if it had not been.
    ``results.json`` and ``results.md`` in ``work_dir`` are rewritten after every run.

    Args:
        config (str | Path | Config): The distillation config, see :class:`Recipe`, or with
            `teacher` that of a plain student.
        work_dir (str | Path, optional): Where all of it goes. Defaults to None, the config's own
            or ``work_dirs/<config>``.
        seeds (Sequence[int], optional): Seeds to run instead of the config's. Defaults to None.
        students (Sequence[str], optional): Names of students to run. Defaults to None, all.
        conditions (Sequence[str], optional): Names of conditions to run. Defaults to None, all.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.
        teacher (str | Path, optional): Config of a plain recogniser of high-quality skeletons. The
            recipe is then :func:`partkd.configuration.pair_config`. Defaults to None.

    Returns:
        Results: The records of all runs.

    Raises:
        ValueError: If the config is no recipe, or a result was changed by hand.
    """
    require_one_process('Start one; tools/sweep.py --jobs runs several trainings at a time')
    cfg = load_config(config if teacher is None else pair_config(config, teacher), options)
    set_work_dir(cfg, work_dir)
    recipe = Recipe(cfg, seeds, students, conditions)
    work_dir = Path(cfg.work_dir)
    with chain_logger('distill', work_dir) as logger:
        prepare(recipe, logger)
        check_clips(recipe)
        num_steps = len(recipe.seeds) * recipe.num_steps
        progress = Progress(new_results(recipe), work_dir / 'results', num_steps, logger)
        for seed in recipe.seeds:
            Chain(recipe, work_dir, seed).run(progress)
        logger.info(f'\n{progress.page()}')
    return progress.results
