"""What goes through a pipeline as one batch is what its clips become one by one."""

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from torch.utils.data import DataLoader

from partkd.datasets import PairedPoseDataset
from partkd.models import SkeletonDataPreprocessor
from partkd.structures import PendingBatch

DEVICE = get_device()
ROTATE = {'type': 'RotateSkeleton', 'max_degrees': 40}
SCALE = {'type': 'ScaleSkeleton', 'max_change': 0.5}
FLIP = {'type': 'FlipSkeleton', 'prob': 0.7}
SAMPLE = {'type': 'UniformSampleSkeleton', 'clip_len': 6}
TRUNCATE = {'type': 'TruncateFrames', 'max_frames': 6}
STREAMS = {'type': 'SkeletonStreams', 'streams': ['joint', 'bone'], 'with_score': True}
MOTION = {'type': 'SkeletonStreams', 'streams': ['joint_motion', 'bone_motion']}
PACK = {'type': 'PackSkeletonInputs'}


def occlude(scope: str, prob: float = 0.5) -> dict:
    return {'type': 'JointOcclusion', 'prob': prob, 'scope': scope}


TAILS = {
    'augmentation': [ROTATE, SCALE, FLIP],
    'recipe': [ROTATE, SCALE, occlude('frame', 0), SAMPLE, MOTION],
    'sampled last': [ROTATE, occlude('frame', 0), STREAMS, SAMPLE],
    'occluded frames': [ROTATE, occlude('frame'), SAMPLE, STREAMS],
    'occluded clips': [ROTATE, occlude('clip'), STREAMS, SAMPLE],
    'occluded parts': [occlude('part'), STREAMS],
    'truncated': [ROTATE, STREAMS, TRUNCATE],
    'motion first': [ROTATE, MOTION, SAMPLE],
    'nothing': [],
}


@pytest.fixture
def ann_file(make_clip, write_annotations) -> str:
    """Clips of unlike lengths and persons, with missing joints."""
    generator = np.random.default_rng(0)
    clips = []
    for i in range(6):
        shape = (1 + (i % 3 == 0), 4 + 2 * i, 17, 2)
        clip = make_clip(f'clip_{i}', i % 2, shape, keypoint=generator.uniform(1, 9, shape))
        clip['keypoint'][generator.random(shape[:3]) < 0.2] = 0
        clips.append(clip)
    return write_annotations(clips)


@pytest.fixture
def build(ann_file, tmp_path):
    def build(tail, dtype='float32', **settings) -> PairedPoseDataset:
        cache = dtype and {'folder': str(tmp_path / 'cache'), 'dtype': dtype}
        pipeline = [{'type': 'NormalizePose2D'}, *tail, PACK]
        return PairedPoseDataset(ann_file, pipeline, cache=cache, **settings)

    return build


def rand_by_place(shape, *more, device=None, dtype=None) -> torch.Tensor:
    """Stands for ``torch.rand``: along the last axis alone, the same for every clip."""
    shape = shape if isinstance(shape, tuple) else (shape, *more)
    if len(shape) == 1:
        return torch.full(shape, 0.3, device=device, dtype=dtype)
    return torch.linspace(0, 0.99, shape[-1], device=device, dtype=dtype).expand(shape)


def both_ways(dataset, rows, **settings) -> tuple[dict, dict]:
    preprocessor = SkeletonDataPreprocessor(**settings).to(DEVICE)
    single = pseudo_collate([dataset[row] for row in rows])
    batch = pseudo_collate(dataset.__getitems__(rows))
    assert isinstance(batch['inputs'][0], PendingBatch)
    return preprocessor(single), preprocessor(batch)


def assert_same(one, other, **tolerance) -> None:
    torch.testing.assert_close(other.keypoint, one.keypoint, **tolerance or dict(rtol=0, atol=0))
    for name in ('frame_mask', 'person_mask'):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None)
        assert mine is None or torch.equal(mine, theirs)


@pytest.mark.parametrize('padding', ['batch', 'fixed'])
@pytest.mark.parametrize('test_mode', [False, True], ids=['train', 'test'])
@pytest.mark.parametrize('tail', TAILS.values(), ids=TAILS)
def test_a_batch_equals_its_clips(tail, test_mode, padding, build, monkeypatch):
    monkeypatch.setattr(torch, 'rand', rand_by_place)
    dataset = build(tail, test_mode=test_mode)
    settings = dict(padding=padding, num_frames=8, num_persons=2)
    for rows in ([4, 1, 0, 3], [2, 2], [-1], [1, 4]):
        single, batch = both_ways(dataset, rows, **settings)
        tolerance = {} if test_mode else dict(rtol=1e-6, atol=1e-6)  # the order of sums
        assert_same(single['inputs'], batch['inputs'], **tolerance)
        assert batch['teacher_inputs'] is None
        for one, other in zip(single['data_samples'], batch['data_samples'], strict=True):
            assert one.metainfo == other.metainfo and list(one.keys()) == list(other.keys())
            assert torch.equal(one.gt_label, other.gt_label)


@pytest.mark.parametrize('tail', TAILS.values(), ids=TAILS)
def test_in_test_it_equals_a_dataset_without_cache(tail, build):
    rows = [5, 0, 1]
    plain, cached = (build(tail, dtype, test_mode=True) for dtype in (None, 'float32'))
    single = SkeletonDataPreprocessor().to(DEVICE)(pseudo_collate(plain.__getitems__(rows)))
    assert len(plain.__getitems__(rows)) == 3
    assert_same(single['inputs'], both_ways(cached, rows)[1]['inputs'])


@pytest.mark.parametrize('kind', ['RotateSkeleton', 'ScaleSkeleton', 'FlipSkeleton'])
def test_every_clip_has_its_own_draw(kind, build):
    torch.manual_seed(0)
    dataset = build([{'type': kind}])
    batches = [both_ways(dataset, [1] * 64)[1]['inputs'].keypoint for _ in range(2)]
    different = len(batches[0].unique(dim=0))
    assert different == (2 if kind == 'FlipSkeleton' else 64)
    assert not torch.equal(*batches)


@pytest.mark.parametrize('scope', ['frame', 'clip', 'part'])
def test_rate_of_occlusion(scope, build):
    torch.manual_seed(0)
    dataset = build([occlude(scope, 0.3)])
    there = build([], None)[1]['inputs'].to(DEVICE).ne(0).any(-1)
    batch = both_ways(dataset, [1] * 500)[1]['inputs'].keypoint
    gone = (batch.eq(0).all(-1) & there).float().sum() / (500 * there.sum())
    draws = 500 * {'frame': 100, 'clip': 17, 'part': 5}[scope]
    assert abs(gone - 0.3) < 5 * (0.3 * 0.7 / draws) ** 0.5


def test_repeated_frames_are_occluded_alike(build):
    """Sampling first would draw anew for each copy of a frame."""
    torch.manual_seed(0)
    dataset = build([occlude('frame'), {**SAMPLE, 'clip_len': 8}])
    batch = both_ways(dataset, [0] * 20)[1]['inputs'].keypoint  # four frames, each taken twice
    assert torch.equal(batch[:, :, ::2], batch[:, :, 1::2])


def test_batches_differ_from_worker_to_worker(build):
    torch.manual_seed(0)
    dataset = build([SAMPLE])
    loader = DataLoader(dataset, 4, num_workers=2, sampler=[5] * 8, collate_fn=pseudo_collate)
    first, second = (SkeletonDataPreprocessor()(batch)['inputs'].keypoint for batch in loader)
    assert first.shape == second.shape == (4, 1, 6, 17, 2) and not torch.equal(first, second)


def test_float16_becomes_float32(build):
    dataset = build([ROTATE], 'float16')
    assert dataset.__getitems__([0])[0]['inputs'].clips.keypoint.dtype == torch.float16
    keypoint = both_ways(dataset, [0])[1]['inputs'].keypoint
    assert keypoint.dtype == torch.float32


@pytest.mark.parametrize(
    'tail',
    [
        [ROTATE, {'type': 'NormalizePose2D'}],
        [ROTATE, {'type': 'PackSkeletonInputs', 'meta_keys': ['total_frames']}],
        [ROTATE, {'type': 'PackSkeletonInputs', 'meta_keys': []}],
    ],
    ids=['single clips only', 'other meta information', 'no meta information'],
)
def test_where_no_batch_can_be_had_there_are_items(tail, build):
    pipeline = [{'type': 'NormalizePose2D'}, *tail]
    dataset = build([])
    items = PairedPoseDataset(dataset.ann_file, pipeline, cache=dataset.cache).__getitems__([1, 0])
    assert len(items) == 2


def test_teacher_inputs(build, ann_file, make_clip, write_annotations):
    clips = [make_clip(f'clip_{i}', i % 2, (1, 3 + i, 25, 3)) for i in (4, 1, 2)]
    teacher = dict(ann_file=write_annotations(clips, name='high.pkl'), layout='nturgb+d')
    teacher['pipeline'] = [{'type': 'NormalizePose3D'}, PACK]
    dataset = build([], teacher=teacher, load_teacher=True)
    assert (
        dataset.teacher.cache == dataset.cache and dataset.teacher._batch_tail[0].transforms == []
    )
    for rows in ([0, 4, 3, 1], [1], [0, 3]):
        single, batch = both_ways(dataset, rows)
        paired = [sample.paired for sample in batch['data_samples']]
        assert paired == [row in (4, 1, 2) for row in rows]
        if any(paired):
            assert_same(single['teacher_inputs'], batch['teacher_inputs'])
        else:
            assert single['teacher_inputs'] is batch['teacher_inputs'] is None


def test_streams_are_refused_by_what_works_on_coordinates(build):
    dataset = build([STREAMS, ROTATE])
    (item,) = dataset.__getitems__([0, 1])
    with pytest.raises(ValueError, match=r'clip clip_0.*put RotateSkeleton before SkeletonStre'):
        item['inputs'].finish(torch.device('cpu'))


@pytest.mark.parametrize('padding', ['batch', 'fixed'])
@pytest.mark.parametrize('tail', TAILS.values(), ids=TAILS)
def test_everything_happens_where_the_model_is(tail, padding, build):
    """On a device without data, a tensor from elsewhere would be an error."""
    (item,) = build(tail).__getitems__([0, 3, 1])
    batch = SkeletonDataPreprocessor(padding).to('meta')({'inputs': [item['inputs']]})
    assert batch['inputs'].keypoint.device.type == 'meta'
    assert {sample.gt_label.device.type for sample in batch['data_samples']} == {'meta'}


@pytest.mark.parametrize('after', [[occlude('frame')], [TRUNCATE, occlude('frame')]])
def test_copies_of_frames_count_for_themselves_after_the_sampling(after, build):
    """Occluded before and after it: only the first occlusion treats copies alike."""
    torch.manual_seed(0)
    dataset = build([occlude('frame', 0.1), {**SAMPLE, 'clip_len': 8}, *after])
    batch = both_ways(dataset, [0] * 20)[1]['inputs'].keypoint  # four frames, each taken twice
    assert not torch.equal(batch[:, :, ::2], batch[:, :, 1::2])


@pytest.mark.parametrize('tail', TAILS.values(), ids=TAILS)
def test_single_clips_go_through_the_pipeline_as_it_is_written(tail, build):
    dataset = build(tail, None, test_mode=True)
    for index in range(len(dataset)):
        item = dataset.get_data_info(index)
        for step in dataset.pipeline.transforms:
            item = step(item)
        assert torch.equal(item['inputs'], dataset[index]['inputs'])


def test_mixed_precision_leaves_coordinates_alone(build, monkeypatch):
    """mmengine calls the data preprocessor where the model runs in bfloat16."""
    monkeypatch.setattr(torch, 'rand', rand_by_place)
    dataset = build([ROTATE, SCALE])
    expected = both_ways(dataset, [0, 3])[1]['inputs']
    with torch.autocast(DEVICE, dtype=torch.bfloat16):
        assert_same(expected, both_ways(dataset, [0, 3])[1]['inputs'])
