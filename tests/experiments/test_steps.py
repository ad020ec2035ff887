import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from partkd.experiments import Step
from partkd.files import BusyError, digest


@pytest.fixture
def write():
    """An action that writes one file and counts how often it did."""

    def action(directory):
        action.calls += 1
        (directory / 'out.txt').write_text('x')
        return dict(outputs=['out.txt'], metrics=dict(top1=0.5))

    action.calls = 0
    return action


def test_a_step_is_done_once(tmp_path, write):
    first = Step(tmp_path, 'OP .6, PMSC (alpha 10)', dict(a=1)).make(write)
    step = Step(tmp_path, 'OP .6, PMSC (alpha 10)', dict(a=1))
    assert step.record() == step.make(write) == first
    assert write.calls == 1
    assert first['metrics'] == dict(top1=0.5) and not first['resumed']
    assert step.folder == tmp_path / f'op_6_pmsc_alpha_10-{digest(step.fingerprint)[:8]}'


def test_a_name_may_be_longer_than_a_file_systems(tmp_path, write):
    steps = [Step(tmp_path, 300 * letter, letter) for letter in 'ab']
    assert all(step.make(write) for step in steps) and write.calls == 2


def test_two_processes_do_not_do_one_step(tmp_path, write):
    def again(directory):
        return Step(tmp_path, 'a', 1).make(write, wait=False)

    step = Step(tmp_path, 'a', 1)
    with pytest.raises(BusyError, match='another process is at work in .*wait until'):
        step.make(again, wait=False)
    assert write.calls == 0
    assert step.make(write)['outputs'] == ['out.txt']


def test_it_waits_for_another_process_where_asked_to(tmp_path, write):
    step, at_work, calls = Step(tmp_path, 'a', 1), threading.Event(), []

    def slowly(directory):
        at_work.set()
        time.sleep(0.3)
        calls.append(directory)
        return write(directory)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(step.make, slowly)
        at_work.wait()
        second = pool.submit(Step(tmp_path, 'a', 1).make, slowly)
        assert first.result() == second.result()
    assert len(calls) == 1


def test_another_input_is_another_directory(tmp_path, write):
    one, other = (Step(tmp_path, 'a', dict(a=a)) for a in (1, 2))
    one.make(write)
    assert other.record() is None and one.folder != other.folder


def test_a_step_that_broke_off_is_not_finished(tmp_path, write):
    def broken(directory):
        (directory / 'half.txt').write_text('x')
        raise RuntimeError('broken')

    step = Step(tmp_path, 'a', 1)
    with pytest.raises(RuntimeError, match='broken'):
        step.make(broken)
    assert step.record() is None
    assert step.make(write)['resumed']


@pytest.mark.parametrize('change', ['removed', 'changed'])
def test_a_lost_or_changed_output_is_named(tmp_path, write, change):
    step = Step(tmp_path, 'a', 1)
    step.make(write)
    file = step.folder / 'out.txt'
    file.unlink() if change == 'removed' else file.write_text('y')
    with pytest.raises(ValueError, match=r'out\.txt was changed or removed .*delete .*a-'):
        step.record()


def test_the_record_is_written_last(tmp_path, write, monkeypatch):
    def fail(path):
        raise RuntimeError('no digest')

    monkeypatch.setattr('partkd.files.made_once.file_digest', fail)
    step = Step(tmp_path, 'a', 1)
    with pytest.raises(RuntimeError):
        step.make(write)
    assert step.record() is None and write.calls == 1
    monkeypatch.undo()
    step.make(write)
    record = json.loads((step.folder / 'record.json').read_text())
    assert record['fingerprint'] == step.fingerprint and write.calls == 2
