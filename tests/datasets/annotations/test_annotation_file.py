import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from partkd.datasets import PairedPoseDataset, load_annotations, save_annotations
from partkd.datasets.annotations.annotation_file import select_split


def test_reads_what_was_saved(make_clip, tmp_path):
    clip = make_clip(keypoint=np.ones((1, 4, 17, 2), np.float16))
    path = tmp_path / 'new_folder' / 'clips.pkl'
    save_annotations([clip], {'train': ['clip']}, path)
    content = load_annotations(path)
    assert content['split'] == {'train': ['clip']}
    assert content['annotations'][0]['keypoint'].dtype == np.float16
    np.testing.assert_array_equal(content['annotations'][0]['keypoint'], clip['keypoint'])


def test_reads_a_plain_list_of_clips(make_clip, tmp_path):
    path = tmp_path / 'list.pkl'
    path.write_bytes(pickle.dumps([make_clip()]))
    content = load_annotations(path)
    assert content['split'] == {} and len(content['annotations']) == 1


def test_arrays_are_views_of_what_was_read(make_clip, write_annotations):
    keypoint = load_annotations(write_annotations([make_clip()]))['annotations'][0]['keypoint']
    assert not keypoint.flags.writeable and not keypoint.flags.owndata


def test_no_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no annotation file .*gone\.pkl.*set ann_file'):
        load_annotations(tmp_path / 'gone.pkl')
    with pytest.raises(FileNotFoundError, match='set ann_file'):
        load_annotations(tmp_path)


@pytest.mark.parametrize('kept', [0.0, 0.001, 0.1, 0.5, 0.9, 0.9999])
def test_truncated_file(kept, make_clip, write_annotations, tmp_path):
    raw = Path(write_annotations([make_clip(f'c{i}') for i in range(9)])).read_bytes()
    path = tmp_path / 'cut.pkl'
    path.write_bytes(raw[: int(len(raw) * kept)])
    with pytest.raises(ValueError, match=r'cut\.pkl .*truncated or no pickle.*download it again'):
        load_annotations(path)


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        archive.writestr('data.pkl', b'x')
    return buffer.getvalue()


@pytest.mark.parametrize(
    'raw',
    [
        b'<!DOCTYPE html><html></html>',
        b'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
        b'{"annotations": []}',
        b'\x89PNG\r\n\x1a\n',
        b'\x93NUMPY\x01\x00',
        zip_bytes(),
        bytes(range(256)),
    ],
    ids=['html', 'lfs', 'json', 'png', 'npy', 'zip', 'noise'],
)
def test_foreign_file(raw, tmp_path):
    path = tmp_path / 'foreign.pkl'
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r'foreign\.pkl .*truncated or no pickle'):
        load_annotations(path)


def test_noise_never_ends_in_another_error(make_clip, write_annotations, tmp_path):
    raw = bytearray(Path(write_annotations([make_clip()])).read_bytes())
    generator, path = np.random.default_rng(0), tmp_path / 'noise.pkl'
    for _ in range(300):
        damaged = raw.copy()
        for place in generator.integers(0, len(raw), 3):
            damaged[place] = generator.integers(256)
        path.write_bytes(damaged)
        try:
            load_annotations(path)
        except ValueError as error:
            assert 'noise.pkl' in str(error)


def test_refused_global_is_named(tmp_path):
    class Call:
        def __reduce__(self):
            return eval, ('1 + 1',)

    path = tmp_path / 'evil.pkl'
    path.write_bytes(pickle.dumps({'split': {}, 'annotations': [Call()]}))
    with pytest.raises(ValueError, match=r'evil\.pkl asks for builtins\.eval.*not run.*again'):
        load_annotations(path)


@pytest.mark.parametrize(
    ('content', 'found'),
    [
        ({'clips': [], 'names': []}, r"keys \['clips', 'names'\]"),
        (3, 'int'),
        (np.zeros(3), 'ndarray'),
        ({'annotations': {'a': 1}}, "'annotations'"),
        ({'annotations': [1, 2]}, "'annotations'"),
        ({'annotations': [{}], 'split': ['train']}, "'split'"),
        ({'annotations': [{}], 'split': {'train': 'clip'}}, "'split'"),
        ({'annotations': [{}], 'split': {'train': [1]}}, "'split'"),
    ],
)
def test_pickle_of_something_else(content, found, tmp_path):
    path = tmp_path / 'other.pkl'
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=r'other\.pkl.*it should hold dict\(split=') as error:
        load_annotations(path)
    assert error.match(found)


class TestSelectSplit:
    content = {
        'split': {'train': ['b', 'a'], 'empty': [], 'foreign': ['x'], 'array': np.array(['a'])},
        'annotations': [{'frame_dir': 'a'}, {'frame_dir': 'b'}, {'frame_dir': 'c'}, {}],
    }

    @pytest.mark.parametrize(('split', 'count'), [('train', 2), ('array', 1), (None, 4)])
    def test_selects(self, split, count):
        clips, warning = select_split(self.content, split, 'f.pkl')
        assert clips == self.content['annotations'][:count] and warning == ''

    def test_warns_of_names_without_clip(self):
        content = {**self.content, 'split': {'train': ['a', 'x', 'y']}}
        clips, warning = select_split(content, 'train', 'f.pkl')
        assert len(clips) == 1
        assert warning == "2 of 3 names in split 'train' of f.pkl have no annotation: x, y"

    def test_unknown_split_lists_those_there_are(self):
        with pytest.raises(ValueError, match=r"no split 'val' in f\.pkl.*'array'.*'train'"):
            select_split(self.content, 'val', 'f.pkl')
        with pytest.raises(ValueError, match=r'f\.pkl has no splits.*set split=None'):
            select_split({'split': {}, 'annotations': [{}]}, 'val', 'f.pkl')

    @pytest.mark.parametrize('split', ['empty', 'foreign'])
    def test_empty_split(self, split):
        with pytest.raises(ValueError, match=rf"split '{split}' of f\.pkl has no clip: take an"):
            select_split(self.content, split, 'f.pkl')

    def test_empty_file(self):
        with pytest.raises(ValueError, match=r'f\.pkl has no clip'):
            select_split({'split': {}, 'annotations': []}, None, 'f.pkl')


def test_clips_of_an_iterator_are_written_one_by_one(make_clip, tmp_path):
    """What is in the file is what pickle makes of it, with what the iterator found on its way."""
    split = {'train': []}
    values = np.arange(3 * 2 * 4 * 17 * 2, dtype=np.float32).reshape(3, 2, 4, 17, 2)

    def clips():
        for name, keypoint in zip('abc', values):
            split['train'].append(name)
            yield make_clip(frame_dir=name, keypoint=keypoint, keypoint_score=keypoint[..., 0])

    save_annotations(clips(), split, tmp_path / 'clips.pkl', classes=('wave', 'clap'))
    content = load_annotations(tmp_path / 'clips.pkl')
    assert content['split'] == {'train': ['a', 'b', 'c']}
    assert pickle.loads((tmp_path / 'clips.pkl').read_bytes())['classes'] == ['wave', 'clap']
    for clip, name, keypoint in zip(content['annotations'], 'abc', values):
        assert clip['frame_dir'] == name
        np.testing.assert_array_equal(clip['keypoint'], keypoint)
        np.testing.assert_array_equal(clip['keypoint_score'], keypoint[..., 0])


def test_nothing_is_left_of_clips_that_end_in_an_error(tmp_path):
    def clips():
        yield {}
        raise ValueError('bad')

    with pytest.raises(ValueError, match='bad'):
        save_annotations(clips(), {}, tmp_path / 'clips.pkl')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('protocol', [2, 4])
def test_a_file_as_mmaction2_and_pyskl_publish_them_is_a_data_set(protocol, tmp_path):
    """The keys and types of ``ntu60_2d.pkl``, and with three channels and no scores, of ``_3d``."""
    shared = dict(frame_dir='S001C001P001R001A001', label=0, total_frames=5)
    flat = dict(
        img_shape=(1080, 1920),
        original_shape=(1080, 1920),
        keypoint=np.ones((1, 5, 17, 2), np.float16),
        keypoint_score=np.ones((1, 5, 17), np.float16),
    )
    for layout, clip in (('coco', flat), ('nturgb+d', dict(keypoint=np.ones((2, 5, 25, 3))))):
        path = tmp_path / f'{layout}.pkl'
        content = dict(
            split=dict(xsub_train=['S001C001P001R001A001'], xsub_val=[]),
            annotations=[dict(shared, **clip)],
        )
        path.write_bytes(pickle.dumps(content, protocol=protocol))
        assert len(PairedPoseDataset(str(path), [], layout=layout, split='xsub_train')) == 1
