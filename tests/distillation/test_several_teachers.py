"""An ensemble of teachers that differ in their seed."""

from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.device import get_device

from partkd.distillation import (
    FeatureBank,
    compute_teacher_files,
    teacher_fingerprint,
)
from partkd.structures import CLIP_FEATURES


@pytest.fixture
def checkpoints(teacher_cfg, tmp_path) -> list[str]:
    """The teacher's weights, and two that are a little different."""
    files = [teacher_cfg['checkpoint']]
    state_dict = torch.load(files[0])['state_dict']
    for number in (1, 2):
        changed = {
            name: value + 0.1 * torch.rand_like(value) if value.is_floating_point() else value
            for name, value in state_dict.items()
        }
        files.append(str(tmp_path / f'teacher_{number}.pth'))
        torch.save(dict(state_dict=changed), files[-1])
    return files


def load(config, checkpoint):
    teacher = MODELS.build(dict(config, checkpoint=checkpoint))
    teacher.init_weights()
    return teacher.to(get_device())


def test_logits_are_the_mean_and_features_the_firsts(teacher_cfg, checkpoints, load_batch):
    several = load(teacher_cfg, checkpoints)
    one, *_ = each = [load(teacher_cfg, file) for file in checkpoints]
    inputs = load_batch(several.model, [0, 3, 5], load_teacher=True)['teacher_inputs']
    features = several.extract(inputs)
    expected = sum(teacher.extract(inputs).logits for teacher in each) / 3
    torch.testing.assert_close(features.logits, expected)
    assert not torch.allclose(features.logits, one.extract(inputs).logits)
    for name in set(CLIP_FEATURES) - {'logits'}:
        assert torch.equal(getattr(features, name), getattr(one.extract(inputs), name))
    assert not any(parameter.requires_grad for parameter in several.parameters())
    assert not any(module.training for module in several.train().modules())


def test_a_bank_gives_what_they_give_in_the_loop(teacher_cfg, checkpoints, load_batch, dataset_cfg):
    several = load(teacher_cfg, checkpoints)
    dataset = DATASETS.build(dataset_cfg)
    file = str(Path(checkpoints[0]).with_name('bank'))
    compute_teacher_files(several, dataset.teacher, file)
    bank = FeatureBank(file, dict(teacher_cfg, checkpoint=checkpoints))
    bank.init_weights()
    bank.to(get_device())
    batch = load_batch(several.model, range(12), load_teacher=True)
    looked_up = bank(batch['data_samples'])
    computed = several(batch['data_samples'], batch['teacher_inputs'])
    for name in CLIP_FEATURES:
        mine, theirs = getattr(looked_up, name), getattr(computed, name)
        torch.testing.assert_close(looked_up.own(mine), computed.own(theirs))


def test_each_of_them_counts(teacher_cfg, checkpoints, dataset_cfg):
    dataset = DATASETS.build(dataset_cfg).teacher

    def weights(*files):
        checkpoint = files[0] if len(files) == 1 else list(files)
        teacher = dict(teacher_cfg, checkpoint=checkpoint)
        return teacher_fingerprint(teacher, dataset)['teacher weights']

    a, b, c = checkpoints
    assert len({weights(a), weights(b), weights(a, b), weights(a, c), weights(b, a)}) == 5


def test_one_that_is_missing_is_named(teacher_cfg, checkpoints):
    Path(checkpoints[2]).unlink()
    with pytest.raises(FileNotFoundError, match=r'teacher_2\.pth does not exist: .* --seed 2`'):
        load(teacher_cfg, checkpoints)
