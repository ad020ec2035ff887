"""Clips of a target, each with one of a source that shares its class with the target."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.logging import MMLogger

from partkd.apis import load_config, train
from partkd.datasets import CONVERTERS, save_annotations
from partkd.layouts import get_layout

CONFIGS = Path(__file__).resolve().parents[2] / 'configs' / 'partkd'
ENDS = [dict(type='UniformSampleSkeleton', clip_len=8), dict(type='PackSkeletonInputs')]


def write(file, joints, classes, per_class=4):
    """Clips whose first coordinate tells their class: 10 and more for the first, 20, ..."""
    rng = np.random.default_rng(0)
    clips = [
        dict(
            frame_dir=f'{file.stem}_{label}_{number}',
            label=label,
            total_frames=12,
            keypoint=(rng.uniform(0, 5, (1, 12, joints, 2)) + 10 * (label + 1)).astype(np.float32),
        )
        for label in range(len(classes))
        for number in range(per_class)
    ]
    save_annotations(clips, {'train': [c['frame_dir'] for c in clips]}, file, classes)


@pytest.fixture
def settings(tmp_path) -> dict:
    write(tmp_path / 'target.pkl', 17, ['walk', 'sit', 'wave'])
    write(tmp_path / 'source.pkl', 20, ['jump', 'waving', 'walking'])
    common = dict(type='PairedPoseDataset', data_root=str(tmp_path), pipeline=ENDS)
    return dict(
        type='CrossGraphDataset',
        dataset=dict(common, ann_file='target.pkl', layout='coco'),
        source=dict(common, ann_file='source.pkl', layout='kinect_v1'),
        classes={'waving': 'wave', 2: 0},
    )


def test_classes_are_the_targets(settings):
    dataset = DATASETS.build(settings)
    assert len(dataset) == 12 and dataset.metainfo['classes'] == ['walk', 'sit', 'wave']
    seen = set()
    for _ in range(4):
        for index in range(12):
            item = dataset[index]
            first = item['teacher_inputs'].mean().item()
            label = item['data_samples'].source_label
            assert {0: 30, 2: 20}[label] < first < {0: 35, 2: 25}[label]
            assert item['inputs'].shape[2] == 17 and item['teacher_inputs'].shape[2] == 20
            assert item['data_samples'].gt_label.item() == dataset.labels[index]
            seen.add(label)
    assert seen == {0, 2}


def test_a_share_of_the_labels_is_there(settings):
    sets = [DATASETS.build(settings | dict(labelled=share)) for share in (0.0, 0.25, 0.5)]
    known = [
        {index for index in range(12) if 'gt_label' in one[index]['data_samples']} for one in sets
    ]
    assert [len(one) for one in known] == [0, 3, 6] and known[1] < known[2]


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(classes={'runs': 0}), "names 'runs', and .*source.pkl.* has 3 classes"),
        (dict(classes={'jump': 3}), r'names 3, and .*target.pkl.* has 3 classes \(.*walk'),
        (dict(classes={}), 'has no clip of the classes'),
        (dict(labelled=1.5), 'labelled=1.5'),
        (dict(source=dict(type='PairedPoseDataset')), 'ann_file'),
    ],
)
def test_what_is_refused(settings, change, message):
    with pytest.raises((ValueError, TypeError, KeyError), match=message):
        DATASETS.build(settings | change)


def test_it_trains_through_the_runner(settings, configs, tmp_path):
    cfg = load_config(configs / 'common.py')
    plain = cfg.train_dataloader.dataset.to_dict()
    pipeline = plain['pipeline']
    (tmp_path / 'work').mkdir()
    write(tmp_path / 'source.pkl', 20, ['a', 'b', 'c'])
    source = dict(plain, ann_file=str(tmp_path / 'source.pkl'), layout='kinect_v1')
    cfg.train_dataloader.dataset = dict(
        type='CrossGraphDataset',
        dataset=plain,
        source=dict(source, pipeline=pipeline),
        classes={0: 1, 2: 0},
        labelled=0.5,
    )
    cfg.model = cfg.model.to_dict() | dict(type='CrossGraphRecognizer', source_layout='kinect_v1')
    train(cfg, tmp_path / 'work')
    (file,) = (tmp_path / 'work').glob('epoch_*.pth')
    weights = torch.load(file, weights_only=False)['state_dict']
    assert weights['graph_map.weight'].shape == (17, 20)


@pytest.mark.parametrize('signs', [(1, 1), (1, -1), (-1, -1)])
def test_who_stands_on_their_head_is_told(settings, tmp_path, signs, monkeypatch):
    """Means of joints that both have, axis by axis."""
    for name, layout, turn in (('target', 'coco', (1, 1)), ('source', 'kinect_v1', signs)):
        layout = get_layout(layout)
        places = {joint: (len(joint), sum(map(ord, joint))) for joint in layout.joints}
        pose = np.array([places[joint] for joint in layout.joints], np.float32) * turn
        clip = dict(label=0, total_frames=3, keypoint=np.tile(pose, (1, 3, 1, 1)))
        clips = [dict(clip, frame_dir=f'{name}{number}') for number in range(3)]
        save_annotations(clips, {}, tmp_path / f'{name}.pkl', ['a'])
    said = []
    monkeypatch.setattr(MMLogger, 'warning', lambda self, text: said.append(text))
    DATASETS.build(settings | dict(classes={0: 0}))
    told = [text for text in said if 'points the other way' in text]
    assert [text[0] for text in told] == [axis for axis, sign in zip('xy', signs) if sign < 0]


@pytest.mark.parametrize('target', ['pku_mmd', 'nw_ucla'])
def test_configs_of_ntu60_train_on_miniature_files(target, tmp_path):
    cfg = load_config(CONFIGS / f'gcgrl_ntu60_to_{target}.py')
    both = cfg.train_dataloader.dataset
    shared = list(both.classes.items())[:2]
    names = CONVERTERS.get(target).classes
    rng = np.random.default_rng(0)
    for dataset, labels, classes in (
        (both.source, [number for number, _ in shared], None),
        (both.dataset, [names.index(name) for _, name in shared], names),
    ):
        joints = get_layout(dataset.layout).num_joints
        clips = [
            dict(
                frame_dir=f'{label}_{number}',
                label=label,
                total_frames=9 + number,
                keypoint=rng.normal(size=(1, 9 + number, joints, 3)).astype(np.float32),
            )
            for label in labels
            for number in range(2)
        ]
        dataset.ann_file = str(tmp_path / f'{dataset.num_classes}.pkl')
        splits = {dataset.split: [clip['frame_dir'] for clip in clips]}
        save_annotations(clips, splits, dataset.ann_file, classes)
        dataset.cache = None
    cfg.train_dataloader.update(batch_size=4, num_workers=0)
    cfg.model.backbone.update(base_channels=2, num_stages=1, inflate_stages=[], down_stages=[])
    cfg.model.cls_head.in_channels = 2
    cfg.train_cfg.max_epochs, cfg.param_scheduler = 1, None
    train(cfg, tmp_path / 'work', validate=False)
    assert (tmp_path / 'work' / 'epoch_1.pth').is_file()
