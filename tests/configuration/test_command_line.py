"""A tool's last line is the error."""

import errno

import pytest

from partkd.compat import CheckpointError
from partkd.configuration import one_line_errors


def run(error, **options):
    @one_line_errors(**options)
    def main():
        raise error

    main()


@pytest.mark.parametrize(
    'error, line',
    [
        (ValueError('a\nb'), 'error: a\nb'),
        (FileNotFoundError('no x'), 'error: no x'),
        (OSError(errno.ENOSPC, 'Full'), 'error: [Errno 28] Full: make room for the outputs, or '),
        (CheckpointError('bad'), 'error: bad'),
        (KeyError('X is not in the model registry'), 'error: X is not in the model registry'),
        (TypeError("A() got an unexpected keyword argument 'b'"), 'error: A() got an unexpected '),
    ],
)
def test_an_error_of_a_user_is_its_text(error, line):
    with pytest.raises(SystemExit) as end:
        run(error)
    assert end.value.code.startswith(line)


@pytest.mark.parametrize(
    'error', [AttributeError('x'), KeyError('x'), TypeError('x'), RuntimeError()]
)
def test_any_other_keeps_its_traceback(error):
    with pytest.raises(type(error)):
        run(error)


def test_the_environment_asks_for_tracebacks(monkeypatch):
    monkeypatch.setenv('PARTKD_TRACEBACK', '1')
    with pytest.raises(ValueError, match='x'):
        run(ValueError('x'))


def test_an_interruption_says_how_to_go_on(capsys):
    for text, go_on in (('stopped in epoch 2', 'add --resume'), ('', '')):
        with pytest.raises(SystemExit) as end:
            run(KeyboardInterrupt(*filter(None, [text])), go_on=go_on)
        assert end.value.code == 130
    assert capsys.readouterr().err == 'stopped in epoch 2: add --resume\ninterrupted\n'
