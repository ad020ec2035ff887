"""What the ``distill`` part of a config asks for, and the config of each of its trainings."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from partkd.configuration import (
    add_behind_degradations,
    feature_bank,
    features_of_bank,
    frozen_teacher,
    innermost_dataset,
    load_config,
    part_matrices,
    set_condition,
    teacher_files_settings,
)
from partkd.distillation import as_list
from partkd.structures import CLIP_FEATURES

from .recipe_checks import check_pretraining, check_recipe, check_seeds, chosen
from .recipe_configs import for_chain, unfilled_config


@dataclass(frozen=True)
class TeacherFiles:
    """What a student reads of its teacher.

    Args:
        checkpoint (str | list[str]): The teacher's weights, of several teachers a list. Defaults
            to '', not made yet.
        folder (str): Where feature bank and part matrix are. Defaults to '', neither is needed.
    """

    checkpoint: str | list[str] = ''
    folder: str = ''


class Recipe:
    """A distillation config and the trainings that it asks for.

    ``cfg.distill`` is a dict of

    - ``seeds`` (list[int]): each gets its own students and its own teacher; several teachers are
      shared, see :meth:`teacher_seed`. Defaults to ``[0]``.
    - ``conditions`` (dict[str, dict]): what makes the student's input poorer, by name, the
      arguments of :func:`partkd.configuration.set_condition`. Defaults to
      ``{'OP 0': dict(prob=0.)}``.
    - ``students`` (dict[str, dict | None]): by name, the first one being the baseline of the
      report. None is the config as it is; ``losses`` replaces ``model.losses``, and ``[]`` trains
      the student without a teacher; ``options`` are settings to override, by dotted key, also of
      the training data; ``behind_degradations`` are transforms that come right behind what makes
      its input poorer, such as :class:`FillMissingJoints`; ``config`` is the file, relative to the
      recipe's, of another config to train in its stead, distilled (with a teacher of its own) or
      plain: a control or a bound; ``starts_from`` is the name of a student above it, whose weights
      under the same condition and seed it starts from; ``pretraining`` is the file of a training
      without labels, as by :class:`ContrastivePretrainer`, which it starts from in their stead:
      one for each seed and condition, which makes the input poorer there too.
    - ``title`` (str): heading of the report. Defaults to the config's name.
    - ``paper`` (dict[str, tuple]): by condition, the paper's top-1 in percent of the teacher, of
      the student without and with distillation, to be shown beside ours.
    - ``notes`` (list[str]): what a reader of the report has to know of the figures.
    - ``part_matrix`` (dict): see :func:`partkd.distillation.matrix_settings`.
    - ``prepare`` (dict): a function that makes the data and leaves data that is there as it is:
      its full path as ``type``, and its arguments.

    Args:
        cfg (Config): The distillation config.
        seeds (Sequence[int], optional): Seeds to take instead. Defaults to None.
        students (Sequence[str], optional): Names of the students to take; the baseline is always
            among them, and those that one starts from. Defaults to None, all.
        conditions (Sequence[str], optional): Names of the conditions to take. Defaults to None,
            all.

    Raises:
        ValueError: If the config is no recipe, or a name is not in it.
    """

    def __init__(
        self,
        cfg: Config,
        seeds: Sequence[int] | None = None,
        students: Sequence[str] | None = None,
        conditions: Sequence[str] | None = None,
    ) -> None:
        settings = cfg.get('distill')
        check_recipe(cfg, settings)
        self.cfg = copy.deepcopy(cfg)
        if seeds is not None:
            check_seeds(seeds)
        self.seeds = list(seeds if seeds is not None else settings.get('seeds', [0]))
        known = settings.get('conditions') or {'OP 0': dict(prob=0.0)}
        self.conditions = {name: known[name] for name in chosen('condition', known, conditions)}
        self.known = settings['students']
        self.students = self._with_starts(chosen('student', self.known, students))
        self.title = settings.get('title') or Path(cfg.filename or 'Distillation').stem
        self.paper = {name: tuple(three) for name, three in settings.get('paper', {}).items()}
        self.notes = list(settings.get('notes', []))
        self.prepare = settings.get('prepare')
        # Before files, condition and seed are filled in.
        self._configs = {name: unfilled_config(cfg, name, self.known[name]) for name in self.known}
        self._pretraining = self._read_pretraining()
        self._sharing = self._group_by_files()
        self.notes += self._teacher_notes()
        # A pipeline that nothing can be occluded in is found before a teacher is trained.
        for condition in self.conditions:
            for student in self.students:
                self.student_config(student, condition, 0)
                self.pretraining_config(student, condition, 0)

    @property
    def num_runs(self) -> int:
        """Models of the report that are trained for each seed."""
        return 1 + len(self.conditions) * len(self.students)

    @property
    def num_steps(self) -> int:
        """Steps for each seed: runs, teachers that are in no row, and teachers' files."""
        distilled = set(filter(self.is_distilled, self.students))
        teachers = {(self._teacher_file(None), 0)} | {
            (self._teacher_file(student), number)
            for student in distilled
            for number in range(self.num_teachers(student))
        }
        files = [group for group in self._sharing if distilled & set(group)]
        made = sum(any(self.needs(one[0])) for one in files)
        return self.num_runs + len(teachers) - 1 + made + self._num_pretrainings

    def teacher_seed(self, seed: int, student: str | None = None, number: int = 0) -> int:
        """The seed of a teacher's training.

        As many seeds as a student has teachers share these: of five, the seeds 0 to 4 share the
        teachers 0 to 4, the seeds 5 to 9 five others. Each begins with the teacher of its own
        seed, whose features are distilled.

        Args:
            seed (int): The seed of the chain.
            student (str, optional): See :meth:`teacher_config`. Defaults to None.
            number (int): Which of several teachers. Defaults to 0.

        Returns:
            int: Among as many seeds that follow one another as the student has teachers.
        """
        several = 1 if student is None else self.num_teachers(student)
        return seed - seed % several + (seed + number) % several

    @property
    def custom_imports(self) -> list[dict]:
        """What the students' configs import; those of teachers do it when they are read."""
        return [cfg.custom_imports for cfg in self._configs.values() if cfg.get('custom_imports')]

    def num_teachers(self, student: str) -> int:
        """How many teachers a student has: as many as its config names checkpoints.

        Args:
            student (str): Name of a distilled student.

        Returns:
            int: One or more.
        """
        return len(as_list(frozen_teacher(self._configs[student].model)['checkpoint']))

    def teacher_config(self, seed: int, student: str | None = None, number: int = 0) -> Config:
        """The config of a teacher's training.

        Args:
            seed (int): The seed of the chain.
            student (str, optional): Name of the distilled student whose teacher it is. Defaults
                to None, the recipe's own.
            number (int): Which of several teachers. Defaults to 0.

        Returns:
            Config: Ready for a runner.
        """
        cfg = load_config(self._teacher_file(student))
        return for_chain(cfg, self.teacher_seed(seed, student, number))

    def files_config(self, student: str, checkpoint: str | list[str]) -> Config:
        """The config that a student's part matrix and feature bank are made with.

        Args:
            student (str): Its name.
            checkpoint (str | list[str]): The teacher's weights.

        Returns:
            Config: For :func:`partkd.experiments.make_teacher_files`.
        """
        cfg = copy.deepcopy(self._configs[student])
        frozen_teacher(cfg.model)['checkpoint'] = checkpoint
        return cfg

    def teacher_files_settings(self, student: str) -> dict | None:
        """All that decides a student's part matrix and feature bank, but the teacher's weights.

        Args:
            student (str): Its name.

        Returns:
            dict | None: See :func:`partkd.configuration.teacher_files_settings`; None where it
            has no teacher.
        """
        if not self.is_distilled(student):
            return None
        return teacher_files_settings(self.files_config(student, [''] * self.num_teachers(student)))

    def start(self, student: str) -> str | None:
        """Whose weights a student starts from.

        Args:
            student (str): Its name.

        Returns:
            str | None: The name of a student above it; None where it starts anew.
        """
        return (self.known[student] or {}).get('starts_from')

    def student_config(
        self,
        student: str,
        condition: str,
        seed: int,
        files: TeacherFiles = TeacherFiles(),
        weights: str = '',
    ) -> Config:
        """The config of a student's training.

        Args:
            student (str): Its name.
            condition (str): The condition's name.
            seed (int): Its seed.
            files (TeacherFiles): Of its teacher with the same seed; not read where it has none.
                Defaults to none that are made.
            weights (str): The file of the weights that it starts from. Defaults to '', none, or not
                made yet.

        Returns:
            Config: Ready for a runner.
        """
        cfg = copy.deepcopy(self._configs[student])
        if start := weights or self.start(student):
            cfg.load_from = start
        if self.is_distilled(student):
            frozen_teacher(cfg.model)['checkpoint'] = files.checkpoint
            if bank := feature_bank(cfg.model):
                bank['folder'] = files.folder
            for matrix in part_matrices(cfg.model):
                matrix['folder'] = files.folder
        set_condition(cfg, **self.conditions[condition])
        add_behind_degradations(cfg, (self.known[student] or {}).get('behind_degradations', ()))
        return for_chain(cfg, seed)

    def pretraining_config(self, student: str, condition: str, seed: int) -> Config | None:
        """The config of the training without labels that a student starts from.

        Args:
            student (str): Its name.
            condition (str): The condition's name.
            seed (int): Its seed.

        Returns:
            Config | None: Ready for a runner; None where the student starts from nothing.
        """
        if student not in self._pretraining:
            return None
        cfg = copy.deepcopy(self._pretraining[student])
        set_condition(cfg, **self.conditions[condition])
        add_behind_degradations(cfg, (self.known[student] or {}).get('behind_degradations', ()))
        return for_chain(cfg, seed)

    def every_pretraining(self) -> list[Config]:
        """The configs of all trainings without labels, for what is the same under all seeds.

        Returns:
            list[Config]: Under the first condition.
        """
        condition = next(iter(self.conditions))
        cfgs = (self.pretraining_config(name, condition, 0) for name in self.students)
        return [cfg for cfg in cfgs if cfg is not None]

    def every_config(self) -> list[Config]:
        """The configs of all teachers and students, for what is the same under all seeds.

        Returns:
            list[Config]: Students under the first condition. Several may have one teacher.
        """
        condition, cfgs = next(iter(self.conditions)), [self.teacher_config(0)]
        for student in self.students:
            cfgs.append(self.student_config(student, condition, 0))
            if self.is_distilled(student):
                cfgs.append(self.teacher_config(0, student))
        return cfgs

    def test_set(self, student: str) -> dict:
        """What a student is tested on.

        Args:
            student (str): Its name.

        Returns:
            dict: Config of the dataset; not a copy.
        """
        return innermost_dataset(self._configs[student].test_dataloader['dataset'])

    def is_distilled(self, student: str) -> bool:
        """Whether a student has a teacher.

        Args:
            student (str): Its name.

        Returns:
            bool: False where it is trained alone.
        """
        return self._configs[student].model['type'] == 'KDRecognizer'

    def needs(self, student: str) -> tuple[tuple[str, ...], bool]:
        """What has to be made of a teacher before a student can be distilled.

        Args:
            student (str): Name of a distilled student.

        Returns:
            tuple[tuple[str, ...], bool]: The features that the feature bank has to hold, none where
            there is no need of one, and whether the part matrix is needed, by any student of the
            config, taken or not, that can share its files.
        """
        (group,) = [group for group in self._sharing if student in group]
        models = [self._configs[name].model for name in group]
        read = {name for model in models for name in features_of_bank(model)}
        in_order = tuple(name for name in CLIP_FEATURES if name in read)
        return in_order, any(map(part_matrices, models))

    def _with_starts(self, students: list[str]) -> list[str]:
        """Those asked for, and those that they start from, which stand above them."""
        wanted = set(students)
        for name in reversed(list(self.known)):
            if name in wanted and (start := self.start(name)):
                wanted.add(start)
        return [name for name in self.known if name in wanted]

    @property
    def _num_pretrainings(self) -> int:
        """Steps of a seed in which something is trained without labels."""
        different = {
            repr((cfg.filename, self.known[name].get('behind_degradations')))
            for name, cfg in self._pretraining.items()
        }
        return len(different) * len(self.conditions)

    def _read_pretraining(self) -> dict[str, Config]:
        """Of the students that start from one, each file read once."""
        folder = Path(self.cfg.filename or '.').parent
        files = {name: (self.known[name] or {}).get('pretraining') for name in self.students}
        read = {file: load_config(folder / file) for file in set(files.values()) if file}
        pretraining = {name: read[file] for name, file in files.items() if file}
        for name, cfg in pretraining.items():
            check_pretraining(name, self._configs[name], cfg)
        return pretraining

    def _teacher_notes(self) -> list[str]:
        """Who has several teachers."""
        students: dict[int, list[str]] = {}
        for name in filter(self.is_distilled, self.students):
            students.setdefault(self.num_teachers(name), []).append(name)
        return [
            f'{number} teachers, which differ in their seed, teach {", ".join(names)}: logits are '
            'the mean of theirs, features those of the one with the seed of the student. '
            f'{number} seeds that follow one another share them, so that deviations and intervals '
            'are of these teachers. The row of the teacher is one alone.'
            for number, names in students.items()
            if number > 1
        ]

    def _teacher_file(self, student: str | None) -> str:
        cfg = self.cfg if student is None else self._configs[student]
        return frozen_teacher(cfg.model)['config']

    def _group_by_files(self) -> list[list[str]]:
        """The distilled students, together where they can share their teacher's files."""
        groups: list[tuple[dict, list[str]]] = []
        for student in self.known:
            settings = self.teacher_files_settings(student)
            if settings is None:
                continue
            found = [students for other, students in groups if other == settings]
            if found:
                found[0].append(student)
            else:
                groups.append((settings, [student]))
        return [students for _, students in groups]
