"""The command lines: what they hand to the functions, and one of them for real."""

import inspect
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from partkd import apis
from partkd.evaluation import Results, Run

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


@pytest.fixture
def call(monkeypatch):
    """Function that runs a tool and returns the arguments of the one function that it called."""

    def run(tool, *arguments, verb=None):
        function = getattr(apis, verb or tool)
        calls = []

        def record(*args, **kwargs):
            calls.append(inspect.signature(function).bind(*args, **kwargs).arguments)
            return []

        with monkeypatch.context() as patch:
            patch.setattr(apis, function.__name__, record)
            patch.setattr(sys, 'argv', [f'{tool}.py', *map(str, arguments)])
            runpy.run_path(str(TOOLS / f'{tool}.py'), run_name='__main__')
        (bound,) = calls
        return dict(bound)

    return run


def test_train_by_default(call):
    assert call('train', 'x.py') == dict(
        config='x.py',
        work_dir=None,
        resume=False,
        amp=False,
        compile=False,
        validate=True,
        auto_scale_lr=False,
        seed=None,
        deterministic=False,
        launcher='none',
        options=None,
        log_to=[],
        degrade=[],
    )


def test_train_with_everything(call, monkeypatch):
    monkeypatch.delenv('LOCAL_RANK', raising=False)
    arguments = (
        'x.py --work-dir w --resume --amp --compile --no-validate --auto-scale-lr --seed 3 '
        '--deterministic --launcher pytorch --local_rank 1 --log-to wandb --degrade jitter frames '
        '--cfg-options a.b=1 c="[2,3]" d=x'
    )
    assert call('train', *arguments.split()) == dict(
        config='x.py',
        work_dir='w',
        resume=True,
        amp=True,
        compile=True,
        validate=False,
        auto_scale_lr=True,
        seed=3,
        deterministic=True,
        launcher='pytorch',
        options={'a.b': 1, 'c': [2, 3], 'd': 'x'},
        log_to=['wandb'],
        degrade=['jitter', 'frames'],
    )
    assert os.environ.pop('LOCAL_RANK') == '1'


def test_train_resumes_from_a_file(call):
    assert call('train', 'x.py', '--resume', 'a.pth')['resume'] == 'a.pth'


def test_test(call):
    assert call('test', 'x.py', 'a.pth')['occlusion'] is None
    arguments = (
        'x.py a.pth --work-dir w --dump o.pkl --per-class c --occlusion .6 --occlusion-scope clip '
        '--degrade part:part=legs'
    )
    assert call('test', *arguments.split()) == dict(
        config='x.py',
        checkpoint='a.pth',
        work_dir='w',
        dump='o.pkl',
        per_class='c',
        occlusion=0.6,
        occlusion_scope='clip',
        degrade=['part:part=legs'],
        launcher='none',
        options=None,
    )


def test_robustness(call):
    arguments = '--model a x.py a.pth --model b y.py b.pth --degrade joints frames:share=0.2'
    assert call('robustness', *arguments.split()) == dict(
        models=dict(a=('x.py', 'a.pth'), b=('y.py', 'b.pth')),
        degradations=['joints', 'frames:share=0.2'],
        work_dir='work_dirs/robustness',
        options=None,
        beside=None,
    )
    arguments = '--model a x.py a.pth --beside table.yml'
    assert call('robustness', *arguments.split())['beside'] == 'table.yml'
    with pytest.raises(SystemExit):
        call('robustness', '--model', 'a', 'x.py', 'a.pth')


def test_retrieve(call):
    expected = dict(config='x.py', checkpoint='a.pth', work_dir=None, neighbours=1, options=None)
    assert call('retrieve', 'x.py', 'a.pth') == expected
    arguments = ['x.py', 'a.pth', '--work-dir', 'w', '--neighbours', 5, '--cfg-options', 'a=1']
    changed = dict(work_dir='w', neighbours=5, options=dict(a=1))
    assert call('retrieve', *arguments) == expected | changed


def test_fuse(call):
    arguments = ['j.pkl', 'b.pkl', '--weights', 0.5, 1]
    assert call('fuse', *arguments) == dict(
        dumps=['j.pkl', 'b.pkl'], work_dir='work_dirs/fusion', weights=[0.5, 1.0], val=None
    )
    arguments = ['j.pkl', 'b.pkl', '--val', 'vj.pkl', 'vb.pkl', '--work-dir', 'w']
    assert call('fuse', *arguments) == dict(
        dumps=['j.pkl', 'b.pkl'], work_dir='w', weights=None, val=['vj.pkl', 'vb.pkl']
    )


def test_pictures(call):
    assert call('pictures', 'w') == dict(work_dir='w', student=None, condition=None, log_to=[])
    arguments = ['w', '--student', 'PMSC', '--condition', 'OP .6', '--log-to', 'tensorboard']
    assert call('pictures', *arguments) == dict(
        work_dir='w', student='PMSC', condition='OP .6', log_to=['tensorboard']
    )


def test_build_part_matrix(call):
    arguments = ['x.py', '--figure', 'm.png']
    assert call('build_part_matrix', *arguments, verb='build_teacher_files') == dict(
        config='x.py', figure='m.png', options=None
    )


def test_publish(call):
    wanted = dict(config='x.py', checkpoint='a.pth', out='b.pth')
    assert call('publish', 'x.py', 'a.pth', 'b.pth') == wanted


def test_export(call):
    wanted = dict(config='x.py', checkpoint='a.pth', out='b.onnx', int8=None, winograd=False)
    assert call('export', 'x.py', 'a.pth', 'b.onnx') == wanted
    assert call('export', 'x.py', 'a.pth', 'b.onnx', '--winograd') == wanted | dict(winograd=True)
    assert call('export', 'x.py', 'a.pth', 'b.onnx', '--int8') == wanted | dict(int8=128)
    assert call('export', 'x.py', 'a.pth', 'b.onnx', '--int8', 9) == wanted | dict(int8=9)


def test_distill(call):
    arguments = ['x.py', '--seeds', 0, 1, '--students', 'cross entropy', 'PMSC', '--work-dir', 'w']
    assert call('distill', *arguments, '--conditions', 'OP 0') == dict(
        config='x.py',
        work_dir='w',
        seeds=[0, 1],
        students=['cross entropy', 'PMSC'],
        conditions=['OP 0'],
        options=None,
        teacher=None,
    )
    assert call('distill', 'student.py', '--teacher', 'teacher.py')['teacher'] == 'teacher.py'


def test_sweep(call):
    defaults = dict(
        config='x.py',
        grid=None,
        seeds=None,
        jobs=1,
        leave_out=None,
        all_clips=False,
        work_dir=None,
        students=None,
        conditions=None,
        options=None,
    )
    assert call('sweep', 'x.py') == defaults
    arguments = [
        '--grid',
        'g.yml',
        '--seeds',
        5,
        '--jobs',
        4,
        '--leave-out',
        r'_s(\d+)_',
        '--all-clips',
    ]
    assert call(
        'sweep', 'x.py', *arguments, '--students', 'A', '--conditions', 'B'
    ) == defaults | dict(
        grid='g.yml',
        seeds=5,
        jobs=4,
        leave_out=r'_s(\d+)_',
        all_clips=True,
        students=['A'],
        conditions=['B'],
    )


def test_reproduce(call):
    defaults = dict(
        table='table1',
        data='d',
        rows=[],
        seeds=None,
        splits=None,
        work_dir='work_dirs/reproduce',
        cluster=None,
        cluster_options=None,
        dry_run=False,
        options=None,
    )
    assert call('reproduce', 'table1', '--data', 'd') == defaults
    arguments = (
        'table1 a b --data d --dry-run --seeds 3 4 --splits 2 --work-dir w --cluster slurm '
        '--cluster-options timeout_min=9 slurm_partition=gpu --cfg-options train_cfg.max_epochs=1'
    )
    assert call('reproduce', *arguments.split()) == dict(
        table='table1',
        data='d',
        rows=['a', 'b'],
        seeds=[3, 4],
        splits=2,
        work_dir='w',
        cluster='slurm',
        cluster_options=dict(timeout_min=9, slurm_partition='gpu'),
        dry_run=True,
        options={'train_cfg.max_epochs': 1},
    )


def test_a_sweep_with_failures_ends_with_an_error(monkeypatch):
    def fail(*args, **kwargs):
        raise apis.SweepError('2 failed: a; b')

    monkeypatch.setattr(apis, 'sweep', fail)
    monkeypatch.setattr(sys, 'argv', ['sweep.py', 'x.py'])
    with pytest.raises(SystemExit, match='2 failed: a; b'):
        runpy.run_path(str(TOOLS / 'sweep.py'), run_name='__main__')


@pytest.mark.parametrize(
    'tool',
    sorted(str(file.relative_to(TOOLS)) for file in TOOLS.glob('[!d]*/*.py'))
    + sorted(file.name for file in TOOLS.glob('*.py')),
)
def test_help(tool, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', [tool, '--help'])
    with pytest.raises(SystemExit, match='0'):
        runpy.run_path(str(TOOLS / tool), run_name='__main__')
    assert 'usage:' in capsys.readouterr().out


def test_report_joins_results(tmp_path, monkeypatch):
    for name in 'ab':
        run = Run(0, 'teacher', None, {'acc/top1': 0.5}, dict(train=1, test=1), 1, 1.0)
        Results(name, 'x.py', [0], ['plain'], {'OP 0': dict(prob=0.0)}, 1, runs=[run]).save(
            tmp_path / f'{name}.json'
        )
    out = tmp_path / 'docs' / 'results.md'
    files = [str(tmp_path / f'{name}.json') for name in 'ab']
    monkeypatch.setattr(sys, 'argv', ['report.py', *files, '--out', str(out), '--title', 'Both'])
    runpy.run_path(str(TOOLS / 'report.py'), run_name='__main__')
    text = out.read_text()
    assert text.startswith('# Both\n') and '\n## a\n' in text and '\n## b\n' in text


def test_as_a_command():
    """From another folder, with the package found but no test's imports at hand."""
    command = [sys.executable, str(TOOLS / 'test.py'), 'nowhere.py', 'a.pth']
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == ['error: there is no config nowhere.py: check the path']
