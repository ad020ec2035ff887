"""Annotation files that are none."""

import bz2
import codecs
import collections
import datetime
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .clips import content, read, read_bytes, read_content
from .corpus import HARMLESS, REFUSED, TAKEN, Input, WrongResultError, bomb, deep, shown

FILE = ('clips.pkl',)


def truncated(base: Path) -> Iterator[Input]:
    """Files that were cut short, or of which a byte has changed."""
    raw = pickle.dumps(content(), protocol=4)
    for end in (*range(12), *range(12, len(raw), len(raw) // 50)):
        yield Input(f'cut at {end}', partial(read_bytes, raw[:end]), FILE)
    rng = np.random.default_rng(0)
    opcodes = [raw.find(key) for key in (b'annotations', b'frame_dir', b'keypoint', b'numpy')]
    for place in sorted({*range(40), *opcodes, *rng.integers(len(raw), size=80).tolist()}):
        for flip in (0xFF, 0x01):
            changed = raw[:place] + bytes([raw[place] ^ flip]) + raw[place + 1 :]
            # some bytes are those of a coordinate, and as good as others
            yield Input(f'byte {place} ^ {flip}', partial(read_bytes, changed), FILE, HARMLESS)


def other_formats(base: Path) -> Iterator[Input]:
    """Files of other formats under the name of a pickle."""
    raw, text = pickle.dumps(content(), protocol=4), json.dumps(dict(split={}, annotations=[{}]))
    files = {
        'empty': b'',
        'zeros': bytes(1000),
        'text': b'frame_dir label\nclip0 0\n',
        'json': text.encode(),
        'json with a mark of order': codecs.BOM_UTF8 + text.encode(),
        'csv': b'frame_dir,label\nclip0,0\n' * 20,
        'yaml': b'split:\n  train: [clip0]\n',
        'page of an error': b'<!DOCTYPE html><html><body>404 Not Found</body></html>',
        'pointer of git-lfs': b'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
        'gzip': gzip.compress(raw),
        'bz2': bz2.compress(raw),
        'xz': lzma.compress(raw),
        'zip': _zipped(raw),
        'npy': _saved(np.save, np.zeros(3)),
        'npy of objects': _saved(np.save, np.array([content()], dtype=object)),
        'npz': _saved(np.savez, np.zeros(3)),
        'torch': _saved(lambda file, value: torch.save(value, file), torch.zeros(3)),
        'old torch': _saved(_save_old_torch, torch.zeros(3)),
        'png': b'\x89PNG\r\n\x1a\n' + bytes(100),
        'hdf5': b'\x89HDF\r\n\x1a\n' + bytes(100),
        'matlab': b'MATLAB 5.0 MAT-file, Platform: GLNXA64' + bytes(200),
        'program': b'\x7fELF' + bytes(100),
        'video': b'\x00\x00\x00\x18ftypmp42' + bytes(100),
        'protocol 9': b'\x80\x09' + raw[2:],
        'hexadecimal': raw.hex().encode(),
        'base64': codecs.encode(raw, 'base64'),
        'upside down': raw[::-1],
        'Python 2, latin text': b"(dp0\nS'split'\np1\nS'caf\xe9'\np2\ns.",
    }
    words = {'json': 'json', 'gzip': 'gzip', 'npz': 'npz', 'zip': 'zip', 'empty': 'empty'}
    for name, raw_file in files.items():
        more = (words[name],) if name in words else ()
        yield Input(name, partial(read_bytes, raw_file), (*FILE, *more))
    yield Input('a folder', lambda folder: read(folder), ('folder',), HARMLESS)
    yield Input('gone', lambda folder: read(folder / 'gone.pkl'), ('gone.pkl', 'ann_file'))
    for name in ('json', 'npz', 'pkl.gz', 'pt'):
        yield Input(f'named .{name}', partial(_read_named, f'clips.{name}'), (f'clips.{name}',))
    for protocol in range(6):
        whole = pickle.dumps(content(), protocol=protocol)
        yield Input(f'protocol {protocol}', partial(read_bytes, whole), expected=TAKEN)
    yield Input('Python 2', partial(read_bytes, _python2()), expected=TAKEN)
    yield Input('twice a header', partial(read_bytes, raw[:2] + raw), FILE, HARMLESS)
    yield Input('without its header', partial(read_bytes, raw[2:]), FILE, HARMLESS)
    yield Input('bytes behind the end', partial(read_bytes, raw + b'xyz'), FILE, HARMLESS)
    yield Input('two pickles', partial(read_bytes, raw + raw), FILE, HARMLESS)
    plain = partial(read_content, content()['annotations'])
    yield Input('a list of clips', plain, expected=TAKEN)


def _zipped(raw: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr('clips.pkl', raw)
    return file.getvalue()


def _saved(save: Any, value: Any) -> bytes:
    file = io.BytesIO()
    save(file, value)
    return file.getvalue()


def _save_old_torch(file: io.BytesIO, value: Any) -> None:
    torch.save(value, file, _use_new_zipfile_serialization=False)


def _read_named(name: str, folder: Path) -> None:
    (folder / name).write_bytes(b'{}')
    read(folder / name)


def _python2() -> bytes:
    """What Python 2's cPickle writes: its strings are bytes, which here are those of names."""
    raw = pickle.dumps(content(), protocol=2)
    for text in ('split', 'annotations', 'train', 'val', 'frame_dir', 'label', 'keypoint'):
        wide = b'X' + struct.pack('<I', len(text)) + text.encode()
        raw = raw.replace(wide, b'U' + bytes([len(text)]) + text.encode())
    return raw


class _Asks:
    """Pickles as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple:
        return self.call


class _Named:
    """Pickles as a global of some name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> str:
        return self.name


def running(base: Path) -> Iterator[Input]:
    """Files that would run something."""
    mark = 'ran'
    calls = {
        'os.system': lambda path: _Asks(os.system, f'touch {path}'),
        'subprocess.call': lambda path: _Asks(subprocess.call, ['touch', str(path)]),
        'exec': lambda path: _Asks(exec, f'open({str(path)!r}, "w")'),
        'eval': lambda path: _Asks(eval, f'open({str(path)!r}, "w")'),
        'open': lambda path: _Asks(open, str(path), 'w'),
        'Path.touch': lambda path: _Asks(Path.touch, Path(path)),
        'np.save': lambda path: _Asks(np.save, str(path), np.zeros(1)),
        'np.load': lambda path: _Asks(np.load, str(path)),
        'torch.load': lambda path: _Asks(torch.load, str(path)),
        'getattr': lambda path: _Asks(getattr, os.system, '__call__'),
        'import': lambda path: _Asks(__import__, 'this'),
        'map': lambda path: _Asks(map, str, [1]),
        'codecs.decode': lambda path: _Asks(codecs.decode, b'a', 'hex'),
        'bytearray': lambda path: _Asks(bytearray, 10),
        'date': lambda path: datetime.date(2020, 1, 1),
        'OrderedDict': lambda path: collections.OrderedDict(a=1),
        'defaultdict': lambda path: collections.defaultdict(list),
        'complex': lambda path: 1j,
        'slice': lambda path: slice(3),
        'range': lambda path: range(3),
        'Path': lambda path: Path('x'),
        'tensor': lambda path: torch.zeros(2),
        'class': lambda path: _Named,
        'array of objects': lambda path: np.array([{}], dtype=object),
        'structured array': lambda path: np.zeros(2, dtype=[('x', 'f4')]),
        'array of dates': lambda path: np.zeros(2, dtype='datetime64[s]'),
        'complex array': lambda path: np.zeros(2, dtype='c8'),
        'masked array': lambda path: np.ma.zeros(2),
        'record array': lambda path: np.rec.array([(1,)]),
    }
    for name, make in calls.items():
        for protocol in (2, 4):
            take = partial(_read_running, make, mark, protocol)
            yield Input(f'{name}, protocol {protocol}', take, (*FILE, 'was not run'))
    codes = {
        'global': b'cos\nsystem\n.',
        'inst': b"(S'touch ran'\nios\nsystem\n.",
        'obj': b"(cos\nsystem\nS'touch ran'\no.",
        'newobj': b'cos\nsystem\n)\x81.',
        'persistent': b'Pabc\n.',
        'binary persistent': b'K\x01Q.',
        'extension': b'\x82\x01.',
        'build': b'}}b.',
        'dotted global': b'\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93.',
        'numpy without a class': b'cnumpy\nndarray\n.',
        'array without a state': b'cnumpy.core.multiarray\n_reconstruct\n)R.',
        'dtype of nothing': b'cnumpy\ndtype\n)R.',
    }
    for name, raw in codes.items():
        yield Input(f'opcode {name}', partial(read_bytes, raw), FILE)


def _read_running(make: Any, mark: str, protocol: int, folder: Path) -> None:
    spoilt = content()
    spoilt['annotations'][0]['extra'] = make(folder / mark)
    try:
        raw = pickle.dumps(spoilt, protocol=protocol)
        read_bytes(raw, folder)
    finally:
        if (folder / mark).exists():
            raise WrongResultError('it has run')


def huge(base: Path) -> Iterator[Input]:
    """Small files that ask for much."""
    many = 2**33
    codes = {
        'place of the memo': b'\x80\x02K\x00r' + struct.pack('<I', 2**29) + b'.',
        'higher place of the memo': b'\x80\x02K\x00r' + struct.pack('<I', 2**32 - 1) + b'.',
        'place of the memo in text': b'I1\np999999999\n.',
        'bytes': b'\x80\x04\x8e' + struct.pack('<Q', many) + b'a.',
        'text': b'\x80\x04\x8d' + struct.pack('<Q', many) + b'a.',
        'short text': b'\x80\x04X' + struct.pack('<I', 2**32 - 1) + b'a.',
        'bytearray': b'\x80\x05\x96' + struct.pack('<Q', many) + b'a.',
        'number': b'\x80\x02\x8b' + struct.pack('<i', 2**31 - 1) + b'a.',
        'negative length of a number': b'\x80\x02\x8b' + struct.pack('<i', -5) + b'a.',
        'frame': b'\x80\x04\x95' + struct.pack('<Q', many) + b'N.',
        'beyond all memory': b'\x80\x04\x8e' + struct.pack('<Q', 2**63) + b'a.',
        'a million digits': b'I' + b'9' * 10**6 + b'\n.',
        'a million marks': b'(' * 10**6 + b'.',
        'a million lists': b']' * 10**6 + b'.',
        'a hundred thousand nested lists': b']' * 10**5 + b'a' * (10**5 - 1) + b'.',
        'nested tuples': b')' + b'\x85' * 10**5 + b'.',
        'bytes by number': b'cbuiltins\nbytes\n(I9999999999\ntR.',
        'list by number': b'cbuiltins\nlist\n(I9999999999\ntR.',
    }
    for name, raw in codes.items():
        yield Input(name, partial(read_bytes, raw), FILE)
    for shape in ((2**40,), (2**20, 2**20), (-1, 5), (0, 2**40), (3, 2**62), (10**30,)):
        array = (
            b'cnumpy.core.numeric\n_frombuffer\n('
            + _pickled(b'abcd')
            + (
                b'cnumpy\ndtype\n('
                + _pickled('f4')
                + b'tR'
                + _pickled(shape)
                + _pickled('C')
                + b'tR.'
            )
        )
        yield Input(f'array {shape}', partial(read_bytes, b'\x80\x04' + array), FILE)


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, protocol=3)[2:-1]


def structure(base: Path) -> Iterator[Input]:
    """Pickles that are no annotation files."""
    contents: dict[str, Any] = {
        **{shown(one): one for one in (None, 1, 1.5, True, 'text', b'bytes', (), set(), {}, [])},
        'list of numbers': [1, 2],
        'list of lists': [[1]],
        'numbers in an array': np.zeros(3),
        'tuple of clips': tuple(content()['annotations']),
        'dict by name': {one['frame_dir']: one for one in content()['annotations']},
        'bomb': bomb(),
        'deep lists': deep(),
        'bomb as keys': dict.fromkeys(map(str, range(10**5))),
    }
    cyclic: list = []
    cyclic.append(cyclic)
    contents['a list within itself'] = cyclic
    for name, one in contents.items():
        yield Input(name, partial(read_content, one), FILE)
    wrong = (None, 1, 'text', b'a', {}, (), [], [1], [None], [[]], ['clip0'], np.zeros(2), bomb())
    for value in wrong:
        given = dict(content(), annotations=value)
        yield Input(f'annotations {shown(value)}', partial(read_content, given), FILE)
    by_name = (1, 'train', [], ['train'], ('train',), np.zeros(2), True, bomb())
    for value in by_name:
        given = dict(content(), split=value)
        take = partial(read_content, given, split='train')
        yield Input(f'split {shown(value)}', take, (*FILE, 'split'))
    members: list[Any] = [
        None,
        1,
        'clip0',
        b'clip0',
        [1],
        [None],
        [['clip0']],
        {'clip0': 1},
        {},
        [],
    ]
    members += [['other'], ['clip0', 'other', 'another'], [b'clip0'], np.zeros(2), np.array(['a'])]
    members += [bomb(), ['x' * 10**6], deep()]
    for value in members:
        is_partial = isinstance(value, list) and 'another' in value
        given = dict(content(), split=dict(train=value))
        take = partial(read_content, given, split='train')
        # a part of the clips that a split names may be in another file
        expected = HARMLESS if is_partial else REFUSED
        yield Input(f'members {shown(value)}', take, (*FILE, 'split'), expected)
    for value in (tuple, set, frozenset, np.array):
        given = dict(content(), split=dict(train=value(['clip0', 'clip1'])))
        take = partial(read_content, given, split='train')
        yield Input(f'members in a {value.__name__}', take, expected=TAKEN)
    for value in ('val ', 'Train', '', 1, ['train'], ('train',), {}, b'train', 1.5, True):
        take = partial(read_content, content(), split=value)
        yield Input(f'split={value!r}', take, ('split',))
    twice = content()
    twice['annotations'].append(twice['annotations'][0])
    yield Input('a clip twice', partial(read_content, twice), (*FILE, 'clip0', 'duplicate'))
    named = dict(content(), split=dict(train=['clip0', 'clip0', 'clip1']))
    yield Input('a name twice', partial(read_content, named, split='train'), FILE, HARMLESS)
    unsplit = dict(annotations=content()['annotations'])
    yield Input('no splits', partial(read_content, unsplit), expected=TAKEN)
    yield Input('splits None', partial(read_content, dict(unsplit, split=None)), expected=TAKEN)
    take = partial(read_content, unsplit, split='train')
    yield Input('a split of none', take, (*FILE, 'split'))
    take = partial(read_content, dict(content(), notes='of its maker'))
    yield Input('another key', take, expected=TAKEN)


KINDS = {
    'annotation files, truncated': truncated,
    'annotation files, formats': other_formats,
    'annotation files, code': running,
    'annotation files, huge': huge,
    'annotation files, structure': structure,
}
