from partkd_benchmarks import scale


def test_a_fresh_process_reads_all_clips(tmp_path):
    """It raises itself where clips or pairs are missing."""
    figures = scale(clips=120, workers=1, batch_size=50, folder=str(tmp_path))
    assert not list(tmp_path.iterdir())
    assert figures.clips == 120 and len(figures.workers) == 1
    assert 100e6 < figures.workers[0] < 2e9 and 100e6 < figures.trainer < 2e9
    # 16 to 48 frames and 16 frames of 17 joints, three numbers of two bytes each
    assert figures.size > 120 * (32 + 16) * 17 * 3 * 2 * 0.8
    assert 100e6 < figures.builder < 2e9
    # five parts and their mean of 8 channels, 60 logits, numbers of four bytes
    assert figures.files_size > 120 * (6 * 8 + 60) * 4
    report = figures.report()
    assert '120 clips' in report
    for process in ('the trainer', 'worker 0', 'what makes them'):
        assert f'| most memory of {process} |' in report
