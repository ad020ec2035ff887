"""What the ``distill`` part of a config asks for, and the config of each of its trainings."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from partkd.evaluation.how import SCOPES
from partkd.evaluation.results import TEACHER

from .config import drop_validation, innermost_dataset, load_config, set_occlusion, set_seed
from .part_matrix import feature_bank, frozen_teacher, part_matrices

KNOWN = ('seeds', 'conditions', 'students', 'title', 'paper', 'notes', 'part_matrix', 'prepare')
DATA = 'train_dataloader'


@dataclass
class TeacherFiles:
    """What a student reads of its teacher.

    Args:
        checkpoint (str): The teacher's weights.
        bank (str | None): The feature bank. Defaults to None.
        part_matrix (str | None): The part matrix. Defaults to None.
    """

    checkpoint: str
    bank: str | None = None
    part_matrix: str | None = None


class Recipe:
    """A distillation config and the trainings that it asks for.

    ``cfg.distill`` is a dict of

    - ``seeds`` (list[int]): each gets its own teacher and students. Defaults to ``[0]``.
    - ``conditions`` (dict[str, dict]): occlusion of the student's input by name, ``prob`` and
      ``scope`` of :func:`partkd.apis.set_occlusion`. Defaults to ``{'OP 0': dict(prob=0.)}``.
    - ``students`` (dict[str, dict | None]): by name, the first one being the baseline of the
      report. None is the config as it is; ``losses`` replaces ``model.losses``, and ``[]`` trains
      the student without a teacher; ``options`` are settings to override, by dotted key.
    - ``title`` (str): heading of the report. Defaults to the config's name.
    - ``paper`` (dict[str, tuple]): by condition, the paper's top-1 in percent of the teacher, of
      the student without and with distillation, to be shown beside ours.
    - ``notes`` (list[str]): what a reader of the report has to know of the figures.
    - ``part_matrix`` (dict): ``fill`` and ``score`` of
      :func:`partkd.distillation.build_teacher_files`.
    - ``prepare`` (dict): a function that makes the data and leaves data that is there as it is:
      its full path as ``type``, and its arguments.

    Args:
        cfg (Config): The distillation config.
        seeds (Sequence[int], optional): Seeds to take instead. Defaults to None.
        students (Sequence[str], optional): Names of the students to take; the baseline is always
            among them. Defaults to None, all.

    Raises:
        ValueError: If the config is no recipe, or a name is not in it.
    """

    def __init__(
        self,
        cfg: Config,
        seeds: Sequence[int] | None = None,
        students: Sequence[str] | None = None,
    ) -> None:
        settings = cfg.get('distill')
        _check(cfg, settings)
        self.cfg = copy.deepcopy(cfg)
        self.seeds = list(seeds if seeds is not None else settings.get('seeds', [0]))
        self.conditions = dict(settings.get('conditions') or {'OP 0': dict(prob=0.0)})
        self.known = settings['students']
        self.students = _chosen(self.known, students)
        self.title = settings.get('title') or Path(cfg.filename or 'Distillation').stem
        self.paper = {name: tuple(three) for name, three in settings.get('paper', {}).items()}
        self.notes = list(settings.get('notes', []))
        self.prepare = settings.get('prepare')
        # A pipeline that nothing can be occluded in is found before a teacher is trained.
        for condition in self.conditions:
            for student in self.students:
                self.student_config(student, condition, 0, TeacherFiles(''))

    def teacher_config(self, seed: int) -> Config:
        """The config of a teacher's training.

        Args:
            seed (int): Its seed.

        Returns:
            Config: Ready for a runner.
        """
        return _for_chain(load_config(frozen_teacher(self.cfg.model)['config']), seed)

    def files_config(self, checkpoint: str) -> Config:
        """The config that part matrix and feature bank are made with.

        Args:
            checkpoint (str): The teacher's weights.

        Returns:
            Config: For :func:`partkd.apis.part_matrix.make_teacher_files`.
        """
        cfg = copy.deepcopy(self.cfg)
        frozen_teacher(cfg.model)['checkpoint'] = checkpoint
        return cfg

    def student_config(
        self, student: str, condition: str, seed: int, files: TeacherFiles
    ) -> Config:
        """The config of a student's training.

        Args:
            student (str): Its name.
            condition (str): The condition's name.
            seed (int): Its seed.
            files (TeacherFiles): Of the teacher with the same seed.

        Returns:
            Config: Ready for a runner.
        """
        cfg = self._with_losses(student)
        if cfg.model['type'] == 'KDRecognizer':
            frozen_teacher(cfg.model)['checkpoint'] = files.checkpoint
            if feature_bank(cfg.model):
                feature_bank(cfg.model)['file'] = files.bank
            for matrix in part_matrices(cfg.model):
                matrix['file'] = files.part_matrix
        set_occlusion(cfg, **self.conditions[condition])
        return _for_chain(cfg, seed)

    def needs(self) -> tuple[bool, bool]:
        """What has to be made of a teacher before a student can be distilled.

        Returns:
            tuple[bool, bool]: Whether any student of the config needs the feature bank, and the
            part matrix. Both are False where no student that is taken has a teacher.
        """
        if not any(map(self._distilled, self.students)):
            return False, False
        models = [self._with_losses(name).model for name in filter(self._distilled, self.known)]
        return any(map(feature_bank, models)), any(map(part_matrices, models))

    def _distilled(self, student: str) -> bool:
        return self._with_losses(student).model['type'] == 'KDRecognizer'

    def _with_losses(self, student: str) -> Config:
        """A student's config before files, condition and seed are filled in."""
        settings = self.known[student] or {}
        cfg = load_config(self.cfg, settings.get('options'))
        losses = settings.get('losses')
        if losses is None:
            return cfg
        if losses:
            cfg.model.losses = copy.deepcopy(losses)
            return cfg
        # The pairs stay joined, so that every student is trained on exactly the same clips.
        innermost_dataset(cfg.train_dataloader['dataset'])['load_teacher'] = False
        cfg.model = cfg.model['student']
        return cfg


def _for_chain(cfg: Config, seed: int) -> Config:
    """Seeded, tested once at the end instead of validated, and rid of all that is not its own."""
    for key in ('distill', 'teacher', 'work_dir', 'experiment_name'):
        cfg.pop(key, None)
    for key in ('val_interval', 'val_begin'):
        cfg.train_cfg.pop(key, None)
    drop_validation(cfg)
    set_seed(cfg, seed)
    hooks = dict(cfg.get('default_hooks') or {})
    checkpoint = dict(hooks.get('checkpoint') or dict(type='CheckpointHook', interval=1))
    for key in ('save_best', 'out_dir', 'filename_tmpl'):
        checkpoint.pop(key, None)
    cfg.default_hooks = hooks | dict(checkpoint=checkpoint | dict(save_last=True))
    return cfg


def _check(cfg: Config, settings: dict | None) -> None:
    if not settings or not settings.get('students'):
        raise ValueError(
            f'{cfg.filename or "the config"} says nothing of what to distil: add distill=dict('
            "students={'cross entropy': dict(losses=[]), 'PMSC': None})"
        )
    unknown = sorted(settings.keys() - set(KNOWN))
    if unknown:
        raise ValueError(f'distill has unknown settings {unknown}; it has {list(KNOWN)}')
    strangers = sorted(settings.get('paper', {}).keys() - settings.get('conditions', {}).keys())
    if strangers:
        raise ValueError(f'distill.paper has {strangers}, which distill.conditions has not')
    for name, student in settings['students'].items():
        _check_student(name, student or {})
    for name, condition in settings.get('conditions', {}).items():
        _check_condition(name, condition)
    frozen_teacher(cfg.model)


def _check_student(name: str, student: dict) -> None:
    if name == TEACHER:
        raise ValueError(f'a student cannot be named {TEACHER!r}: rename it in distill.students')
    unknown = sorted(student.keys() - {'losses', 'options'})
    if unknown:
        raise ValueError(f'student {name!r} has unknown settings {unknown}: give losses, options')
    if any(key.startswith(DATA) for key in student.get('options') or {}):
        raise ValueError(
            f'the options of student {name!r} change {DATA}, but teacher, part matrix and feature '
            'bank are made once for all students: write a config of its own'
        )


def _check_condition(name: str, condition: dict) -> None:
    if not condition.keys() <= {'prob', 'scope'} or condition.get('scope', 'frame') not in SCOPES:
        raise ValueError(
            f'condition {name!r} is {dict(condition)}: give prob, and scope, which is one of '
            f'{list(SCOPES)}'
        )


def _chosen(students: dict, names: Sequence[str] | None) -> list[str]:
    unknown = sorted(set(names or ()) - students.keys())
    if unknown:
        raise ValueError(f'no student is named {unknown}; distill.students has {list(students)}')
    baseline = next(iter(students))
    return [name for name in students if names is None or name in {baseline, *names}]
