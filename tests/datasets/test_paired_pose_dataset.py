import logging
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate

from partkd.datasets import PairedPoseDataset
from partkd.layouts import PoseLayout, get_layout

PACK = [{'type': 'PackSkeletonInputs'}]
SPLIT = {'train': [f'clip_{i:02}' for i in range(20)]}


@pytest.fixture
def low(make_clip, write_annotations) -> str:
    """24 clips of 4 classes, 20 of them in the split 'train'."""
    clips = [make_clip(f'clip_{i:02}', label=i % 4) for i in range(24)]
    return write_annotations(clips, SPLIT)


@pytest.fixture
def high(make_clip, write_annotations) -> dict:
    """Clips 0 to 15 and two more, in 3D: other joints, lengths, persons and order."""
    clips = [
        make_clip(f'clip_{i:02}', label=i % 4, shape=(1 + i % 2, 5 + i, 25, 3))
        for i in [*range(15, -1, -1), 22, 50]
    ]
    path = write_annotations(clips, name='high.pkl')
    return {'ann_file': path, 'layout': 'nturgb+d', 'pipeline': PACK}


@pytest.fixture
def build(low, cache):
    def build(**settings) -> PairedPoseDataset:
        common = {'pipeline': PACK, 'split': 'train', 'cache': cache}
        return PairedPoseDataset(low, **common | settings)

    return build


def test_is_built_from_the_registry(low):
    dataset = DATASETS.build({'type': 'PairedPoseDataset', 'ann_file': low, 'pipeline': PACK})
    assert len(dataset) == 24 and dataset.num_classes == 4


def test_item_without_pipeline(build):
    item = build(pipeline=[], test_mode=True)[3]
    assert item['frame_dir'] == 'clip_03' and item['label'] == 3 and item['sample_idx'] == 3
    assert item['paired'] is False and item['test_mode'] is True
    assert isinstance(item['layout'], PoseLayout)
    assert item['keypoint'].shape == (1, 4, 17, 2) and item['keypoint'].dtype == np.float32


def test_packed_item(build):
    item = build()[-1]
    assert item['inputs'].shape == (1, 4, 17, 2) and item['inputs'].dtype == torch.float32
    assert item['data_samples'].gt_label.tolist() == [3]
    assert item['data_samples'].metainfo == {
        'frame_dir': 'clip_19',
        'sample_idx': 19,
        'paired': False,
    }
    assert item['teacher_inputs'] is None


def test_items_do_not_touch_the_data(build):
    dataset = build(pipeline=[])
    dataset[0]['keypoint'][:] = -1
    assert (dataset[0]['keypoint'] > 0).all()


def test_float16_stays_until_an_item_is_read(make_clip, write_annotations):
    clip = make_clip(keypoint=np.ones((1, 4, 17, 2), np.float16))
    dataset = PairedPoseDataset(write_annotations([clip]), pipeline=[])
    assert dataset.data_list[0]['keypoint'].dtype == np.float16
    assert dataset[0]['keypoint'].dtype == np.float32


def test_joins_on_frame_dir(build, high):
    dataset = build(teacher=high)
    paired = [f'clip_{i:02}' for i in range(16)]
    assert dataset.teacher.frame_dirs == paired
    assert dataset.teacher.labels.tolist() == dataset.labels[:16].tolist()
    assert dataset.teacher.layout is get_layout('nturgb+d') and dataset.teacher.test_mode
    assert dataset.teacher.teacher is None
    for item in dataset:
        meta = item['data_samples']
        assert meta.paired == (meta.frame_dir in paired) == dataset.is_paired(meta.frame_dir)


def test_teacher_is_cut_to_its_split(build, high, make_clip, write_annotations):
    clips = [make_clip(f'clip_{i:02}', label=i % 4) for i in range(9)]
    path = write_annotations(clips, {'few': ['clip_03', 'clip_05']}, 'high.pkl')
    dataset = build(teacher={'ann_file': path, 'split': 'few', 'pipeline': PACK})
    assert dataset.teacher.frame_dirs == ['clip_03', 'clip_05']


def test_teacher_inputs(build, high):
    dataset = build(teacher=high, load_teacher=True)
    for index in range(16):
        expected = dataset.teacher[index]['inputs']
        assert expected.shape == (1 + index % 2, 5 + index, 25, 3)
        assert torch.equal(dataset[index]['teacher_inputs'], expected)
    assert all(dataset[index]['teacher_inputs'] is None for index in range(16, 20))
    assert all(item['teacher_inputs'] is None for item in build(teacher=high))


def test_items_of_unlike_pairs_collate(build, high):
    batch = pseudo_collate([build(teacher=high, load_teacher=True)[i] for i in (15, 16, 0)])
    assert [clip.shape[1] for clip in batch['inputs']] == [4, 4, 4]
    assert batch['teacher_inputs'][1] is None and batch['teacher_inputs'][0].shape[1] == 20


@pytest.mark.parametrize(('fraction', 'pairs'), [(1.0, 16), (0.75, 12), (0.5, 8), (0.01, 1)])
def test_paired_fraction_is_exact(build, high, fraction, pairs):
    dataset = build(teacher=high, paired_fraction=fraction, load_teacher=True)
    items = list(dataset)
    assert len(items) == 20 and len(dataset.teacher) == pairs
    for item in items:
        assert item['data_samples'].paired == (item['teacher_inputs'] is not None)
    assert sum(item['data_samples'].paired for item in items) == pairs


@pytest.mark.parametrize('fraction', [1.0, 0.5])
def test_without_solitary_clips_both_sides_train_on_the_same(build, high, low, fraction):
    """The teacher's own training set is joined the other way round, and makes the same choice."""
    share = dict(paired_fraction=fraction, keep_solitary=False)
    student = build(teacher=high, load_teacher=True, **share)
    assert student.frame_dirs == student.teacher.frame_dirs
    assert len(student) == round(16 * fraction)
    assert all(item['data_samples'].paired for item in student)
    side = dict(ann_file=low, pipeline=PACK, split='train')
    teacher = PairedPoseDataset(**high, teacher=side, cache=student.cache, **share)
    assert sorted(teacher.frame_dirs) == student.frame_dirs


def test_solitary_clips_are_left_out_of_pairs_alone(build):
    with pytest.raises(ValueError, match='keep_solitary=False without a teacher'):
        build(keep_solitary=False)


def test_pair_seed_decides_the_choice(build, high):
    def chosen(seed: int, fraction: float = 0.5) -> set[str]:
        dataset = build(teacher=high, paired_fraction=fraction, pair_seed=seed)
        return set(dataset.teacher.frame_dirs)

    np.random.seed(1)
    first = chosen(0)
    np.random.seed(2)
    assert chosen(0) == first
    assert any(chosen(seed) != first for seed in (1, 2, 3))
    assert chosen(0, 0.25) < first < chosen(0, 0.75)


def test_choice_does_not_depend_on_the_order_in_the_file(build, high, low, cache, tmp_path):
    content = pickle.loads(Path(low).read_bytes())
    content['annotations'].reverse()
    (tmp_path / 'reversed.pkl').write_bytes(pickle.dumps(content))
    one = build(teacher=high, paired_fraction=0.5)
    other = PairedPoseDataset(
        str(tmp_path / 'reversed.pkl'),
        PACK,
        split='train',
        teacher=high,
        paired_fraction=0.5,
        cache=cache,
    )
    assert other.frame_dirs == one.frame_dirs[::-1]
    assert other.teacher.frame_dirs == one.teacher.frame_dirs[::-1]


def test_indices_are_taken_before_the_join(build, high):
    dataset = build(teacher=high, indices=[2, 17, 4])
    assert dataset.frame_dirs == ['clip_02', 'clip_17', 'clip_04']
    assert dataset.teacher.frame_dirs == ['clip_02', 'clip_04']


def test_frame_dirs_restrict(build):
    assert build(frame_dirs=['clip_07', 'clip_01', 'clip_23']).frame_dirs == ['clip_01', 'clip_07']


def test_data_root_holds_for_both_sides(high, low, cache, tmp_path):
    teacher = {**high, 'ann_file': 'high.pkl'}
    dataset = PairedPoseDataset(
        'low.pkl', PACK, teacher=teacher, data_root=str(tmp_path), cache=cache
    )
    assert len(dataset.teacher) == 17


def test_lazy_init_reads_on_first_use(build, high):
    dataset = build(teacher=high, lazy_init=True)
    assert dataset.teacher is None
    assert dataset.is_paired('clip_00') and len(dataset) == 20


def test_get_cat_ids(build):
    assert [build().get_cat_ids(i) for i in (0, 5)] == [[0], [1]]


def test_teacher_does_not_augment(build, high, generator_state):
    high['pipeline'] = [{'type': 'RotateSkeleton', 'max_degrees': 90}, *PACK]
    dataset = build(teacher=high, load_teacher=True)
    state = generator_state()
    assert torch.equal(dataset[4]['teacher_inputs'], dataset[4]['teacher_inputs'])
    assert generator_state() == state


class TestLog:
    @pytest.fixture(autouse=True)
    def logged(self, caplog, monkeypatch):
        monkeypatch.setattr(
            'mmengine.logging.MMLogger.get_current_instance',
            classmethod(lambda cls: logging.getLogger('test')),
        )
        caplog.set_level('INFO')
        self.caplog = caplog

    def test_counts(self, build, high):
        build(teacher=high, paired_fraction=0.5)
        message = self.caplog.messages[-1]
        assert 'low.pkl [train]: 20 clips of 4 classes (5 to 5 clips each)' in message
        assert '8 pairs with' in message and '12 solitary clips' in message

    def test_classes_without_a_clip(self, build):
        build(num_classes=6)
        assert self.caplog.messages[-1].endswith('no clip of 2 classes: [4, 5]')

    def test_names_without_annotation(self, make_clip, write_annotations, cache):
        path = write_annotations([make_clip('a')], {'train': ['a', 'b', 'c']})
        for _ in range(2):  # the second time from the cache
            self.caplog.clear()
            PairedPoseDataset(path, [], split='train', cache=cache)
        assert (
            "2 of 3 names in split 'train'" in self.caplog.text and "['b', 'c']" in self.caplog.text
        )

    def test_every_skipped_clip_is_listed(self, make_clip, write_annotations, cache):
        path = write_annotations([make_clip(f'c{i}', label='wave'[i:] or 0) for i in range(16)])
        for _ in range(2):  # the second time from the cache
            self.caplog.clear()
            PairedPoseDataset(path, [], on_bad_clip='skip', cache=cache)
        assert '4 of 16 clips' in self.caplog.text
        assert all(f"  c{i}: label is '{'wave'[i:]}'" in self.caplog.text for i in range(4))
        assert '4 bad clips left out' in self.caplog.messages[-1]


NAMES = ['drink', 'wave', 'sit', 'kick', 'bow']


@pytest.fixture
def named(make_clip, write_annotations) -> str:
    """Clips of 4 of the 5 classes that the file has names of."""
    clips = [make_clip(f'clip_{i}', label=i % 4) for i in range(8)]
    path = Path(write_annotations(clips, name='named.pkl'))
    path.write_bytes(pickle.dumps(pickle.loads(path.read_bytes()) | dict(classes=NAMES)))
    return str(path)


def test_a_data_set_has_the_names_of_its_files_classes(named, cache, build):
    for _ in range(2):  # made, and read from the cache
        dataset = PairedPoseDataset(named, PACK, cache=cache)
        assert dataset.metainfo['classes'] == NAMES and dataset.num_classes == 5
    own = [name.upper() for name in NAMES]
    dataset = PairedPoseDataset(named, PACK, metainfo=dict(classes=own), cache=cache)
    assert dataset.metainfo['classes'] == own
    assert 'classes' not in build().metainfo


@pytest.mark.parametrize(
    'settings, fault',
    [
        (dict(num_classes=4), r'names of 5 classes .* num_classes=4: .* to 5, or name 4'),
        (dict(num_classes=6), r'names of 5 classes .* num_classes=6'),
        (dict(metainfo=dict(classes=['a'])), r'6 clips .* out of range .* names of 1 classes'),
        (dict(metainfo=dict(classes=['a', 'a'])), r"metainfo\['classes'\] of .* 2 times"),
    ],
)
def test_names_are_as_many_as_classes(settings, fault, named, cache):
    with pytest.raises(ValueError, match=fault):
        PairedPoseDataset(named, PACK, cache=cache, **settings)
