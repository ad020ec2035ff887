import errno
import json
import os
from pathlib import Path

import pytest

from partkd.files import ChangedError, MadeOnce, read_record


def write(content):
    """An action that writes one file and tells what it found in the folder."""

    def action(folder):
        found = sorted(path.name for path in folder.iterdir())
        (folder / 'out.txt').write_text(content)
        return dict(outputs=['out.txt'], found=found)

    return action


def interrupted(folder):
    (folder / 'half.txt').write_text('x')
    raise KeyboardInterrupt


def test_an_interrupted_call_leaves_what_the_next_goes_on_with(tmp_path):
    made = MadeOnce(tmp_path / 'a', dict(of=1))
    with pytest.raises(KeyboardInterrupt):
        made.make(interrupted)
    assert made.record() is None
    record = made.make(write('x'))
    assert record['found'] == ['half.txt', 'lock', 'started.json'] and record['resumed']
    assert made.record() == record == read_record(tmp_path / 'a')


def test_what_was_made_from_something_else_is_removed(tmp_path):
    MadeOnce(tmp_path / 'a', dict(of=1)).make(write('x'))
    with pytest.raises(KeyboardInterrupt):
        MadeOnce(tmp_path / 'a', dict(of=1, by='y')).make(interrupted)
    other = MadeOnce(tmp_path / 'a', dict(of=2))
    assert other.record() is None
    record = other.make(write('y'))
    assert record['found'] == ['lock', 'started.json'] and not record['resumed']
    assert read_record(tmp_path / 'a')['fingerprint'] == dict(of=2)


@pytest.mark.parametrize('last', ['record.json', 'out.txt', 'more'])
def test_one_that_ends_while_it_removes_leaves_nothing_to_go_on_with(tmp_path, monkeypatch, last):
    folder = tmp_path / 'a'
    MadeOnce(folder, dict(of=1)).make(write('x'))
    (folder / 'more').write_text('x')
    unlink = Path.unlink

    def end(path, *args, **kwargs):
        unlink(path, *args, **kwargs)
        if path.name == last:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, 'unlink', end)
        with pytest.raises(KeyboardInterrupt):
            MadeOnce(folder, dict(of=2)).make(write('y'))
    (folder / '.started.json.123').write_text('')  # of one that was killed outright
    for of in (2, 1):
        record = MadeOnce(folder, dict(of=of)).make(write('y'))
        assert record['found'] == ['lock', 'started.json'] and not record['resumed']


def test_one_that_ends_as_it_starts_leaves_a_folder_that_can_be_made(tmp_path):
    (tmp_path / 'lock').touch()
    (tmp_path / '.started.json.123').touch()
    assert MadeOnce(tmp_path, dict(of=1)).make(write('x'))['found'] == ['lock', 'started.json']


def test_nothing_of_others_is_removed(tmp_path):
    (tmp_path / 'thesis.tex').write_text('x')
    with pytest.raises(FileExistsError, match=r'holds thesis\.tex, which was not made by this'):
        MadeOnce(tmp_path, dict(of=1)).make(write('x'))
    assert os.listdir(tmp_path) == ['thesis.tex']


@pytest.mark.parametrize('content', [None, 'changed'])
def test_a_change_is_named_and_can_be_discarded(tmp_path, content):
    made = MadeOnce(tmp_path / 'a', dict(of=1))
    made.make(write('x'))
    file = tmp_path / 'a' / 'out.txt'
    file.unlink() if content is None else file.write_text(content)
    with pytest.raises(ChangedError, match=r'out\.txt was changed or removed .*delete .*a to'):
        made.record()
    made.discard_changed()
    made.make(write('x'))
    before = made.record()
    made.discard_changed()  # nothing was changed
    assert made.record() == before


def test_a_record_that_cannot_be_read_is_none(tmp_path):
    made = MadeOnce(tmp_path / 'a', dict(of=(1, 2)))
    made.make(write('x'))
    assert made.record()['fingerprint'] == dict(of=[1, 2])
    file = tmp_path / 'a' / 'record.json'
    of_a_list = json.dumps(dict(fingerprint=dict(of=[1, 2]), digests=['out.txt']))
    for content in ('', '[]', '{}', json.dumps(dict(fingerprint={})), of_a_list, '[' * 10**5):
        file.write_text(content)
        assert made.record() is None


def test_of_folders_in_folders_the_outermost_is_to_be_deleted(tmp_path):
    """The inner one alone would leave the outer one changed."""

    def outer(folder):
        MadeOnce(folder / 'inner', dict(of=1)).make(write('x'))
        return dict(outputs=['inner/record.json'])

    MadeOnce(tmp_path / 'outer', dict(of=2)).make(outer)
    (tmp_path / 'outer' / 'inner' / 'out.txt').write_text('y')
    with pytest.raises(ChangedError, match=rf'out\.txt was .*: delete {tmp_path}/outer to make'):
        read_record(tmp_path / 'outer' / 'inner')


def test_a_full_disk_is_named_by_the_folder(tmp_path):
    def fill(_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    with pytest.raises(OSError, match=r'/a cannot be written \(No space left .* has room'):
        MadeOnce(tmp_path / 'a', dict(of=1)).make(fill)


def test_what_is_missing_in_a_folder_is_not_taken_for_one_that_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: '.*gone'"):
        MadeOnce(tmp_path / 'a', dict(of=1)).make(lambda folder: (folder / 'gone').read_bytes())


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / 'file').touch()
    for folder in (tmp_path / 'file', tmp_path / 'file' / 'a'):
        with pytest.raises(OSError, match=rf'{folder} cannot be written .*: name a place'):
            MadeOnce(folder, dict(of=1)).make(write('x'))
