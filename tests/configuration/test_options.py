"""What overrides a config names a setting of it."""

import pytest
from mmengine.config import Config

from partkd.configuration import load_config

CONFIG = Config(dict(model=dict(type='A'), own=1, auto_scale_lr=dict(enable=False)))


@pytest.mark.parametrize(
    'option, said',
    [
        ('train_dataloder.batch_size', r'did you mean train_dataloader\.batch_size\?'),
        ('Model.type', r'did you mean model\.type\?'),
        ('optim_wraper', r'did you mean optim_wrapper\?'),
        ('auto_scale_lr.enabel', r'did you mean auto_scale_lr\.enable\?'),
        ('zzz', 'zzz is no setting of a config$'),
        ('cfg.x', 'cfg.x is no setting'),
    ],
)
def test_what_is_no_setting_is_refused(option, said):
    with pytest.raises(ValueError, match=f'^--cfg-options: .*{said}'):
        load_config(CONFIG, {option: 8})


def test_all_of_them_are_named():
    with pytest.raises(ValueError, match='modle.*; trian_cfg'):
        load_config(CONFIG, {'modle.type': 'B', 'trian_cfg.max_epochs': 3, 'own': 2})


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('model.type', 'B'),
        ('own', 8),
        ('train_dataloader', dict(batch_size=8)),
        ('load_from', 'a.pth'),
        ('distill.seeds', [8]),
        ('compile.mode', 'x'),
    ],
)
def test_a_setting_may_be_new(option, value):
    assert load_config(CONFIG, {option: value}).get(option.partition('.')[0]) is not None


def test_a_variable_of_the_file_is_warned_of(monkeypatch):
    """It has been used where it stands, so that nothing follows from changing it."""
    said = []
    place = 'partkd.configuration.options.print_log'
    monkeypatch.setattr(place, lambda text, **kwargs: said.append(text))
    data = dict(dataset=dict(pipeline=[dict(type='Sample', clip_len=48)]))
    cfg = Config(dict(model=dict(type='A'), clip_len=48, train_dataloader=data))
    load_config(cfg, {'train_dataloader.dataset.pipeline.0.clip_len': 32})
    assert not said
    load_config(cfg, dict(clip_len=32))
    (text,) = said
    assert 'clip_len is a variable of the config' in text
    assert text.endswith('Set train_dataloader.dataset.pipeline.0.clip_len')
