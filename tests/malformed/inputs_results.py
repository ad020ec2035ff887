"""Records of results that were edited."""

import json
import pickle
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from partkd.evaluation import Results, Run, align, load_scores, report

from .corpus import HARMLESS, INF, MISSING, NAN, TAKEN, Input, replaced, shown

ENVIRONMENT = dict(python='3.11', torch='2', device='a processor', threads=1, commit='abc')
ODD = (None, 1.5, 'text', [], [1], {}, -1, True)


# What contradicts the runs, which are named then.
UNNAMED = {
    'seeds': ('[0]', '[1]', '[-1]'),
    'students': ("['plain']",),
    'folds': ("['a']",),
    'runs': ('[{}]',),
}


def _results() -> dict:
    """Two seeds, a baseline and a student, 20 test clips each."""
    results = Results(
        'title', 'configs/x.py', [0, 1], ['plain', 'PMSC'], {'OP 0': dict(prob=0.0)}, planned=6
    )
    clips = [f'clip{number}' for number in range(20)]
    for seed in (0, 1):
        for model, right in (('teacher', 18), ('plain', 12), ('PMSC', 14 + seed)):
            run = Run(
                seed=seed,
                model=model,
                condition=None if model == 'teacher' else 'OP 0',
                metrics={'acc/top1': right / 20},
                clips=dict(train=40, test=20),
                epochs=6,
                seconds=60.0,
                environment=ENVIRONMENT,
                correct='1' * right + '0' * (20 - right),
            )
            results.add(run, clips)
    return json.loads(json.dumps(asdict(results)))


def files(base: Path) -> Iterator[Input]:
    """``results.json`` and its like."""
    valid = _results()
    (key,) = valid['tested']
    yield Input('whole', partial(_report, valid), expected=TAKEN)
    some = list(valid['tested'][key])
    fields: dict[str, tuple] = {
        'title': (MISSING, None, 1.5, [1], {}),
        'config': (MISSING, 1.5, [1], {}),
        'seeds': (MISSING, *ODD, [0, 0], ['0'], [1.5], [-1], [0]),
        'students': (MISSING, *ODD, ['plain'], ['plain', 'plain'], [None, 1], ['PMSC', 'teacher']),
        'conditions': (MISSING, None, 1.5, 'text', [1], {'OP 0': None}, {'OP 0': dict(prob='x')}),
        'planned': (MISSING, None, 1.5, 'text', [], -1),
        'paper': (1.5, 'text', [1], {'OP 0': [1, 2]}, {'OP 0': 1}, {'OP 0': [1, 2, 'x']}),
        'notes': (1.5, 'text', {}, [1], [None], -1),
        'runs': (MISSING, None, 1.5, 'text', [1], {}, [{}], [None]),
        'seconds': (None, 'text', [], {}, -1, NAN, INF),
        'folds': (1.5, 'text', {}, [1], ['a']),
        'tested': (None, 1.5, 'text', [1], {}, {key: some[1:]}, {key: some[::-1]}, {key: 1}),
        'runs.1.seed': (MISSING, *ODD, 7),
        'runs.1.model': (MISSING, None, 1.5, [], {}, 'another', ''),
        'runs.1.condition': (MISSING, 1.5, [], {}, 'another', None),
        'runs.1.metrics': (MISSING, None, 1.5, 'text', [], {}, {'acc/top5': 1.0}),
        'runs.1.metrics.acc/top1': (MISSING, *ODD[:-1], NAN, INF, 1.0, 1.1, 60, 0.65),
        'runs.1.clips': (MISSING, None, 1.5, 'text', [], {}, {'train': 40}),
        'runs.1.clips.test': (MISSING, *ODD, 0, 10**9, 19, 21),
        'runs.1.clips.train': (MISSING, None, 'text', [], -1, 1.5),
        'runs.1.epochs': (MISSING, None, 'text', [], -1, 1.5, 0),
        'runs.1.seconds': (MISSING, None, 'text', [], -1, NAN, INF),
        'runs.1.resumed': ('no', 2, [], None),
        'runs.1.environment': (None, 1.5, 'text', [1]),
        'runs.1.fold': (1.5, [], {}, 'a'),
        'runs.1.correct': (1.5, [], {}, '', '1' * 19, '1' * 21, '1' * 20, '2' * 20, 'x' * 20),
        'runs.1.tested': (1.5, [], {}, 'gone', ''),
    }
    for path, values in fields.items():
        words = (path.split('.')[-1],)
        for value in values:
            yield Input(
                f'{path} {shown(value)}',
                partial(_report, replaced(valid, path, value)),
                ('results.json', *(() if shown(value) in UNNAMED.get(path, ()) else words)),
            )
    more = {
        'a run twice': dict(valid, runs=[*valid['runs'], valid['runs'][1]]),
        'an unknown key': dict(valid, extra=1),
        'an unknown key of a run': dict(
            valid, runs=[dict(valid['runs'][0], extra=1), *valid['runs'][1:]]
        ),
        'a run fewer': dict(valid, runs=valid['runs'][:-1]),
    }
    for name, given in more.items():
        expected = TAKEN if name == 'a run fewer' else 'refused'
        yield Input(name, partial(_report, given), ('results.json',), expected)
    whole = json.dumps(valid).encode()
    raw = {
        'empty': b'',
        'a list': b'[1]',
        'null': b'null',
        'a number': b'1',
        'a text': b'"a"',
        'deep': b'[' * 10**5,
        'bytes': b'\xff\xfe' + whole,
        'a mark of order': b'\xef\xbb\xbf' + whole,
        'markdown': b'# Results\n',
        'two values': whole + whole,
        'huge number': whole.replace(b'0.6', b'9' * 5000),
        **{f'cut at {share}': whole[: int(len(whole) * share)] for share in (0.1, 0.5, 0.9, 0.99)},
    }
    for name, content in raw.items():
        expected = HARMLESS if name == 'a mark of order' else 'refused'
        yield Input(name, partial(_report_raw, content), ('results.json',), expected)
    for name in ('gone.json', '.'):
        yield Input(f'file {name}', partial(_report_file, name), (name,))


def _report(given: Any, folder: Path) -> None:
    _report_raw(json.dumps(given).encode(), folder)


def _report_raw(raw: bytes, folder: Path) -> None:
    (folder / 'results.json').write_bytes(raw)
    _report_file('results.json', folder)


def _report_file(name: str, folder: Path) -> None:
    report(Results.load(folder / name))


def dumps(base: Path) -> Iterator[Input]:
    """Dumps of scores, of which the bytes of tensors are files of their own."""
    scores = torch.tensor([[0.2, 0.8], [0.6, 0.4]])
    clips = [
        dict(frame_dir=f'clip{row}', gt_label=torch.tensor([row]), pred_score=scores[row])
        for row in range(2)
    ]
    raw = pickle.dumps(clips)
    yield Input('whole', partial(_fuse_raw, raw), expected=TAKEN)
    for end in range(0, len(raw), len(raw) // 40):
        yield Input(f'cut at {end}', partial(_fuse_raw, raw[:end]), ('scores.pkl',))
    for place in range(0, len(raw), 7):
        changed = raw[:place] + bytes([raw[place] ^ 0x41]) + raw[place + 1 :]
        yield Input(f'byte {place}', partial(_fuse_raw, changed), ('scores.pkl',), HARMLESS)
    values: dict[str, tuple] = {
        'pred_score': (MISSING, *ODD, scores, torch.tensor([1]), torch.tensor([NAN, 1.0])),
        'gt_label': (MISSING, *ODD, 2, torch.tensor([0, 1]), torch.tensor([0.5]), 10**30),
        'frame_dir': (None, 1, [], b'clip', 'clip1'),
    }
    for key, given in values.items():
        for value in given:
            content = pickle.dumps([replaced(clips[0], key, value), clips[1]])
            yield Input(f'{key} {shown(value)}', partial(_fuse_raw, content), ('scores.pkl',))


def _fuse_raw(raw: bytes, folder: Path) -> None:
    (folder / 'scores.pkl').write_bytes(raw)
    align([load_scores(folder / 'scores.pkl')] * 2)


KINDS = {'results': files, 'dumps of scores': dumps}
