"""What is trained one after the other: the teachers, their files and the students of a seed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mmengine.config import Config

from partkd.configuration import counted_settings, teacher_files_settings
from partkd.evaluation import TEACHER, Run
from partkd.files import RECORD, BusyError

from .folds import Fold
from .recipe import Recipe, TeacherFiles
from .steps import Step
from .teacher_files import draw_matrix, draw_pair, make_teacher_files
from .training import pretrain, train_and_test

FILES = 'files'


class Observer(Protocol):
    """Who is told what a chain does."""

    def starting(self, name: str, folder: Path, going_on: bool) -> None:
        """A step starts, or goes on where it was interrupted."""

    def done(self, name: str, folder: Path, record: dict, before: bool) -> None:
        """A step is done, or was done before, by an earlier call or by another chain."""

    def tested(self, run: Run, clips: list[str] | None) -> None:
        """A model of the report is trained and tested."""

    def failed(self, name: str, error: Exception) -> None:
        """A student failed; the chain goes on with the next unless this raises."""


class Chain:
    """The steps of one seed, and of one fold where there are folds.

    Each step leaves its result in ``<work_dir>/seed_<seed>/<step>-<digest>`` and is skipped
    when it is there. Teachers that seeds share lie where those of their own seed do.

    Args:
        recipe (Recipe): What to train.
        work_dir (Path): Where all chains have their folders.
        seed (int): The seed.
        fold (Fold, optional): What to leave out. Defaults to None, the config's own splits.
    """

    def __init__(self, recipe: Recipe, work_dir: Path, seed: int, fold: Fold | None = None) -> None:
        self.recipe, self.seed, self.fold = recipe, seed, fold
        self.name = f'seed {seed}' if fold is None else f'seed {seed} without {fold.name}'
        self.work_dir = work_dir
        self._records: dict[Path, dict] = {}
        self._weights: dict[tuple[str | None, str], str] = {}

    def run(self, observer: Observer) -> None:
        """Do all of it.

        Args:
            observer (Observer): Is told.

        Raises:
            Exception: Of the recipe's own teacher; those of students are told to the observer.
        """
        self._observer = observer
        self._train(self.recipe.teacher_config(self.seed), TEACHER)
        for condition in self.recipe.conditions:
            for student in self.recipe.students:
                try:
                    self._train_student(student, condition)
                except Exception as error:
                    observer.failed(f'{self.name}, {condition}, {student}', error)

    def _train_student(self, student: str, condition: str) -> None:
        distilled = self.recipe.is_distilled(student)
        files = self._make_files(student) if distilled else TeacherFiles()
        start = self._weights_of(self.recipe.start(student), condition)
        weights = start or self._pretrain(student, condition)
        cfg = self.recipe.student_config(student, condition, self.seed, files, weights)
        self._train(cfg, student, condition)

    def _weights_of(self, student: str | None, condition: str) -> str:
        if student is None:
            return ''
        if (condition, student) not in self._weights:
            raise RuntimeError(f'it starts from {student!r}, which failed')
        return self._weights[condition, student]

    def _pretrain(self, student: str, condition: str) -> str:
        """Train without labels what a student starts from. Returns the checkpoint, or ''."""
        cfg = self.recipe.pretraining_config(student, condition, self.seed)
        if cfg is None:
            return ''
        if self.fold is not None:
            cfg = self.fold.cut_unlabelled(cfg)
        step = Step(self._root(self.seed), f'{condition} pre-training', counted_settings(cfg))
        name = f'{self.name}, {condition}, pre-training of {student}'
        record = self._do(step, lambda folder: pretrain(cfg, folder), name, wait=True)
        return str(step.folder / record['outputs'][0])

    def _make_files(self, student: str) -> TeacherFiles:
        """Train a student's teacher and make the files that are read of it, unless it is done."""
        checkpoint = self._train_teachers(student)
        features, needs_matrix = self.recipe.needs(student)
        if not (features or needs_matrix):
            return TeacherFiles(checkpoint)
        cfg = self._cut(self.recipe.files_config(student, checkpoint))
        settings = dict(teacher_files_settings(cfg), made=(features, needs_matrix))
        step = Step(self._root(self.seed), 'teacher files', settings)

        def make(folder: Path) -> dict:
            dataset = make_teacher_files(cfg, folder / FILES, features, needs_matrix)
            draw_pair(dataset, folder / 'skeletons.png')
            if needs_matrix:
                classes = dataset.metainfo.get('classes')
                draw_matrix(folder / FILES, folder / 'part_matrix.png', classes=classes)
            return dict(outputs=[f'{FILES}/{RECORD}'])

        self._do(step, make, f'{self.name}, teacher files')
        return TeacherFiles(checkpoint, str(step.folder / FILES))

    def _train_teachers(self, student: str) -> str | list[str]:
        """A student's teachers, which are no row of the report. Returns their checkpoints."""
        checkpoints, busy = {}, []
        for number in range(self.recipe.num_teachers(student)):
            try:
                checkpoints[number] = self._train_teacher(student, number, wait=False)
            except BusyError:  # another chain is training it; there may be others to train
                busy.append(number)
        for number in busy:
            checkpoints[number] = self._train_teacher(student, number, wait=True)
        in_order = [checkpoints[number] for number in sorted(checkpoints)]
        return in_order if len(in_order) > 1 else in_order[0]

    def _train_teacher(self, student: str, number: int, wait: bool) -> str:
        cfg = self._cut(self.recipe.teacher_config(self.seed, student, number))
        name = f'{self.name}, teacher {number + 1} of {student}'
        step, record = self._train_and_test(cfg, TEACHER, name, wait)
        return str(step.folder / record['outputs'][0])

    def _train(self, cfg: Config, model: str, condition: str | None = None) -> None:
        """Train and test a model of the report."""
        cfg = self._cut(cfg)
        names = [name for name in (condition, model) if name]
        label, name = ' '.join(names), ', '.join([self.name, *names])
        shared = model == TEACHER  # another chain may be training it
        step, record = self._train_and_test(cfg, label, name, wait=shared)
        self._weights[condition, model] = str(step.folder / record['outputs'][0])
        run = Run(
            seed=self.seed,
            model=model,
            condition=condition,
            fold=self.fold.name if self.fold else None,
            **{key: record[key] for key in ('metrics', 'clips', 'epochs', 'seconds')},
            resumed=record['resumed'],
            environment=record['environment'],
            correct=record['outcomes']['correct'],
            files=self._files(step.folder, cfg, record['outputs'][0]),
        )
        self._observer.tested(run, record['outcomes']['frame_dirs'])

    def _files(self, folder: Path, cfg: Config, checkpoint: str) -> dict[str, str]:
        """See :class:`Run`; mmengine writes a config under its own name."""
        files = dict(config=Path(cfg.filename or 'config.py').name, checkpoint=checkpoint)
        below = folder.relative_to(self.work_dir)
        return {key: (below / name).as_posix() for key, name in files.items()}

    def _train_and_test(self, cfg: Config, label: str, name: str, wait: bool) -> tuple[Step, dict]:
        step = Step(self._root(cfg.randomness.seed), label, counted_settings(cfg))
        return step, self._do(step, lambda folder: train_and_test(cfg, folder), name, wait)

    def _root(self, seed: int) -> Path:
        """Where the steps of a seed have their folders."""
        root = self.work_dir / f'seed_{seed}'
        if self.fold is None:
            return root
        return root / f'without_{re.sub("[^A-Za-z0-9]+", "_", self.fold.name)}'

    def _cut(self, cfg: Config) -> Config:
        return cfg if self.fold is None else self.fold.cut(cfg)

    def _do(
        self, step: Step, action: Callable[[Path], dict], name: str, wait: bool = False
    ) -> dict:
        """Do a step and tell of it, once."""
        if step.folder in self._records:
            return self._records[step.folder]
        going_on, started = step.folder.exists(), False

        def start(folder: Path) -> dict:
            nonlocal started
            started = True
            self._observer.starting(name, folder, going_on)
            return action(folder)

        record = step.make(start, wait)
        self._observer.done(name, step.folder, record, before=not started)
        self._records[step.folder] = record
        return record
