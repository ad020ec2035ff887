import time

import pytest
import torch

from partkd_benchmarks import Side, SideBySide, compare


def test_ratios_are_of_the_same_round():
    seconds = dict(old=[4.0, 8.0, 4.0], new=[2.0, 2.0, 1.0])
    comparison = SideBySide('Steps', 'clips', seconds, {})
    assert comparison.times_faster('new') == (4.0, 2.0, 4.0)
    assert comparison.times_faster('old') == (1.0, 1.0, 1.0)


def test_report_has_sides_ratio_notes_and_environment():
    seconds = dict(old=[0.004], new=[0.0005])
    text = SideBySide('Steps', 'clips', seconds, dict(torch='2.13'), ['Both on noise.']).report()
    assert '| old | 4 ms | 250 | 1 |' in text
    assert '| new | 500 µs | 2,000 | **8.00** [8.00, 8.00] |' in text
    assert 'time per clip' in text and '- Both on noise.' in text and '- torch 2.13.' in text


def test_sides_take_their_turn_on_the_threads_asked_for():
    calls = []
    sides = [
        Side('old', lambda: (calls.append(('old', torch.get_num_threads())), time.sleep(0.02))),
        Side('new', lambda: calls.append(('new', torch.get_num_threads())), amount=4, calls=2),
    ]
    comparison = compare('Steps', 'clips', sides, rounds=2, threads=1, notes=['A note.'])
    assert calls == [('old', 1), ('new', 1), ('new', 1)] * 3  # the first round warms up
    assert {name: len(seconds) for name, seconds in comparison.seconds.items()} == dict(
        old=2, new=2
    )
    assert min(comparison.seconds['old']) >= 0.02
    assert comparison.environment['threads'] == 1 and comparison.notes == ['A note.']


def test_amount_counts_the_things_of_a_call():
    side = Side('slow', lambda: time.sleep(0.02), amount=10)
    assert 0.002 <= side.seconds() < 0.02


def test_one_side_is_no_comparison():
    side = Side('one', lambda: None)
    with pytest.raises(ValueError, match=r"two or more sides of different names.*\['one'\]"):
        compare('Steps', 'clips', [side])
    with pytest.raises(ValueError, match=r"\['one', 'one'\]"):
        compare('Steps', 'clips', [side, side])
