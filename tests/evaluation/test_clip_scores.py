"""Dumps of scores are read without running them, checked, and brought into one order."""

import pickle

import numpy as np
import pytest
import torch

from partkd.evaluation import align, load_scores, require_unseen

SCORES = [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]]


def clips(names='abc', labels=(1, 0, 2), scores=SCORES):
    """As mmengine dumps them: a clip's scores are a row of its batch's."""
    rows = torch.tensor(scores)
    named = [dict(frame_dir=name) for name in names] if names else [{} for _ in labels]
    return [
        one | dict(gt_label=torch.tensor([label]), pred_score=row, paired=False)
        for one, label, row in zip(named, labels, rows)
    ]


@pytest.fixture
def dump(tmp_path):
    def write(content, name='dump'):
        (tmp_path / f'{name}.pkl').write_bytes(pickle.dumps(content))
        return tmp_path / f'{name}.pkl'

    return write


def test_what_mmengine_writes_is_read(dump):
    read = load_scores(dump(clips()))
    assert read.clips == ('a', 'b', 'c') and read.labels.tolist() == [1, 0, 2]
    assert np.allclose(read.values, SCORES) and read.are_probabilities
    halves = [clip | dict(pred_score=clip['pred_score'].bfloat16()) for clip in clips()]
    assert np.allclose(load_scores(dump(halves)).values, SCORES, atol=1e-2)
    arrays = [clip | dict(pred_score=clip['pred_score'].numpy(), gt_label=1) for clip in clips()]
    assert np.allclose(load_scores(dump(arrays)).values, SCORES)


class Forged:
    """A tensor that a file describes wrongly."""

    def __init__(self, *place):
        self.place = place

    def __reduce__(self):
        storage = torch.arange(3.0)._typed_storage()
        return torch._utils._rebuild_tensor_v2, (storage, *self.place, False, {})


class Call:
    """Inside the inner file of a storage, where PyTorch itself would run it."""

    def __reduce__(self):
        return torch.storage._load_from_bytes, (pickle.dumps(Print(), protocol=2),)


class Print:
    def __reduce__(self):
        return print, ('it was run',)


@pytest.mark.parametrize(
    'score', [Forged(0, (10**9,), (0,)), Forged(2, (3,), (1,)), Forged(-1, (1,), (1,)), Call()]
)
def test_a_forged_tensor_is_refused(dump, score, capsys):
    with pytest.raises(ValueError, match=r'dump\.pkl is damaged or no pickle'):
        load_scores(dump([dict(pred_score=score, gt_label=0)]))
    assert not capsys.readouterr().out


WRONG = {
    'no dump of scores, a list': {},
    'clip 0 of .* has no pred_score': [dict(gt_label=0)],
    'pred_score of 1 classes': clips(scores=[[1.0]] * 3),
    r'scores of \[2, 3\] classes': [clips()[0], dict(clips()[1], pred_score=torch.ones(2))],
    'clip 1 of .* infinite or no numbers': clips(scores=[SCORES[0], [0.5, float('nan'), 0.5]] * 2),
    'clip 2 of .* has gt_label array': clips(labels=(0, 1, 3)),
    'gt_label None, which is none of its 3': [dict(clips()[0], gt_label=None)],
    "has the clip 'a' 2 times": clips('aba'),
    'clip 1 of .* has frame_dir 7': [clips()[0], dict(clips()[1], frame_dir=7)],
    r'asks for builtins\.print, which a dump of scores has no use for': [Print()],
}


@pytest.mark.parametrize('said', WRONG)
def test_what_is_no_dump_is_refused(dump, said):
    with pytest.raises(ValueError, match=said) as error:
        load_scores(dump(WRONG[said]))
    assert 'dump.pkl' in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'gone\.pkl: write it with `python tools/test'):
        load_scores(tmp_path / 'gone.pkl')


def test_clips_are_brought_into_one_order(dump):
    first = load_scores(dump(clips()))
    other = load_scores(dump(clips('cab', (2, 1, 0), [SCORES[2], SCORES[0], SCORES[1]])))
    _, aligned = align([first, other])
    assert aligned.clips == first.clips and aligned.labels.tolist() == first.labels.tolist()
    np.testing.assert_array_equal(aligned.values, first.values)


UNALIKE = {
    r'other\.pkl have scores of 3 and 2 classes': clips(labels=(1, 0, 1), scores=[[0.4, 0.6]] * 3),
    r'not of the same clips \(2, such as c, are in one': clips('abd'),
    'of two kinds, of which one is probabilities': clips(scores=[[3.0, -1, 0]] * 3),
    r'other\.pkl does not name its clips: have': clips(names=None),
    'other labels for 1 clips, such as b: 0 and 2': clips(labels=(1, 2, 2)),
}


@pytest.mark.parametrize('said', UNALIKE)
def test_streams_of_other_things_are_refused(dump, said):
    streams = [load_scores(dump(clips())), load_scores(dump(UNALIKE[said], 'other'))]
    with pytest.raises(ValueError, match=said) as error:
        align(streams)
    assert 'dump.pkl' in str(error.value)


def test_clips_without_names_are_told_by_their_labels(dump):
    nameless = load_scores(dump(clips(names=None)))
    assert align([nameless, nameless])[1] is nameless
    for labels, said in (((1, 1, 2), 'such as clip 1: 0 and 1'), ((1, 0), 'not of the same')):
        with pytest.raises(ValueError, match=said):
            align([nameless, load_scores(dump(clips(names=None, labels=labels), 'other'))])


def test_weights_are_not_found_on_the_test(dump):
    test = load_scores(dump(clips()))
    require_unseen(load_scores(dump(clips('xyz'), 'val')), test)
    with pytest.raises(ValueError, match=r'val\.pkl and .*dump\.pkl share 1 clips, such as c'):
        require_unseen(load_scores(dump(clips('xyc'), 'val')), test)
    with pytest.raises(ValueError, match=r'val\.pkl does not name its clips'):
        require_unseen(load_scores(dump(clips(names=None), 'val')), test)
