import pytest

from partkd.distillation import FrozenTeacher
from partkd_benchmarks import bank_memory, part_matrix
from partkd_benchmarks.bank_memory import read_bank, write_bank
from partkd_benchmarks.part_matrix import make_dataset


def test_both_sides_see_the_same_clips(monkeypatch, tmp_path):
    frames = []
    extract = FrozenTeacher.extract

    def count(self, inputs, reads=None):
        real = inputs.persons()[1]
        frames.append(
            len(inputs.persons()[0]) * inputs.keypoint.shape[2] if real is None else real.sum()
        )
        return extract(self, inputs, reads)

    monkeypatch.setattr(FrozenTeacher, 'extract', count)
    occlusions, build = part_matrix(num_clips=7, base_channels=2, rounds=1, bank_rows=0)
    dataset = make_dataset(tmp_path / 'clips.pkl', 7)
    once = sum(item['inputs'].shape[0] * item['inputs'].shape[1] for item in dataset)
    # two rounds, the first of which warms up, of two comparisons of two sides
    assert sum(map(int, frames)) == 2 * (5 + 5 + 6 + 6) * once
    assert list(occlusions.seconds) == ['five plain passes', 'five occlusions in one pass']
    assert list(build.seconds) == ['six plain passes', 'bank and part matrix']
    assert all(
        len(seconds) == 1 for seconds in (*occlusions.seconds.values(), *build.seconds.values())
    )


def test_clips_are_of_the_sizes_of_ntu(tmp_path):
    dataset = make_dataset(tmp_path / 'clips.pkl', 300)
    frames = dataset.num_frames
    assert frames.min() >= 30 and frames.max() <= 300 and 75 < frames.mean() < 85
    assert dataset.num_persons.sum() == 350
    assert dataset[3]['inputs'].shape == (2, frames[3], 25, 3)


def test_memory_of_a_bank(tmp_path):
    memory = bank_memory(num_rows=200, channels=2, num_batches=2)
    first, *_, last = memory.peaks.values()
    assert 0 < first <= last
    report = memory.report()
    assert 'A feature bank of 200 clips' in report
    assert '| peak memory after 2 random batches of 64 |' in report


@pytest.mark.parametrize('large', [0, 2**30])
def test_the_bank_that_is_measured_is_read_in_both_forms(large, tmp_path, monkeypatch):
    monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', large)
    write_bank(tmp_path, 200, 2)
    peaks, seconds = read_bank(tmp_path, 200, 2)
    assert len(peaks) == 3 and min(seconds.values()) > 0
