"""Videos to annotation files, with an estimator that finds a square."""

from dataclasses import replace

import numpy as np
import pytest
from filelock import FileLock

from partkd import apis
from partkd.datasets import load_annotations
from partkd.files import BusyError
from partkd.layouts import get_layout
from partkd.poses import video_poses

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


@pytest.fixture
def seen():
    """Shapes of the frames that the estimator has seen."""
    video_poses._built.cache_clear()
    return video_poses._built((('type', 'square'),)).seen


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


def test_two_qualities_are_pairs_in_the_pixels_of_the_video(videos, seen, tmp_path):
    both = dict(high=dict(type='square'), low=dict(type='square', size=16))
    summaries = apis.extract_poses(videos, tmp_path / 'out', both)
    assert [summary.clips for summary in summaries.values()] == [3, 3]
    assert set(seen) == {(HEIGHT, WIDTH), (12, 16)}
    high, low = (clips_of(tmp_path / 'out' / f'{name}.pkl') for name in both)
    assert list(high) == list(low)
    for name in high:
        # a pixel of the small picture is four of the video
        np.testing.assert_allclose(high[name]['keypoint'], low[name]['keypoint'], atol=4)
        assert 'label' not in high[name]


def test_broken_videos_are_listed_and_the_others_not_estimated_again(videos, draw, seen, tmp_path):
    (videos / 'b.mp4').write_bytes(b'broken')
    draw('d.mp4', gone=tuple(range(6)))
    summary = apis.extract_poses(videos, tmp_path / 'out.pkl', ONE)['one']
    said = {where.rsplit('/')[-1]: fault for where, fault in summary.faults}
    assert 'no frame of it can be read' in said['b.mp4']
    assert 'nobody is in its 6 frames' in said['d.mp4']
    assert list(clips_of(tmp_path / 'out.pkl')) == ['a', 'c']
    assert len(seen) == 3 * 6
    draw('b.mp4')
    summary = apis.extract_poses(videos, tmp_path / 'out.pkl', ONE, ignore=['d'])['one']
    assert not summary.faults and list(clips_of(tmp_path / 'out.pkl')) == ['a', 'b', 'c']
    assert len(seen) == 4 * 6


def test_who_is_followed_stays_one_person(draw, tmp_path, square, monkeypatch):
    """The square is back at another place, where linking takes it for somebody else."""
    file = draw('a.mp4', frames=20, gone=tuple(range(2, 18)))
    clips = []
    for follows in (False, True):
        monkeypatch.setattr(square, 'follows_one_person', follows)
        apis.extract_poses(file.parent, tmp_path / f'{follows}.pkl', ONE)
        clips.append(clips_of(tmp_path / f'{follows}.pkl')['a'])
    several, one = clips
    assert several['keypoint'].shape[0] == 2 and one['keypoint'].shape == (1, 20, 17, 2)
    np.testing.assert_array_equal(one['keypoint'][0], several['keypoint'].sum(0))
    assert (one['keypoint_score'][0, 2:18] == 0).all()


def test_a_layout_may_be_of_none_that_has_a_name(videos, tmp_path, square, seen, monkeypatch):
    """As of a model whose data set has joints of its own."""
    monkeypatch.setattr(square, 'layout', replace(get_layout('coco'), name='of my own'))
    video_poses._built.cache_clear()
    summary = apis.extract_poses(videos, tmp_path / 'out.pkl', ONE)['one']
    assert summary.clips == 3 and "3 clips in layout 'of my own'" in str(summary)


def test_what_an_estimator_depends_on_is_estimated_anew(videos, tmp_path, square, monkeypatch):
    (videos / 'c.mp4').write_bytes(b'broken')  # so that what was estimated is kept
    weights = tmp_path / 'weights.pth'
    weights.write_bytes(b'old')
    monkeypatch.setattr(square, 'files', (weights,))
    counts = []
    for content in (b'old', b'newer'):
        if weights.read_bytes() != content:
            weights.write_bytes(content)
        for _ in range(2):
            video_poses._built.cache_clear()
            apis.extract_poses(videos, tmp_path / 'out.pkl', ONE)
            counts.append(len(video_poses._built((('type', 'square'),)).seen))
    assert counts == [2 * 6, 0, 2 * 6, 0]


def test_shards_are_put_together(videos, seen, tmp_path):
    out, whole = tmp_path / 'out.pkl', tmp_path / 'whole.pkl'
    for number in (1, 2):
        assert apis.extract_poses(videos, out, ONE, shard=(number, 2)) == {}
        assert not out.exists()
    assert len(seen) == 3 * 6
    with FileLock(tmp_path / 'out.pkl.parts' / 'lock_2_of_2'), pytest.raises(BusyError):
        apis.extract_poses(videos, out, ONE)
    assert apis.extract_poses(videos, out, ONE)['one'].clips == 3
    assert len(seen) == 3 * 6
    apis.extract_poses(videos, whole, ONE)
    assert out.read_bytes() == whole.read_bytes()
    with pytest.raises(ValueError, match='shard=3/2: it is one of 1/2 to 2/2'):
        apis.extract_poses(videos, out, ONE, shard=(3, 2))


def test_folders_and_lists_are_labels(videos, draw, tmp_path):
    draw('kick/e.mp4')
    draw('wave/f.mp4')
    for name in 'abc':
        (videos / f'{name}.mp4').unlink()
    apis.extract_poses(videos, tmp_path / 'out.pkl', ONE, labels='folders')
    clips = clips_of(tmp_path / 'out.pkl')
    assert {name: clip['label'] for name, clip in clips.items()} == dict(e=0, f=1)
    (tmp_path / 'list.txt').write_text('kick/e.mp4 5\nwave/f.mp4 2\n')
    apis.extract_poses(videos, tmp_path / 'list.pkl', ONE, labels=str(tmp_path / 'list.txt'))
    clips = clips_of(tmp_path / 'list.pkl')
    assert {name: clip['label'] for name, clip in clips.items()} == dict(e=5, f=2)


@pytest.mark.parametrize(
    ('arguments', 'error', 'said'),
    [
        (dict(videos='nowhere'), FileNotFoundError, 'set the folder of videos'),
        (dict(estimators={}), ValueError, 'name one'),
        (dict(estimators=dict(a=dict(type='squares'))), ValueError, 'no pose estimator'),
        (dict(estimators=dict(a=dict(type='square', size=0))), ValueError, 'size=0'),
        (dict(test_subjects=['9']), ValueError, r"nobody is called \['9'\]: no file of labels"),
        (
            dict(test_subjects=['9'], labels='labels.csv'),
            ValueError,
            r"nobody is called .*subjects \['1', '2', '3'\]",
        ),
        (dict(labels='bad.txt'), ValueError, 'line 2 of .* is no file and number'),
        (dict(labels='twice.txt'), ValueError, "twice.txt has several rows for 'a' "),
        (dict(labels='twice.csv'), ValueError, "twice.csv has several rows for 'a' "),
    ],
)
def test_what_cannot_be(arguments, error, said, videos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'bad.txt').write_text('a.mp4 1\nb.mp4\n')
    (tmp_path / 'twice.txt').write_text('kick/a.mp4 1\nwave/a.mp4 2\n')
    (tmp_path / 'twice.csv').write_text('file,label\na.mp4,1\nb.mp4,1\na.avi,2\n')
    given = dict(videos=videos, out='x.pkl', estimators=ONE)
    with pytest.raises(error, match=said):
        apis.extract_poses(**given | arguments)
    assert not (tmp_path / 'x.pkl').exists()
