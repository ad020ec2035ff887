"""Outputs that cannot be written are found first: before the checkpoint, which is not there."""

import logging
import runpy
import sys
from pathlib import Path

import pytest

from partkd import apis
from partkd.datasets.converters import convert
from partkd.experiments.progress import Progress

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture
def taken(tmp_path):
    """A folder with folders of the names that files should have."""
    for name in ('out.pkl', 'out.png', 'confusion_matrix.csv', 'results.md'):
        (tmp_path / 'taken' / name).mkdir(parents=True)
    return tmp_path / 'taken'


def report(out, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['report.py', 'gone.json', '--out', str(out)])
    runpy.run_path(str(TOOLS / 'report.py'), run_name='__main__')


@pytest.mark.parametrize('verb', ['export', 'publish', 'dump', 'per_class', 'figure', 'convert'])
def test_folders_in_the_place_of_files(verb, configs, taken):
    config, gone = configs / 'tiny.py', configs / 'gone.pth'
    calls = dict(
        export=lambda: apis.export(config, gone, taken),
        publish=lambda: apis.publish(config, gone, taken),
        dump=lambda: apis.test(config, gone, dump=taken / 'out.pkl'),
        per_class=lambda: apis.test(config, gone, per_class=taken),
        figure=lambda: apis.build_teacher_files(config, figure=taken / 'out.png'),
        convert=lambda: convert('openpose', _a_file(configs.parent), taken / 'out.pkl'),
    )
    with pytest.raises(IsADirectoryError, match='is a folder: name a file'):
        calls[verb]()


def test_folders_in_the_place_of_reports(taken, monkeypatch):
    with pytest.raises(SystemExit, match='is a folder: name a file'):
        report(taken, monkeypatch)
    with pytest.raises(IsADirectoryError, match=r'results\.md is a folder: name a file'):
        Progress(None, taken / 'results', 1, logging.getLogger())


def test_a_folder_that_is_a_file(configs):
    config, gone = configs / 'tiny.py', configs / 'gone.pth'
    for call in (apis.export, apis.publish):
        with pytest.raises(OSError, match=r'tiny\.py cannot be written \(.*\): name a place'):
            call(config, gone, config / 'out')


def _a_file(folder):
    source = folder / 'sources' / 'clip'
    source.mkdir(parents=True)
    (source / 'clip_000000000000_keypoints.json').write_text('{"people": []}')
    return folder / 'sources'
