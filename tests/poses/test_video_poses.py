"""Videos to annotation files, with an estimator that finds a square."""

import numpy as np
import pytest

from partkd import apis
from partkd.datasets import load_annotations

from .conftest import HEIGHT, RATE, WIDTH, middle

ONE = dict(one=dict(type='square'))
LABELS = 'file,label,subject\na.mp4,wave,1\nb.mp4,kick,2\nc.mp4,wave,3\n'


@pytest.fixture
def videos(draw, tmp_path):
    for name in ('a', 'b', 'c'):
        draw(f'{name}.mp4', gone=(2, 3) if name == 'b' else ())
    (tmp_path / 'videos' / 'read me.txt').write_text('no video')
    (tmp_path / 'labels.csv').write_text(LABELS)
    return tmp_path / 'videos'


def clips_of(file) -> dict[str, dict]:
    return {clip['frame_dir']: clip for clip in load_annotations(file)['annotations']}


def test_clips_are_what_the_estimator_saw(videos, tmp_path):
    out = tmp_path / 'out.pkl'
    labels = str(tmp_path / 'labels.csv')
    summary = apis.extract_poses(videos, out, ONE, labels, test_subjects=['3'])['one']
    assert summary.clips == 3 and not summary.faults
    content = load_annotations(out)
    assert content['classes'] == ['kick', 'wave']
    assert content['split'] == dict(xsub_train=['a', 'b'], xsub_val=['c'])
    clips = clips_of(out)
    assert [clips[name]['label'] for name in 'abc'] == [1, 0, 1]
    for name, clip in clips.items():
        assert clip['img_shape'] == (HEIGHT, WIDTH) and clip['fps'] == RATE
        assert clip['keypoint'].shape == (1, 6, 17, 2)
        gone = np.isin(np.arange(6), (2, 3)) if name == 'b' else np.zeros(6, bool)
        assert (clip['keypoint_score'][0, gone] == 0).all()
        assert (clip['keypoint_score'][0, ~gone] > 0).all()
        expected = np.array([middle(frame) for frame in range(6)])
        np.testing.assert_allclose(clip['keypoint'][0, ~gone, 8], expected[~gone], atol=1)
    assert not (tmp_path / 'x.pkl').exists()
