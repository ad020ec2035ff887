"""Every kind of bad input: one error at the start that names file, clip and remedy."""

import pickle

import numpy as np
import pytest

from partkd.datasets import PairedPoseDataset


def nested_lists() -> list:
    """A file of 200 bytes holds it, and its repr has no end."""
    nested: list = []
    for _ in range(60):
        nested = [nested, nested]
    return nested


def with_value(clip: dict, value: float, key: str = 'keypoint') -> None:
    clip[key][0, 2, 5] = value


def with_scores(clip: dict, shape=(1, 4, 17)) -> None:
    clip['keypoint_score'] = np.ones(shape, np.float32)


def hidden_infinity(clip: dict) -> None:
    with_scores(clip)
    with_value(clip, 0, 'keypoint_score')
    with_value(clip, np.nan)


def infinite_score(clip: dict) -> None:
    with_scores(clip)
    with_value(clip, np.inf, 'keypoint_score')


def unseen(clip: dict) -> None:
    with_scores(clip)
    clip['keypoint_score'][:] = 0


BAD_CLIPS = {
    'joints': (
        lambda clip: clip.update(keypoint=np.ones((1, 4, 25, 2), np.float32)),
        r"keypoint has 25 joints, layout 'coco' has 17: set layout=.*nturgb\+d",
    ),
    'strange joints': (
        lambda clip: clip.update(keypoint=np.ones((1, 4, 1234, 2), np.float32)),
        'with 1234 joints: none that is known',
    ),
    'channels': (
        lambda clip: clip.update(keypoint=np.ones((1, 4, 17, 5), np.float32)),
        r"keypoint has 5 channels, layout 'coco' has 2.*set layout=.*keypoint_score",
    ),
    'axes': (
        lambda clip: clip.update(keypoint=np.ones((4, 17, 2), np.float32)),
        r'shape \(4, 17, 2\): it should have four axes',
    ),
    'no keypoint': (lambda clip: clip.pop('keypoint'), 'no numeric array keypoint: give one'),
    'keypoint of text': (
        lambda clip: clip.update(keypoint=np.full((1, 4, 17, 2), 'x')),
        'no numeric array keypoint',
    ),
    'NaN': (
        lambda clip: with_value(clip, np.nan),
        '2 NaN or infinite values .*person 0, frame 2, joint 5.*set missing joints to 0',
    ),
    'infinite': (lambda clip: with_value(clip, np.inf), 'NaN or infinite'),
    'NaN at score 0': (hidden_infinity, 'keypoint has 2 NaN or infinite'),
    'infinite score': (infinite_score, 'keypoint_score has 1 NaN or infinite'),
    'beyond float32': (
        lambda clip: clip.update(keypoint=np.full((1, 4, 17, 2), 1e200)),
        'keypoint has 136 values outside',
    ),
    'no frames': (
        lambda clip: clip.update(keypoint=np.ones((1, 0, 17, 2), np.float32), total_frames=0),
        'no frames: leave it out',
    ),
    'no persons': (
        lambda clip: clip.update(keypoint=np.ones((0, 4, 17, 2), np.float32)),
        'no persons: leave it out',
    ),
    'nobody seen': (
        lambda clip: clip['keypoint'].fill(0),
        r'no persons \(every joint is zero or has score 0\)',
    ),
    'all scores 0': (unseen, 'no persons'),
    'score shape': (
        lambda clip: with_scores(clip, (1, 3, 17)),
        r'keypoint_score has shape \(1, 3, 17\), keypoint asks for \(1, 4, 17\)',
    ),
    'score type': (lambda clip: clip.update(keypoint_score=[1.0]), 'keypoint_score is no numeric'),
    'total_frames': (
        lambda clip: clip.update(total_frames=9),
        'total_frames is 9, keypoint has 4 frames: make the two agree',
    ),
    'total_frames array': (
        lambda clip: clip.update(total_frames=np.arange(3)),
        'make the two agree',
    ),
    'huge': (
        lambda clip: with_value(clip, 1e30),
        r'keypoint has 2 values outside \[-1e\+06, 1e\+06\], such as 1e\+30 \(first: person 0, '
        r'frame 2, joint 5\): take other units',
    ),
    'huge in float64': (
        lambda clip: clip.update(keypoint=np.full((1, 4, 17, 2), -1e30)),
        r'keypoint has 136 values outside',
    ),
    'huge integers': (
        lambda clip: clip.update(keypoint=np.full((1, 4, 17, 2), -(2**63))),
        'keypoint has 136 values outside',
    ),
    'infinite in float16': (
        lambda clip: clip.update(keypoint=np.full((1, 4, 17, 2), np.inf, np.float16)),
        'NaN or infinite',
    ),
    'huge score': (
        lambda clip: clip.update(keypoint_score=np.full((1, 4, 17), 1e30, np.float32)),
        r'keypoint_score has 68 values outside \[-1, 1000\]',
    ),
    'logits for scores': (
        lambda clip: clip.update(keypoint_score=np.full((1, 4, 17), -3.5, np.float32)),
        r'keypoint_score has 68 values outside \[-1, 1000\], such as -3.5',
    ),
    'empty name': (lambda clip: clip.update(frame_dir=''), 'it has no frame_dir'),
    'long name': (lambda clip: clip.update(frame_dir='x' * 1001), 'it has no frame_dir'),
    'name with a zero': (lambda clip: clip.update(frame_dir='clip_4\0'), 'it has no frame_dir'),
    'name of bytes': (lambda clip: clip.update(frame_dir=b'clip_4'), 'it has no frame_dir'),
    'no name': (lambda clip: clip.pop('frame_dir'), 'it has no frame_dir'),
    'no label': (lambda clip: clip.pop('label'), 'it has no label: .*require_labels=False'),
    'endless label': (lambda clip: clip.update(label=nested_lists()), r'label is \[\[\[\[\.\.\.\]'),
    'several labels': (lambda clip: clip.update(label=[0, 1]), r'label is \[0, 1\]'),
    'label of truth': (lambda clip: clip.update(label=True), 'label is True'),
    'label of text': (lambda clip: clip.update(label='wave'), "label is 'wave'"),
    'img_shape': (lambda clip: clip.update(img_shape=(0, 320)), r'img_shape is \(0, 320\)'),
    'img_shape of truth': (lambda clip: clip.update(img_shape=(True, True)), 'img_shape is'),
    'img_shape without axes': (
        lambda clip: clip.update(img_shape=np.array(3)),
        r'img_shape is array\(3\)',
    ),
    'img_shape with two axes': (
        lambda clip: clip.update(img_shape=np.ones((2, 2), int)),
        'img_shape is array',
    ),
    'huge img_shape': (lambda clip: clip.update(img_shape=(10**400, 9)), 'img_shape is'),
    'img_shape of text': (lambda clip: clip.update(img_shape='large'), "img_shape is 'large'"),
}


@pytest.fixture
def clips(make_clip) -> list[dict]:
    return [make_clip(f'clip_{i}', label=i % 3) for i in range(9)]


@pytest.fixture
def build(cache):
    def build(path: str, **settings) -> PairedPoseDataset:
        common = {'ann_file': path, 'pipeline': [], 'num_classes': 3, 'cache': cache}
        return PairedPoseDataset(**common | settings)

    return build


@pytest.mark.parametrize(('spoil', 'message'), BAD_CLIPS.values(), ids=BAD_CLIPS.keys())
class TestBadClip:
    def test_error_names_file_clip_and_remedy(
        self, spoil, message, clips, write_annotations, build
    ):
        spoil(clips[4])
        with pytest.raises(ValueError, match=message) as error:
            build(write_annotations(clips))
        assert error.match(r'1 of 9 clips of .*low\.pkl are bad:\n  clip(_| number )4: ')
        assert error.match("on_bad_clip='skip'")

    def test_skip_leaves_it_out_and_lists_it(self, spoil, message, clips, write_annotations, build):
        spoil(clips[4])
        dataset = build(write_annotations(clips), on_bad_clip='skip')
        assert dataset.frame_dirs == [f'clip_{i}' for i in range(9) if i != 4]
        assert list(dataset.skipped) in (['clip_4'], ['clip number 4'])

    def test_in_the_teacher_file_too(self, spoil, message, clips, write_annotations, build):
        low = write_annotations(clips)
        clips = pickle.loads(pickle.dumps(clips))
        spoil(clips[4])
        teacher = {'ann_file': write_annotations(clips, name='high.pkl'), 'pipeline': []}
        with pytest.raises(ValueError, match=message) as error:
            build(low, teacher=teacher)
        assert error.match(r'high\.pkl are bad:\n  clip(_| number )4: ')
        dataset = build(low, teacher=teacher, on_bad_clip='skip')
        assert len(dataset) == 9 and not dataset.is_paired('clip_4')
        assert list(dataset.teacher.skipped) in (['clip_4'], ['clip number 4'])


@pytest.mark.parametrize('name', [None, 4, b'clip_4', ['clip_4'], '', 'clip_4\0'])
def test_a_clip_without_a_name_is_bad_in_every_split(name, clips, write_annotations, build):
    """It is told by its place in the file, for nobody knows which split it belongs to."""
    split = {'train': [f'clip_{i}' for i in range(2, 9) if i != 4]}
    clips[4]['frame_dir'] = name
    path = write_annotations(clips, split)
    message = r'1 of 7 clips of .*low\.pkl \[train\] are bad:\n  clip number 4: it has no frame_dir'
    with pytest.raises(ValueError, match=message):
        build(path, split='train')
    dataset = build(path, split='train', on_bad_clip='skip')
    assert dataset.frame_dirs == split['train'] and list(dataset.skipped) == ['clip number 4']


@pytest.mark.parametrize('on_bad_clip', ['error', 'skip'])
class TestLabelsOutOfRange:
    """They are an error however bad clips are taken."""

    def test_are_summed_up_by_class(self, on_bad_clip, clips, write_annotations, build):
        for clip, label in zip(clips, [3, 0, 1, 3, -1, 3, 2**63, 5, 4]):
            clip['label'] = label
        message = (
            r'7 clips of .*low\.pkl have labels out of range \(class -1: 1 clips, '
            r'class 3: 3 clips, class 4: 1 clips, class 5: 1 clips, class 9223372036854775808: 1 '
            r'clips\); this data set has 3 classes, 0 to 2: set num_classes of data set and '
            r'head alike, or count labels from 0'
        )
        with pytest.raises(ValueError, match=message):
            build(write_annotations(clips), on_bad_clip=on_bad_clip)

    @pytest.mark.parametrize(
        'label',
        [-2, np.int64(-2), 10**6, 2**63, np.uint64(2**63), pytest.param(10**5000, id='endless')],
    )
    def test_without_num_classes(self, label, on_bad_clip, clips, write_annotations, build):
        clips[0]['label'] = label
        with pytest.raises(ValueError, match=r'1 clips of .*; a data set has at most 1000000'):
            build(write_annotations(clips), num_classes=None, on_bad_clip=on_bad_clip)

    def test_of_the_pairs_alone(self, on_bad_clip, clips, write_annotations, build):
        """The teacher's file may have more clips than those of this data set."""
        low = write_annotations(clips[:5])
        clips[7]['label'] = 8
        high = {'ann_file': write_annotations(clips, name='high.pkl'), 'pipeline': []}
        assert len(build(low, teacher=high, on_bad_clip=on_bad_clip).teacher) == 5
        clips[4]['label'] = 8
        write_annotations(clips, name='high.pkl')
        with pytest.raises(ValueError, match=r'1 clips of .*high\.pkl .*class 8: 1 clips'):
            build(low, teacher=high, on_bad_clip=on_bad_clip)


@pytest.mark.parametrize(
    'keypoint', [5e3, 2.5e5, 1e6, -1e6, 0.001, np.float16(60000), np.int16(-32768)]
)
def test_pixels_metres_and_millimetres_pass(keypoint, clips, write_annotations, build):
    clips[0]['keypoint'] = np.full((1, 4, 17, 2), keypoint)
    assert len(build(write_annotations(clips))) == 9


@pytest.mark.parametrize('score', [-0.02, 1.03, 100.0, np.uint8(255), True])
def test_scores_of_known_estimators_pass(score, clips, write_annotations, build):
    clips[0]['keypoint_score'] = np.full((1, 4, 17), score)
    clips[0]['keypoint_score'][0, 0] = 1
    assert len(build(write_annotations(clips))) == 9


def test_duplicate_frame_dir(clips, write_annotations, build):
    clips[7]['frame_dir'] = 'clip_2'
    path = write_annotations(clips)
    with pytest.raises(ValueError, match=r'low\.pkl .*\n  clip_2: dupl.*2 and 7 .*rename or'):
        build(path)
    dataset = build(path, on_bad_clip='skip')
    assert len(dataset) == 8 and dataset.frame_dirs.count('clip_2') == 1


def test_clip_without_frame_dir_is_named_by_its_place(clips, write_annotations, build):
    clips[3]['frame_dir'] = ['clip_3']
    with pytest.raises(ValueError, match='clip number 3: it has no frame_dir .*: name the clip'):
        build(write_annotations(clips))


def test_all_bad_clips_are_in_one_error(clips, write_annotations, build):
    """A fault of many clips is said once, and the sixth and later faults are counted."""
    for clip in clips[3:]:
        with_value(clip, np.nan)
    with pytest.raises(ValueError, match='6 of 9 clips') as error:
        build(write_annotations(clips))
    assert error.match(r'clip_3, clip_4, clip_5, clip_6, clip_7, \.\.\. \(6 clips\): keypoint has')
    assert error.match(r"on_bad_clip='skip' beside ann_file")
    for number, clip in enumerate(clips[1:], start=1):
        clip['total_frames'] = 100 + number
    with pytest.raises(ValueError, match='8 of 9 clips') as error:
        build(write_annotations(clips))
    assert error.match('clip_1: total') and error.match('clip_5: ') and error.match('and 3 other')
    assert 'clip_6' not in str(error.value)


def test_nothing_left_is_an_error_with_skip_as_well(clips, write_annotations, build):
    for clip in clips:
        clip['keypoint'][:] = 0
    for on_bad_clip in ('error', 'skip'):
        with pytest.raises(ValueError, match=r'9 of 9 clips .*are bad, none is left') as error:
            build(write_annotations(clips), on_bad_clip=on_bad_clip)
        assert 'skip' not in str(error.value)


def test_bad_clips_of_other_splits_do_not_matter(clips, write_annotations, build):
    with_value(clips[0], np.nan)
    split = {'train': [clip['frame_dir'] for clip in clips[1:]]}
    assert len(build(write_annotations(clips, split), split='train')) == 8


def test_labels_of_a_pair_differ(clips, write_annotations, build):
    low = write_annotations(clips)
    clips[5]['label'] = 0
    teacher = {'ann_file': write_annotations(clips, name='high.pkl'), 'pipeline': []}
    message = r'low\.pkl are bad:\n  clip_5: label 2 here, 0 in .*high\.pkl: correct one'
    with pytest.raises(ValueError, match=message):
        build(low, teacher=teacher)
    dataset = build(low, teacher=teacher, on_bad_clip='skip')
    assert 'clip_5' not in dataset.frame_dirs + dataset.teacher.frame_dirs
    assert len(dataset) == len(dataset.teacher) == 8 and list(dataset.skipped) == ['clip_5']


def test_no_clip_in_common(clips, make_clip, write_annotations, build):
    low = write_annotations(clips)
    high = write_annotations([make_clip('S001')], name='high.pkl')
    message = r"high\.pkl has none of the 9 clips .*'clip_0'.*'S001'.*same frame_dir"
    for on_bad_clip in ('error', 'skip'):
        with pytest.raises(ValueError, match=message):
            build(low, teacher={'ann_file': high, 'pipeline': []}, on_bad_clip=on_bad_clip)


def test_no_good_pair_left(clips, make_clip, write_annotations, build):
    high = write_annotations([make_clip('clip_0', label=1)], name='high.pkl')
    teacher = {'ann_file': high, 'pipeline': []}
    with pytest.raises(ValueError, match=r'low\.pkl and .*high\.pkl: no good clip is in both'):
        build(write_annotations(clips), teacher=teacher, on_bad_clip='skip')


@pytest.mark.parametrize('on_bad_clip', ['error', 'skip'])
class TestFileFaultIsNeverSkipped:
    def test_empty_split(self, on_bad_clip, clips, write_annotations, build):
        path = write_annotations(clips, {'train': []})
        with pytest.raises(ValueError, match=r"split 'train' of .*low\.pkl has no clip"):
            build(path, split='train', on_bad_clip=on_bad_clip)

    def test_unknown_split(self, on_bad_clip, clips, write_annotations, build):
        path = write_annotations(clips, {'train': ['clip_0']})
        with pytest.raises(ValueError, match=r"no split 'val' in .*low\.pkl.*'train'"):
            build(path, split='val', on_bad_clip=on_bad_clip)

    def test_truncated(self, on_bad_clip, tmp_path, build):
        path = tmp_path / 'cut.pkl'
        path.write_bytes(pickle.dumps({'annotations': [{}]})[:-3])
        with pytest.raises(ValueError, match=r'cut\.pkl .*truncated'):
            build(str(path), on_bad_clip=on_bad_clip)

    def test_no_teacher_file(self, on_bad_clip, clips, write_annotations, build):
        teacher = {'ann_file': 'gone.pkl', 'pipeline': []}
        with pytest.raises(FileNotFoundError, match=r'gone\.pkl: set ann_file'):
            build(write_annotations(clips), teacher=teacher, on_bad_clip=on_bad_clip)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'ann_file': 3}, 'ann_file=3: it is the path of a file'),
        ({'layout': 'cocoa'}, r'layout of .*low\.pkl: .*cocoa.*coco'),
        ({'layout': 17}, r'layout=17: it is a text'),
        ({'on_bad_clip': 'ignore'}, r"on_bad_clip='ignore': it is one of"),
        ({'paired_fraction': 0}, r'paired_fraction=0: .*set teacher=None'),
        ({'paired_fraction': 80}, 'paired_fraction=80: it is a number in'),
        ({'load_teacher': True}, 'load_teacher=True without a teacher: set teacher='),
        ({'split': ['train']}, r"split=\['train'\]: it is the name of one split"),
        ({'paired_fraction': '0.5'}, "paired_fraction='0.5': it is a number in"),
        ({'paired_fraction': np.nan}, 'paired_fraction=nan: it is a number in'),
        ({'pair_seed': -1}, 'pair_seed=-1: it is an integer from 0 on'),
        ({'pair_seed': None}, 'pair_seed=None: it is an integer from 0 on'),
        ({'teacher': 'high.pkl'}, r"teacher='high.pkl': it is dict\(ann_file="),
        ({'teacher': {'ann_file': 'high.pkl'}}, r"teacher={'ann_file': 'high.pkl'}: it is dict\("),
        ({'pipeline': None}, 'pipeline=None: it is a list of transforms'),
        ({'pipeline': [3]}, r'pipeline=\[3\]: it is a list of transforms'),
        ({'pipeline': {'type': 'PackSkeletonInputs'}}, 'it is a list of transforms'),
        ({'data_root': 3}, 'data_root=3: it is the path of a folder'),
        ({'cache': 'work_dirs'}, r"cache='work_dirs': it is dict\(folder=\.\.\., dtype=one of"),
        ({'frame_dirs': 'clip_1'}, "frame_dirs='clip_1': it is a list of names"),
        ({'frame_dirs': [1, 2]}, r'frame_dirs=\[1, 2\]: it is a list of names'),
        ({'indices': 2.5}, r'indices=2\.5: it is how many clips to take'),
        ({'indices': 'all'}, "indices='all': it is how many clips to take"),
        ({'num_classes': True}, 'num_classes=True: it is an integer from 1'),
        ({'num_classes': 0}, 'num_classes=0: it is an integer from 1'),
        ({'num_classes': 2.5}, r'num_classes=2\.5: it is an integer from 1'),
        ({'num_classes': '3'}, "num_classes='3': it is an integer from 1"),
        ({'num_classes': 10**12}, 'num_classes=1000000000000: it is an integer from 1'),
        ({'indices': [99]}, r'indices=\[99\]: .*low\.pkl has 9 clips, 0 to 8'),
        ({'indices': [-10]}, r'indices=\[-10\]: .*low\.pkl has 9 clips'),
        ({'indices': [0.5]}, r'indices=\[0\.5\]: it is how many clips'),
        ({'indices': ['a']}, r"indices=\['a'\]: it is how many clips"),
        ({'indices': []}, r'indices=\[\] leave no clip of .*low\.pkl'),
        ({'indices': 0}, r'indices=0 leave no clip of .*low\.pkl'),
    ],
)
def test_bad_argument(settings, message, clips, write_annotations, build):
    with pytest.raises(ValueError, match=message):
        build(**dict(path=write_annotations(clips)) | settings)
