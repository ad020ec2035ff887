"""Jobs through submitit, in processes of this machine."""

import shutil
import sys

import pytest

from partkd.reproduction import run_on_cluster


def test_jobs_run_and_tell_their_failures(tmp_path):
    pytest.importorskip('submitit')
    (tmp_path / 'there').write_text('x')
    calls = [(str(tmp_path / name), str(tmp_path / f'{name}_copy')) for name in ('there', 'gone')]
    made, failed = run_on_cluster(shutil.copy, calls, 'local', tmp_path / 'jobs')
    assert made is None and (tmp_path / 'there_copy').read_text() == 'x'
    assert 'No such file' in str(failed)


def test_what_submitit_does_not_take(tmp_path):
    pytest.importorskip('submitit')
    for cluster, parameters, message in (
        ('local', dict(gpus_a_node=1), 'cluster local: .*gpus_a_node'),
        ('slurm', None, 'cluster slurm: .*srun'),
    ):
        with pytest.raises(ValueError, match=message):
            list(run_on_cluster(shutil.copy, [], cluster, tmp_path / 'jobs', parameters))


def test_without_submitit(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'submitit', None)
    with pytest.raises(ImportError, match=r'pip install "partkd\[slurm\]"'):
        list(run_on_cluster(shutil.copy, [], 'local', tmp_path))
