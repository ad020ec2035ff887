"""Files that are no checkpoints, or half of one, are refused by name wherever one is read."""

import pytest
import torch

from partkd import apis
from partkd.compat import CheckpointError
from partkd.structures import load_checkpoint

ODD = {
    'a list': [1, 2],
    'a tensor': torch.zeros(2),
    'a list for weights': dict(state_dict=[torch.zeros(2)]),
    'a number among weights': dict(state_dict=dict(weight=1)),
    'something else': dict(epoch=3),
    'nothing': {},
    'no weights': dict(state_dict={}),
}


@pytest.mark.parametrize('content', ODD)
def test_what_holds_no_weights_is_refused(content, tmp_path):
    file = tmp_path / 'odd.pth'
    torch.save(ODD[content], file)
    with pytest.raises((CheckpointError, ValueError), match=r'checkpoint .*odd\.pth h.*'):
        load_checkpoint(file)


def use_as(purpose, configs, file, tmp_path):
    config, out = configs / 'teacher.py', tmp_path / 'out'
    match purpose:
        case 'load_from':
            apis.train(config, out, options=dict(load_from=str(file)))
        case 'resume':
            apis.train(config, out, resume=str(file))
        case 'test':
            apis.test(config, file, out)
        case 'publish':
            apis.publish(config, file, out / 'a.pth')
        case 'export':
            apis.export(config, file, out / 'a.onnx')
        case 'teacher':
            (configs / 'work' / 'teacher').mkdir(parents=True)
            file.rename(configs / 'work' / 'teacher' / 'epoch_3.pth')
            apis.build_teacher_files(configs / 'tiny.py')


@pytest.mark.parametrize('purpose', ['load_from', 'resume', 'test', 'publish', 'export', 'teacher'])
def test_everybody_who_reads_one_refuses_it(purpose, configs, tmp_path):
    file = tmp_path / 'list.pth'
    torch.save([1, 2], file)
    with pytest.raises(CheckpointError, match='holds a list in the place of weights by name'):
        use_as(purpose, configs, file, tmp_path)


def test_a_training_does_not_go_on_from_weights_alone(configs, tmp_path):
    apis.train(configs / 'teacher.py', tmp_path / 'work', options={'train_cfg.max_epochs': 1})
    whole = torch.load(tmp_path / 'work' / 'epoch_1.pth')
    del whole['meta']['iter']
    for content, said in (
        (dict(state_dict=whole['state_dict']), 'has no meta, message_hub, optimizer, so no'),
        (whole['state_dict'], 'has no meta, message_hub, optimizer, so no'),
        (whole, 'has no meta.iter, so no'),
    ):
        torch.save(content, tmp_path / 'part.pth')
        with pytest.raises(ValueError, match=said):
            apis.train(configs / 'teacher.py', tmp_path / 'on', resume=str(tmp_path / 'part.pth'))
