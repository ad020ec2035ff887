"""Digests of large files, which are remembered as long as nothing can have changed."""

import hashlib
import json
import os
import time

import pytest

from partkd.files import digests, file_digest


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A file that counts as large and was last changed a while ago, as the clock has it."""
    monkeypatch.setattr(digests, 'REMEMBERED_FROM', 4)
    now = time.time_ns
    monkeypatch.setattr(digests.time, 'time_ns', lambda: now() + 10 * 10**9)
    file = tmp_path / 'high.pkl'
    file.write_bytes(b'12345')
    return file


@pytest.fixture
def reads(monkeypatch):
    """The files whose content is read."""
    seen = []
    read = digests._content_digest
    monkeypatch.setattr(digests, '_content_digest', lambda path: seen.append(path) or read(path))
    return seen


def sha256(content):
    return hashlib.sha256(content).hexdigest()[:16]


def test_a_large_file_is_read_once(large, reads):
    assert file_digest(large) == file_digest(str(large)) == sha256(b'12345')
    assert reads == [large]


def test_a_change_is_seen_whatever_its_size_and_time(large, reads):
    stat = large.stat()
    file_digest(large)
    large.write_bytes(b'54321')
    os.utime(large, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file_digest(large) == sha256(b'54321')
    other = large.with_name('other.pkl')
    other.write_bytes(b'99999')
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(large)
    assert file_digest(large) == sha256(b'99999')
    assert len(reads) == 3


def test_a_file_changed_just_now_is_not_remembered(large, reads, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(digests, 'REMEMBERED_FROM', 4)
    file_digest(large)
    assert list(large.parent.iterdir()) == [large]


def test_small_files_have_no_notes(large, monkeypatch):
    monkeypatch.setattr(digests, 'REMEMBERED_FROM', 6)
    assert file_digest(large) == sha256(b'12345')
    assert list(large.parent.iterdir()) == [large]


@pytest.mark.parametrize('content', [b'', b'[]', b'\xff', b'{"digest": "x"}', b'{"size": 5}'])
def test_a_bad_note_is_not_believed(large, content):
    (large.parent / '.high.pkl.digest.json').write_bytes(content)
    assert file_digest(large) == sha256(b'12345')


def test_a_note_that_came_with_a_copy_is_not_believed(large, tmp_path):
    file_digest(large)
    folder = tmp_path / 'copy'
    folder.mkdir()
    (folder / 'high.pkl').write_bytes(b'99999')
    stat = large.stat()
    os.utime(folder / 'high.pkl', ns=(stat.st_atime_ns, stat.st_mtime_ns))
    note = json.loads((tmp_path / '.high.pkl.digest.json').read_text())
    (folder / '.high.pkl.digest.json').write_text(json.dumps(note))
    assert file_digest(folder / 'high.pkl') == sha256(b'99999')


def test_a_folder_that_takes_no_notes(large, reads, monkeypatch):
    def fail(*_):
        raise OSError('read-only')

    monkeypatch.setattr(digests, 'write_atomically', fail)
    assert file_digest(large) == file_digest(large) == sha256(b'12345')
    assert len(reads) == 2


def test_source_counts_by_content_in_any_order(tmp_path):
    files = [tmp_path / name for name in ('a.py', 'b.py')]
    for file in files:
        file.write_text(f'{file.stem} = 1')
    before = digests.source_digest(files)
    assert before == digests.source_digest(reversed(files))
    files[1].write_text('b = 2')
    assert before != digests.source_digest(files)
