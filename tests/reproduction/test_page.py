"""Every command of docs/reproduce.md runs, on miniature data."""

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from partkd.reproduction import Job, read_table

from .conftest import SMALL

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / 'docs' / 'reproduce.md').read_text()
INSTALL = 'pip install "partkd[slurm]"'


@pytest.fixture
def run(root, work_dir, monkeypatch):
    """Runs a command with a small network and one seed in a folder that has the data."""
    Path('data').symlink_to(root)
    for name in ('tools', 'configs'):
        Path(name).symlink_to(ROOT / name)
    options = [f'{key}={value}'.replace(' ', '') for key, value in SMALL.items()]

    def run(command: str) -> None:
        python, tool, *arguments = shlex.split(command)
        assert python == 'python'
        arguments += ['--seeds', '0', '--cfg-options', *options]
        monkeypatch.setattr(sys, 'argv', [tool, *arguments])
        runpy.run_path(tool, run_name='__main__')

    return run


def test_commands_run(run, capsys, monkeypatch):
    (install, cluster), (dry, rows) = [
        block.splitlines() for block in sorted(re.findall(r'```bash\n(.*?)```', PAGE, re.S))
    ]
    assert install == INSTALL
    run(dry)
    assert '| sysu_pifpaf_resnet152_to_kinect_v1 | 60 splits |' in capsys.readouterr().out
    run(rows)
    page = Path('work_dirs/reproduce/table1.md').read_text()
    assert '| penn-student-op0 |' in page and '| penn-kd-op0 |' in page
    assert 'Not complete' not in page

    handed: list[Job] = []

    def run_on_cluster(function, arguments, cluster, folder, parameters):
        assert (cluster, folder) == ('slurm', Path('work_dirs/reproduce/slurm'))
        assert parameters == dict(timeout_min=2880, gpus_per_node=1, slurm_partition='gpu')
        handed.extend(job for _, job, *_ in arguments)
        return iter([RuntimeError('no SLURM here')] * len(handed))

    monkeypatch.setattr(sys.modules['partkd.apis.reproduce'], 'run_on_cluster', run_on_cluster)
    with pytest.raises(SystemExit, match='8 failed: '):
        run(cluster)
    assert len(handed) == 8 and {job.paired for job in handed} == {0.8, 0.7}
    assert 'Not complete: kinect80' in Path('work_dirs/reproduce/table5.md').read_text()


def test_files_that_the_page_names_are_there():
    named = re.findall(r'`(configs/[\w./]+)`', PAGE)
    assert named and all((ROOT / name).is_file() for name in named)


def test_seeds_are_as_the_page_says():
    seeds = {name: data.seeds for name, data in read_table('table1').data_sets.items()}
    assert seeds == dict(ntu60=[0, 1, 2], pennaction=[0, 1, 2], sysu=[0])
