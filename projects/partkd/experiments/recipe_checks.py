"""What is wrong with a recipe is said before anything is trained."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from mmengine.config import Config

from partkd.arguments import Seed, require
from partkd.configuration import frozen_teacher
from partkd.evaluation import TEACHER, Condition
from partkd.messages import shown


class Student(TypedDict, total=False):
    """What is other about a student than the recipe's config says."""

    losses: Sequence[dict] | None
    options: dict[str, Any] | None
    behind_degradations: Sequence[dict]
    config: str
    starts_from: str
    pretraining: str


KNOWN: dict[str, Any] = dict(
    seeds=Sequence[Seed],
    conditions=Mapping[Any, dict],
    students=Mapping[Any, dict | None],
    title=str,
    paper=Mapping[str, tuple[float, float, float]],
    notes=Sequence[str],
    part_matrix=dict,
    prepare=dict,
)
STUDENT = tuple(Student.__annotations__)


def check_recipe(cfg: Config, settings: dict | None) -> None:
    """Refuse a config that is no recipe.

    Args:
        cfg (Config): The distillation config.
        settings (dict | None): Its ``distill``.

    Raises:
        ValueError: Naming what is wrong.
    """
    require(settings, dict | None, 'distill')
    if not settings or not settings.get('students'):
        raise ValueError(
            f'{cfg.filename or "the config"} says nothing of what to distil: name its teacher with '
            "--teacher TEACHER.py, or add distill=dict(students={'cross entropy': dict(losses=[]), "
            "'PMSC': None}) to a config of a distillation"
        )
    unknown = sorted(settings.keys() - KNOWN.keys())
    if unknown:
        raise ValueError(f'distill has unknown settings {unknown}; it has {list(KNOWN)}')
    for key, value in settings.items():
        require(value, KNOWN[key], f'distill.{key}')
    check_seeds(settings.get('seeds', [0]))
    strangers = sorted(settings.get('paper', {}).keys() - settings.get('conditions', {}).keys())
    if strangers:
        raise ValueError(f'distill.paper has {strangers}, which distill.conditions has not')
    for name in (*settings['students'], *settings.get('conditions', {})):
        if not isinstance(name, str) or not name.strip() or set(name) & set('|\n'):
            raise ValueError(
                f'{shown(name)} is no name for the tables of the report: one line of text without |'
            )
    earlier: list[str] = []
    for name, student in settings['students'].items():
        _check_student(name, student or {}, earlier)
        earlier.append(name)
    for name, condition in settings.get('conditions', {}).items():
        require(condition, Condition, f'distill.conditions[{name!r}]')
        if not condition:
            raise ValueError(
                f'distill.conditions[{name!r}] says nothing: give prob=0.0 for clips as they are, '
                f'or some of {list(Condition.__annotations__)}'
            )
    check_teacher(cfg)


def check_seeds(seeds: Sequence[int]) -> None:
    """Refuse seeds that are none, or that would make one run count several times.

    Args:
        seeds (Sequence[int]): The seeds.

    Raises:
        ValueError: Naming them.
    """
    require(seeds, Sequence[Seed], 'seeds')
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f'seeds={shown(list(seeds))}: give one or more, each once')


def check_teacher(cfg: Config) -> None:
    """Refuse a distillation whose teacher names no checkpoint.

    Args:
        cfg (Config): The distillation config.

    Raises:
        ValueError: Saying what to set.
    """
    if not frozen_teacher(cfg.model).get('checkpoint'):
        raise ValueError(
            f'the teacher of {cfg.filename or "the config"} has no checkpoint: set '
            'model.teacher.teacher.checkpoint to a file, or to a list of files for several teachers'
        )


def _check_student(name: str, student: dict, earlier: list[str]) -> None:
    if name == TEACHER:
        raise ValueError(f'a student cannot be named {TEACHER!r}: rename it in distill.students')
    unknown = sorted(student.keys() - set(STUDENT))
    if unknown:
        raise ValueError(f'student {name!r} has unknown settings {unknown}; it has {STUDENT}')
    require(student, Student, f'distill.students[{name!r}]')
    for key in ('config', 'pretraining'):
        if student.get(key) == '':
            raise ValueError(f'student {name!r} has an empty {key}: name a file, or leave it out')
    start = student.get('starts_from')
    if start is not None and start not in earlier:
        raise ValueError(
            f'student {name!r} starts from {shown(start)}, which is trained before it: name one of '
            f'those above it in distill.students, {earlier}'
        )
    if start and student.get('pretraining'):
        raise ValueError(
            f'student {name!r} has starts_from and pretraining, two weights to start from: name one'
        )


def check_pretraining(name: str, cfg: Config, pretraining: Config) -> None:
    """Refuse a pre-training of another network than the student's.

    Args:
        name (str): Of the student.
        cfg (Config): The student's.
        pretraining (Config): Of what it is to start from.

    Raises:
        ValueError: Naming what differs, or that there is no encoder.
    """
    encoder = pretraining.model.get('encoder')
    if not encoder:
        raise ValueError(
            f'pretraining of student {name!r}: {pretraining.filename} trains no encoder: name the '
            'config of a ContrastivePretrainer'
        )
    student = cfg.model.get('student', cfg.model)
    for key in ('layout', 'backbone'):
        if student.get(key) != encoder.get(key):
            raise ValueError(
                f'student {name!r} has {key} {shown(student.get(key))}, and its pretraining '
                f'{pretraining.filename} {shown(encoder.get(key))}: give both the same'
            )


def chosen(kind: str, known: dict, names: Sequence[str] | None) -> list[str]:
    """The students, or conditions, that are asked for, in the recipe's order.

    Args:
        kind (str): ``'student'`` or ``'condition'``.
        known (dict): All of them by name; of students, the baseline first.
        names (Sequence[str] | None): Those asked for; None for all. The baseline is always taken.

    Returns:
        list[str]: Their names.

    Raises:
        ValueError: If a name is not known.
    """
    require(names, Sequence[str] | None, f'{kind}s')
    if names is not None and not names:
        raise ValueError(f'{kind}s=[]: name a {kind}, or leave them out to take all')
    unknown = sorted(set(names or ()) - known.keys())
    if unknown:
        raise ValueError(f'no {kind} is named {unknown}; the recipe has {list(known)}')
    always = {next(iter(known))} if kind == 'student' else set()
    return [name for name in known if names is None or name in always | set(names)]
