"""Arguments of everything that is built from configs."""

import copy
import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from mmaction.registry import DATA_SAMPLERS, HOOKS, MODELS, OPTIM_WRAPPERS, TRANSFORMS
from mmengine.config import Config
from mmengine.registry import DefaultScope

from partkd.configuration import set_occlusion
from partkd.datasets import PairedPoseDataset
from partkd.datasets.synthetic import make_synthetic

from .clips import PIPELINE, content, read
from .corpus import HARMLESS, TAKEN, WRONG, Input, bomb, shown

HEAD = dict(type='SkeletonHead', num_classes=2, in_channels=4)
NECK = dict(type='PartPooling', layout='coco')
RECOGNIZER = dict(
    type='SkeletonRecognizer',
    layout='coco',
    backbone=dict(
        type='STGCN',
        in_channels=2,
        base_channels=4,
        num_stages=1,
        inflate_stages=[],
        down_stages=[],
    ),
    cls_head=HEAD,
)

# What is wrong of each argument: a sort of ``WRONG``, or the values themselves. Those of another
# package's class are left to it where it says what they are.
TRANSFORM_ARGUMENTS: dict[str, dict[str, Any]] = {
    'FlipSkeleton': dict(prob='fraction'),
    'RotateSkeleton': dict(max_degrees='weight', axes=('', 'w', [], None, 1, ['x', 1])),
    'ScaleSkeleton': dict(max_change='fraction'),
    'ShearSkeleton': dict(max_share='weight', prob='fraction'),
    'StructuralMask': dict(share='fraction', num_drawn='whole', reach='seed', prob='fraction'),
    'TemporalCubeMask': dict(num_cubes='whole', num_masked=(16, -1, 1.5, 'x'), prob='fraction'),
    'MapToLayout': dict(layout=('coco17', None, 1, [], {})),
    'KeepPersons': dict(max_persons='whole', by='choice'),
    'NormalizePose2D': dict(mode='choice', img_shape=(1, 'large', (0, 1), (1,), [])),
    'NormalizePose3D': dict(align='flag', scale='flag'),
    'JointOcclusion': dict(prob='fraction', scope='choice', seed='seed', once='flag'),
    'UniformSampleSkeleton': dict(clip_len='whole', least=(0, -1, 1.5, 'all', None, [1])),
    'TruncateFrames': dict(max_frames='whole'),
    'SkeletonStreams': dict(
        streams=([], 'joint', None, 1, ['joints'], [1], [['joint']], {}), with_score='flag'
    ),
    'PackSkeletonInputs': dict(meta_keys=(None, 1, [1], 'frame_dir')),
}
VALID = {
    'JointOcclusion': dict(prob=0.1),
    'KeepPersons': dict(max_persons=1),
    'MapToLayout': dict(layout='kinect_v1'),
    'UniformSampleSkeleton': dict(clip_len=4),
}
LOSSES: dict[str, dict[str, Any]] = {
    'KLLoss': dict(temperature='positive', loss_weight='weight'),
    'GlobalMSCLoss': dict(positive_weight='weight', temperature='positive', loss_weight='weight'),
    'PMSCLoss': dict(
        positive_weight='weight',
        temperature='positive',
        loss_weight='weight',
        reads='choice',
        part_matrix=('text', 1, [1], dict(type='Matrix'), dict(folder='x'), True),
    ),
}
SMOOTHING = (-0.1, 1.0, 2, float('nan'), float('inf'), 'half', None, [0.5])


def transforms(base: Path) -> Iterator[Input]:
    """Arguments of transforms."""
    for name, arguments in TRANSFORM_ARGUMENTS.items():
        valid = dict(type=name, **VALID.get(name, {}))
        yield Input(name, partial(_transform, valid), expected=TAKEN)
        yield from _wrong(valid, arguments, _transform)
        yield Input(f'{name} extra', partial(_transform, dict(valid, extra=1)), ('extra', name))
    for value in (
        None,
        1,
        'FlipSkeleton',
        {},
        dict(type='FlipSkeletons'),
        dict(type=1),
        [],
        bomb(),
    ):
        take = partial(_pipeline, [value])
        yield Input(f'step {shown(value)}', take, ('pipeline',), HARMLESS)
    for value in (None, 1, 'text', {}, dict(type='PackSkeletonInputs')):
        yield Input(f'pipeline {shown(value)}', partial(_pipeline, value), ('pipeline',))
    for steps in (['pack', 'streams'], ['streams', 'normalise'], ['3d'], ['streams', 'streams']):
        known = {
            'pack': dict(type='PackSkeletonInputs'),
            'streams': dict(type='SkeletonStreams', streams=['joint']),
            'normalise': dict(type='NormalizePose2D'),
            '3d': dict(type='NormalizePose3D'),
        }
        take = partial(_pipeline, [known[step] for step in steps])
        yield Input(f'in the order {steps}', take, ('pipeline',), HARMLESS)


def _wrong(valid: dict, arguments: dict, take: Any, path: str = '') -> Iterator[Input]:
    """An input for each wrong value of each argument."""
    name = valid.get('type', '')
    for key, sort in arguments.items():
        for value in WRONG[sort] if isinstance(sort, str) else sort:
            given = copy.deepcopy(valid)
            given[key] = value
            is_config = isinstance(value, dict)  # another's, whose type is named in place of it
            words = (value['type'],) if is_config and 'type' in value else (key,)
            words = () if is_config and 'type' not in value else words
            yield Input(f'{name} {key}={shown(value)}'.strip(), partial(take, given), words)


def _transform(given: dict, folder: Path) -> None:
    ends = [] if given['type'] == 'PackSkeletonInputs' else [dict(type='PackSkeletonInputs')]
    _pipeline([given, *ends], folder)


def _pipeline(steps: Any, folder: Path) -> None:
    given = content()
    if isinstance(steps, list) and any('3D' in str(getattr(s, 'get', str)('type')) for s in steps):
        for one in given['annotations']:
            one['keypoint'] = np.ones((1, 6, 20, 3), np.float32) * one['keypoint'][:, :, :1, :1]
            del one['keypoint_score']
        settings = dict(layout='kinect_v1')
    else:
        settings = {}
    (folder / 'clips.pkl').write_bytes(pickle.dumps(given))
    read(folder / 'clips.pkl', pipeline=steps, **settings)


def losses(base: Path) -> Iterator[Input]:
    """Arguments of losses and of what they hang on."""
    for name, arguments in LOSSES.items():
        valid = dict(type=name)
        yield Input(name, partial(_model, valid), expected=TAKEN)
        yield from _wrong(valid, arguments, _model)
    yield from _wrong(dict(type='PartMatrix', folder='x'), dict(temperature='positive'), _model)
    yield Input('KLLoss extra', partial(_model, dict(type='KLLoss', extra=1)), ('extra',))
    yield Input('no type', partial(_model, dict(loss_weight=1)), ('type',))
    yield Input('another type', partial(_model, dict(type='KDLoss')), ('KDLoss',))


def models(base: Path) -> Iterator[Input]:
    """Arguments of heads, necks, preprocessors and recognisers."""
    tables: list[tuple[dict, dict]] = [
        (
            HEAD,
            dict(
                num_classes='whole',
                in_channels='whole',
                dropout='fraction',
                reads='choice',
                label_smooth_eps=SMOOTHING,
                loss_cls=('text', 1, dict(type='Nothing')),
            ),
        ),
        (
            NECK,
            dict(
                trunk='choice',
                joint_reduce='choice',
                num_segments='whole',
                num_steps='whole',
                layout=('cocoa', None, 1, []),
            ),
        ),
        (
            dict(type='PartAdapter', in_channels=2, out_channels=3),
            dict(in_channels='whole', out_channels='whole'),
        ),
        (
            dict(type='SkeletonDataPreprocessor'),
            dict(
                padding='choice',
                num_frames='whole',
                num_persons='whole',
                pad_frames_divisor='whole',
            ),
        ),
        (
            RECOGNIZER,
            dict(
                layout=('cocoa', None, 1, []),
                backbone=(None, 'STGCN', 1, {}, dict(type='Nothing')),
                cls_head=('text', 1, [], dict(type='Nothing')),
                neck=('text', 1, dict(type='Nothing')),
                data_preprocessor=('text', 1, dict(type='Nothing')),
            ),
        ),
        (
            dict(type='FeatureBank', folder='x', teacher=dict(config='a', checkpoint='b')),
            dict(contrast='choice', teacher=(None, 'x', {}, 1, dict(config='a'))),
        ),
    ]
    for valid, arguments in tables:
        yield Input(valid['type'], partial(_model, valid), expected=TAKEN)
        yield from _wrong(valid, arguments, _model)
        take = partial(_model, dict(valid, extra=1))
        yield Input(f'{valid["type"]} extra', take, ('extra',))


def _model(given: dict, folder: Path) -> None:
    with DefaultScope.overwrite_default_scope('mmaction'):
        MODELS.build(given)


def data_sets(base: Path) -> Iterator[Input]:
    """Arguments of a data set and of its high-quality side."""
    valid = dict(pipeline=PIPELINE, num_classes=2)
    side = dict(ann_file='clips.pkl', pipeline=[], layout='coco')
    yield Input('whole', partial(_dataset, valid), expected=TAKEN)
    yield Input('paired', partial(_dataset, dict(valid, teacher=side)), expected=TAKEN)
    yield Input('indices', partial(_dataset, dict(valid, indices=[0, 2])), expected=TAKEN)
    yield Input('the first two', partial(_dataset, dict(valid, indices=2)), expected=TAKEN)
    arguments: dict[str, Any] = dict(
        ann_file=(None, 1, '', [], 'gone.pkl', b'a', {}),
        layout=(None, 1, 'cocoa', [], 1.5),
        num_classes=(0, -1, 1, 1.5, float('nan'), 'two', [2], True),
        require_labels=WRONG['flag'],
        on_bad_clip=WRONG['choice'],
        test_mode=WRONG['flag'],
        frame_dirs=(1, [1], [None], 'clip0'),
        data_root=(1, [], {}, 'gone'),
        metainfo=('text', 1, [1]),
        indices=([99], [-99], ['a'], [1.5], 1.5, 'all', [], 0, [[0]], {}, [True]),
        lazy_init=(2, 'no', []),
        cache=('text', 1, {}, dict(folder=1), dict(folder='x', dtype='int8'), dict(dir='x'), True),
        load_teacher=(True, 'no', 2),
        keep_solitary=(False, 'no', 2),
        teacher=('text', 1, [1], True, {}, dict(pipeline=[]), dict(side, extra=1)),
        labelled_fraction=(0, *WRONG['fraction']),
        label_seed=(*WRONG['seed'], None),
    )
    yield from _wrong(valid, arguments, _dataset)
    paired = dict(valid, teacher=side)
    more: dict[str, Any] = dict(
        paired_fraction=(0, *WRONG['fraction']), pair_seed=(*WRONG['seed'], None)
    )
    yield from _wrong(paired, more, _dataset)
    for key in ('ann_file', 'layout', 'split', 'num_classes', 'indices', 'frame_dirs'):
        for value in (1.5, 'gone', [99], {}):
            given = dict(valid, teacher=dict(side, **{key: value}))
            yield Input(f'teacher.{key} {shown(value)}', partial(_dataset, given), (key,))
    for value in ([], ['other']):
        take = partial(_dataset, dict(valid, frame_dirs=value))
        yield Input(f'frame_dirs={value}', take, ('clips.pkl',))
    yield Input('extra', partial(_dataset, dict(valid, extra=1)), ('extra',))


def _dataset(given: dict, folder: Path) -> None:
    (folder / 'clips.pkl').write_bytes(pickle.dumps(content()))
    settings = dict(ann_file='clips.pkl', data_root=str(folder)) | given
    dataset = PairedPoseDataset(**settings)
    dataset[0]


def loaders(base: Path) -> Iterator[Input]:
    """Arguments of batch samplers, hooks and optimizer wrappers."""
    valid = dict(type='LengthGroupedBatchSampler', batch_size=2)
    yield Input('sampler', partial(_sampler, valid), expected=TAKEN)
    arguments = dict(
        batch_size='whole', window='whole', clips_per_class=(*WRONG['whole'], 3), drop_last='flag'
    )
    yield from _wrong(valid, arguments, _sampler)
    for registry, kind in ((HOOKS, 'EpochSeedHook'), (HOOKS, 'KeepMemoryHook')):
        take = partial(_build, registry, dict(type=kind, extra=1))
        yield Input(f'{kind} extra', take, (kind,))
    wrapper = dict(type='BFloat16OptimWrapper', dtype='float16')
    yield Input('dtype of another', partial(_build, OPTIM_WRAPPERS, wrapper), ('dtype',), HARMLESS)


def _sampler(given: dict, folder: Path) -> None:
    class Sampler:
        seed = 0
        dataset = type('Data', (), dict(num_frames=[3, 2, 1, 4], labels=[0, 1, 0, 1]))

        def __iter__(self) -> Iterator[int]:
            return iter(range(4))

        def __len__(self) -> int:
            return 4

    list(DATA_SAMPLERS.build(given, default_args=dict(sampler=Sampler())))


def _build(registry: Any, given: dict, folder: Path) -> None:
    registry.build(given)


def occlusion(base: Path) -> Iterator[Input]:
    """Occlusion as a test asks for it."""
    for key, sort in dict(prob='fraction', scope='choice').items():
        for value in WRONG[sort]:
            take = partial(_occlude, {**dict(prob=0.5, scope='clip'), key: value})
            yield Input(f'{key} {shown(value)}', take, (key,))
    for splits in (('tests',), ('',), (1,)):
        take = partial(_occlude, dict(prob=0.5, splits=splits))
        yield Input(f'splits {splits}', take, expected=HARMLESS)
    take = partial(_occlude, dict(prob=0.5, pipeline=[dict(type='PackSkeletonInputs')]))
    yield Input('no place for it', take, ('JointOcclusion',))


def _occlude(given: dict, folder: Path) -> None:
    """The settings are read where the pipeline is built."""
    pipeline = copy.deepcopy(given.pop('pipeline', PIPELINE))
    cfg = Config(dict(test_dataloader=dict(dataset=dict(pipeline=pipeline))))
    set_occlusion(cfg, **dict(splits=('test',)) | given)
    for step in cfg.test_dataloader.dataset.pipeline:
        TRANSFORMS.build(step)


def synthetic(base: Path) -> Iterator[Input]:
    """Arguments of the generator of motions."""
    valid: dict[str, Any] = dict(num_subjects=2, repeats=1, num_frames=(2, 3))
    arguments: dict[str, Any] = dict(
        num_subjects=(*WRONG['whole'], 1),
        repeats='whole',
        seed=(*WRONG['seed'], None),
        num_frames=(None, 1, 'many', (), (1, 2), (3, 2), (2,), (2, 3, 4), (2.5, 3), ('2', '3')),
    )
    yield from _wrong(valid, arguments, _synthetic)
    for value in (None, 1, b'a'):
        take = partial(_synthetic, dict(valid, out_dir=value))
        yield Input(f'out_dir {shown(value)}', take, ('out_dir',))
    yield Input('out_dir a file', _into_a_file, ('taken',))


def _synthetic(given: dict, folder: Path) -> None:
    make_synthetic(**dict(out_dir=folder) | given)


def _into_a_file(folder: Path) -> None:
    (folder / 'taken').touch()
    make_synthetic(folder / 'taken', num_subjects=2, repeats=1, num_frames=(2, 3))


KINDS = {
    'arguments of transforms': transforms,
    'arguments of losses': losses,
    'arguments of models': models,
    'arguments of data sets': data_sets,
    'arguments of loaders': loaders,
    'occlusion': occlusion,
    'synthetic motions': synthetic,
}
