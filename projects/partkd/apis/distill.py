"""The whole recipe: teacher, part matrix, feature bank, students, report."""

import logging
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.utils import get_object_from_string

from partkd.evaluation import Results, Run, report
from partkd.evaluation.results import METRIC, TEACHER
from partkd.files import write_atomically

from .config import innermost_dataset, load_config, set_work_dir
from .fingerprint import counted
from .leak import check_no_leak
from .part_matrix import draw_matrix, draw_pair, frozen_teacher, make_teacher_files
from .recipe import Recipe, TeacherFiles
from .runner import close_logger, train_and_test
from .steps import Step

BANK, PART_MATRIX = 'feature_bank.npz', 'part_matrix.npz'


def distill(
    config: str | Path | Config,
    work_dir: str | Path | None = None,
    seeds: Sequence[int] | None = None,
    students: Sequence[str] | None = None,
    options: dict | None = None,
) -> Results:
    """Train teachers and students, test them, and report.

    For every seed: a teacher is trained and tested, the part matrix and the feature bank are made
    of it, and for every condition every student is trained and tested. Each step leaves its
    result in ``<work_dir>/seed_<seed>/<step>-<fingerprint>`` and is skipped when it is there; a
    training that was interrupted goes on from its last checkpoint and ends as if it had not been.
    ``results.json`` and ``results.md`` in ``work_dir`` are rewritten after every run.

    Args:
        config (str | Path | Config): The distillation config, see :class:`Recipe`.
        work_dir (str | Path, optional): Where all of it goes. Defaults to None, the config's own
            or ``work_dirs/<config>``.
        seeds (Sequence[int], optional): Seeds to run instead of the config's. Defaults to None.
        students (Sequence[str], optional): Names of students to run. Defaults to None, all.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Results: The records of all runs.

    Raises:
        ValueError: If the config is no recipe, or a result was changed by hand.
    """
    cfg = load_config(config, options)
    set_work_dir(cfg, work_dir)
    recipe = Recipe(cfg, seeds, students)
    work_dir = Path(cfg.work_dir)
    work_dir.mkdir(parents=True, exist_ok=True)
    name = f'distill {work_dir.resolve()}'
    logger = MMLogger.get_instance(name, log_file=str(work_dir / 'distill.log'), file_mode='a')
    try:
        return _Chain(recipe, work_dir, logger).run()
    finally:
        MMLogger._instance_dict.pop(name, None)
        close_logger(logger)


class _Chain:
    """The steps of a recipe, one after the other."""

    def __init__(self, recipe: Recipe, work_dir: Path, logger: logging.Logger) -> None:
        self.recipe = recipe
        self.work_dir = work_dir
        self.logger = logger
        self.needs_bank, self.needs_matrix = recipe.needs()
        runs = 1 + len(recipe.conditions) * len(recipe.students)
        self.steps = len(recipe.seeds) * (runs + (self.needs_bank or self.needs_matrix))
        self.step = 0
        self.results = Results(
            title=recipe.title,
            config=_inside_checkout(recipe.cfg.filename),
            seeds=recipe.seeds,
            students=recipe.students,
            conditions=recipe.conditions,
            planned=len(recipe.seeds) * runs,
            paper=recipe.paper,
            notes=recipe.notes,
        )

    def run(self) -> Results:
        if self.recipe.prepare:
            self._prepare(**self.recipe.prepare)
        check_no_leak(self.recipe.cfg)
        for seed in self.recipe.seeds:
            files = self._teacher(seed)
            for condition in self.recipe.conditions:
                for student in self.recipe.students:
                    cfg = self.recipe.student_config(student, condition, seed, files)
                    self._train(cfg, seed, student, condition)
        self.logger.info(f'\n{report(self.results)}')
        return self.results

    def _prepare(self, type: str, **arguments) -> None:
        function = get_object_from_string(type)
        if function is None:
            raise ValueError(
                f'distill.prepare: there is no function {type}: give its full path, such as '
                'partkd.datasets.synthetic.make_synthetic'
            )
        self.logger.info(f'preparing the data with {type}')
        function(**arguments)

    def _teacher(self, seed: int) -> TeacherFiles:
        """Train the teacher and make the files that are read of it."""
        cfg = self.recipe.teacher_config(seed)
        checkpoint = str(self._train(cfg, seed, TEACHER))
        if not (self.needs_bank or self.needs_matrix):
            return TeacherFiles(checkpoint)
        cfg = self.recipe.files_config(checkpoint)
        step = Step(self.work_dir / f'seed_{seed}', 'teacher files', self._files_made_from(cfg))
        files = TeacherFiles(
            checkpoint,
            str(step.directory / BANK) if self.needs_bank else None,
            str(step.directory / PART_MATRIX) if self.needs_matrix else None,
        )

        def make(directory: Path) -> dict:
            dataset = make_teacher_files(cfg, files.bank, files.part_matrix)
            draw_pair(dataset, directory / 'skeletons.png')
            if files.part_matrix:
                draw_matrix(files.part_matrix, directory / 'part_matrix.png')
            made = [file for file in (files.bank, files.part_matrix) if file]
            return dict(outputs=[Path(file).name for file in made])

        self._run(step, make, f'seed {seed}, teacher files')
        return files

    def _files_made_from(self, cfg: Config) -> dict:
        """All that decides part matrix and feature bank; the student's own input does not."""
        dataset = innermost_dataset(cfg.train_dataloader['dataset'])
        return dict(
            teacher=frozen_teacher(cfg.model),
            clips={k: v for k, v in dataset.items() if k not in ('pipeline', 'load_teacher')},
            part_matrix=cfg.distill.get('part_matrix') or {},
            made=(self.needs_bank, self.needs_matrix),
        )

    def _train(self, cfg: Config, seed: int, model: str, condition: str | None = None) -> Path:
        """Train and test one model, and report it. Returns its checkpoint."""
        names = [name for name in (condition, model) if name]
        step = Step(self.work_dir / f'seed_{seed}', ' '.join(names), counted(cfg))
        record = self._run(
            step,
            lambda directory: train_and_test(cfg, directory),
            ', '.join([f'seed {seed}', *names]),
        )
        # a record of an older version does not say which clips were right
        outcomes = record.get('outcomes') or {}
        self.results.add(
            Run(
                seed=seed,
                model=model,
                condition=condition,
                **{key: record[key] for key in ('metrics', 'clips', 'epochs', 'seconds')},
                resumed=record['resumed'],
                environment=record['environment'],
                correct=outcomes.get('correct'),
            ),
            outcomes.get('frame_dirs'),
        )
        self.results.save(self.work_dir / 'results.json')
        write_atomically(self.work_dir / 'results.md', report(self.results))
        return step.directory / record['outputs'][0]

    def _run(self, step: Step, action, name: str) -> dict:
        """Do a step and say so."""
        self.step += 1
        name = f'[{self.step}/{self.steps}] {name}'
        done = step.finished()
        if not done:
            verb = 'going on' if step.directory.exists() else 'starting'
            self.logger.info(f'{name}: {verb} (log in {step.directory})')
        record = done or step.run(action)
        top1 = record.get('metrics', {}).get(METRIC)
        figure = '' if top1 is None else f', top-1 {100 * top1:.1f}'
        when = 'already done' if done else 'done'
        self.logger.info(f'{name}: {when} in {record["seconds"]:.0f} s{figure}')
        self.results.seconds += record['seconds']
        return record


def _inside_checkout(config: str | None) -> str:
    """A config's path from the folder ``configs`` on, so that no home directory is told."""
    if config is None:
        return 'a config made in code'
    parts = Path(config).parts
    return '/'.join(parts[parts.index('configs') :]) if 'configs' in parts else parts[-1]
