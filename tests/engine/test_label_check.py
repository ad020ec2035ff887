"""Clips of classes that the head lacks are refused before anything runs."""

import pickle

import pytest

from partkd import apis
from partkd.datasets import load_annotations
from partkd.experiments.training import train_and_test

NUMBERS = {'train': ('t0', 't2', 't5'), 'val': ('v1', 'v4')}
MESSAGE = (
    r'{count} clips of .*low\.pkl \[{split}\] have labels out of range \(class 5: {count} clips\); '
    r'the head has 2 classes, 0 to 1: set num_classes'
)


@pytest.fixture(params=NUMBERS)
def split(request, configs, tmp_path, monkeypatch):
    """A split in which some clips are of class 5, and the head of the configs has two."""
    monkeypatch.chdir(tmp_path)
    content = load_annotations(configs / 'low.pkl')
    for clip in content['annotations']:
        if clip['frame_dir'] in NUMBERS[request.param]:
            clip['label'] = 5
    (configs / 'low.pkl').write_bytes(pickle.dumps(content))
    return request.param


@pytest.fixture
def message(split):
    return MESSAGE.format(split=split, count=len(NUMBERS[split]))


def test_before_a_training(configs, split, message):
    with pytest.raises(ValueError, match=message):
        apis.train(configs / 'common.py', work_dir='work')
    assert not list(configs.parent.glob('work/*.pth'))


def test_of_joined_data_sets(configs, split, message):
    cfg = apis.load_config(configs / 'common.py')
    loader = cfg[f'{split}_dataloader']
    loader.dataset = dict(
        type='RepeatDataset',
        times=2,
        dataset=dict(type='ConcatDataset', datasets=[loader.dataset, loader.dataset]),
    )
    with pytest.raises(ValueError, match=message):
        apis.train(cfg, work_dir='work')


def test_before_a_test(configs, split, message, reference, find_step):
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    options = {'test_dataloader.dataset.split': split}
    with pytest.raises(ValueError, match=message):
        apis.test(configs / 'common.py', checkpoint, options=options)
    # Who reads no labels may predict clips of any class.
    apis.test(configs / 'common.py', checkpoint, options=options | {'test_evaluator': []})


def test_a_step_of_a_recipe_is_checked_with_its_test_clips_before_it_trains(
    configs, message, tmp_path
):
    cfg = apis.load_config(configs / 'common.py')
    cfg.val_dataloader = cfg.val_evaluator = cfg.val_cfg = None
    with pytest.raises(ValueError, match=message):
        train_and_test(cfg, tmp_path / 'step')
    assert not list(tmp_path.glob('step/*.pth'))
