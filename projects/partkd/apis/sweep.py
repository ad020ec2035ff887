"""Many variants of a recipe under many seeds, several at a time."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from partkd.configuration import counted_settings, load_config, part_matrices, set_work_dir
from partkd.engine.distributed import require_one_process
from partkd.evaluation import Results
from partkd.experiments import (
    Chain,
    Fold,
    Progress,
    Recipe,
    chain_logger,
    check_clips,
    inside_checkout,
    make_folds,
    new_results,
    prepare,
    read_grid,
    run_in_processes,
)


class SweepError(RuntimeError):
    """Some runs of a sweep failed; the others are done."""


def sweep(
    config: str | Path | Config,
    grid: str | Path | None = None,
    seeds: int | None = None,
    jobs: int = 1,
    leave_out: str | None = None,
    work_dir: str | Path | None = None,
    students: Sequence[str] | None = None,
    conditions: Sequence[str] | None = None,
    options: dict | None = None,
    all_clips: bool = False,
) -> Results:
    """Train and test a recipe's students and more, as :func:`partkd.apis.distill` does.

    Steps go where ``distill()`` has them, so that each takes up what the other has done, and an
    interrupted sweep goes on. A run that fails is logged and the others go on.
    ``sweep.json`` and ``sweep.md`` in ``work_dir`` are rewritten after every run; where clips are
    left out they are called ``left_out``, and ``all_left_out`` where those are of all clips.

    Args:
        config (str | Path | Config): The distillation config, see :class:`Recipe`.
        grid (str | Path, optional): Further students, see :func:`read_grid`. Defaults to None,
            the recipe's own alone.
        seeds (int, optional): How many seeds, from 0 on. Defaults to None, the config's.
        jobs (int): Processes at a time, each with its share of the processor's cores, each
            working through one seed (of one fold). Defaults to 1.
        leave_out (str, optional): Chooses without a look at the test split: a regular expression
            whose first group finds in a ``frame_dir`` what training clips are to be grouped by.
            Each group in turn is left out of training, of teachers as well, and tested. A seed's
            figures are over the clips of all groups. Defaults to None: the config's own splits.
        work_dir (str | Path, optional): Where all of it goes. Defaults to None, the config's own
            or ``work_dirs/<config>``.
        students (Sequence[str], optional): Names of students to run, of recipe and grid; the
            baseline is always among them. Defaults to None, all.
        conditions (Sequence[str], optional): Names of conditions to run. Defaults to None, all.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.
        all_clips (bool): Leave out of all clips of the files in turn, those of the test split
            too, where nothing is to be chosen any more. Defaults to False.

    Returns:
        Results: The records of all runs.

    Raises:
        ValueError: If config, grid or expression are no such thing, or two students are the same.
        SweepError: At the end, if runs failed.
    """
    if jobs < 1 or (seeds is not None and seeds < 1):
        raise ValueError(f'jobs={jobs}, seeds={seeds}: give numbers of 1 or more')
    if all_clips and leave_out is None:
        raise ValueError('all_clips without leave_out: say what is to be left out in turn')
    require_one_process('Start one; tools/sweep.py --jobs runs several trainings at a time')
    cfg = load_config(config, options)
    set_work_dir(cfg, work_dir)
    _add_students(cfg, grid)
    recipe = Recipe(cfg, None if seeds is None else range(seeds), students, conditions)
    _check_variants(recipe)
    work_dir = Path(cfg.work_dir)
    with chain_logger('sweep', work_dir) as logger:
        prepare(recipe, logger)
        folds: Sequence[Fold | None] = [None]
        if leave_out is None:
            check_clips(recipe)
        else:
            folds = make_folds(recipe.every_config(), leave_out, all_clips)
        results = new_results(recipe, folds)
        results.notes = [*results.notes, *_notes(grid, leave_out, folds, all_clips)]
        chains = [Chain(recipe, work_dir, seed, fold) for seed in recipe.seeds for fold in folds]
        num_steps = len(chains) * recipe.num_steps
        stem = 'sweep' if leave_out is None else 'all_left_out' if all_clips else 'left_out'
        progress = _SweepProgress(results, work_dir / stem, num_steps, logger)
        run_in_processes(chains, jobs, max(1, (os.cpu_count() or 1) // jobs), progress)
        logger.info(f'\n{progress.page()}')
    if progress.failures:
        raise SweepError(
            f'{len(progress.failures)} failed: {"; ".join(progress.failures)}. See '
            f'{work_dir / "sweep.log"}; the same command does what is missing'
        )
    return results


class _SweepProgress(Progress):
    """Goes on where something failed."""

    def __init__(
        self, results: Results, stem: Path, num_steps: int, logger: logging.Logger
    ) -> None:
        super().__init__(results, stem, num_steps, logger)
        self.failures: list[str] = []

    def failed(self, name: str, error: Exception) -> None:
        self.failures.append(name)
        self.logger.error(f'{name}: failed. {error}')


def _add_students(cfg: Config, grid: str | Path | None) -> None:
    if grid is None:
        return
    own = cfg.get('distill', {}).get('students', {})
    more = read_grid(grid)
    both = sorted(own.keys() & more.keys())
    if both:
        raise ValueError(f'{grid} has students {both}, as the recipe itself: rename them')
    own.update(more)


def _check_variants(recipe: Recipe) -> None:
    """Refuse a variant whose settings change nothing that is read."""
    condition = next(iter(recipe.conditions))
    seen: dict[str, str] = {}
    for student in recipe.students:
        cfg = recipe.student_config(student, condition, 0)
        of_teacher = recipe.teacher_files_settings(student)
        if of_teacher and not part_matrices(cfg.model):
            del of_teacher['part_matrix']
        start = recipe.pretraining_config(student, condition, 0)
        of_start = counted_settings(start) if start else None
        settings = repr((counted_settings(cfg), of_teacher, of_start))
        if settings in seen:
            raise ValueError(
                f'students {seen[settings]!r} and {student!r} are the same: no setting that '
                'differs is read. A variable of a config file is no setting; give the key where it '
                'is used, such as model.losses.0.loss_weight'
            )
        seen[settings] = student


def _notes(
    grid: str | Path | None, leave_out: str | None, folds: Sequence[Fold | None], all_clips: bool
) -> list[str]:
    notes = [] if grid is None else [f'Further students: `{inside_checkout(str(grid))}`.']
    if leave_out is not None:
        names = ', '.join(fold.name for fold in folds if fold)
        whole = 'all clips of the files, whatever their split'
        notes.append(
            f'Trained and tested on {whole if all_clips else "the training split alone"}: what '
            f"`{leave_out}` finds in the clips' names ({names}) "
            'is left out in turn and tested. Figures of a seed are over all clips left out.'
        )
    return notes
