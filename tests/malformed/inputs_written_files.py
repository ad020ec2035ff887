"""Files that the package wrote, damaged or changed: teachers' files, caches, checkpoints."""

import copy
import io
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

from partkd.datasets import PairedPoseDataset
from partkd.distillation import FeatureBank, FrozenTeacher, PartMatrix, compute_teacher_files
from partkd.distillation.resumable_rows import ResumableRows
from partkd.engine.runner import last_checkpoint
from partkd.engine.weights import load_student_weights
from partkd.files import file_digest

from .clips import PIPELINE, content
from .corpus import HARMLESS, INF, NAN, REFUSED, TAKEN, Input, WrongResultError, bomb, shown
from .inputs_settings import RECOGNIZER

Spoil = Callable[[Path], None]


def _flip(name: str, place: int = -1) -> Spoil:
    def spoil(folder: Path) -> None:
        raw = bytearray((folder / name).read_bytes())
        raw[place % len(raw)] ^= 1
        (folder / name).write_bytes(raw)

    return spoil


def _cut(name: str, share: float) -> Spoil:
    def spoil(folder: Path) -> None:
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(raw[: int(len(raw) * share)])

    return spoil


def _remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def _write(name: str, raw: bytes) -> Spoil:
    return lambda folder: (folder / name).write_bytes(raw) and None


def _array(name: str, change: Callable[[np.ndarray], Any]) -> Spoil:
    def spoil(folder: Path) -> None:
        np.save(folder / f'{name}.npy', change(np.load(folder / f'{name}.npy')))

    return spoil


def _json(name: str, change: Callable[[dict], Any]) -> Spoil:
    def spoil(folder: Path) -> None:
        value = json.loads((folder / name).read_text())
        changed = change(value)
        (folder / name).write_text(json.dumps(value if changed is None else changed))

    return spoil


def _vouched(spoil: Spoil) -> Spoil:
    """The same by someone who brings the record's digests into line."""

    def forge(folder: Path) -> None:
        spoil(folder)
        record = json.loads((folder / 'record.json').read_text())
        record['digests'] = {n: file_digest(folder / n) for n in record['digests']}
        (folder / 'record.json').write_text(json.dumps(record))

    return forge


class _Teacher:
    """A teacher, its clips and its files, in a folder."""

    def __init__(self, base: Path) -> None:
        self.files = base / 'files'
        (base / 'clips.pkl').write_bytes(pickle.dumps(content()))
        (base / 'low.pkl').write_bytes(pickle.dumps(content()))
        torch.manual_seed(0)
        with DefaultScope.overwrite_default_scope('mmaction'):
            torch.save(dict(state_dict=MODELS.build(RECOGNIZER).state_dict()), base / 't.pth')
        Config(dict(model=RECOGNIZER)).dump(base / 'teacher.py')
        self.cfg = dict(config=str(base / 'teacher.py'), checkpoint=str(base / 't.pth'))
        side = dict(ann_file=str(base / 'clips.pkl'), pipeline=PIPELINE, layout='coco')
        self.dataset = PairedPoseDataset(
            str(base / 'low.pkl'), pipeline=PIPELINE, num_classes=2, teacher=side
        )
        self.compute(self.files)

    def compute(self, folder: Path) -> None:
        """Makes the files of the teacher."""
        with DefaultScope.overwrite_default_scope('mmaction'):
            teacher = FrozenTeacher(**self.cfg)
            teacher.init_weights()
            pairs = self.dataset.require_teacher()
            compute_teacher_files(teacher, pairs, folder, part_matrix={}, batch_size=2)

    def read(self, folder: Path) -> dict[str, torch.Tensor]:
        """What a student reads of them for its four clips."""
        bank, matrix = FeatureBank(str(folder), self.cfg), PartMatrix(str(folder))
        bank.init_weights()
        matrix.init_weights()
        bank.require_classes(2)
        matrix.require_classes(2)
        samples = [self.dataset[row]['data_samples'] for row in range(4)]
        features = bank(samples)
        read = {name: features.own(getattr(features, name)) for name in ('parts', 'logits')}
        return read | dict(weights=matrix(torch.tensor([0, 1])))


def _spoilt_arrays() -> dict[str, Spoil]:
    """Changes of the arrays, which no record vouches for any more."""
    changes: dict[str, Callable[[np.ndarray], Any]] = {
        'upside down': lambda a: a[::-1],
        'a row fewer': lambda a: a[:-1],
        'a row more': lambda a: np.concatenate([a, a[:1]]),
        'empty': lambda a: a[:0],
        'no axis': lambda a: np.float32(1),
        'complex': lambda a: a.astype('c8') if a.dtype.kind != 'U' else a.reshape(-1, 1),
        'text': lambda a: a.astype('U'),
        'NaN': lambda a: np.full_like(a, np.nan) if a.dtype.kind == 'f' else a[:1],
        'infinite': lambda a: np.full_like(a, np.inf) if a.dtype.kind == 'f' else a[:0],
    }
    spoilt = {
        f'{name} {what}': _array(name, change)
        for name in ('parts', 'logits', 'frame_dirs', 'labels', 'importance')
        for what, change in changes.items()
        if not (name == 'frame_dirs' and what == 'text')
    }
    more: dict[str, tuple[str, Callable[[np.ndarray], Any]]] = {
        'parts in float64': ('parts', lambda a: a.astype('f8')),
        'parts in float16': ('parts', lambda a: a.astype('f2')),
        'parts in int': ('parts', lambda a: a.astype('i4')),
        'parts turned': ('parts', lambda a: a.transpose(0, 2, 1).copy()),
        'parts of four': ('parts', lambda a: a[:, :4]),
        'logits of another number of classes': ('logits', lambda a: np.repeat(a, 2, 1)),
        'frame_dirs all alike': ('frame_dirs', lambda a: np.repeat(a[:1], len(a))),
        'frame_dirs of others': ('frame_dirs', lambda a: np.char.add(a, 'x')),
        'frame_dirs as numbers': ('frame_dirs', lambda a: np.arange(len(a))),
        'frame_dirs as bytes': ('frame_dirs', lambda a: a.astype('S')),
        'labels exchanged': ('labels', lambda a: 1 - a),
        'labels out of range': ('labels', lambda a: a + 5),
        'labels negative': ('labels', lambda a: a - 1),
        'labels in float': ('labels', lambda a: a.astype('f4') + 0.5),
        'importance of other classes': ('importance', lambda a: np.repeat(a, 2, 0)),
        'importance of four parts': ('importance', lambda a: a[:, :4]),
    }
    return spoilt | {what: _array(name, change) for what, (name, change) in more.items()}


def teacher_files(base: Path) -> Iterator[Input]:
    """Feature bank and part matrix, changed with and without a record that vouches for them."""
    teacher = _Teacher(base)
    truth = teacher.read(teacher.files)
    yield Input('whole', partial(_read_files, teacher, truth, lambda folder: None), expected=TAKEN)
    arrays = _spoilt_arrays()
    for name, spoil in list(arrays.items())[::4]:
        take = partial(_read_files, teacher, truth, spoil)
        yield Input(name, take, ('files', 'changed'))
    for name, spoil in arrays.items():
        # other numbers that a record vouches for are another teacher's, for all that is known
        if name in ('parts upside down', 'logits upside down', 'importance upside down'):
            continue
        take = partial(_read_files, teacher, truth, _vouched(spoil))
        yield Input(f'{name}, vouched for', take, ('files',))
    for name in ('parts.npy', 'logits.npy', 'frame_dirs.npy', 'labels.npy', 'importance.npy'):
        for what, spoil in {
            'flipped': _flip(name),
            'header flipped': _flip(name, 20),
            'cut': _cut(name, 0.5),
            'empty': _cut(name, 0),
            'removed': _remove(name),
            'pickled': _write(name, pickle.dumps([1])),
        }.items():
            take = partial(_read_files, teacher, truth, spoil)
            yield Input(f'{name} {what}', take, (name,))
    records: dict[str, Spoil] = {
        'removed': _remove('record.json'),
        'cut': _cut('record.json', 0.5),
        'empty': _write('record.json', b' '),
        'a list': _write('record.json', b'[1]'),
        'deep': _write('record.json', b'[' * 10**5),
        'bytes': _write('record.json', b'\xff\xfe'),
        'no digests': _json('record.json', lambda r: r.pop('digests') and None),
        'digests a list': _json('record.json', lambda r: r.update(digests=[1])),
        'digests null': _json('record.json', lambda r: r.update(digests={'parts.npy': None})),
        'no fingerprint': _json('record.json', lambda r: r.pop('fingerprint') and None),
        'fingerprint a list': _json('record.json', lambda r: r.update(fingerprint=[1])),
        'fingerprint a text': _json('record.json', lambda r: r.update(fingerprint='abc')),
        'fingerprint null': _json('record.json', lambda r: r.update(fingerprint=None)),
        'fingerprint of another': _json(
            'record.json', lambda r: r['fingerprint'].update({'teacher weights': '0'})
        ),
        'a path out of it': _json(
            'record.json', lambda r: r.update(digests={'../../x': '0', 'parts.npy': '0'})
        ),
    }
    for name, spoil in records.items():
        take = partial(_read_files, teacher, truth, spoil)
        yield Input(f'record {name}', take, ('files',))


def _read_files(teacher: _Teacher, truth: dict, spoil: Spoil, folder: Path) -> None:
    files = Path(shutil.copytree(teacher.files, folder / 'files'))
    spoil(files)
    _compare(truth, teacher.read(files))


def _compare(truth: dict[str, torch.Tensor], found: dict[str, torch.Tensor]) -> None:
    for name, value in truth.items():
        same = value.shape == found[name].shape and value.dtype == found[name].dtype
        if not same or not torch.equal(value, found[name]):
            raise WrongResultError(f'other {name} than the teacher gives')


def interrupted(base: Path) -> Iterator[Input]:
    """What an interrupted computation of a teacher's files left."""
    teacher = _Teacher(base)
    truth = teacher.read(teacher.files)
    notes: dict[str, Callable[[dict], Any]] = {
        'done -1': lambda p: p.update(done=-1),
        'done 0': lambda p: p.update(done=0),
        'done 1 too many': lambda p: p.update(done=3),
        'done all': lambda p: p.update(done=4),
        'done too many': lambda p: p.update(done=99),
        'done huge': lambda p: p.update(done=2**70),
        'done 1.5': lambda p: p.update(done=1.5),
        'done a text': lambda p: p.update(done='2'),
        'done null': lambda p: p.update(done=None),
        'done NaN': lambda p: p.update(done=NAN),
        'done infinite': lambda p: p.update(done=INF),
        'done a list': lambda p: p.update(done=[2]),
        'done true': lambda p: p.update(done=True),
        'no done': lambda p: p.pop('done') and None,
        'no arrays': lambda p: p.pop('arrays') and None,
        'arrays empty': lambda p: p.update(arrays=[]),
        'arrays null': lambda p: p.update(arrays=None),
        'arrays of numbers': lambda p: p.update(arrays=[1]),
        'arrays a text': lambda p: p.update(arrays='parts'),
        'an array fewer': lambda p: p['arrays'].pop() and None,
        'an array that is not there': lambda p: p['arrays'].append('gone'),
        'an array out of the folder': lambda p: p['arrays'].append('../x'),
        'an array twice': lambda p: p['arrays'].append(p['arrays'][0]),
        'a list': lambda p: [1],
        'a number': lambda p: 1,
    }
    spoils = {what: _json('progress.json', change) for what, change in notes.items()}
    spoils |= {
        'note removed': _remove('progress.json'),
        'note cut': _cut('progress.json', 0.5),
        'note empty': _cut('progress.json', 0),
        'note deep': _write('progress.json', b'[' * 10**5),
        'note of bytes': _write('progress.json', b'\xff'),
    }
    for name in ('parts.npy', 'harm.npy', 'logits.npy'):
        spoils |= {
            f'{name} removed': _remove(name),
            f'{name} cut': _cut(name, 0.7),
            f'{name} empty': _cut(name, 0),
            f'{name} header flipped': _flip(name, 20),
            f'{name} pickled': _write(name, pickle.dumps([1])),
            f'{name} in another type': _array(name[:-4], lambda a: a.astype('f8')),
            f'{name} of ints': _array(name[:-4], lambda a: a.astype('i4')),
            f'{name} of other rows': _array(name[:-4], lambda a: a[:-1]),
            f'{name} of another width': _array(name[:-4], lambda a: a[:, :1]),
            f'{name} by columns': _array(name[:-4], lambda a: np.asfortranarray(a)),
            f'{name} flipped': _flip(name, 128 + 4 * 3),
            f'{name} of zeros': _array(name[:-4], np.zeros_like),
            f'{name} of NaN': _array(name[:-4], lambda a: a + np.nan),
        }
    for name, spoil in spoils.items():
        yield Input(name, partial(_go_on, teacher, truth, spoil), ('files',), HARMLESS)


class _StoppedError(Exception):
    pass


def _go_on(teacher: _Teacher, truth: dict, spoil: Spoil, folder: Path) -> None:
    """Half of the rows, something that happens to them, and the same call again."""
    write = ResumableRows.write

    def stop(self: ResumableRows, *args: Any) -> None:
        if self.done:
            raise _StoppedError
        write(self, *args)

    files = folder / 'files'
    try:
        ResumableRows.write = stop  # type: ignore[method-assign]
        teacher.compute(files)
    except _StoppedError:
        pass
    finally:
        ResumableRows.write = write  # type: ignore[method-assign]
    spoil(files)
    teacher.compute(files)
    _compare(truth, teacher.read(files))


def caches(base: Path) -> Iterator[Input]:
    """Caches of clips, changed with and without a record that vouches for them."""
    (base / 'clips.pkl').write_bytes(pickle.dumps(content()))
    truth = _cached(base, base / 'cache')
    (made,) = (path for path in (base / 'cache').iterdir() if path.is_dir())
    spoils: dict[str, Spoil] = {}
    for file in sorted(made.iterdir()):
        if file.suffix in ('.npy', '.bin', '.json') and file.stat().st_size:
            name = file.name
            spoils |= {
                f'{name} flipped': _flip(name),
                f'{name} flipped in the middle': _flip(name, file.stat().st_size // 2),
                f'{name} cut': _cut(name, 0.5),
                f'{name} empty': _cut(name, 0),
                f'{name} removed': _remove(name),
                f'{name} zero': _write(name, bytes(file.stat().st_size)),
                f'{name} twice': _write(name, file.read_bytes() * 2),
            }
    for key in ('keypoint', 'label'):
        spoils |= {
            f'{key} of another type': _index(key, dtype='<i4'),
            f'{key} of no type': _index(key, dtype='x9'),
            f'{key} of objects': _index(key, dtype='O'),
            f'{key} of another kind': _index(key, kind='tuple'),
            f'{key} of another size': _index(key, size=3),
            f'{key} of size null': _index(key, size=None),
        }
    spoils |= {
        'names of others': _array('names', lambda a: a[::-1]),
        'no arrays': _json('clips.json', lambda c: c.pop('arrays') and None),
        'arrays a list': _json('clips.json', lambda c: c.update(arrays=[1])),
        'no constants': _json('clips.json', lambda c: c.pop('constants')),
        'no faults': _json('clips.json', lambda c: c.pop('faults')),
        'faults a text': _json('clips.json', lambda c: c.update(faults='many')),
        'warning a list': _json('clips.json', lambda c: c.update(warning=[1])),
        'index a list': _json('clips.json', lambda c: [1]),
    }
    for name, spoil in spoils.items():
        take = partial(_read_cache, base, truth, spoil)
        yield Input(name, take, ('cache',), HARMLESS)
    for place in ('file', 'unwritable'):
        yield Input(f'its folder a {place}', partial(_place_cache, place), ('cache',))


def _index(key: str, **fields: Any) -> Spoil:
    return _json('clips.json', lambda c: c['arrays'][key].update(fields))


def _cached(folder: Path, cache: Path) -> list[tuple]:
    settings = dict(cache=dict(folder=str(cache)), num_classes=2, pipeline=PIPELINE)
    dataset = PairedPoseDataset(str(folder / 'clips.pkl'), **settings)
    rows = []
    for row in range(4):
        item = dataset[row]
        sample = item['data_samples']
        rows.append((sample.frame_dir, int(sample.gt_label), item['inputs'].numpy().tobytes()))
    return rows


def _read_cache(base: Path, truth: list[tuple], spoil: Spoil, folder: Path) -> None:
    cache = Path(shutil.copytree(base / 'cache', folder / 'cache'))
    (made,) = (path for path in cache.iterdir() if path.is_dir())
    spoil(made)
    if _cached(base, cache) != truth:
        raise WrongResultError('other clips than the file has')


def _place_cache(place: str, folder: Path) -> None:
    (folder / 'clips.pkl').write_bytes(pickle.dumps(content()))
    cache = Path('/proc/cache') if place == 'unwritable' else folder / 'cache'
    if place == 'file':
        cache.touch()
    _cached(folder, cache)


def _checkpoints() -> dict[str, Any]:
    """What a checkpoint holds instead of weights."""
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmaction'):
        state = MODELS.build(RECOGNIZER).state_dict()
    some = next(name for name, value in state.items() if value.is_floating_point())
    weight = state[some]
    changed: dict[str, Any] = {
        'missing': {name: value for name, value in state.items() if name != some},
        'more': state | {'extra': torch.zeros(1)},
        'of another shape': state | {some: torch.zeros(3, 3)},
        'NaN': state | {some: weight + NAN},
        'infinite': state | {some: weight + INF},
        'complex': state | {some: weight.to(torch.complex64)},
        'a number': state | {some: 1.0},
        'a list': state | {some: weight.tolist()},
        'None': state | {some: None},
        'sparse': state | {some: weight.to_sparse()},
        'of text keys only': dict.fromkeys(state, 'text'),
        'of number keys': dict(enumerate(state.values())),
        'empty': {},
        'with another prefix': {f'model.{name}': value for name, value in state.items()},
    }
    whole = [None, 1, 'text', [], [state], (), {}, state[some], dict(meta={}), bomb()]
    return {
        **{f'weight {name}': dict(meta={}, state_dict=value) for name, value in changed.items()},
        **{f'file of {shown(value)}': value for value in whole},
        **{
            f'state_dict {shown(value)}': dict(state_dict=value)
            for value in (None, 1, 'text', [], [1], weight, bomb())
        },
        'meta a list': dict(state_dict=changed['missing'], meta=[1]),
        'nested': dict(state_dict=dict(state_dict=state)),
    }


class _Runs:
    def __reduce__(self) -> tuple:
        return os.system, ('touch ran',)


def _broken_files() -> dict[str, bytes]:
    """Files that are no checkpoints."""
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmaction'):
        whole = _saved(dict(meta={}, state_dict=MODELS.build(RECOGNIZER).state_dict()))
    return {
        **{
            f'cut at {share}': whole[: int(share * len(whole))]
            for share in (0, 0.1, 0.5, 0.9, 0.99)
        },
        **{
            f'byte {place} flipped': whole[:place]
            + bytes([whole[place] ^ 255])
            + whole[place + 1 :]
            for place in (0, 1, 30, 64, 100)
        },
        'text': b'hello',
        'page of an error': b'<!DOCTYPE html><html></html>',
        'plain pickle': pickle.dumps(dict(a=1)),
        'pickle that runs': pickle.dumps(dict(state_dict=_Runs())),
        'checkpoint that runs': _saved(dict(state_dict=_Runs())),
        'protocol 5': pickle.dumps(dict(a=1), protocol=5),
        'zeros': bytes(1000),
    }


def _saved(value: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def checkpoints(base: Path) -> Iterator[Input]:
    """Checkpoints, as a test and a teacher read them."""
    Config(dict(model=RECOGNIZER)).dump(base / 'teacher.py')
    files = _broken_files() | {name: _saved(value) for name, value in _checkpoints().items()}
    for reader in (_read_weights, partial(_read_teacher, base)):
        whose = 'teacher' if isinstance(reader, partial) else 'test'
        for name, raw in files.items():
            # a byte of the archive's own may be one that nothing reads
            expected = HARMLESS if 'flipped' in name else REFUSED
            take = partial(_read_raw, reader, raw)
            yield Input(f'{whose}: {name}', take, ('some.pth',), expected)
        yield Input(f'{whose}: gone', partial(_read_raw, reader, None), ('some.pth',))
    for name, raw in files.items():
        take = partial(_find_last, raw)
        yield Input(f'last: {name}', take, expected=TAKEN)
    for name, note in {'empty': '', 'gone': '/x/gone.pth', 'bytes': '\0', 'folder': '.'}.items():
        yield Input(f'note {name}', partial(_find_noted, note), expected=TAKEN)


def _read_raw(reader: Callable[[Path], object], raw: bytes | None, folder: Path) -> None:
    if raw is not None:
        (folder / 'some.pth').write_bytes(raw)
    reader(folder / 'some.pth')
    if Path('ran').exists():
        raise WrongResultError('it has run')


def _read_weights(file: Path) -> None:
    with DefaultScope.overwrite_default_scope('mmaction'):
        load_student_weights(MODELS.build(copy.deepcopy(RECOGNIZER)), file)


def _read_teacher(base: Path, file: Path) -> None:
    with DefaultScope.overwrite_default_scope('mmaction'):
        FrozenTeacher(str(base / 'teacher.py'), str(file)).init_weights()


def _find_last(raw: bytes, folder: Path) -> None:
    """One that is not whole is passed over."""
    whole = _saved(dict(meta={}, state_dict=dict(a=torch.zeros(1)), message_hub={}))
    (folder / 'epoch_1.pth').write_bytes(whole)
    (folder / 'epoch_2.pth').write_bytes(raw)
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))
    found = last_checkpoint(folder)
    if found != folder / 'epoch_1.pth':
        raise WrongResultError(f'goes on from {found}')


def _find_noted(note: str, folder: Path) -> None:
    (folder / 'epoch_1.pth').write_bytes(
        _saved(dict(meta={}, state_dict=dict(a=torch.zeros(1)), message_hub={}))
    )
    (folder / 'last_checkpoint').write_text(note)
    if last_checkpoint(folder) != folder / 'epoch_1.pth':
        raise WrongResultError('it finds no checkpoint')


KINDS = {
    "teacher's files": teacher_files,
    "teacher's files, interrupted": interrupted,
    'caches': caches,
    'checkpoints': checkpoints,
}
