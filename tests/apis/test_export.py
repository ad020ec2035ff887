"""A checkpoint of either kind becomes a file that classifies as the student does."""

import copy
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from mmengine.dataset import Compose

from partkd import apis
from partkd.datasets import load_annotations, make_item
from partkd.models import to_int8

PAGE = (Path(__file__).resolve().parents[2] / 'docs' / 'deploy.md').read_text()
BY_HAND = re.search(r'```python\n(.*?)```', PAGE.split('## By hand')[1], re.S)[1]


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    """Whatever goes to ``work_dirs`` stays with the test."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    'config, step, model',
    [
        ('tiny.py', 'op_0_pmsc', 'PMSC'),
        ('common.py', 'op_0_cross_entropy', 'cross entropy'),
    ],
)
def test_it_classifies_as_the_student_does(configs, reference, find_step, config, step, model):
    """Loaded as docs/deploy.md says, on the raw clips of the test split."""
    checkpoint = find_step(reference.work_dir, step) / 'epoch_3.pth'
    (configs / 'high.pkl').unlink()
    (configs / 'teacher.py').unlink()
    assert apis.export(configs / config, checkpoint, 'student.onnx') == Path('student.onnx')
    names = {}
    exec(BY_HAND, names)
    content = load_annotations(configs / 'low.pkl')
    clips = [c for c in content['annotations'] if c['frame_dir'] in content['split']['val']]
    right = [names['classify'](clip) == clip['label'] for clip in clips]
    (run,) = [
        run for run in reference.results.runs if (run.model, run.condition) == (model, 'OP 0')
    ]
    assert sum(right) / len(right) == pytest.approx(run.metrics['acc/top1'])


def test_in_eight_bits_it_says_nearly_the_same(configs, reference, find_step):
    """Ranges are of the training split, the figures of the test split, as the session has them."""
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    apis.export(configs / 'tiny.py', checkpoint, 'float32.onnx')
    apis.export(configs / 'tiny.py', checkpoint, 'int8.onnx', int8=6)
    before, after = (onnx.load(f'{name}.onnx') for name in ('float32', 'int8'))
    kinds = {node.op_type for node in after.graph.node}
    assert 'QuantizeLinear' in kinds and 'QuantizeLinear' not in {
        n.op_type for n in before.graph.node
    }
    said = {one.key: one.value for one in after.metadata_props}
    accuracy = json.loads(said.pop('accuracy'))
    assert said.items() >= {one.key: one.value for one in before.metadata_props}.items()
    (run,) = [r for r in reference.results.runs if (r.model, r.condition) == ('PMSC', 'OP 0')]
    assert accuracy['float32'] == pytest.approx(run.metrics['acc/top1'])
    assert accuracy['clips'] == len(run.correct) and 0 <= accuracy['int8'] <= 1
    # within the ranges that it was given eight bits are near
    clip = np.random.default_rng(0).normal(size=(2, 9, 17, 2)).astype(np.float32)
    files = [before.SerializeToString(), to_int8(before.SerializeToString(), [clip])]
    logits = [
        onnxruntime.InferenceSession(file).run(None, dict(keypoint=clip[None]))[0] for file in files
    ]
    assert 0 < abs(logits[0] - logits[1]).max() < 0.1 * np.ptp(logits[0])


def test_eight_bits_need_clips(configs, reference, find_step):
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    (configs / 'low.pkl').unlink()
    with pytest.raises(FileNotFoundError, match=r'low\.pkl'):
        apis.export(configs / 'tiny.py', checkpoint, 'student.onnx', int8=6)
    assert not Path('student.onnx').exists()
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.test_dataloader = cfg.test_cfg = cfg.test_evaluator = None
    with pytest.raises(ValueError, match='the config lacks one: export in float32'):
        apis.export(cfg, checkpoint, 'student.onnx', int8=6)
    with pytest.raises(ValueError, match='int8=0'):
        apis.export(configs / 'tiny.py', checkpoint, 'student.onnx', int8=0)
    with pytest.raises(ValueError, match='there is none'):
        to_int8(b'', [])


@pytest.mark.parametrize('settings', [dict(int8=6), dict(out='student.pt2')])
def test_fewer_multiplications_are_for_float32_in_onnx(settings):
    """It is said before anything is read."""
    with pytest.raises(ValueError, match='winograd is for float32 in ONNX'):
        apis.export('c.py', 'c.pth', **dict(out='student.onnx') | settings, winograd=True)


def test_bystanders_have_no_say_where_persons_are_chosen(configs, reference, find_step):
    """In the data set's test split as in an exported model."""
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    cfg = apis.load_config(configs / 'tiny.py')
    content = load_annotations(configs / 'low.pkl')
    clips = [c for c in content['annotations'] if c['frame_dir'] in content['split']['val']]
    alone = clips[0]['keypoint'][:1]
    others = [c['keypoint'][:1] for c in clips[1:] if c['keypoint'].shape[1] == alone.shape[1]][:4]
    crowd = np.concatenate([alone, *others])
    scores = np.full(crowd.shape[:-1], 0.5)
    scores[0] = 1
    pictures = [
        dict(frame_dir='clip', keypoint=crowd[:number], keypoint_score=scores[:number])
        for number in (1, len(crowd))
    ]
    cfg.test_dataloader.dataset.pipeline.insert(
        0, dict(type='KeepPersons', max_persons=1, by='score')
    )
    apis.export(cfg, checkpoint, 'student.onnx')
    names = {}
    exec(BY_HAND, names)
    keep, *others = names['pipeline'].transforms
    assert type(keep).__name__ == 'KeepPersons'
    items = [make_item(clip, names['layout'], test_mode=True) for clip in pictures]
    logits = {
        kept: [
            names['session'].run(None, {'keypoint': inputs['inputs'].numpy()[None]})[0]
            for inputs in map(Compose(steps), copy.deepcopy(items))
        ]
        for kept, steps in ((False, others), (True, [keep, *others]))
    }
    assert len(crowd) > 2 and not np.allclose(*logits[False])
    np.testing.assert_array_equal(*logits[True])


@pytest.fixture
def described(monkeypatch):
    """A list of what is said in the files that are exported; nothing is converted for it."""
    said = []

    def note(recognizer, metadata, winograd=False):
        said.append(metadata)
        return b''

    monkeypatch.setattr(sys.modules['partkd.apis.export'], 'to_onnx', note)
    return said


def test_the_file_says_what_to_feed(configs, reference, find_step, described):
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    cfg = apis.load_config(configs / 'tiny.py')
    streams = dict(type='SkeletonStreams', streams=['joint', 'bone'], with_score=True)
    cfg.test_dataloader.dataset.pipeline[2] = streams
    apis.export(cfg, checkpoint, 'new/student.onnx')
    cfg.test_dataloader = None
    apis.export(cfg, checkpoint, 'student.onnx')
    assert json.loads(described[0]['streams']) == ['joint', 'bone', 'score']
    steps = [step['type'] for step in json.loads(described[0]['pipeline'])]
    assert steps == ['NormalizePose2D', 'SkeletonStreams', *steps[2:]] and len(steps) == 4
    assert described[1] == {}


def test_what_was_tested_under_occlusion_is_deployed_without(
    configs, reference, find_step, described
):
    step = find_step(reference.work_dir, 'op_6_pmsc')
    trained = step / 'tiny.py'
    assert any(
        transform['type'] == 'JointOcclusion' and transform['prob']
        for transform in apis.load_config(trained).test_dataloader.dataset.pipeline
    )
    apis.export(trained, step / 'epoch_3.pth', 'student.onnx')
    assert 'JointOcclusion' not in described[0]['pipeline']


def test_classes_have_their_names(configs, reference, find_step, described):
    """The config's, or those of the clips that the weights learned from."""
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    cfg = apis.load_config(configs / 'tiny.py')
    content = torch.load(checkpoint)
    assert content['meta']['dataset_meta']['source'] == 'low.pkl [train]'
    content['meta']['dataset_meta']['classes'] = ['sit', 'walk']
    torch.save(content, 'named.pth')
    apis.export(cfg, 'named.pth', 'student.onnx')
    cfg.test_dataloader.dataset.metainfo = dict(classes=['wave', 'clap'])
    apis.export(cfg, 'named.pth', 'student.onnx')
    assert [json.loads(one['classes']) for one in described] == [['sit', 'walk'], ['wave', 'clap']]
    content['meta']['dataset_meta']['classes'] = ['sit']
    torch.save(content, 'named.pth')
    cfg.test_dataloader.dataset.pop('metainfo')
    with pytest.raises(ValueError, match='has 2 classes, and there are names of 1'):
        apis.export(cfg, 'named.pth', 'student.onnx')


def test_padding_to_a_fixed_size_is_refused(configs, reference, find_step):
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.model.student.data_preprocessor = dict(type='SkeletonDataPreprocessor', padding='fixed')
    with pytest.raises(ValueError, match=r"'num_frames': 300.*padding='batch'"):
        apis.export(cfg, checkpoint, 'student.onnx')
    assert not Path('student.onnx').exists()


def test_wrong_arguments_are_named(configs, reference, find_step):
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    with pytest.raises(FileNotFoundError, match='no config gone.py'):
        apis.export('gone.py', checkpoint, 'student.onnx')
    with pytest.raises(ValueError, match=r'epoch_3\.pth does not fit the model'):
        apis.export(configs / 'teacher.py', checkpoint, 'student.onnx')
    assert not Path('student.onnx').exists()


def test_a_program_of_pytorch_gives_the_same(configs, reference, find_step):
    """Of any sizes, with what a reader has to know; eight bits are not to be had so."""
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    apis.export(configs / 'tiny.py', checkpoint, 'student.onnx')
    apis.export(configs / 'tiny.py', checkpoint, 'student.pt2')
    extra = {'metadata.json': ''}
    program = torch.export.load('student.pt2', extra_files=extra).module()
    session = onnxruntime.InferenceSession('student.onnx')
    for sizes in ((1, 1, 5), (3, 2, 20)):
        clip = torch.randn(*sizes, 17, 2)
        (expected,) = session.run(None, dict(keypoint=clip.numpy()))
        np.testing.assert_allclose(program(clip).numpy(), expected, atol=1e-4)
    assert json.loads(extra['metadata.json']) == session.get_modelmeta().custom_metadata_map
    with pytest.raises(ValueError, match=r'as ONNX alone: name student\.onnx'):
        apis.export(configs / 'tiny.py', checkpoint, 'student.pt2', int8=4)
