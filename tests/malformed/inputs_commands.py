"""Recipes, grids, settings of configs and the command lines of all tools."""

import contextlib
import json
import os
import pickle
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop

from partkd import apis
from partkd.configuration import load_config
from partkd.experiments import Chain, read_grid
from partkd.layouts import get_layout

from .corpus import HARMLESS, INF, MISSING, NAN, REFUSED, TAKEN, Input, WrongResultError, shown

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / 'tools'
LONG = dict(sweep='run_in_processes', export='to_onnx', build_teacher_files='make_teacher_files')


def _write_recipe(base: Path) -> Path:
    """The tiny recipe with clips of its own, and a checkpoint of its student."""
    for file in (ROOT / 'tests' / 'tiny_recipe').glob('*.py'):
        shutil.copy(file, base)
    rng = np.random.default_rng(0)
    names = dict(train=[f't{n}_s{n % 2}_' for n in range(8)], val=[f'v{n}' for n in range(4)])
    for file_name, layout, dims in (('high.pkl', 'kinect_v1', 3), ('low.pkl', 'coco', 2)):
        shape = (1, 9, get_layout(layout).num_joints, dims)
        clips = [
            dict(frame_dir=name, label=row % 2, keypoint=rng.normal(size=shape).astype('f4'))
            for row, name in enumerate(names['train'] + names['val'])
        ]
        content = dict(split=names, annotations=clips)
        (base / file_name).write_bytes(pickle.dumps(content))
    cfg = apis.student_config(Config.fromfile(base / 'tiny.py'))
    with DefaultScope.overwrite_default_scope('mmaction'):
        torch.save(dict(meta={}, state_dict=MODELS.build(cfg.model).state_dict()), base / 's.pth')
    return base / 'tiny.py'


@contextlib.contextmanager
def _nothing_long() -> Iterator[None]:
    """Whatever comes as far as the first batch, or another computation, has taken the input."""

    def begin(*args: Any, **kwargs: Any) -> None:
        raise WrongResultError('it begins')

    def step(loop: BaseLoop) -> None:
        model = loop.runner.model
        batch = next(iter(loop.dataloader))
        if isinstance(loop, TestLoop):
            model.test_step(batch)
        else:
            model.train_step(batch, optim_wrapper=loop.runner.optim_wrapper)
        begin()

    with pytest.MonkeyPatch.context() as patch:
        for loop in (EpochBasedTrainLoop, IterBasedTrainLoop, TestLoop):
            patch.setattr(loop, 'run', step)
        patch.setattr(Chain, 'run', begin)
        # the verbs, whose names those of their modules are
        for verb, function in LONG.items():
            patch.setattr(sys.modules[f'partkd.apis.{verb}'], function, begin)
        yield


def _begins(take: Callable[[Path], object], folder: Path) -> None:
    """A valid one: it has to come as far as to compute."""
    try:
        take(folder)
    except WrongResultError:
        return
    raise RuntimeError('it does not begin')


def _recipe(config: Path, settings: dict, arguments: dict, folder: Path) -> None:
    cfg = load_config(config)
    for key, value in settings.items():
        if value is MISSING:
            cfg.distill.pop(key)
        else:
            cfg.distill[key] = value
    with _nothing_long():
        apis.distill(cfg, folder / 'work', **arguments)


def recipes(base: Path) -> Iterator[Input]:
    """What ``distill`` of a config holds."""
    config = _write_recipe(base)
    yield Input('whole', partial(_begins, partial(_recipe, config, {}, {})), expected=TAKEN)
    plain = dict(losses=[])
    loss = dict(type='KLLoss')
    students: list[Any] = [
        MISSING,
        None,
        1.5,
        'text',
        [1],
        {},
        {'a': 1},
        {'a': 'text'},
        {1: None},
        {'a|b': None},
        {'teacher': None},
        {'': None},
        {'a': dict(loss=[])},
        {'a': dict(losses='text')},
        {'a': dict(losses=1)},
        {'a': dict(losses=[1])},
        {'a': dict(losses=[{}])},
        {'a': dict(losses=[dict(type='KLLos')])},
        {'a': dict(losses=[dict(loss, temperatur=1)])},
        {'a': dict(losses=[dict(loss, temperature=0)])},
        {'a': dict(options='text')},
        {'a': dict(options=[1])},
        {'a': dict(options={'model.typ': 1})},
        {'a': dict(options={1: 1})},
        {'a': dict(options={'train_cfg.max_epoch': 3})},
        {'a': dict(config='gone.py')},
        {'a': dict(config=1)},
        {'a': dict(config='')},
        {'a': dict(plain, config='teacher.py', x=1)},
        {'a': dict(pretraining='gone.py')},
        {'a': dict(pretraining='teacher.py')},
        {'a': dict(pretraining=1)},
        {'a': dict(pretraining='')},
        {'a': dict(options={'optim_wraper.x': 1})},
        {'a\nb': None},
        {'a': dict(losses={})},
    ]
    seeds = [1, 'text', [], [0, 0], ['0'], [1.5], [-1], [None], [True], {'a': 1}, [2**40], None]
    conditions: list[Any] = [
        1.5,
        'text',
        [1],
        {'a': 1},
        {'a': None},
        {1: dict(prob=0.0)},
        {'a': {}},
        {'a|b': dict(prob=0)},
        {'a': dict(prob=2)},
        {'a': dict(prob=-0.1)},
        {'a': dict(prob='x')},
        {'a': dict(prob=NAN)},
        {'a': dict(prob=None)},
        {'a': dict(prob=0.5, scope='x')},
        {'a': dict(prob=0.5, scope=1)},
        {'a': dict(prob=0.5, extra=1)},
        {'a': dict(probability=0.5)},
        {'': dict(prob=0.0)},
        {'a': dict(prob=0.5, scope=['clip'])},
        {'a': dict(prob=[0.5])},
    ]
    for key, values in {
        'students': students,
        'seeds': seeds,
        'conditions': conditions,
        'title': (1.5, [1], {'a': 1}, True),
        'notes': (1.5, 'text', {'a': 1}, [1], True),
        'paper': (
            1.5,
            'text',
            [1],
            {'OP 0': 1},
            {'OP 0': [1, 2]},
            {'OP 0': ['a', 'b', 'c']},
            {'x': 1},
        ),
        'part_matrix': (
            1.5,
            'text',
            [1],
            dict(fill='x'),
            dict(x=1),
            dict(score=1),
            dict(fill=['x']),
        ),
        'prepare': (1.5, 'text', [1], dict(type='gone.x'), dict(type='os.system')),
        'extra': (1,),
        'student': ({'a': None},),
    }.items():
        for value in values:
            settings = {key: value} | ({'paper': {}} if key == 'conditions' else {})
            yield Input(f'{key} {shown(value)}', partial(_recipe, config, settings, {}))
    for key, values in {
        'seeds': (1, 'a', [], [0, 0], [-1], ['a'], [1.5]),
        'students': (1, 'PMSC', [], ['gone'], [1], [None], ['PMSC', 'PMSC']),
        'conditions': (1, 'OP 0', [], ['gone'], [1], [None], ['OP 0', 'OP 0']),
    }.items():
        for value in values:
            take = partial(_recipe, config, {}, {key: value})
            is_twice = isinstance(value, list) and len(value) == 2 and key != 'seeds'
            words = (key[:-1],)
            take = partial(_begins, take) if is_twice else take
            yield Input(
                f'asked for {key} {shown(value)}', take, words, TAKEN if is_twice else REFUSED
            )


def grids(base: Path) -> Iterator[Input]:
    """Files of a sweep."""
    yield Input(
        'whole', partial(_grid, b'product: {model.losses.0.loss_weight: [1, 2]}'), expected=TAKEN
    )
    for name, raw in {
        'empty': b'',
        'a list': b'[1]',
        'a number': b'1',
        'a text': b'abc',
        'null': b'null',
        'of no grammar': b'a: [1',
        'tabs': b'a:\n\t- 1',
        'bytes': b'\xff\xfe\x00',
        'NUL': b'a: \x00',
        'another key': b'grid: {}',
        'nothing in it': b'product: {}',
        'a key twice': b'product: {a: [1], a: [2]}',
        'a value that is no list': b'product: {a: 1}',
        'an empty list': b'product: {a: []}',
        'a text for a list': b'product: {a: abc}',
        'the same value twice': b'product: {a: [1, 1]}',
        'keys that are no texts': b'product: {1: [1]}',
        'a list of products': b'product: [1]',
        'a list of students': b'students: [1]',
        'a student that is a number': b'students: {a: 1}',
        'a student without a name': b'students: {1: {}}',
        'an unknown setting': b'students: {a: {loss: []}}',
        'Python': b'students: !!python/object/apply:os.system ["touch ran"]',
        'a bomb': b'a: &a [x,x]\nb: &b [*a,*a]\nproduct: {c: *b}',
        'laughs': b'a: &a [x]\n'
        + b''.join(
            b'%c: &%c [%s]\n' % (n + 1, n + 1, b','.join([b'*%c' % n] * 9)) for n in range(97, 106)
        )
        + b'product: {x: *j}',
        'deep': b'[' * 5000,
        'itself': b'students: &a {b: *a}',
    }.items():
        yield Input(name, partial(_grid, raw), ('grid.yml',))
    yield Input('gone', lambda folder: read_grid(folder / 'gone.yml'), ('gone.yml',))
    yield Input('a folder', lambda folder: read_grid(folder), ('grid',))


def _grid(raw: bytes, folder: Path) -> None:
    (folder / 'grid.yml').write_bytes(raw)
    read_grid(folder / 'grid.yml')
    if Path('ran').exists():
        raise WrongResultError('it has run')


def _train(config: Path, options: dict, arguments: dict, folder: Path) -> None:
    with _nothing_long():
        apis.train(config, work_dir=str(folder / 'work'), options=options, **arguments)


def trainings(base: Path) -> Iterator[Input]:
    """Settings of a training."""
    _write_recipe(base)
    config = base / 'common.py'
    yield Input('whole', partial(_begins, partial(_train, config, {}, {})), expected=TAKEN)
    wrong: dict[str, tuple] = {
        'batch_size': (8,),
        'trian_cfg.max_epochs': (3,),
        'train_dataloder.batch_size': (8,),
        'modle.typ': (3,),
        'train_cfg.max_epochs': (0, -1, 1.5, 'x', None),
        'train_cfg.max_epoch': (3,),
        'train_cfg.type': ('Loop', 1),
        'train_cfg': (None, 1, 'x', []),
        'train_dataloader.batch_size': (0, -1, 1.5, 'x', None),
        'train_dataloader.batchsize': (8,),
        'train_dataloader.num_workers': (-1, 1.5, 'x'),
        'train_dataloader.dataset.split': ('x', 1, ['train'], ''),
        'train_dataloader.dataset.ann_file': ('gone.pkl', 1, ''),
        'train_dataloader.dataset.layout': ('kinect_v1', 'x', 1),
        'train_dataloader.dataset.num_classes': (1, 0, 99, 'x'),
        'train_dataloader.dataset.extra': (1,),
        'train_dataloader.dataset.type': ('PoseData',),
        'train_dataloader.sampler.type': ('Sampler',),
        'train_dataloader': (None, 1, 'x', []),
        'val_dataloader.dataset.split': ('x', 1),
        'val_evaluator.type': ('Metric',),
        'val_evaluator': (None, 1, 'x'),
        'optim_wrapper.optimizer.lr': (-1, 'x', NAN, INF, None, 0),
        'optim_wrapper.optimizer.type': ('SGDD',),
        'optim_wrapper.optimizer.rate': (0.1,),
        'optim_wrapper.type': ('Wrapper',),
        'optim_wrapper': (None, 1, 'x'),
        'param_scheduler.0.total_steps': (1, 0, -1, 'x', 99),
        'param_scheduler.0.type': ('OneCycle',),
        'param_scheduler': (1, 'x'),
        'default_hooks.checkpoint.interval': (0, -1, 'x'),
        'default_hooks.checkpoint.type': ('Hook',),
        'custom_hooks': (1, 'x', ['x'], [dict(type='Hook')]),
        'randomness.seed': (-1, 1.5, 'x', [0]),
        'randomness': (1, 'x'),
        'model.cls_head.num_classes': (1, 0, -1, 'x', None, 1.5),
        'model.layout': ('kinect_v1', 'x'),
        'model.backbone.in_channels': (3, 0, 'x'),
        'model.backbone.type': ('STGC',),
        'model.backbone.channels': (3,),
        'model.type': ('Model', None),
        'model': (None, 1, 'x', []),
        'load_from': (1, ''),
        'resume': ('x', 1.5),
        'work_dir': (1, ''),
        'log_level': ('LOUD', 1.5),
        'default_scope': ('mmaktion', 1),
        'runner_type': ('Run', 1),
        'visualizer.type': ('Vis',),
        'env_cfg.dist_cfg.backend': ('x',),
    }
    # what mmengine reads as it always has, or what is as good as not there
    harmless = {
        ('runner_type', 'Run'),
        ('runner_type', 1),
        ('load_from', ''),
        ('work_dir', ''),
        ('work_dir', 1),
        ('optim_wrapper.optimizer.lr', 0),
        ('train_dataloader.dataset.num_classes', 0),
        ('default_scope', 1),
        ('env_cfg.dist_cfg.backend', 'x'),
        ('val_evaluator', None),
        ('resume', 1.5),
        ('train_dataloader.dataset.num_classes', 99),
        ('default_hooks.checkpoint.interval', -1),
        ('default_scope', 'mmaktion'),
    }
    for key, values in wrong.items():
        for value in values:
            take = partial(_train, config, {key: value}, {})
            is_type = isinstance(value, list) and value and isinstance(value[0], dict)
            if any(key == one and value == other for one, other in harmless):
                take = partial(_passes, take)
                yield Input(f'{key} {shown(value)}', take, expected=HARMLESS)
            else:
                last = key.split('.')[-1] if '.' in key else key
                word = value if last == 'type' and isinstance(value, str) else last
                word = value[0]['type'] if is_type else word
                yield Input(f'{key} {shown(value)}', take, (word,))
    for key, values in {
        'seed': ('x', -1, 1.5, [0]),
        'launcher': ('x', 1),
    }.items():
        for value in values:
            yield Input(f'{key}={shown(value)}', partial(_train, config, {}, {key: value}), (key,))
    for options, arguments in (({'load_from': 'gone.pth'}, {}), ({}, dict(resume='gone.pth'))):
        take = partial(_train, config, options, arguments)
        yield Input(f'no file {options} {arguments}', take, ('gone.pth',))
    for config_file, words in ((None, ('config',)), ('gone.py', ('gone.py',)), (1, ('config',))):
        take = partial(_train, config_file, {}, {})
        yield Input(f'config {config_file}', take, words)
    for name, raw in {
        'empty': b'',
        'no grammar': b'model = dict(',
        'bytes': b'\xff\x00',
        'fails': b'a = 1 / 0',
        'no model': b'a = 1\n',
        'base gone': b"_base_ = 'gone.py'\n",
        'delete': b"_base_ = ['common.py']\nmodel = dict(layout=dict(name='x'))\n",
        'model a list': b"_base_ = ['common.py']\nmodel = [1]\n",
        'imports gone': b"custom_imports = dict(imports=['gone'], allow_failed_imports=False)\n",
    }.items():
        yield Input(f'file {name}', partial(_train_raw, base, raw), ('c.py',), 'refused')


def _passes(take: Callable[[Path], object], folder: Path) -> None:
    with contextlib.suppress(WrongResultError):
        take(folder)


def _train_raw(base: Path, raw: bytes, folder: Path) -> None:
    shutil.copytree(base, folder, dirs_exist_ok=True)
    (folder / 'c.py').write_bytes(raw)
    _train(folder / 'c.py', {}, {}, folder)


def commands(base: Path) -> Iterator[Input]:
    """Command lines."""
    config = str(_write_recipe(base))
    plain, weights = str(base / 'common.py'), str(base / 's.pth')
    lines: dict[str, list[tuple[list[str], tuple[str, ...]]]] = {
        'train': [
            ([], ('config',)),
            (['gone.py'], ('gone.py',)),
            ([str(base)], (base.name,)),
            ([plain, 'more'], ('more',)),
            ([plain, '--sed', 'x'], ('seed',)),
            ([plain, '--seed'], ('seed',)),
            ([plain, '--seed', 'x'], ('seed',)),
            ([plain, '--seed', '1.5'], ('seed',)),
            ([plain, '--seed', '-1'], ('seed',)),
            ([plain, '--seed', str(2**40)], ('seed',)),
            ([plain, '--launcher', 'x'], ('launcher',)),
            ([plain, '--local_rank', 'x'], ('local',)),
            ([plain, '--cfg-options'], ('cfg-options',)),
            ([plain, '--cfg-options', 'a'], ('cfg-options',)),
            ([plain, '--cfg-options', '=1'], ('option',)),
            ([plain, '--cfg-options', 'a=['], ('option',)),
            ([plain, '--cfg-options', 'batch_size=8'], ('batch_size',)),
            ([plain, '--cfg-options', 'model.=8'], ()),
            ([plain, '--cfg-options', 'model.type.x=8'], ('type',)),
            ([plain, '--cfg-options', 'param_scheduler.9.x=8'], ('9',)),
            ([plain, '--cfg-options', 'param_scheduler.x=8'], ('param_scheduler',)),
            ([plain, '--resume', 'gone.pth'], ('gone.pth',)),
            ([plain, '--resume', str(base)], (base.name,)),
            ([plain, '--work-dir', weights], ('s.pth',)),
            ([plain, '--work-dir', '/proc/x'], ('/proc/x',)),
            ([weights], ('s.pth',)),
        ],
        'test': [
            ([plain], ('checkpoint',)),
            ([plain, 'gone.pth'], ('gone.pth',)),
            ([plain, str(base)], (base.name,)),
            ([plain, plain], ('common.py',)),
            ([plain, weights, '--occlusion', 'x'], ('occlusion',)),
            ([plain, weights, '--occlusion', '2'], ('prob',)),
            ([plain, weights, '--occlusion', '-1'], ('prob',)),
            ([plain, weights, '--occlusion', 'nan'], ('prob',)),
            ([plain, weights, '--occlusion-scope', 'x'], ('scope',)),
            ([plain, weights, '--dump', 'x.txt'], ('x.txt',)),
            ([plain, weights, '--dump', str(base)], (base.name,)),
            ([plain, weights, '--dump', '/proc/x/o.pkl'], ('/proc/x',)),
            ([str(base / 'teacher.py'), weights], ('s.pth',)),
            ([plain, weights, '--cfg-options', 'test_dataloder.x=1'], ('test_dataloder',)),
        ],
        'publish': [
            ([plain], ('checkpoint',)),
            ([plain, weights], ('out',)),
            ([plain, 'gone.pth', 'o.pth'], ('gone.pth',)),
            ([str(base / 'teacher.py'), weights, 'o.pth'], ('s.pth',)),
            ([plain, weights, '/proc/x/o.pth'], ('/proc/x',)),
            ([plain, weights, weights + '/o.pth'], ('s.pth',)),
        ],
        'export': [
            ([plain], ('checkpoint',)),
            ([plain, 'gone.pth', 'o.onnx'], ('gone.pth',)),
            ([str(base / 'teacher.py'), weights, 'o.onnx'], ('s.pth',)),
            ([plain, weights, str(base)], (base.name,)),
            ([plain, weights, '/proc/x/o.onnx'], ('/proc/x',)),
            ([plain, weights, weights + '/o.onnx'], ('s.pth',)),
        ],
        'retrieve': [
            ([plain], ('checkpoint',)),
            ([plain, 'gone.pth'], ('gone.pth',)),
            ([str(base / 'teacher.py'), weights], ('s.pth',)),
            ([plain, weights, '--neighbours', '0'], ('neighbours',)),
            ([plain, weights, '--neighbours', '1.5'], ('neighbours',)),
            ([plain, weights, '--neighbours', '99'], ('neighbours',)),
            ([plain, weights, '--work-dir', weights], ('s.pth',)),
            ([plain, weights, '--cfg-options', 'test_dataloder.x=1'], ('test_dataloder',)),
        ],
        'fuse': [
            ([], ('DUMP',)),
            (['a.pkl', 'b.pkl'], ('weights',)),
            (['a.pkl', 'b.pkl', '--weights', '1'], ('weights',)),
            (['a.pkl', 'b.pkl', '--weights', 'x', '1'], ('weights',)),
            (['a.pkl', 'b.pkl', '--weights', 'nan', '1'], ('weights',)),
            (['a.pkl', 'b.pkl', '--weights', '1', '1'], ('a.pkl',)),
            (['a.pkl', 'b.pkl', '--val', 'c.pkl', 'd.pkl', '--weights', '1', '1'], ('weights',)),
            ([weights, plain, '--weights', '1', '1'], ('s.pth',)),
            ([str(base / 'low.pkl'), plain, '--weights', '1', '1'], ('low.pkl',)),
            (['a.pkl', 'b.pkl', '--weights', '1', '1', '--work-dir', weights], ('s.pth',)),
        ],
        'pictures': [
            ([], ('work_dir',)),
            (['gone'], ('gone',)),
            ([str(base)], ('results.json',)),
            ([str(base / 'ok'), '--student', 'gone'], ('student', 'gone')),
            ([str(base / 'ok'), '--condition', 'gone'], ('condition', 'gone')),
            ([str(base / 'ok'), '--log-to', 'x'], ('log-to',)),
            ([str(base / 'ok')], ('seed',)),
        ],
        'build_part_matrix': [
            ([], ('config',)),
            (['gone.py'], ('gone.py',)),
            ([plain], ('distillation',)),
            ([config, '--figure'], ('figure',)),
            ([config, '--cfg-options', 'distill.part_matrix.fill=x'], ('fill',)),
        ],
        'distill': [
            ([], ('config',)),
            (['gone.py'], ('gone.py',)),
            ([plain], ('distill',)),
            ([config, '--seeds'], ('seeds',)),
            ([config, '--seeds', 'x'], ('seeds',)),
            ([config, '--seeds', '1.5'], ('seeds',)),
            ([config, '--seeds', '-1'], ('seed',)),
            ([config, '--seeds', '0', '0'], ('seed',)),
            ([config, '--students', 'x'], ('student', 'x')),
            ([config, '--conditions', 'x'], ('condition', 'x')),
            ([config, '--conditions'], ('conditions',)),
            ([config, '--teacher', 'gone.py'], ('gone.py',)),
            ([config, '--teacher', plain], ('distillation',)),
            ([config, '--cfg-options', 'distill.seeds=[]'], ('seed',)),
            ([config, '--cfg-options', 'distil.seeds=[1]'], ('distil',)),
            ([config, '--work-dir', weights], ('s.pth',)),
            ([config, '--work-dir', '/proc/x'], ('/proc/x',)),
        ],
        'sweep': [
            ([], ('config',)),
            ([config, '--grid', 'gone.yml'], ('gone.yml',)),
            ([config, '--seeds', '0'], ('seeds',)),
            ([config, '--seeds', '-1'], ('seeds',)),
            ([config, '--seeds', 'x'], ('seeds',)),
            ([config, '--jobs', '0'], ('jobs',)),
            ([config, '--jobs', 'x'], ('jobs',)),
            ([config, '--leave-out', '('], ('leave',)),
            ([config, '--leave-out', ''], ('group',)),
            ([config, '--leave-out', '_s'], ('group',)),
            ([config, '--leave-out', 'x(.)'], ('finds nothing',)),
            ([config, '--leave-out', '(t)'], ('finds the same',)),
            ([config, '--leave-out', '*'], ('leave',)),
            ([config, '--leave-out', '(_s'], ('leave',)),
            ([config, '--students', 'x'], ('student', 'x')),
            ([config, '--conditions', 'x'], ('condition', 'x')),
        ],
        'reproduce': [
            ([], ('TABLE',)),
            (['table1'], ('data',)),
            (['table9', '--data', 'd'], ('table9',)),
            (['table1', 'ntu60', '--data', 'd'], ('ntu60',)),
            (['table1', '--data', 'gone'], ('gone/skeleton',)),
            (['table1', '--data', 'd', '--seeds', 'x'], ('seeds',)),
            (['table1', '--data', 'd', '--seeds', '-1'], ('seeds',)),
            (['table1', '--data', 'd', '--splits', '0'], ('splits',)),
            (['table1', '--data', 'd', '--cluster', 'pbs'], ('cluster',)),
            (['table1', '--data', 'd', '--cluster-options', 'a'], ('cluster-options',)),
            (['table1', '--data', 'd', '--cfg-options', 'a=1'], ('a is no setting',)),
            ([plain, '--data', 'd'], ('common.py',)),
        ],
        'report': [
            ([], ('results',)),
            (['x.json'], ('out',)),
            (['gone.json', '--out', 'o.md'], ('gone.json',)),
            ([plain, '--out', 'o.md'], ('common.py',)),
            ([str(base), '--out', 'o.md'], (base.name,)),
            ([str(base / 'ok.json'), '--out', str(base)], (base.name,)),
            ([str(base / 'ok.json'), '--out', '/proc/x/o.md'], ('/proc/x',)),
        ],
        'data/make_synthetic': [
            ([], ('out_dir',)),
            (['o', '--num-subjects', '1'], ('num_subjects',)),
            (['o', '--num-subjects', 'x'], ('num-subjects',)),
            (['o', '--repeats', '0'], ('repeats',)),
            (['o', '--seed', '-1'], ('seed',)),
            (['/proc/x', '--num-subjects', '2', '--repeats', '1'], ('/proc/x',)),
        ],
        'data/convert': [
            ([], ('NAME',)),
            (['utd_mhad', 'gone'], ('OUT',)),
            (['utd_mhad', 'gone', 'o.pkl'], ('gone',)),
            (['utd', 'gone', 'o.pkl'], ('utd',)),
            (['utd_mhad', 'gone', 'o.pkl', '--processes', '0'], ('processes',)),
            (['utd_mhad', 'gone', 'o.pkl', '--processes', 'x'], ('processes',)),
            (['utd_mhad', 'gone', 'o.pkl', '--options', 'x'], ('options',)),
            (['utd_mhad', 'gone', 'o.pkl', '--options', 'x=1'], ('x',)),
            (['utd_mhad', 'gone', 'o.pkl', '--ignore', 'gone.txt'], ('gone.txt',)),
        ],
    }
    from .inputs_results import _results

    (base / 'ok').mkdir(exist_ok=True)
    for file in ('ok.json', 'ok/results.json'):
        (base / file).write_text(json.dumps(_results()))
    for tool, calls in lines.items():
        for arguments, words in calls:
            said = ' '.join(arguments).replace(f'{base}/', '').replace(str(base), 'FOLDER')
            yield Input(f'{tool} {said}', partial(_call, tool, arguments), words)


def _call(tool: str, arguments: list[str], folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, _nothing_long():
        patch.chdir(folder)
        patch.setattr(os, 'environ', dict(os.environ))
        patch.setattr(sys, 'argv', [f'{tool}.py', *arguments])
        runpy.run_path(str(TOOLS / f'{tool}.py'), run_name='__main__')


KINDS = {'recipes': recipes, 'grids': grids, 'trainings': trainings, 'commands': commands}
