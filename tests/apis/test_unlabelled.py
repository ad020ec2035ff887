"""Clips without labels: predicted, but no classification learns from them."""

import pickle

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.dataset import pseudo_collate

from partkd import apis
from partkd.datasets import load_annotations


@pytest.fixture
def unlabelled(configs, tmp_path, monkeypatch):
    """The configs, with one clip of each split in ``low.pkl`` that has lost its label."""
    monkeypatch.chdir(tmp_path)
    content = load_annotations(configs / 'low.pkl')
    for clip in content['annotations']:
        if clip['frame_dir'] in ('t3', 'v2'):
            del clip['label']
    (configs / 'low.pkl').write_bytes(pickle.dumps(content))
    return configs


def test_they_are_predicted(unlabelled, reference, find_step):
    config, dump = unlabelled / 'tiny.py', unlabelled / 'scores.pkl'
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    with pytest.raises(ValueError, match='v2: it has no label: .*require_labels=False'):
        apis.test(config, checkpoint, dump=dump)
    options = {'test_dataloader.dataset.require_labels': False}
    with pytest.raises(ValueError, match=r'AccMetric reads the label .* set test_evaluator=\[\]'):
        apis.test(config, checkpoint, options=options)
    options['test_evaluator'] = []
    apis.test(config, checkpoint, dump=dump, options=options)
    samples = {sample['frame_dir']: sample for sample in pickle.loads(dump.read_bytes())}
    assert len(samples) == 6 and 'gt_label' not in samples['v2'] and 'gt_label' in samples['v1']
    assert samples['v2']['pred_score'].sum() == pytest.approx(1)


@pytest.mark.parametrize('name', ['tiny.py', 'common.py'])
def test_a_classification_is_refused_before_it_starts(name, unlabelled):
    options = {'val_dataloader.dataset.require_labels': False}
    with pytest.raises(ValueError, match='t3: it has no label'):
        apis.train(unlabelled / name, options=options, validate=False)
    options = {'train_dataloader.dataset.require_labels': False}
    with pytest.raises(ValueError, match='is False, and .*Recognizer reads the label'):
        apis.train(unlabelled / name, options=options)
    with pytest.raises(ValueError, match='v2: it has no label'):
        apis.distill(unlabelled / 'tiny.py')


def test_a_model_names_the_clips_that_it_cannot_learn_from(unlabelled):
    cfg = apis.load_config(unlabelled / 'common.py')
    dataset = DATASETS.build(dict(cfg.train_dataloader.dataset, require_labels=False))
    model = MODELS.build(cfg.model)
    batch = model.data_preprocessor(pseudo_collate([dataset[place] for place in range(12)]))
    with pytest.raises(ValueError, match='1 clips of a batch, such as t3, have no label'):
        model(**batch, mode='loss')
    assert torch.isfinite(model(batch['inputs'])).all()
