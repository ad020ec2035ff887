"""What all converters share, on one made for it: resuming, faults, names that are left out."""

import multiprocessing
import os
import re
import runpy
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from partkd.datasets import load_annotations
from partkd.datasets.converters import CONVERTERS, Clip, Converter, conversion, convert
from partkd.datasets.converters.converter import in_two, make_annotation
from partkd.datasets.converters.readers import parse_numbers, read_json, read_lines
from partkd.files import BusyError

ROOT = Path(__file__).resolve().parents[3]
TOOL = ROOT / 'tools' / 'data' / 'convert.py'
READ = []  # the files that were read in this process


class Numbers(Converter):
    """Files of one number, which is the label."""

    layout = 'kinect_v1'
    pattern = '*.number'
    download = 'numbers'
    classes = ('zero', 'one', 'two')

    def __init__(self, src, scale=1.0) -> None:
        super().__init__(src)
        self.scale = scale

    def read(self, source):
        READ.append(source.name)
        label = int(source.read_text())
        keypoint = np.full((1, 2 + label, 20, 3), self.scale)
        keypoint[:, 0, :5] = 0
        annotation = make_annotation(source.stem, label, keypoint)
        yield Clip(annotation, dict(subject=label % 2, camera=1))

    def split_rules(self):
        return in_two('xsub', 'subject', (1,))


@pytest.fixture(autouse=True)
def numbers(monkeypatch):
    monkeypatch.setitem(CONVERTERS.module_dict, 'numbers', Numbers)
    monkeypatch.setattr(Converter, 'sources_of_a_part', 2)
    READ.clear()


@pytest.fixture
def src(tmp_path) -> Path:
    folder = tmp_path / 'src'
    folder.mkdir()
    for i in range(5):
        (folder / f'c{i}.number').write_text(str(i % 3))
    return folder


def names_in(path: Path) -> list[str]:
    return [clip['frame_dir'] for clip in load_annotations(path)['annotations']]


def test_summary(src, tmp_path):
    summary = convert('numbers', src, tmp_path / 'out.pkl', ignore=['c4', 'not there'])
    assert str(summary).splitlines() == [
        f"{tmp_path / 'out.pkl'}: 4 clips in layout 'kinect_v1'",
        '  3 of 3 classes, 2 subjects, 1 cameras',
        '  4 of 1 persons',
        '  11 frames, 2 to 4 a clip',
        '  20 of 220 joints missing (9.1%)',
        '  split xsub_train: 1',
        '  split xsub_val: 3',
        '  1 left out on request, of 2 names',
    ]
    assert not (tmp_path / 'out.pkl.parts').exists()


def test_classes_travel(src, tmp_path):
    convert('numbers', src, tmp_path / 'out.pkl')
    assert conversion.restricted_load(tmp_path / 'out.pkl')['classes'] == ['zero', 'one', 'two']


def test_bad_files_are_listed_and_read_again_when_they_have_changed(src, tmp_path):
    out = tmp_path / 'out.pkl'
    (src / 'c1.number').write_text('one')
    (src / 'c3.number').write_text('7')
    summary = convert('numbers', src, out)
    assert [where for where, _ in summary.faults] == [
        f'{src}/c1.number',
        f'{src}/c3.number, clip c3',
    ]
    assert "'one'" in summary.faults[0][1] and 'label 7' in summary.faults[1][1]
    assert names_in(out) == ['c0', 'c2', 'c4']
    READ.clear()
    (src / 'c1.number').write_text('1')
    assert len(convert('numbers', src, out).faults) == 1
    assert READ == ['c0.number', 'c1.number']  # one part; the others stay
    READ.clear()
    assert not convert('numbers', src, out, ignore=['c3']).faults
    assert READ == ['c2.number']
    assert names_in(out) == ['c0', 'c1', 'c2', 'c4']


def test_goes_on_where_it_was_interrupted(src, tmp_path, monkeypatch):
    out = tmp_path / 'out.pkl'

    def stop(self, source):
        if source.stem == 'c4':
            raise KeyboardInterrupt
        return iter(list(read(self, source)))

    read = Numbers.read
    with monkeypatch.context() as patch:
        patch.setattr(Numbers, 'read', stop)
        with pytest.raises(KeyboardInterrupt):
            convert('numbers', src, out)
    assert not out.exists()
    READ.clear()
    convert('numbers', src, out)
    assert READ == ['c4.number']
    assert names_in(out) == ['c0', 'c1', 'c2', 'c3', 'c4']


def test_other_options_read_again(src, tmp_path):
    (src / 'c1.number').write_text('one')
    convert('numbers', src, tmp_path / 'out.pkl')
    convert('numbers', src, tmp_path / 'out.pkl', options=dict(scale=2.0))
    clips = load_annotations(tmp_path / 'out.pkl')['annotations']
    assert all(clip['keypoint'].max() == 2 for clip in clips)


def test_nothing_is_written_where_nothing_is_good(src, tmp_path):
    out = tmp_path / 'out.pkl'
    out.write_bytes(b'of an earlier call')
    for file in src.iterdir():
        file.write_text('')
    with pytest.raises(ValueError, match=r'no clip is left.*5 are bad:\n  .*c0\.number: '):
        convert('numbers', src, out)
    assert out.read_bytes() == b'of an earlier call'


def test_same_name_twice(src, tmp_path):
    (src / 'copy').mkdir()
    (src / 'copy' / 'c1.number').write_text('2')
    summary = convert('numbers', src, tmp_path / 'out.pkl')
    assert summary.faults == [('c1', 'another file has this name as well: rename or remove one')]
    assert summary.clips == 5


needs_fork = pytest.mark.skipif(
    multiprocessing.get_start_method() != 'fork',
    reason='the converter of this test is known to forked processes only',
)


@needs_fork
def test_a_process_that_dies_ends_the_call(src, tmp_path, monkeypatch):
    """As one does for which there is no memory; a pool that waits for it would wait for ever."""
    monkeypatch.setattr(Numbers, 'read', lambda self, source: os._exit(1))
    with pytest.raises(BrokenProcessPool):
        convert('numbers', src, tmp_path / 'out.pkl', processes=2)


@needs_fork
def test_processes_give_the_same(src, tmp_path):
    one, two = tmp_path / 'one.pkl', tmp_path / 'two.pkl'
    convert('numbers', src, one)
    convert('numbers', src, two, processes=2)
    assert one.read_bytes() == two.read_bytes()


def test_one_at_a_time(src, tmp_path):
    (tmp_path / 'out.pkl.parts').mkdir()
    with (
        FileLock(tmp_path / 'out.pkl.parts' / 'lock'),
        pytest.raises(BusyError, match='another process is writing'),
    ):
        convert('numbers', src, tmp_path / 'out.pkl')


def test_what_is_asked_for_wrongly(src, tmp_path):
    with pytest.raises(ValueError, match=r"no converter 'number': take one of .*numbers"):
        convert('number', src, tmp_path / 'out.pkl')
    with pytest.raises(ValueError, match="'numbers' does not take these options: .*size"):
        convert('numbers', src, tmp_path / 'out.pkl', options=dict(size=1))
    with pytest.raises(FileNotFoundError, match=r'no \*\.number in .*: set the folder of numbers'):
        convert('numbers', tmp_path / 'nowhere', tmp_path / 'out.pkl')


def call_tool(monkeypatch, *arguments) -> int:
    monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(TOOL), run_name='__main__')
    return end.value.code


def test_tool(src, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'out.pkl'
    ignore = tmp_path / 'ignore.txt'
    ignore.write_text('Clips with missing skeletons:\n\nc0\nc2\n')
    arguments = ('--processes', 1, '--ignore', ignore, '--options', 'scale=3.0')
    assert call_tool(monkeypatch, 'numbers', src, out, *arguments) == 0
    assert 'layout' in capsys.readouterr().out
    assert names_in(out) == ['c1', 'c3', 'c4']
    (src / 'c1.number').write_text('one')
    assert call_tool(monkeypatch, 'numbers', src, out, *arguments) == 1


def test_help_lists_every_converter(monkeypatch, capsys):
    assert call_tool(monkeypatch, '--help') == 0
    text = capsys.readouterr().out
    for name in set(CONVERTERS.module_dict) - {'numbers'}:
        assert re.search(rf'^  {name} +\w', text, re.M), name


def test_the_page_of_data_sets_lists_every_converter():
    page = (ROOT / 'docs' / 'data_sets.md').read_text()
    rows = re.findall(r'^\| `(\w+)` \| .* \| `?([\w+-]+)`? \| .* \|$', page, re.M)
    layouts = {name: kind.layout for name, kind in CONVERTERS.module_dict.items()}
    assert dict(rows) == {name: layouts[name] for name in set(layouts) - {'numbers'}}


def test_text_files(tmp_path):
    file = tmp_path / 'a.txt'
    file.write_text('1 2\n3 4\n\n')
    np.testing.assert_array_equal(parse_numbers(read_lines(file), 2), [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match='line 8 has 3 fields, it should have 2'):
        parse_numbers(['1 2', '1 2 3'], 2, first=7)
    with pytest.raises(ValueError, match="line 2, field 1 is 'x', no number"):
        parse_numbers(['1,2', 'x,3'], 2, separator=',')
    file.write_bytes(b'\xff\xfe')
    with pytest.raises(ValueError, match='no text'):
        read_lines(file)
    file.write_text('{"a": [1, }')
    with pytest.raises(ValueError, match='line 1 column 11'):
        read_json(file)
