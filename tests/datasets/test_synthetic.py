"""The demo's motions: what the files hold, how bodies move, and how poor the estimator is."""

import numpy as np
import pytest

from partkd.datasets import load_annotations
from partkd.datasets.synthetic import ACTIONS, make_synthetic
from partkd.datasets.synthetic.actions import Style
from partkd.datasets.synthetic.body import BODY_JOINTS, joint_indices
from partkd.datasets.synthetic.camera import NUM_CAMERAS, Camera
from partkd.datasets.synthetic.estimator import estimate
from partkd.datasets.synthetic.scene import perform
from partkd.datasets.synthetic.subjects import Subject
from partkd.layouts import get_layout

KINECT, COCO = get_layout('nturgb+d'), get_layout('coco')
NAMES = [action.name for action in ACTIONS]
SMALL = dict(num_subjects=4, repeats=1, num_frames=(20, 40))


@pytest.fixture(scope='module')
def paths(tmp_path_factory) -> dict:
    return make_synthetic(tmp_path_factory.mktemp('synthetic'), **SMALL)


@pytest.fixture(scope='module')
def files(paths) -> dict:
    return {side: load_annotations(path) for side, path in paths.items()}


def people_doing(name: str, seed: int = 0, num_frames: int = 60) -> np.ndarray:
    """A performance (M, T, J, 3) in the world, done by its right-handed book."""
    rng = np.random.default_rng(seed)
    actor, partner = Subject.draw(rng), Subject.draw(rng)
    habit = Style(lead=1, amplitude=1.0, cycles=3.0, form=0.5, aim=np.zeros(3))
    action = ACTIONS[NAMES.index(name)]
    return perform(rng, action, actor, habit, partner, (num_frames, num_frames))


def seen_doing(name: str, seed: int = 0, camera_index: int = 1) -> tuple[np.ndarray, Camera]:
    """The same in a camera's axes."""
    camera = Camera.draw(np.random.default_rng(seed), camera_index)
    return camera.view(people_doing(name, seed)), camera


def joint(people: np.ndarray, name: str) -> np.ndarray:
    return people[..., BODY_JOINTS.index(name), :]


def coco_of(body_joints: np.ndarray) -> np.ndarray:
    return body_joints[:, :, joint_indices(COCO.joints)]


class TestFiles:
    def test_shapes(self, files):
        for side, joints, channels in (('teacher', 25, 3), ('student', 17, 2)):
            for clip in files[side]['annotations']:
                people = 2 if ACTIONS[clip['label']].answer else 1
                shape = (people, clip['total_frames'], joints, channels)
                assert clip['keypoint'].shape == shape
                assert clip['keypoint'].dtype == np.float32
                assert np.isfinite(clip['keypoint']).all()
                assert 20 <= clip['total_frames'] <= 40

    def test_scores(self, files):
        for clip in files['student']['annotations']:
            score = clip['keypoint_score']
            assert score.shape == clip['keypoint'].shape[:-1]
            assert score.dtype == np.float32
            assert score.min() >= 0 and score.max() <= 1
            np.testing.assert_array_equal(score == 0, (clip['keypoint'] == 0).all(-1))
            assert clip['img_shape'] == (240, 320)

    def test_both_files_hold_the_same_clips(self, files):
        teacher, student = files['teacher'], files['student']
        assert teacher['split'] == student['split']
        assert len(teacher['annotations']) == 4 * len(ACTIONS) * NUM_CAMERAS
        for one, other in zip(teacher['annotations'], student['annotations'], strict=True):
            for key in ('frame_dir', 'label', 'total_frames'):
                assert one[key] == other[key]

    def test_every_clip_is_in_one_split_and_every_class_in_both(self, files):
        labels = {clip['frame_dir']: clip['label'] for clip in files['student']['annotations']}
        train, val = (files['student']['split'][name] for name in ('xsub_train', 'xsub_val'))
        assert sorted(train + val) == sorted(labels)
        for split in (train, val):
            assert {labels[name] for name in split} == set(range(len(ACTIONS)))

    def test_nobody_is_in_both_splits_not_even_as_a_partner(self, files):
        """People are known by their bones."""
        people = {}
        for name, frame_dirs in files['teacher']['split'].items():
            clips = [c for c in files['teacher']['annotations'] if c['frame_dir'] in frame_dirs]
            bones = [bone_lengths(clip['keypoint'])[:, 0] for clip in clips]
            people[name] = {tuple(one) for one in np.concatenate(bones).round(3)}
        assert len(people['xsub_train']) == 3
        assert len(people['xsub_val']) == 1
        assert not people['xsub_train'] & people['xsub_val']

    def test_same_arguments_same_files(self, paths, tmp_path):
        again = make_synthetic(tmp_path, **SMALL)
        for side, path in paths.items():
            assert again[side].name == path.name
            assert again[side].read_bytes() == path.read_bytes()

    def test_another_seed_makes_other_motions(self, paths, tmp_path):
        other = make_synthetic(tmp_path, **SMALL, seed=1)
        assert other['teacher'].read_bytes() != paths['teacher'].read_bytes()

    def test_files_of_the_same_call_are_left_alone(self, tmp_path):
        arguments = dict(num_subjects=2, repeats=1, num_frames=(5, 6))
        path = make_synthetic(tmp_path, **arguments)['student']
        path.write_bytes(b'mine')
        make_synthetic(tmp_path, **arguments)
        assert path.read_bytes() == b'mine'
        make_synthetic(tmp_path, **arguments, seed=1)
        assert load_annotations(path)['annotations']
        assert not list(tmp_path.glob('*.tmp'))

    def test_an_interrupted_call_is_done_again(self, tmp_path, monkeypatch):
        arguments = dict(num_subjects=2, repeats=1, num_frames=(5, 6))
        path = make_synthetic(tmp_path, **arguments)['student']
        before = path.read_bytes()
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr('pickle.dumps', lambda *_, **__: raise_interrupt())
            make_synthetic(tmp_path, **arguments, seed=1)
        path.unlink()
        make_synthetic(tmp_path, **arguments)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ('arguments', 'named'),
        [
            (dict(num_subjects=1), 'num_subjects=1'),
            (dict(repeats=0), 'repeats=0'),
            (dict(num_frames=(9, 5)), 'num_frames'),
        ],
    )
    def test_bad_arguments(self, tmp_path, arguments, named):
        with pytest.raises(ValueError, match=named):
            make_synthetic(tmp_path, **arguments)


def raise_interrupt():
    raise KeyboardInterrupt


def bone_lengths(keypoint: np.ndarray) -> np.ndarray:
    """Lengths (M, T, links) of a Kinect clip's bones."""
    outer, inner = np.array(KINECT.links).T
    return np.linalg.norm(keypoint[:, :, outer] - keypoint[:, :, inner], axis=-1)


class TestMotion:
    def test_bones_keep_their_lengths(self, files):
        for clip in files['teacher']['annotations']:
            lengths = bone_lengths(clip['keypoint'])
            assert lengths.min() > 0.02 and lengths.max() < 0.6
            assert np.ptp(lengths, axis=1).max() < 1e-4

    def test_everything_moves_smoothly(self):
        for name in NAMES:
            acceleration = np.linalg.norm(np.diff(people_doing(name), n=2, axis=1), axis=-1)
            # A hand that passes its own shoulder is quicker.
            assert np.quantile(acceleration, 0.97) < 0.1, name

    @pytest.mark.parametrize('name', NAMES)
    def test_people_stand_on_the_floor_in_front_of_the_camera(self, name):
        for camera_index in range(NUM_CAMERAS):
            camera = Camera.draw(np.random.default_rng(0), camera_index)
            people = people_doing(name)
            assert people[..., 1].min() > -0.1
            pixels = camera.project(camera.view(people))
            height, width = camera.image_shape
            inside = (pixels > 0).all(-1) & (pixels < [width, height]).all(-1)
            assert inside.mean() > 0.99

    def test_two_face_each_other(self):
        people = people_doing('shake_hands')
        faces = joint(people, 'nose') - joint(people, 'head')
        between = joint(people, 'head')[1] - joint(people, 'head')[0]
        assert (faces[0] * between).sum(-1).mean() > 0
        assert (faces[1] * between).sum(-1).mean() < 0

    def test_left_is_left(self):
        """Who faces a camera has the left hand on the right of its image."""
        seen, camera = seen_doing('bow')
        pixels = camera.project(seen)[0, 0]
        assert joint(pixels, 'left_shoulder')[0] > joint(pixels, 'right_shoulder')[0]
        assert joint(pixels, 'nose')[1] < joint(pixels, 'left_ankle')[1]

    @pytest.mark.parametrize('name', ['drink', 'phone_call', 'wave', 'throw'])
    def test_a_hand_goes_up(self, name):
        (person,) = people_doing(name)
        sides = [
            joint(person, f'{s}_wrist') - joint(person, f'{s}_shoulder') for s in ('left', 'right')
        ]
        assert max(side[:, 1].max() for side in sides) > 0

    def test_drinking_is_at_the_mouth_and_calling_at_the_ear(self):
        for seed in range(5):
            nearest = {}
            for name in ('drink', 'phone_call'):
                (person,) = people_doing(name, seed)
                hands = [joint(person, f'{side}_hand') for side in ('left', 'right')]
                ears = [joint(person, f'{side}_ear') for side in ('left', 'right')]
                to_ear = min(np.linalg.norm(h - e, axis=-1).min() for h, e in zip(hands, ears))
                to_nose = min(
                    np.linalg.norm(h - joint(person, 'nose'), axis=-1).min() for h in hands
                )
                nearest[name] = to_ear - to_nose
            assert nearest['drink'] > nearest['phone_call']

    def test_clapping_parts_the_hands_and_rubbing_does_not(self):
        (clapping,), (rubbing,) = people_doing('clap'), people_doing('rub_hands')
        middle = slice(25, 35)
        gaps = [
            np.linalg.norm(joint(p, 'left_wrist') - joint(p, 'right_wrist'), axis=-1)[middle]
            for p in (clapping, rubbing)
        ]
        assert np.ptp(gaps[0]) > np.ptp(gaps[1])

    def test_kicking_lifts_a_foot_higher_than_a_step(self):
        lifts = []
        for name in ('kick', 'step'):
            (person,) = people_doing(name)
            ankles = [joint(person, f'{side}_ankle')[:, 1] for side in ('left', 'right')]
            lifts.append(max(np.ptp(ankle) for ankle in ankles))
        assert lifts[0] > lifts[1] > 0.05

    def test_bowing_keeps_the_hips_up_and_picking_up_does_not(self):
        (bowing,), (picking,) = people_doing('bow'), people_doing('pick_up')
        for person in (bowing, picking):
            assert np.ptp(joint(person, 'head')[:, 1]) > 0.2
        drops = [np.ptp(joint(person, 'spine_base')[:, 1]) for person in (bowing, picking)]
        assert drops[0] < 0.1 < drops[1]

    def test_who_is_pushed_goes_back(self):
        people = people_doing('push')
        apart = np.linalg.norm(
            joint(people, 'spine_base')[0] - joint(people, 'spine_base')[1], axis=-1
        )
        assert apart.max() > apart[0] + 0.05


class TestEstimator:
    @pytest.mark.parametrize('name', ['wave', 'push'])
    def test_without_degradation_it_is_the_projection_of_the_kinect_joints(self, name):
        seen, camera = seen_doing(name)
        keypoint, score = estimate(coco_of(seen), camera, COCO, np.random.default_rng(0), 0)
        assert (score == 1).all()
        kinect = camera.project(seen[:, :, joint_indices(KINECT.joints)])
        shared = [name for name in COCO.joints if name in KINECT.joints]
        assert len(shared) == 12
        for name in shared:
            expected = kinect[:, :, KINECT.joints.index(name)]
            given = keypoint[:, :, COCO.joints.index(name)]
            np.testing.assert_allclose(given, expected, atol=1e-3)
        head = kinect[:, :, KINECT.joints.index('head')]
        for name in ('nose', 'left_eye', 'right_ear'):
            offset = keypoint[:, :, COCO.joints.index(name)] - head
            assert np.linalg.norm(offset, axis=-1).max() < 20

    def test_degradation_grows_with_its_strength(self):
        errors, missed = [], []
        for strength in (0.0, 0.5, 1.0, 2.0):
            error, score = errors_of('throw', strength)
            errors.append(error[score > 0].mean())
            missed.append((score == 0).mean())
        assert errors == sorted(errors) and errors[0] < 1e-3
        assert errors[3] > 1.5 * errors[2] > 1.5 * errors[1]
        assert missed == sorted(missed) and missed[0] == 0 < missed[2]

    def test_scores_fall_with_the_true_error(self):
        error, score = errors_of('wave')
        seen = score > 0
        ranks = [np.argsort(np.argsort(values[seen])) for values in (error, score)]
        assert np.corrcoef(*ranks)[0, 1] < -0.5

    def test_jitter_grows_with_distance(self):
        """Measured on the body, which is smaller in the image where it is farther away."""
        seen, _ = seen_doing('bow')
        depth = seen[..., 2].mean()
        near, far = (errors_of('bow', shift=shift) for shift in (0.0, 3.0))
        far_on_body = far[0][far[1] > 0].mean() * (depth + 3.0) / depth
        assert far_on_body > 1.3 * near[0][near[1] > 0].mean()

    def test_jitter_grows_with_speed(self):
        seen, camera = seen_doing('wave')
        still = np.repeat(seen[:, 20:21], seen.shape[1], axis=1)
        # Five times as fast: every fifth frame of the same motion.
        errors = []
        for points in (still, np.tile(seen[:, ::5], (1, 5, 1, 1))):
            error, score = errors_of_points(coco_of(points), camera)
            wrists = [COCO.joints.index(f'{side}_wrist') for side in ('left', 'right')]
            errors.append(error[..., wrists][score[..., wrists] > 0].mean())
        assert errors[1] > 1.2 * errors[0]

    def test_joints_behind_a_trunk_are_guessed(self):
        """The same wrist, once before and once behind the trunk of a person at rest."""
        seen, camera = seen_doing('bow')
        points = coco_of(np.repeat(seen[:, :1], 60, axis=1))
        trunk = points[..., [*COCO.shoulders, *COCO.hips], :].mean(-2)
        wrist = COCO.joints.index('right_wrist')
        scores = []
        for depth in (0.9, 1.1):
            points[..., wrist, :] = trunk * depth
            _, score = errors_of_points(points, camera)
            scores.append(score[..., wrist].mean())
        assert scores[1] < 0.8 * scores[0]

    def test_legs_change_sides_where_they_are_close(self):
        """From the side, the estimate of one ankle is at times nearer to the other."""
        swapped = []
        for apart in (0.05, 0.6):
            seen, camera = seen_doing('bow')
            points = coco_of(np.repeat(seen[:, :1], 60, axis=1))
            legs = [
                COCO.joints.index(f'{s}_{n}') for n in ('knee', 'ankle') for s in ('left', 'right')
            ]
            for left, right in (legs[:2], legs[2:]):
                points[..., left, 0] = apart / 2
                points[..., right, 0] = -apart / 2
            pixels = camera.project(points)
            keypoint, score = average_estimates(points, camera)
            to_own = np.linalg.norm(keypoint - pixels, axis=-1)
            to_other = np.linalg.norm(keypoint - pixels[:, :, list(COCO.swap)], axis=-1)
            wrong = (to_other < to_own)[..., legs[2:]]
            swapped.append(wrong[score[..., legs[2:]] > 0].mean())
        assert swapped[0] > 0.05
        assert swapped[0] > 3 * swapped[1]

    def test_whole_frames_are_missed(self):
        _, score = errors_of('wave')
        missed = (score == 0).all(-1).mean()
        assert 0.005 < missed < 0.15


def average_estimates(points: np.ndarray, camera: Camera, strength: float = 1.0):
    """Many independent estimates of the same clip, as persons of one array."""
    rng = np.random.default_rng(0)
    many = [estimate(points, camera, COCO, rng, strength) for _ in range(40)]
    return np.stack([m[0] for m in many]), np.stack([m[1] for m in many])


def errors_of_points(points: np.ndarray, camera: Camera, strength: float = 1.0):
    """Errors in pixels and scores, (repetition, M, T, V) each."""
    keypoint, score = average_estimates(points, camera, strength)
    return np.linalg.norm(keypoint - camera.project(points), axis=-1), score


def errors_of(name: str, strength: float = 1.0, shift: float = 0.0):
    """The same for an action whose people are moved away from the camera by ``shift`` metres."""
    seen, camera = seen_doing(name)
    return errors_of_points(coco_of(seen) + [0, 0, shift], camera, strength)


def test_both_files_name_the_classes(files):
    assert files['teacher']['classes'] == files['student']['classes'] == NAMES
