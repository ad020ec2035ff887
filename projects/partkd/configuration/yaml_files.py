"""YAML that is read as data."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML in which 1e-5 is a number, as in JSON, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = Counter(key.value for key, _ in node.value)
        if twice := [key for key, number in keys.items() if number > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f'{", ".join(twice)} stands there twice', node.start_mark
            )
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    'tag:yaml.org,2002:float',
    re.compile(r'[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$'),
    list('-+0123456789'),
)


def read_yaml(file: str | Path, what: str) -> Any:
    """Read a file of YAML or JSON. Nothing in it is run.

    Args:
        file (str | Path): The file.
        what (str): What it is, for the error.

    Returns:
        Any: Its content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is of no such grammar.
    """
    file = Path(file)
    if not file.is_file():
        raise FileNotFoundError(f'there is no {what} {file}: check the path')
    try:
        return yaml.load(file.read_text(encoding='utf-8'), _Loader)  # JSON is YAML
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f'{file} cannot be read as YAML or JSON: {error}') from error
