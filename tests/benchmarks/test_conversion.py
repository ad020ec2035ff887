import numpy as np

from partkd.datasets import load_annotations
from partkd.datasets.converters import convert
from partkd_benchmarks import conversion
from partkd_benchmarks.ntu_files import write_skeleton_files
from partkd_benchmarks.ntu_like import num_frames, num_persons


def test_files_have_the_lengths_and_persons_of_ntu60(tmp_path):
    size = write_skeleton_files(tmp_path / 'files', 70)
    files = list((tmp_path / 'files').iterdir())
    assert size == sum(file.stat().st_size for file in files)
    assert 100e3 < size / 70 < 400e3  # the publishers' have 100 kB
    summary = convert('ntu60', tmp_path / 'files', tmp_path / 'ntu60.pkl')
    assert summary.clips == len(files) == 70 and not summary.faults
    clips = load_annotations(tmp_path / 'ntu60.pkl')['annotations']
    frames = np.concatenate([num_frames(64), []])
    assert set(frames) == {clip['total_frames'] for clip in clips}
    assert sum(len(clip['keypoint']) == 2 for clip in clips[:64]) <= num_persons(70).sum() - 70
    assert {len(clip['keypoint']) for clip in clips} == {1, 2}
    assert all(np.ptp(clip['keypoint'][:, :, 0], axis=1).any() for clip in clips)  # they move


def test_report(tmp_path):
    speed, memory = conversion(clips=34, rounds=1, many=40, folder=str(tmp_path))
    assert not list(tmp_path.iterdir())
    assert list(speed.seconds) == ['one process', '2 processes', 'reading alone, in one process']
    assert [(run['clips'], run['processes']) for run in memory.runs] == [
        (4, 1),
        (4, 2),
        (40, 1),
        (40, 2),
    ]
    assert all(50e6 < run['main'] < 2e9 for run in memory.runs)
    assert memory.runs[0]['worker'] == 0 and 50e6 < memory.runs[3]['worker'] < 2e9
    assert '| 40 | 2 |' in memory.report()
