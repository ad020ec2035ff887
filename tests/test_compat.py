import importlib.util
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import mmengine
import numpy as np
import pytest
import torch
from mmaction.utils import dependency
from mmengine.logging import HistoryBuffer
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from partkd import compat
from partkd.compat import CheckpointError, install_shims, load_checkpoint_file


class Payload:
    """An object whose pickle calls what it is given."""

    def __init__(self, *reduced) -> None:
        self.reduced = reduced

    def __reduce__(self) -> tuple:
        return self.reduced


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The file that a payload writes if it runs."""
    return tmp_path / 'trace'


@pytest.fixture(params=['os.system', 'eval', 'open', 'class'])
def payload(request, trace: Path) -> Payload:
    return {
        'os.system': Payload(os.system, (f'touch {trace}',)),
        'eval': Payload(eval, (f'open({str(trace)!r}, "w")',)),
        'open': Payload(open, (str(trace), 'w')),
        'class': Payload(SimpleNamespace, ()),
    }[request.param]


def as_zip(content: object, path: Path) -> None:
    torch.save(content, path)


def as_legacy_file(content: object, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def as_old_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=2))


def as_new_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=4))


@pytest.fixture
def malicious(tmp_path: Path, trace: Path) -> Path:
    path = tmp_path / 'malicious.pth'
    content = dict(state_dict=dict(weight=torch.zeros(1)), extra=Payload(open, (str(trace), 'w')))
    torch.save(content, path)
    return path


# ---------------------------------------------------------------- hostile files


@pytest.mark.parametrize('save', [as_zip, as_legacy_file, as_old_pickle, as_new_pickle])
def test_a_pickle_that_would_run_code_is_refused(tmp_path, trace, payload, save: Callable):
    path = tmp_path / 'malicious.pth'
    save(dict(split=dict(train=['a']), annotations=[payload]), path)
    with pytest.raises(CheckpointError, match='malicious.pth') as error:
        load_checkpoint(nn.Linear(1, 1), str(path))
    assert 'weights_only' not in str(error.value)
    assert not trace.exists()


def test_the_payload_runs_where_nothing_stops_it(malicious, trace):
    torch.load(malicious, weights_only=False)
    assert trace.exists()


def test_a_refusal_names_the_file_the_global_and_the_remedy(malicious):
    with pytest.raises(
        CheckpointError, match=r'malicious\.pth is refused: it names \S*open'
    ) as error:
        load_checkpoint_file(str(malicious))
    assert 'state_dict' in str(error.value)


@pytest.mark.parametrize('resume', [False, True])
def test_the_runner_refuses_a_malicious_checkpoint(tiny_runner, malicious, trace, resume: bool):
    runner = tiny_runner(load_from=str(malicious), resume=resume)
    with pytest.raises(CheckpointError, match='malicious.pth is refused'):
        runner.train()
    assert not trace.exists()


def test_a_malicious_download_is_refused(monkeypatch, tmp_path, malicious, trace):
    # torch looks for a download of that name here before it asks the net
    kept = tmp_path / 'hub' / 'checkpoints'
    kept.mkdir(parents=True)
    malicious.rename(kept / 'malicious.pth')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    with pytest.raises(CheckpointError, match='https://.*malicious.pth.* is refused'):
        CheckpointLoader.load_checkpoint('https://example.invalid/malicious.pth')
    assert not trace.exists()


def test_the_environment_cannot_switch_the_check_off(monkeypatch, malicious, trace):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    with pytest.raises(CheckpointError, match='refused'):
        load_checkpoint(nn.Linear(1, 1), str(malicious))
    assert not trace.exists()


def test_the_text_of_an_old_config_is_not_run_on_resume(tiny_runner, tmp_path, trace):
    tiny_runner(1).train()
    path = tmp_path / 'run' / 'epoch_1.pth'
    checkpoint = load_checkpoint_file(str(path))
    checkpoint['meta']['config'] = f'open({str(trace)!r}, "w").close()'
    torch.save(checkpoint, path)
    tiny_runner(2, resume=True).train()
    assert not trace.exists()


@pytest.mark.parametrize(
    'forged, name',
    [
        # flags of 0 on a dtype of objects: numpy would take the bytes of an array for pointers
        ((np.dtype, ('O8', False, True), (3, '|', None, None, None, -1, -1, 0)), 'numpy.dtype'),
        ((getattr, (HistoryBuffer, '__init__')), 'getattr'),
        ((np.load, ('file.npy',)), 'numpy.load'),
    ],
)
def test_forged_numpy_and_attributes_are_refused(tmp_path, forged: tuple, name: str):
    path = tmp_path / 'forged.pth'
    torch.save(dict(extra=Payload(*forged)), path)
    with pytest.raises(CheckpointError, match=f'refused: it names {name}'):
        load_checkpoint_file(str(path))


@pytest.mark.parametrize(
    'called', [(np.ndarray, ((1,),)), (compat.OneCycleParamScheduler, (None,))]
)
def test_names_that_are_only_mentioned_cannot_be_called(tmp_path, called: tuple):
    path = tmp_path / 'forged.pth'
    torch.save(dict(extra=Payload(*called)), path)
    with pytest.raises(CheckpointError):
        load_checkpoint_file(str(path))


def test_a_plain_dtype_keeps_its_flags(tmp_path):
    path = tmp_path / 'forged.pth'
    forged = Payload(np.dtype, ('f8', False, True), (3, '|', None, None, None, -1, -1, 63))
    torch.save(dict(extra=forged), path)
    assert load_checkpoint_file(str(path))['extra'] is np.dtype('f8')
    assert np.dtype('f8').flags == 0


def test_an_array_is_filled_only_once():
    array = compat._empty_array(compat._NDARRAY, (0,), b'b')
    state = np.arange(3.0).__reduce__()[2]
    array.__setstate__(state)
    with pytest.raises(pickle.UnpicklingError):
        array.__setstate__(state)


def test_a_history_cannot_replace_the_statistics_of_the_others(tmp_path):
    path = tmp_path / 'forged.pth'
    history = HistoryBuffer([1, 3], [1, 1])
    history._statistics_methods = dict(mean=HistoryBuffer.max)
    torch.save(dict(extra=history), path)
    assert load_checkpoint_file(str(path))['extra'].statistics('mean') == 2
    assert HistoryBuffer._statistics_methods['mean'] is HistoryBuffer.mean


# ---------------------------------------------------------------- files that are no checkpoint


@pytest.mark.parametrize(
    'content',
    [b'', b'weights of the teacher, see the mail\n', b'\x89PNG\r\n', pickle.dumps(dict(split={}))],
)
def test_a_foreign_file_is_named_with_a_remedy(tmp_path, content: bytes):
    path = tmp_path / 'foreign.pth'
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r'foreign\.pth is not a checkpoint.*name another'):
        load_checkpoint(nn.Linear(1, 1), str(path))


@pytest.mark.parametrize('save', [as_zip, as_legacy_file])
@pytest.mark.parametrize('share', [0.1, 0.5, 0.99])
def test_a_truncated_checkpoint_is_named_with_a_remedy(tmp_path, save: Callable, share: float):
    path = tmp_path / 'short.pth'
    save(dict(state_dict=nn.Linear(50, 50).state_dict()), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match=r'short\.pth is not a checkpoint.*cut short.*again'):
        load_checkpoint(nn.Linear(50, 50), str(path))


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        load_checkpoint(nn.Linear(1, 1), str(tmp_path / 'nowhere.pth'))


# ---------------------------------------------------------------- honest files


def test_a_training_resumes_from_its_own_checkpoint(tiny_runner):
    first = tiny_runner(2)
    first.train()
    second = tiny_runner(3, resume=True)
    second.train()
    assert second.epoch == 3
    assert second.iter == 6
    history = second.message_hub.get_scalar('train/loss')
    assert type(history) is HistoryBuffer
    assert type(history.data[0]) is np.ndarray
    assert len(history.data[0]) == 6
    np.testing.assert_array_equal(
        history.data[0][:4], first.message_hub.get_scalar('train/loss').data[0]
    )


def test_a_checkpoint_gives_back_all_that_was_saved(tiny_runner, tmp_path):
    runner = tiny_runner(2)
    runner.train()
    path = tmp_path / 'run' / 'epoch_2.pth'
    ours = load_checkpoint_file(str(path))
    plain = torch.load(path, weights_only=False)
    assert {'optimizer', 'param_schedulers', 'message_hub', 'meta', 'state_dict'} <= set(ours)
    assert ours['param_schedulers'] == plain['param_schedulers']
    assert pickle.dumps(ours['meta']) == pickle.dumps(plain['meta'])
    assert ours['message_hub']['runtime_info'].keys() == plain['message_hub']['runtime_info'].keys()
    best = ours['message_hub']['runtime_info']['best_score']
    assert best == plain['message_hub']['runtime_info']['best_score']
    assert type(best) is np.float32
    momentum = [
        checkpoint['optimizer']['state'][0]['momentum_buffer'] for checkpoint in (ours, plain)
    ]
    assert torch.equal(*momentum)


@pytest.mark.parametrize('core', ['numpy.core', 'numpy._core'])
def test_checkpoints_of_both_numpy_versions_load(tmp_path, core: str):
    path, other = tmp_path / 'ours.pth', tmp_path / 'other.pth'
    torch.save(dict(array=np.arange(3), scalar=np.float32(0.5), flag=np.array([True])), path)
    rename_numpy_core(path, other, core)
    loaded = load_checkpoint_file(str(other))
    np.testing.assert_array_equal(loaded['array'], [0, 1, 2])
    assert loaded['array'].dtype == np.arange(3).dtype
    assert loaded['scalar'] == np.float32(0.5)
    assert loaded['flag'].dtype == bool


def rename_numpy_core(source: Path, target: Path, core: str) -> None:
    """Copies a checkpoint with the names that one version of numpy or the other writes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w') as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith('data.pkl'):
                content = content.replace(b'cnumpy._core.', b'cnumpy.core.')
                content = content.replace(b'cnumpy.core.', f'c{core}.'.encode())
            new.writestr(entry.filename.replace('ours', 'other'), content)


def test_a_one_cycle_schedule_resumes(tiny_runner):
    schedule = dict(type='OneCycleLR', eta_max=0.1, total_steps=4)
    tiny_runner(1, param_scheduler=[{**schedule}]).train()
    resumed = tiny_runner(2, param_scheduler=[{**schedule}], resume=True)
    resumed.train()
    assert resumed.epoch == 2


def test_a_state_dict_alone_loads(tmp_path):
    source, target = nn.Linear(2, 2), nn.Linear(2, 2)
    torch.save(source.state_dict(), tmp_path / 'weights.pth')
    load_checkpoint(target, str(tmp_path / 'weights.pth'), strict=True)
    assert torch.equal(source.weight, target.weight)


# ---------------------------------------------------------------- shims


def test_mmaction_models_import():
    from mmaction.models import STGCN

    assert STGCN.__module__.startswith('mmaction.')


@pytest.mark.parametrize('shipped', [False, True])
def test_the_missing_module_is_stood_in_for_only_where_missing(
    monkeypatch, tmp_path, shipped: bool
):
    name = 'mmaction.models.localizers.drn'
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delitem(sys.modules, f'{name}.drn', raising=False)
    if shipped:
        (tmp_path / 'models' / 'localizers' / 'drn').mkdir(parents=True)
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, 'find_spec', lambda _: spec)
    install_shims()
    assert (name in sys.modules) is not shipped
    if not shipped:
        with pytest.raises(ImportError, match='2714'):
            sys.modules[f'{name}.drn'].DRN()


@pytest.mark.parametrize(('installed', 'left_in'), [('4.40.2', True), ('5.17.0', False)])
def test_multimodal_models_are_left_out_where_transformers_is_too_new(
    monkeypatch, installed: str, left_in: bool
):
    monkeypatch.setattr(compat, 'version', lambda name: installed)
    monkeypatch.setattr(dependency, 'WITH_MULTIMODAL', True)
    install_shims()
    assert dependency.WITH_MULTIMODAL is left_in


def test_installing_twice_changes_nothing():
    before = set(torch.serialization.get_safe_globals())
    install_shims()
    assert set(torch.serialization.get_safe_globals()) == before
    assert mmengine.runner.checkpoint.CheckpointLoader._schemes[''].__name__ == 'load_from_local'


# ---------------------------------------------------------------- mmaction2 1.1


def test_samples_of_mmaction2_1_1_get_the_names_of_1_2(monkeypatch):
    class Sample:
        def set_gt_labels(self, value):
            self.gt_labels = self.pred_scores = SimpleNamespace(item=value)
            return self

    monkeypatch.setattr('mmaction.structures.ActionDataSample', Sample)
    install_shims()
    sample = Sample().set_gt_label(3)
    assert sample.gt_label == sample.pred_score == 3
