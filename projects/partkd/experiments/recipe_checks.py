"""What is wrong with a recipe is said before anything is trained."""

from collections.abc import Sequence

from mmengine.config import Config

from partkd.configuration import frozen_teacher
from partkd.evaluation import SCOPES, TEACHER
from partkd.messages import shown

KNOWN = ('seeds', 'conditions', 'students', 'title', 'paper', 'notes', 'part_matrix', 'prepare')
STUDENT = ('losses', 'options', 'config')


def check_recipe(cfg: Config, settings: dict | None) -> None:
    """Refuse a config that is no recipe.

    Args:
        cfg (Config): The distillation config.
        settings (dict | None): Its ``distill``.

    Raises:
        ValueError: Naming what is wrong.
    """
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
    for name in (*settings['students'], *settings.get('conditions', {})):
        if not isinstance(name, str) or '|' in name:
            raise ValueError(
                f'{shown(name)} is no name for the tables of the report: a text without |'
            )
    for name, student in settings['students'].items():
        _check_student(name, student or {})
    for name, condition in settings.get('conditions', {}).items():
        _check_condition(name, condition)
    check_teacher(cfg)


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


def _check_student(name: str, student: dict) -> None:
    if name == TEACHER:
        raise ValueError(f'a student cannot be named {TEACHER!r}: rename it in distill.students')
    unknown = sorted(student.keys() - set(STUDENT))
    if unknown:
        raise ValueError(f'student {shown(name)} has unknown settings {unknown}; it has {STUDENT}')


def _check_condition(name: str, condition: dict) -> None:
    if not condition.keys() <= {'prob', 'scope'} or condition.get('scope', 'frame') not in SCOPES:
        raise ValueError(
            f'condition {shown(name)} is {dict(condition)}: give prob, and scope, which is one of '
            f'{list(SCOPES)}'
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
    unknown = sorted(set(names or ()) - known.keys())
    if unknown:
        raise ValueError(f'no {kind} is named {unknown}; the recipe has {list(known)}')
    always = {next(iter(known))} if kind == 'student' else set()
    return [name for name in known if names is None or name in always | set(names)]
