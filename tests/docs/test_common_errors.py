"""The page of common errors quotes what the code says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs' / 'common_errors.md'
MESSAGES = re.findall(r'^\| `(.+?)` \|', PAGE.read_text(), re.M)


@pytest.fixture(scope='module')
def texts() -> str:
    """All texts in the package's code, those that are written in pieces as one."""
    constants = (
        node.value
        for file in (ROOT / 'projects' / 'partkd').rglob('*.py')
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return '\n'.join(constants)


def test_there_are_messages():
    assert len(MESSAGES) >= 20


@pytest.mark.parametrize('message', MESSAGES)
def test_a_message_is_the_codes(message, texts):
    pieces = [piece.strip() for piece in message.split('...')]
    named = [piece for piece in pieces if len(piece) > 3]
    assert named
    assert [piece for piece in named if piece not in texts] == []
