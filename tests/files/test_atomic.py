import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from partkd.files import make_folder, naming_errors, replacing, require_place, write_atomically

WRITE = """
import sys
from partkd.files import replacing

with replacing(sys.argv[1]) as file:
    file.write(b'half')
    file.flush()
    print('ready', flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture
def writer(tmp_path):
    """A process in the middle of writing ``out``."""
    command = [sys.executable, '-c', WRITE, str(tmp_path / 'out')]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b'ready\n'
        yield process
        process.kill()


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith('.part')]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_a_killed_writer_left_is_removed_by_the_next(writer, tmp_path):
    (tmp_path / '.out.notes.part').touch()  # a user's own
    (tmp_path / '.out2.0123456789abcdef.part').touch()  # of another file
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert len(parts(tmp_path)) == 3
    write_atomically(tmp_path / 'out', 'new')
    assert sorted(parts(tmp_path)) == ['.out.notes.part', '.out2.0123456789abcdef.part']


def test_what_another_process_is_writing_stays(writer, tmp_path):
    write_atomically(tmp_path / 'out', 'new')
    assert len(parts(tmp_path)) == 1
    writer.communicate()
    assert writer.returncode == 0
    assert (tmp_path / 'out').read_bytes() == b'half' and not parts(tmp_path)


def test_one_that_is_removed_before_it_is_locked_is_begun_again(tmp_path, monkeypatch):
    opened = Path.open

    def open_and_lose(path, *args):
        monkeypatch.undo()
        file = opened(path, *args)
        path.unlink()
        return file

    monkeypatch.setattr(Path, 'open', open_and_lose)
    write_atomically(tmp_path / 'out', 'new')
    assert (tmp_path / 'out').read_text() == 'new'


def test_an_error_leaves_what_was_there(tmp_path):
    write_atomically(tmp_path / 'out', 'old')
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / 'out') as file:
        file.write(b'half')
        raise KeyboardInterrupt
    assert (tmp_path / 'out').read_text() == 'old' and not parts(tmp_path)


def test_permissions_are_those_of_a_new_file_or_stay(tmp_path, umask):
    out = tmp_path / 'out'
    write_atomically(out, 'x')
    assert mode(out) == 0o640
    out.chmod(0o600)
    with replacing(out) as file:
        assert mode(Path(file.name)) == 0o600  # before there is something to read
    assert mode(out) == 0o600


@pytest.mark.parametrize('code', [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_named_with_what_can_be_done(code, tmp_path):
    text = rf'{tmp_path}/out cannot be written \({os.strerror(code)}\): name a place .* has room'
    with pytest.raises(OSError, match=text), replacing(tmp_path / 'out'):
        raise OSError(code, os.strerror(code))
    assert not list(tmp_path.iterdir())


def test_errors_of_other_files_are_not_of_this_one(tmp_path):
    with pytest.raises(FileNotFoundError) as error, replacing(tmp_path / 'out'):
        (tmp_path / 'gone' / 'source').read_bytes()
    assert str(error.value).endswith("gone/source'")


def test_an_error_is_named_once(tmp_path):
    inner = pytest.raises(OSError, match='^inner cannot be written')
    with inner, replacing(tmp_path / 'out'), naming_errors('inner'):
        raise OSError(errno.ENOSPC, 'No space left on device')


def test_places_that_are_none_are_found_before(tmp_path, monkeypatch):
    with pytest.raises(IsADirectoryError, match='is a folder: name a file'):
        require_place(tmp_path)
    (tmp_path / 'file').touch()
    for call in (require_place, make_folder):
        with pytest.raises(OSError, match=r'file/.* cannot be written \(.*\): name a place'):
            call(tmp_path / 'file' / 'sub' / 'out')
    with pytest.raises(FileNotFoundError, match='/proc/x cannot be written'):
        require_place('/proc/x/out')
    monkeypatch.setattr(os, 'access', lambda path, mode: path != tmp_path)  # root can do all
    require_place(tmp_path / 'sub' / 'out')
    with pytest.raises(PermissionError, match=f'{tmp_path} is read-only: name a place'):
        require_place(tmp_path / 'out')
