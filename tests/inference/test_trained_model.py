"""One model, whatever file it is in; and files from outside that ask for more than that."""

import json

import numpy as np
import onnx
import pytest
import torch

from partkd.apis import load_config
from partkd.configuration import require_registered, stored_config
from partkd.inference import load_model


def test_all_forms_say_the_same(student, clips):
    models = [
        load_model(student.config, student.checkpoint, 'cpu'),
        load_model(student.published, device='cpu'),
        load_model(student.exported),
    ]
    scores = [model.classify([model.prepare(clip) for clip in clips]) for model in models]
    assert scores[0].shape == (len(clips), 2)
    np.testing.assert_allclose(scores[0].sum(axis=1), 1, atol=1e-5)
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], atol=1e-4)
    assert {model.layout.name for model in models} == {'coco'}
    assert len({tuple(model.classes) for model in models}) == 1
    assert {model.kernel_frames for model in models} == {9}


def test_clips_of_any_sizes_go_together(student, clips):
    """An exported file computes those of one size at once: each gets its own scores."""
    model = load_model(student.exported)
    model.pipeline.transforms = [
        step for step in model.pipeline.transforms if 'Sample' not in type(step).__name__
    ]
    sizes = {tuple(model.prepare(clip).shape[:2]) for clip in clips}
    assert len(sizes) > 1
    prepared = [model.prepare(clip) for clip in clips]
    alone = np.concatenate([model.classify([one]) for one in prepared])
    np.testing.assert_allclose(model.classify(prepared), alone, atol=1e-5)


def test_no_clip_no_score(student):
    assert load_model(student.exported).classify([]).shape == (0, 2)


@pytest.mark.parametrize(
    'model, weights, message',
    [
        ('config', None, 'needs a checkpoint'),
        ('exported', 'checkpoint', 'has its weights in it'),
        ('published', 'checkpoint', 'has its weights in it'),
    ],
)
def test_what_does_not_fit(student, model, weights, message):
    with pytest.raises(ValueError, match=message):
        load_model(getattr(student, model), weights and getattr(student, weights))


def test_a_trainings_checkpoint_has_its_config(student, clips):
    models = load_model(student.checkpoint, device='cpu'), load_model(student.exported)
    scores = [model.classify([model.prepare(clips[0])]) for model in models]
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_another_models_checkpoint_is_refused(student):
    cfg = load_config(student.config)
    cfg.model.student.backbone.base_channels = 8
    cfg.model.student.cls_head.in_channels = 8
    with pytest.raises(ValueError, match=str(student.checkpoint)):
        load_model(cfg, student.checkpoint)


def test_a_damaged_file_is_named(tmp_path, student):
    file = tmp_path / 'student.onnx'
    file.write_bytes(student.exported.read_bytes()[:1000])
    with pytest.raises(ValueError, match=f'{file} is no ONNX file'):
        load_model(file)
    with pytest.raises(FileNotFoundError, match=r'no model gone\.onnx'):
        load_model('gone.onnx')


def changed(exported, tmp_path, **said) -> str:
    """A copy whose metadata say something else; None takes one out."""
    model = onnx.load(exported)
    before = {one.key: one.value for one in model.metadata_props}
    after = {key: value for key, value in (before | said).items() if value is not None}
    onnx.helper.set_model_props(model, after)
    file = tmp_path / 'changed.onnx'
    onnx.save(model, file)
    return str(file)


@pytest.mark.parametrize(
    'said, message',
    [
        (dict(pipeline=None), "does not say what it reads .'pipeline'"),
        (dict(layout='evil.py'), 'which is not known'),
        (dict(layout_definition='{"name": "x"}'), 'does not say what it reads'),
        (dict(pipeline='[{"type": "os.system", "command": "x"}]'), 'no registered model or'),
        (dict(pipeline='[' * 100_000), 'does not say what it reads'),
        (dict(pipeline='[{"type": "mmengine.dump"}]'), 'no registered model or'),
    ],
)
def test_files_from_outside_build_nothing_else(student, tmp_path, said, message):
    with pytest.raises(ValueError, match=message):
        load_model(changed(student.exported, tmp_path, **said))


def test_a_layout_of_ones_own_is_in_the_file(student, tmp_path, clips):
    model = load_model(student.exported)
    own = model.layout.to_dict() | dict(name='my joints')
    file = changed(
        student.exported, tmp_path, layout='my joints', layout_definition=json.dumps(own)
    )
    other = load_model(file)
    assert other.layout.name == 'my joints' and other.layout.parts == model.layout.parts
    scores = [one.classify([one.prepare(clips[0])]) for one in (model, other)]
    np.testing.assert_array_equal(*scores)


def test_a_stored_config_is_read_and_not_run(student, tmp_path):
    for text in ('import os', 'a = __import__("os")', 'a = dict(**b)', 'a = [', 'a = open("x")'):
        with pytest.raises(ValueError, match='without running it'):
            stored_config(text, 'a file')
    cfg = load_config(student.config)
    again = stored_config(cfg.pretty_text, 'a file')
    assert again.to_dict() == cfg.to_dict()
    loaded = torch.load(student.published, weights_only=True)
    for text, message in (
        ('model = dict(type="subprocess.run")', 'no registered'),
        ('model = dict(type="SkeletonRecognizer", layout="evil.py")', 'not known'),
        ('x = 1', 'has no model'),
    ):
        loaded['meta']['cfg'] = text
        torch.save(loaded, tmp_path / 'changed.pth')
        with pytest.raises(ValueError, match=message):
            load_model(tmp_path / 'changed.pth')
    del loaded['meta']
    torch.save(loaded, tmp_path / 'bare.pth')
    with pytest.raises(ValueError, match='carries no config'):
        load_model(tmp_path / 'bare.pth')


def test_registered_names_pass():
    require_registered(dict(type='mmaction.STGCN', init_cfg=[dict(type='Kaiming')]), 'here')
    with pytest.raises(ValueError, match="here asks for 'mmaction.datasets.PoseDataset'"):
        require_registered(dict(a=[dict(type='mmaction.datasets.PoseDataset')]), 'here')
