import inspect
import os
import re
import shutil

import pytest
import torch
from mmengine.runner import Runner

from partkd import apis
from partkd.configuration import canonical, counted_settings
from partkd.configuration.options import LOOKED_UP, SETTINGS
from partkd.distillation.imported_code import _code


@pytest.fixture
def cfg(configs):
    return apis.load_config(configs / 'teacher.py')


def settings(folder, **changes):
    cfg = apis.load_config(folder / 'teacher.py', changes)
    return canonical(counted_settings(cfg))


def test_what_cannot_change_a_result_does_not_count(configs, tmp_path):
    before = settings(configs)
    moved = shutil.copytree(configs, tmp_path / 'moved')
    assert settings(moved) == before
    for changes in (
        {'work_dir': 'x'},
        {'default_hooks.logger.interval': 7},
        {'default_hooks.checkpoint.interval': 2},
        {'val_dataloader.batch_size': 1},
        {'visualizer': None},
        {'env_cfg.mp_cfg.mp_start_method': 'spawn'},
        {'data_root': 1},
        {'train_dataloader.dataset.metainfo': dict(classes=['wave', 'clap'])},
    ):
        assert settings(configs, **changes) == before


def test_where_clips_are_stored_does_not_count_but_as_what_does(configs):
    def stored(**cache):
        return settings(configs, **{'train_dataloader.dataset.cache': cache})

    assert stored(folder='a') == stored(folder='b') != settings(configs)
    assert stored(folder='a', dtype='float16') != stored(folder='a')


@pytest.mark.parametrize(
    'change',
    [
        {'randomness.seed': 1},
        {'model.backbone.base_channels': 8},
        {'train_dataloader.batch_size': 2},
        {'train_dataloader.dataset.pipeline.1.max_degrees': 5},
        {'test_dataloader.dataset.split': 'train'},
        {'optim_wrapper.optimizer.lr': 0.02},
        {'param_scheduler.0.eta_max': 0.2},
        {'train_cfg.max_epochs': 4},
        {'custom_hooks': []},
        {'env_cfg.cudnn_benchmark': True},
        {'model_wrapper_cfg': dict(broadcast_buffers=True)},
        {'train_dataloader.dataset.pipeline.0.folder': 'x'},
    ],
)
def test_what_can_change_a_result_counts(configs, change):
    assert settings(configs, **change) != settings(configs)


def test_a_hook_for_speed_does_not_count(configs):
    hooks = [dict(type='EpochSeedHook'), dict(type='KeepMemoryHook')]
    assert settings(configs, custom_hooks=hooks) == settings(configs, custom_hooks=hooks[:1])


def test_data_count_by_content(configs):
    before = settings(configs)
    shutil.copy(configs / 'high.pkl', configs / 'renamed.pkl')
    renamed = {f'{s}_dataloader.dataset.ann_file': 'renamed.pkl' for s in ('train', 'val', 'test')}
    assert settings(configs, **renamed) == before
    shutil.copy(configs / 'low.pkl', configs / 'high.pkl')
    assert settings(configs) != before


def test_weights_count_and_what_lies_beside_them_does_not(tmp_path):
    files = [str(tmp_path / f'{name}.pth') for name in 'abc']
    for file, weight, meta in zip(files, (1.0, 1.0, 2.0), ('x', 'y', 'x'), strict=True):
        torch.save(dict(meta=meta, state_dict=dict(w=torch.tensor(weight))), file)
    first, same, other = (canonical(dict(checkpoint=file)) for file in files)
    assert first == same != other


def test_a_config_file_counts_by_its_model(configs):
    before = canonical(str(configs / 'teacher.py'))
    file = configs / 'teacher.py'
    file.write_text(file.read_text() + '\n# a remark\noptim_wrapper = dict(optimizer=dict(lr=1.0))')
    assert canonical(str(file)) == before
    file.write_text(file.read_text() + '\nmodel = dict(layout="coco")')
    assert canonical(str(file)) != before


def test_a_file_that_is_no_config_of_a_model_counts_by_its_content(tmp_path):
    files = [tmp_path / f'{name}.py' for name in 'abc']
    for file, name in zip(files, ('x', 'x', 'y'), strict=True):
        file.write_text(f"dataset_info = dict(dataset_name='{name}')")
    first, same, other = (canonical(dict(layout=str(file))) for file in files)
    assert first == same != other


def test_the_code_of_components_of_ones_own_counts(configs, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / 'my_package_of_losses'
    package.mkdir()
    for file in (tmp_path / 'my_loss.py', package / '__init__.py', package / 'inner.py'):
        file.write_text('weight = 1')
    imports = ['partkd', 'my_loss', 'my_package_of_losses']
    changes = {'custom_imports.imports': imports}
    before = settings(configs, **changes)
    assert before != settings(configs) == settings(configs, **{'custom_imports.imports': 'partkd'})
    for file in (tmp_path / 'my_loss.py', package / 'inner.py'):
        file.write_text('weight = 2')
        assert settings(configs, **changes) == before  # what this process has in memory
        _code.cache_clear()
        after = settings(configs, **changes)
        assert after != before
        before = after
    of_teacher = [canonical(dict(config=str(configs / 'teacher.py')))]
    with (configs / 'teacher.py').open('a') as file:
        file.write("custom_imports = dict(imports=['partkd', 'my_loss'])\n")
    of_teacher.append(canonical(dict(config=str(configs / 'teacher.py'))))
    assert of_teacher[0] != of_teacher[1]
    assert of_teacher[1]['config'].pop('code') and of_teacher[0] == of_teacher[1]
    missing = {'custom_imports.imports': ['not_there.at_all']}
    assert settings(configs, **missing) != settings(configs)


def test_canonical_form():
    assert canonical(dict(b=(1, 2.5), a=[True, None, 'x' * 5000])) == dict(
        b=[1, 2.5], a=[True, None, 'x' * 5000]
    )
    assert canonical(os.path.join) == 'posixpath.join'
    assert canonical({1: 'a\0b'}) == {'1': 'a\0b'}
    with pytest.raises(TypeError, match='cannot be compared'):
        canonical(dict(a=[object()]))


def test_every_setting_that_the_runner_looks_up_is_known():
    """Fails where a release of mmengine reads a setting that nobody decided about."""
    looked_up = re.findall(r"self\.cfg\.get\(\s*'(\w+)'", inspect.getsource(Runner))
    assert looked_up and set(looked_up) <= set(SETTINGS)
    assert set(LOOKED_UP) <= set(looked_up)
