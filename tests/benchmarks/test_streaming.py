import numpy as np
import pytest

from partkd_benchmarks import streaming as module


@pytest.mark.parametrize('persons', [1, 2])
def test_all_sides_do_the_same_work(persons):
    """At the end of a window they have the same scores, whatever the stride."""
    model = module._models()['recommended student']
    walks, scores = module._walks(24, persons)
    expected = module._at_once(model, walks, scores)
    assert expected.shape == (persons, 60)
    for stride in (24, 8):
        found = module._frame_by_frame(model, walks, scores, stride)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_report_has_all_sides():
    result = module.streaming(window=16, stride=8, rounds=1)
    assert len(result.seconds) == 6 and 'a window of 16 frames' in result.report()
