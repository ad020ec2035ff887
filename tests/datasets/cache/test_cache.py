"""A cached dataset gives what one without a cache gives."""

import copy
import dataclasses
import importlib
import json
import mmap
import multiprocessing
import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from torch.utils.data import DataLoader

from partkd.datasets import (
    PairedPoseDataset,
    clip_source,
    load_annotations,
    make_item,
    pipeline_split,
)
from partkd.datasets.cache.clip_cache import ClipWriter, open_cache
from partkd.datasets.cache.ragged_arrays import RaggedArray, RaggedArrayWriter
from partkd.datasets.transforms.base import CoordinateBatchTransform

STREAMS = {'type': 'SkeletonStreams', 'streams': ['joint', 'bone'], 'with_score': True}
PIPELINES = {
    'nothing': [],
    '2D': [
        {'type': 'FillMissingFrames'},
        {'type': 'NormalizePose2D'},
        {'type': 'JointOcclusion', 'prob': 0.4},
        STREAMS,
        {'type': 'UniformSampleSkeleton', 'clip_len': 6},
    ],
    'image': [{'type': 'NormalizePose2D', 'mode': 'image', 'img_shape': (9, 7)}],
    'mmaction2': [{'type': 'PreNormalize2D'}],
}
PACK = [{'type': 'PackSkeletonInputs'}]


@pytest.fixture
def clips(make_clip) -> list[dict]:
    """Of unlike lengths and persons; some with scores, missing joints and an image size."""
    generator = np.random.default_rng(0)
    clips = []
    for i in range(7):
        shape = (1 + i % 2, 3 + i, 17, 2)
        clip = make_clip(f'clip_{i}', i % 3, shape, keypoint=generator.uniform(1, 9, shape))
        clip['keypoint'][0, i % 3] = 0
        if i % 2:
            clip['keypoint_score'] = generator.uniform(size=shape[:3]) * (i + 1)
        if i % 3:
            clip['img_shape'] = (20 + i, 30)
        clips.append(clip)
    return clips


@pytest.fixture
def build(clips, write_annotations, tmp_path):
    path = write_annotations(clips)

    def build(pipeline, dtype='float32', **settings) -> PairedPoseDataset:
        cache = {'folder': str(tmp_path / 'cache'), 'dtype': dtype} if dtype else None
        return PairedPoseDataset(path, pipeline, cache=cache, test_mode=True, **settings)

    return build


@pytest.fixture
def no_reading(monkeypatch):
    """From here on the annotation file must not be read."""

    def forbid() -> None:
        def fail(path):
            raise AssertionError(f'{path} was read')

        monkeypatch.setattr(clip_source, 'load_annotations', fail)

    return forbid


def assert_same(one: dict, other: dict, **tolerance) -> None:
    assert one.keys() == other.keys()
    for key, value in one.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == other[key].dtype
            np.testing.assert_allclose(value, other[key], **tolerance or {'rtol': 0})
        else:
            assert value == other[key] and type(value) is type(other[key])


@pytest.mark.parametrize('pipeline', PIPELINES.values(), ids=PIPELINES)
def test_items_are_equal(pipeline, build, no_reading):
    plain = list(build(pipeline, None))
    made = build(pipeline)
    assert made._tail == [] or made._tail[0].prob > 0  # all but what comes after occlusion
    no_reading()
    for dataset in (made, build(pipeline)):
        for expected, item in zip(plain, dataset, strict=True):
            assert_same(expected, item)


def test_float16_is_close(build):
    plain, dataset = build(PIPELINES['2D'], None), build(PIPELINES['2D'], 'float16')
    assert dataset.data_list.arrays['keypoint'].dtype == np.float16
    for expected, item in zip(plain, dataset, strict=True):
        assert_same(expected, item, rtol=1e-3, atol=1e-3)


def test_float16_refuses_what_it_cannot_hold(clips, build, write_annotations):
    clips[3]['keypoint'][0, 0] = 1e5
    write_annotations(clips)
    with pytest.raises(ValueError, match=r"keypoint holds 1e\+05.*cache\.dtype='float32'"):
        build([], 'float16')
    assert len(build([])) == 7


@pytest.mark.parametrize(
    ('test_mode', 'last'), [(True, 'SkeletonStreams'), (False, 'NormalizePose2D')]
)
def test_random_transforms_are_not_stored(test_mode, last, build):
    pipeline = [
        {'type': 'NormalizePose2D'},
        {'type': 'RotateSkeleton'},
        {'type': 'JointOcclusion', 'prob': 0.0},
        STREAMS,
        *PACK,
    ]
    dataset = build(pipeline)
    dataset = PairedPoseDataset(
        dataset.ann_file, pipeline, cache=dataset.cache, test_mode=test_mode
    )
    assert dataset._head[-1]['transform'].endswith(last)
    assert len(dataset._head) + len(dataset._tail) == 5


def test_a_transform_that_says_nothing_counts_as_random(build):
    class Jitter(CoordinateBatchTransform):
        def apply(self, batch):
            noise = torch.randn_like(batch.keypoint)
            return dataclasses.replace(batch, keypoint=batch.keypoint + noise)

    dataset = build([{'type': 'NormalizePose2D'}, Jitter()])
    assert not np.array_equal(dataset[0]['keypoint'], dataset[0]['keypoint'])


def test_the_code_of_a_transforms_bases_counts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / 'my_child.py').write_text('import my_base\nclass Child(my_base.Base): pass')
    digests = []
    for factor in (2, 5):
        (tmp_path / 'my_base.py').write_text(f'class Base: factor = {factor}.0' + ' ' * factor)
        for name in ('my_base', 'my_child'):
            sys.modules.pop(name, None)
        digests.append(pipeline_split._code_of(importlib.import_module('my_child').Child))
    assert digests[0] != digests[1]


def test_a_file_that_changes_while_it_is_read(build, monkeypatch, tmp_path):
    def load(path):
        content = load_annotations(path)
        Path(path).write_bytes(b'other')
        return content

    monkeypatch.setattr(clip_source, 'load_annotations', load)
    with pytest.raises(RuntimeError, match=r'was changed while it was read: start again'):
        build([])
    assert not list((tmp_path / 'cache').glob('*/clips.json'))


def test_nobody_knows_of_foreign_transforms_whether_they_are_random(build):
    class Foreign(BaseTransform):
        def transform(self, results):
            return results

    with_object = [{'type': 'NormalizePose2D'}, Foreign(), {'type': 'FillMissingFrames'}]
    assert [step['transform'][-15:] for step in build(with_object)._head] == ['NormalizePose2D']
    TRANSFORMS.register_module(module=Foreign, name='ForeignTransform')
    try:
        assert build([{'type': 'ForeignTransform'}])._head == []
    finally:
        TRANSFORMS.module_dict.pop('ForeignTransform')


def test_what_a_cache_depends_on(build, tmp_path, clips, write_annotations):
    def folders() -> int:
        return len(list((tmp_path / 'cache').glob('*/clips.json')))

    build(PIPELINES['2D'] + PACK)
    os.utime(build(PIPELINES['2D']).ann_file, (1, 1))  # neither packing nor the time matters
    build(PIPELINES['2D'])
    assert folders() == 1
    more_occluded = copy.deepcopy(PIPELINES['2D'])
    more_occluded[2]['prob'] = 0.5
    build(more_occluded)
    assert folders() == 1
    build(PIPELINES['2D'][1:])
    build(PIPELINES['2D'], 'float16')
    build(PIPELINES['2D'], num_classes=3)
    assert folders() == 4
    build([], layout='coco'), build([], layout='coco'), build([])
    assert folders() == 5
    clips[0]['keypoint'] += 1
    write_annotations(clips)
    assert build([])[0]['keypoint'].max() == np.float32(clips[0]['keypoint'].max())
    assert folders() == 6


def test_some_clips_of_a_cache(build, clips, no_reading):
    clips[5]['keypoint'][:] = np.nan
    build([])
    no_reading()
    dataset = build([], frame_dirs=['clip_4', 'clip_1', 'gone'])
    assert dataset.frame_dirs == ['clip_1', 'clip_4'] and dataset.labels.tolist() == [1, 1]
    assert dataset[1]['keypoint'].shape == (1, 7, 17, 2) and dataset[1]['sample_idx'] == 1
    with pytest.raises(ValueError, match=r"none of the 1 clips .*'gone', .*'clip_0'"):
        build([], frame_dirs=['gone'])


def test_bad_clips_are_kept_with_their_reasons(clips, write_annotations, tmp_path, no_reading):
    clips[2]['keypoint'][0, 0, 0, 0] = np.nan
    clips[4]['frame_dir'] = None  # nobody knows whether it is wanted
    settings = {'ann_file': write_annotations(clips), 'pipeline': []}
    settings['cache'] = {'folder': str(tmp_path / 'cache')}
    with pytest.raises(ValueError, match=r'2 of 7 clips .*\n  clip_2: .*NaN'):
        PairedPoseDataset(**settings)
    assert not list((tmp_path / 'cache').glob('*/clips.json'))
    skipped = PairedPoseDataset(**settings, on_bad_clip='skip').skipped
    no_reading()
    assert PairedPoseDataset(**settings, on_bad_clip='skip').skipped == skipped
    with pytest.raises(ValueError, match=r'2 of 7 clips .*\n  clip_2: .*NaN'):
        PairedPoseDataset(**settings)
    with pytest.raises(ValueError, match=r'1 of 3 clips .*\n  clip number 4: it has no frame_dir'):
        PairedPoseDataset(**settings, frame_dirs=['clip_1', 'clip_3'])
    with pytest.raises(ValueError, match=r'2 of 3 clips .*\n  clip_2: .*NaN'):
        PairedPoseDataset(**settings, frame_dirs=['clip_2', 'clip_3'])


def test_as_the_file_has_it(build, clips):
    """What a clip was before the pipeline is there too, for pictures."""
    info = build(PIPELINES['2D']).get_data_info(-1)
    np.testing.assert_array_equal(info['keypoint'], clips[-1]['keypoint'].astype(np.float32))
    plain = build(PIPELINES['2D'], None).get_data_info(-1)
    assert_same(plain, info)


def test_subsets_copies_and_other_processes(build, tmp_path):
    dataset = build(PIPELINES['2D'])
    expected = [item['keypoint'] for item in dataset]
    subset = dataset.get_subset([5, 2])
    assert subset.frame_dirs == ['clip_5', 'clip_2'] and subset[0]['sample_idx'] == 0
    for other, rows in [
        (subset, [5, 2]),
        (dataset.get_subset(-2), [5, 6]),
        (pickle.loads(pickle.dumps(subset)), [5, 2]),
        (copy.deepcopy(dataset), range(7)),
    ]:
        for item, row in zip(other, rows, strict=True):
            np.testing.assert_array_equal(item['keypoint'], expected[row])


def test_processes_make_it_once(build, tmp_path, monkeypatch):
    """Two processes at a time."""
    path, made = build([], None).ann_file, tmp_path / 'made.txt'

    def note(*arguments):
        with made.open('a') as file:
            file.write('.')
        return make_item(*arguments)

    def open_it():
        assert len(PairedPoseDataset(path, [], cache=dict(folder=str(tmp_path / 'cache')))) == 7

    monkeypatch.setattr(clip_source, 'make_item', note)
    forked = multiprocessing.get_context('fork')
    running = [forked.Process(target=open_it) for _ in range(2)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    assert made.read_text() == 7 * '.'


def test_a_killed_build_leaves_nothing_half(tmp_path, build):
    def killed(writer: ClipWriter) -> dict:
        writer.add({'frame_dir': 'a', 'label': 0, 'keypoint': np.ones((1, 2))})
        raise KeyboardInterrupt

    def whole(writer: ClipWriter) -> dict:
        writer.add({'frame_dir': 'b', 'label': 1, 'keypoint': np.zeros((3, 2))})
        return {}

    with pytest.raises(KeyboardInterrupt):
        open_cache(tmp_path, {}, 'float32', killed)
    clips = open_cache(tmp_path, {}, 'float32', whole)
    assert clips.names.tolist() == [b'b'] and clips[0]['keypoint'].shape == (3, 2)
    assert len(list(tmp_path.glob('*/clips.json'))) == 1


@pytest.mark.parametrize('file', ['keypoint.bin', 'label.start.npy', 'names.npy', 'clips.json'])
def test_a_damaged_cache_is_made_anew(build, tmp_path, file):
    expected = build([])[0]
    (file,) = (tmp_path / 'cache').glob(f'*/{file}')
    content = file.read_bytes()
    file.write_bytes(content[:-4] + bytes(4))
    np.testing.assert_equal(build([])[0]['keypoint'], expected['keypoint'])
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_to_is_named(build, tmp_path):
    (tmp_path / 'cache').write_text('a file')
    with pytest.raises(OSError, match=r'the cache .* cannot be made \(.*: set cache\.folder to a'):
        build([])


def test_what_cannot_be_stored_is_named(tmp_path):
    clip = {'frame_dir': 'a', 'label': 0, 'keypoint': np.ones((1, 2))}

    def write(*clips: dict):
        return open_cache(
            tmp_path, {}, 'float32', lambda writer: [writer.add(clip) for clip in clips]
        )

    with pytest.raises(ValueError, match='depth is a list: such an item cannot be stored'):
        write({**clip, 'depth': [1, 2]})
    with pytest.raises(ValueError, match=r"clip a has {'mode': 'y'}, others {'mode': 'x'}"):
        write({**clip, 'mode': 'x'}, {**clip, 'mode': 'y'})
    with pytest.raises(ValueError, match='keypoint has 3 axes, in other clips 2'):
        write(clip, {**clip, 'keypoint': np.ones((1, 2, 3))})
    with pytest.raises(ValueError, match='size is float64, in other clips int64'):
        write({**clip, 'size': 1}, {**clip, 'size': 0.5})


def test_little_of_an_array_stays_in_memory(tmp_path, monkeypatch):
    """The number of pages that are given back is what keeps a process small."""
    writer = RaggedArrayWriter(tmp_path, 'values', 'float32', 2, 'array')
    for clip in range(50):
        writer.add(np.full((1, 1000), clip))
    array = RaggedArray(tmp_path, 'values', **writer.close())
    given_back = []

    class Map(mmap.mmap):
        def madvise(self, *advice):
            given_back.append(advice)
            super().madvise(*advice)

    monkeypatch.setattr('partkd.files.mapped_file.mmap.mmap', Map)
    monkeypatch.setattr('partkd.files.mapped_file._RESIDENT_BYTES', 150_000)
    # A clip counts as 68 kB: its 4, and what one look brings in. The third look is one too many.
    assert [array.value(row)[0, 5] for row in range(50)] == list(range(50))
    assert given_back == [(mmap.MADV_DONTNEED,)] * (50 // 3)
    assert array.take(np.array([[3], [4]]), 1000, 2)[..., 0].tolist() == [[3], [4]]
    assert len(given_back) == 50 // 3 + 1


@pytest.mark.parametrize('cache', [{}, {'folder': 'x', 'dtype': 'int8'}, {'dtype': 'float32'}])
def test_bad_argument(cache, write_annotations, clips):
    with pytest.raises(ValueError, match=r'cache=.*it is dict\(folder=\.\.\., dtype=one of'):
        PairedPoseDataset(write_annotations(clips), [], cache=cache)


def test_header_is_plain_text(build, tmp_path):
    build([])
    (file,) = (tmp_path / 'cache').glob('*/clips.json')
    assert json.loads(Path(file).read_text())['checked'] == 7


def test_workers_read_it(build):
    dataset = build(PIPELINES['2D'])
    loader = DataLoader(dataset, 2, num_workers=2, collate_fn=list)
    read = [item['keypoint'] for batch in loader for item in batch]
    assert all(np.array_equal(item['keypoint'], one) for item, one in zip(dataset, read))
    assert torch.is_tensor(build(PIPELINES['2D'] + PACK)[0]['inputs'])
