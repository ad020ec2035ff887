"""The verb end to end, on miniature data in every data set's own form."""

import json
import pickle
import shutil
import sys
from pathlib import Path

import pytest

from partkd import apis
from partkd.datasets import load_annotations, save_annotations
from partkd.evaluation import Results
from partkd.reproduction import read_table

from .conftest import SMALL

QUICK = dict(seeds=[0], splits=1, options=SMALL)
MODULE = sys.modules['partkd.apis.reproduce']  # whose name the verb has


def test_rows_of_all_data_sets(root, work_dir):
    """From publishers' and the estimator's files to figures beside the paper's."""
    names = ['ntu60-teacher', 'ntu60-kd-op3', 'penn-kd-op0', 'sysu-kd-op6']
    figures = apis.reproduce('table1', root, names, work_dir=work_dir, **QUICK)
    by_place = {(one.row, one.column): one for one in figures}
    assert list(by_place) == [
        *((name, column) for name in names[:2] for column in ('CS', 'CV')),
        ('penn-kd-op0', 'Top1'),
        ('penn-kd-op0', 'Top5'),
        ('sysu-kd-op6', 'Setting1'),
        ('sysu-kd-op6', 'Setting2'),
    ]
    assert all(0 <= one.ours <= 100 and one.seeds == [0] for one in figures)
    assert by_place['penn-kd-op0', 'Top5'].ours == 100
    assert by_place['sysu-kd-op6', 'Setting2'].splits == ['setting2_01_train']
    assert by_place['ntu60-kd-op3', 'CV'].paper == 85.67

    folder = work_dir / 'ntu60_kinect_v2_to_pifpaf_shufflenetv2x1' / 'xview_train'
    results = Results.load(folder / 'results.json')
    assert [(run.model, run.condition) for run in results.runs] == [
        ('teacher', None),
        ('with KD', 'OP .3'),
    ]
    recorded = 100 * results.runs[1].metrics['acc/top1']
    assert by_place['ntu60-kd-op3', 'CV'].ours == pytest.approx(recorded)
    page = (work_dir / 'table1.md').read_text()
    assert f'{recorded:.2f} (1) | 85.67 |' in page
    (made_with,) = {line for line in page.splitlines() if line.startswith('- python ')}
    assert '; commit ' in made_with
    written = json.loads((work_dir / 'table1.json').read_text())['figures']
    assert [one['ours'] for one in written] == [one.ours for one in figures]
    assert (work_dir / 'table1.csv').read_text().count('\n') == 1 + len(figures)


def test_a_rival_of_table_3_trains(root, work_dir):
    figures = apis.reproduce('table3', root, ['sysu-pe-gcn'], work_dir=work_dir, **QUICK)
    assert [one.paper for one in figures] == [85.23, 85.08]
    assert all(0 <= one.ours <= 100 for one in figures)


def test_only_what_is_missing_is_run(root, work_dir, capsys):
    first = apis.reproduce('table1', root, ['penn-kd-op0'], work_dir=work_dir, **QUICK)
    capsys.readouterr()
    apis.reproduce('table1', root, ['penn-kd-op0'], work_dir=work_dir, dry_run=True, **QUICK)
    said = capsys.readouterr().out
    assert '| teacher, with KD | OP 0 | 0 | 2 of 2 | 2 x 1258 x 1 | 0.0 |' in said
    assert 'missing' not in said

    (folder,) = work_dir.glob('pennaction*/train')
    steps = set(folder.glob('seed_0/*'))
    both = ['penn-student-op0', 'penn-kd-op0']
    figures = apis.reproduce('table1', root, both, work_dir=work_dir, **QUICK)
    assert figures[2:] == first
    (new,) = set(folder.glob('seed_0/*')) - steps
    assert new.name.startswith('op_0_without_kd-')
    assert (folder / 'distill.log').read_text().count('already done') == 3


def test_rows_whose_files_are_there_are_run(root, work_dir, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(MODULE, '_run', lambda table, job, *args: ran.append(job))
    monkeypatch.setattr(Results, 'load', lambda file: Results('', '', [0], ['a'], {}, 0))
    shutil.copytree(root / 'pennaction', work_dir / 'data' / 'pennaction')
    shutil.copytree(root / 'sysu', work_dir / 'data' / 'sysu')
    (work_dir / 'data' / 'sysu' / 'kinect20_3d.pkl').unlink()
    figures = apis.reproduce('table1', work_dir / 'data', work_dir=work_dir, **QUICK)
    assert [job.data for job in ran] == ['pennaction'] and len(figures) == 2 * 48
    said = (work_dir / 'reproduce.log').read_text()
    assert said.index('these files are missing') < said.index('# Table 1')
    for name, command in (
        ('skeleton/ntu60_3d.pkl', 'ntu60 NTU_SKELETONS'),
        ('skeleton/ntu60_pifpaf_shufflenetv2x1_coco17_2d.pkl', 'openpifpaf PIFPAF_JSON'),
        ('sysu/kinect20_3d.pkl', 'sysu SYSU_3DVIDEONORM'),
    ):
        assert f'python tools/data/convert.py {command} {work_dir}/data/{name}' in said
    assert 'human13' not in said and 'sysu/pifpaf_resnet152' not in said.replace('labels=', '')

    with pytest.raises(FileNotFoundError, match=r'missing.*\n- .*ntu60_3d.pkl .*ntu60-teacher:'):
        apis.reproduce('table1', work_dir, ['ntu60-teacher'], work_dir=work_dir, **QUICK)
    apis.reproduce('table1', work_dir, ['ntu60-teacher'], dry_run=True)
    assert 'convert.py ntu60 NTU_SKELETONS' in capsys.readouterr().out
    assert len(ran) == 1


def test_a_run_that_fails_costs_its_own_rows(root, work_dir, monkeypatch):
    """A file without one of the splits."""
    shutil.copytree(root, work_dir / 'data')
    file = work_dir / 'data' / 'skeleton' / 'ntu60_3d.pkl'
    content = load_annotations(file)
    content['split'].pop('xsub_train')
    save_annotations(content['annotations'], content['split'], file)
    with pytest.raises(apis.ReproduceError, match='1 failed: ntu60.*/xsub_train. See .*same comm'):
        apis.reproduce('table4', work_dir / 'data', ['ntu60-none'], work_dir=work_dir, **QUICK)
    assert 'xsub_train: failed. ' in (work_dir / 'reproduce.log').read_text()
    cross_subject, cross_view = json.loads((work_dir / 'table4.json').read_text())['figures']
    assert cross_subject['ours'] is None and cross_view['ours'] is not None


def test_a_cluster_gets_all_runs_at_once(root, work_dir, monkeypatch):
    asked = []

    def run_on_cluster(function, arguments, *args):
        asked.append(args)
        assert pickle.loads(pickle.dumps(function)) is function
        for one in arguments:
            table, job, *_ = pickle.loads(pickle.dumps(one))
            assert table == read_table('table5') and job.paired == 0.7
            yield RuntimeError('killed')

    monkeypatch.setattr(MODULE, 'run_on_cluster', run_on_cluster)
    options = dict(cluster='slurm', cluster_options=dict(timeout_min=9), work_dir=work_dir)
    with pytest.raises(apis.ReproduceError, match='2 failed'):
        apis.reproduce('table5', root, ['pifpaf70-kd'], **options, **QUICK)
    assert asked == [('slurm', work_dir / 'slurm', dict(timeout_min=9))]


def test_what_is_asked_for_wrongly(root, work_dir):
    for arguments, message in (
        (dict(table='tabel1'), 'there is no table tabel1: did you mean table1'),
        (dict(rows=['ntu60-kd']), 'row of table1 named ntu60-kd: did you mean ntu60-kd-op'),
        (dict(seeds=[-1]), r'seeds=\[-1\]: it is'),
        (dict(splits=0), 'splits=0: it is an integer from 1 on'),
        (dict(cluster='pbs'), "cluster='pbs': it is"),
        (dict(options={'modle.layout': 'coco'}), 'modle.layout is no setting'),
    ):
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            apis.reproduce(**dict(table='table1', data=root, work_dir=work_dir) | arguments)
    assert not Path(work_dir).exists()
