"""Streams fused, end to end."""

import json
import pickle

import numpy as np
import pytest
import torch

from partkd import apis
from partkd.evaluation import git_commit


@pytest.fixture
def dumps(tmp_path):
    """Four test clips in two orders, four validation clips; the second stream is the better."""
    labels = dict(zip('abcdwxyz', (0, 1, 0, 1, 0, 1, 0, 1)))
    sure, wrong = 0.9, dict(joint='bcxyz', bone='d')

    def write(stream, names):
        scores = {
            name: torch.tensor([1 - sure, sure])[[1 - label, label]]
            for name, label in labels.items()
        }
        content = [
            dict(
                frame_dir=name,
                gt_label=torch.tensor([labels[name]]),
                pred_score=scores[name].flip(0) if name in wrong[stream] else scores[name],
            )
            for name in names
        ]
        file = tmp_path / stream / f'{"test" if "a" in names else "val"}.pkl'
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(pickle.dumps(content))
        return file

    return (
        [write('joint', 'abcd'), write('bone', 'dcba')],
        [write('joint', 'wxyz'), write('bone', 'zyxw')],
    )


def test_weights_found_on_validation(dumps, tmp_path, capsys):
    test, val = dumps
    told = apis.fuse(test, tmp_path / 'out', val=val)
    # bone is right wherever joint is wrong in validation, and gets any weight above a half
    assert told['joint/test'] == pytest.approx(dict(top1=0.5, top5=1, mean1=0.5))
    assert told['bone/test'] == told['fusion'] == pytest.approx(dict(top1=0.75, top5=1, mean1=0.75))
    record = json.loads((tmp_path / 'out' / 'fusion.json').read_text())
    assert record['weights'] == {'joint/test': 0.4, 'bone/test': 0.6}
    assert record['clips'] == record['found_on']['clips'] == 4
    assert record['found_on']['figures']['fusion']['top1'] == 1
    assert record['figures'] == told and record['environment']['commit'] == git_commit()
    page = (tmp_path / 'out' / 'fusion.md').read_text()
    assert '| joint/test | 0.40 | 50.0 | 100.0 | 50.0 |' in page
    assert '| fusion |  | 75.0 | 100.0 | 75.0 |' in page
    assert 'found on 4 validation clips' in page and str(tmp_path) not in page
    assert '| fusion |  | 75.0' in capsys.readouterr().out


def test_weights_that_are_given(dumps, tmp_path):
    told = apis.fuse(dumps[0], tmp_path / 'out', weights=[3, 1])
    assert told['fusion'] == told['joint/test']
    record = json.loads((tmp_path / 'out' / 'fusion.json').read_text())
    assert record['weights'] == {'joint/test': 0.75, 'bone/test': 0.25}
    assert record['found_on'] is None


WRONG = {
    'give those of two streams or more': lambda test, val: dict(dumps=test[:1], weights=[1]),
    'give either weights, or val': lambda test, val: dict(dumps=test),
    'either weights, or val': lambda test, val: dict(dumps=test, weights=[1, 1], val=val),
    'weights: there are 1, and 2 dumps': lambda test, val: dict(dumps=test, weights=[1]),
    'val: there are 1, and 2 dumps': lambda test, val: dict(dumps=test, val=val[:1]),
    'all of them are 0': lambda test, val: dict(dumps=test, weights=[0, 0]),
    r'weights=\[1, -1\]: it is a': lambda test, val: dict(dumps=test, weights=[1, -1]),
    'dumps: a file is there twice': lambda test, val: dict(dumps=[test[0]] * 2, weights=[1, 1]),
    'share 4 clips, such as a': lambda test, val: dict(dumps=test, val=test),
}


@pytest.mark.parametrize('said', WRONG)
def test_what_cannot_be_fused_is_refused(dumps, tmp_path, said):
    with pytest.raises(ValueError, match=said):
        apis.fuse(work_dir=tmp_path / 'out', **WRONG[said](*dumps))
    assert not (tmp_path / 'out' / 'fusion.json').exists()


def test_a_real_dump(reference, find_step, tmp_path):
    """What tools/test.py writes, of two models; alone each has the figure of its test."""
    files, expected = [], []
    for name in ('op_0_cross_entropy', 'op_0_pmsc'):
        step = find_step(reference.work_dir, name)
        files.append(tmp_path / f'{name}.pkl')
        model = step / 'tiny.py', step / 'epoch_3.pth'
        expected.append(apis.test(*model, tmp_path / name, dump=files[-1]))
    told = apis.fuse(files, tmp_path / 'out', weights=[1, 1])
    for file, metrics in zip(files, expected):
        for key in ('top1', 'top5', 'mean1'):
            assert told[file.stem][key] == pytest.approx(metrics[f'acc/{key}'])
    assert np.isfinite(told['fusion']['top1'])
