import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from partkd.experiments.steps import Step, StepBusyError


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
    first = Step(tmp_path, 'OP .6, PMSC (alpha 10)', dict(a=1)).run(write)
    step = Step(tmp_path, 'OP .6, PMSC (alpha 10)', dict(a=1))
    assert step.finished() == step.run(write) == first
    assert write.calls == 1
    assert first['metrics'] == dict(top1=0.5) and not first['resumed']
    assert step.directory == tmp_path / f'op_6_pmsc_alpha_10-{step.fingerprint[:8]}'


def test_a_name_may_be_longer_than_a_file_systems(tmp_path, write):
    steps = [Step(tmp_path, 300 * letter, letter) for letter in 'ab']
    assert all(step.run(write) for step in steps) and write.calls == 2


def test_two_processes_do_not_do_one_step(tmp_path, write):
    def again(directory):
        return Step(tmp_path, 'a', 1).run(write)

    step = Step(tmp_path, 'a', 1)
    with pytest.raises(StepBusyError, match='another process is at work in .*wait until'):
        step.run(again)
    assert write.calls == 0
    assert step.run(write)['outputs'] == ['out.txt']


def test_it_waits_for_another_process_where_asked_to(tmp_path, write):
    step, at_work, calls = Step(tmp_path, 'a', 1), threading.Event(), []

    def slowly(directory):
        at_work.set()
        time.sleep(0.3)
        calls.append(directory)
        return write(directory)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(step.run, slowly)
        at_work.wait()
        second = pool.submit(Step(tmp_path, 'a', 1).run, slowly, wait=True)
        assert first.result() == second.result()
    assert len(calls) == 1


def test_another_input_is_another_directory(tmp_path, write):
    one, other = (Step(tmp_path, 'a', dict(a=a)) for a in (1, 2))
    one.run(write)
    assert other.finished() is None and one.directory != other.directory


def test_a_step_that_broke_off_is_not_finished(tmp_path, write):
    def broken(directory):
        (directory / 'half.txt').write_text('x')
        raise RuntimeError('broken')

    step = Step(tmp_path, 'a', 1)
    with pytest.raises(RuntimeError, match='broken'):
        step.run(broken)
    assert step.finished() is None
    assert step.run(write)['resumed']


@pytest.mark.parametrize('change', ['removed', 'changed'])
def test_a_lost_or_changed_output_is_named(tmp_path, write, change):
    step = Step(tmp_path, 'a', 1)
    step.run(write)
    file = step.directory / 'out.txt'
    file.unlink() if change == 'removed' else file.write_text('y')
    with pytest.raises(ValueError, match=r'out\.txt was changed or removed .*delete .*a-'):
        step.finished()


def test_done_json_is_written_last(tmp_path, write, monkeypatch):
    def fail(path):
        raise RuntimeError('no digest')

    monkeypatch.setattr('partkd.experiments.steps.file_digest', fail)
    step = Step(tmp_path, 'a', 1)
    with pytest.raises(RuntimeError):
        step.run(write)
    assert step.finished() is None and write.calls == 1
    monkeypatch.undo()
    step.run(write)
    record = json.loads((step.directory / 'done.json').read_text())
    assert record['fingerprint'] == step.fingerprint and write.calls == 2
