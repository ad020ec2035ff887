"""The file that says what a sweep varies."""

import itertools
from pathlib import Path
from typing import Any

from partkd.arguments import require
from partkd.configuration import read_yaml
from partkd.messages import shown

from .recipe_checks import Student

KEYS = ('students', 'product')


def read_grid(file: str | Path) -> dict[str, dict]:
    """Read the variants of a sweep.

    The file is YAML or JSON, a mapping of

    - ``students``: by name, what ``distill.students`` takes: ``losses``, ``options`` and others
      (see :class:`partkd.experiments.Recipe`);
    - ``product``: lists of values by the dotted key of a setting, as ``--cfg-options`` has it.
      Every combination is a student with the recipe's own losses, named by its values.

    Args:
        file (str | Path): The file. It is read as data; configs that it names are run.

    Returns:
        dict[str, dict]: The students by name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is of another form, or names something twice.
    """
    file = Path(file)
    content = read_yaml(file, 'grid')
    if not isinstance(content, dict) or not content or content.keys() - set(KEYS):
        raise ValueError(f'{file} is no grid: give students or product, or both, and nothing else')
    students = dict(_mapping(content, 'students', file))
    for name, student in students.items():
        _check_student(name, student, file)
    require(content.get('product'), dict[str, Any] | None, f'{file}: product')
    for name, student in _combinations(_mapping(content, 'product', file), file).items():
        if name in students:
            raise ValueError(f'{file}: product gives a student {shown(name)}, and so does students')
        students[name] = student
    if not students:
        raise ValueError(f'{file} gives no student: name some under students, or under product')
    return students


def _mapping(content: dict, key: str, file: Path) -> dict:
    value = content.get(key) or {}
    if not isinstance(value, dict):
        raise ValueError(f'{key} of {file} is a {type(value).__name__}: give a mapping by name')
    return value


def _check_student(name: object, student: object, file: Path) -> None:
    if not isinstance(name, str):
        raise ValueError(f'{file} names a student {shown(name)}: quote it')
    require(student, Student | None, f'{file}: student {shown(name)}')


def _combinations(product: dict[str, list], file: Path) -> dict[str, dict]:
    """A student for each choice of one value of every list."""
    if not product:
        return {}
    short = [key for key, values in product.items() if not isinstance(values, list) or not values]
    if short:
        raise ValueError(f'product of {file} has no list of values for {short}: give [a, b]')
    names = _short_names(list(product))
    students = {}
    for values in itertools.product(*product.values()):
        name = ', '.join(f'{key}={value}' for key, value in zip(names, values))
        if name in students:
            raise ValueError(
                f'product of {file} gives {shown(name)} twice: leave out what is the same'
            )
        students[name] = dict(options=dict(zip(product, values)))
    return students


def _short_names(keys: list[str]) -> list[str]:
    """The ends of dotted keys, as short as tells the keys apart."""
    for length in range(1, 1 + max(key.count('.') + 1 for key in keys)):
        names = ['.'.join(key.split('.')[-length:]) for key in keys]
        if len(set(names)) == len(names):
            return names
    return keys
