import numpy as np
import pytest

from partkd.datasets.converters.main_bodies import main_bodies
from partkd.datasets.converters.ntu_rgbd import NTU60, NTU120
from partkd.datasets.converters.skeleton_files import Body


def standing(frames, seed=0, width=0.5, shift=0.0) -> np.ndarray:
    """Somebody who is one unit high, 25 joints, and moves a little."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, width, 25) + shift
    y = np.linspace(0, 1, 25)
    pose = np.stack([x, y, np.full(25, 3.0)], axis=1)
    return pose + rng.normal(scale=0.01 * (seed + 1), size=(frames, 1, 3))


def write_skeleton(path, bodies: dict[str, dict[int, np.ndarray]], frames: int) -> None:
    """Bodies by id: of each the joints (25, 3) in some frames."""
    lines = [str(frames)]
    for frame in range(frames):
        there = {name: body[frame] for name, body in bodies.items() if frame in body}
        lines.append(str(len(there)))
        for name, joints in there.items():
            lines += [f'{name} 0 1 1 1 1 0 0.01 -0.25 2', '25']
            lines += [f'{x!r} {y!r} {z!r} 1 2 3 4 0 0 0 0 2' for x, y, z in joints.tolist()]
    path.write_text('\r\n'.join(lines) + '\r\n')


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'nturgb+d_skeletons'
    folder.mkdir()
    one = dict(enumerate(standing(20)))
    for name in ('S001C001P001R001A001', 'S017C002P003R001A060', 'S018C001P008R001A061'):
        write_skeleton(folder / f'{name}.skeleton', {'7': one}, 20)
    return folder


def test_ntu60_takes_its_own_setups(src, convert_to):
    summary, clips = convert_to('ntu60', src)
    assert list(clips) == ['S001C001P001R001A001', 'S017C002P003R001A060']
    assert [clip['label'] for clip in clips.values()] == [0, 59]
    assert summary.split == dict(
        xsub_train=['S001C001P001R001A001'],
        xsub_val=['S017C002P003R001A060'],
        xview_train=['S017C002P003R001A060'],
        xview_val=['S001C001P001R001A001'],
    )
    np.testing.assert_allclose(
        clips['S001C001P001R001A001']['keypoint'][0], standing(20), rtol=1e-6
    )


def test_ntu120(src, convert_to):
    summary, clips = convert_to('ntu120', src)
    assert [clip['label'] for clip in clips.values()] == [0, 59, 60]
    assert summary.split['xset_train'] == ['S018C001P008R001A061']
    assert summary.split['xsub_val'] == ['S017C002P003R001A060']


def test_splits_are_the_published_ones():
    """Subjects and cameras of all clips: 40,320 / 16,560, 37,920 / 18,960; 53 of 106, 16 of 32."""
    rules = NTU60('').split_rules()
    subjects = [subject for subject in range(1, 41) if rules['xsub_train'](dict(subject=subject))]
    assert len(subjects) == 20
    assert [c for c in (1, 2, 3) if rules['xview_train'](dict(camera=c))] == [2, 3]
    rules = NTU120('').split_rules()
    assert sum(rules['xsub_train'](dict(subject=subject)) for subject in range(1, 107)) == 53
    assert sum(rules['xset_train'](dict(setup=setup)) for setup in range(1, 33)) == 16
    assert len(set(NTU120.classes)) == 120


def test_ignored_by_the_publishers_list(src, convert_to):
    _, clips = convert_to('ntu120', src, ignore=['S017C002P003R001A060'])
    assert list(clips) == ['S001C001P001R001A001', 'S018C001P008R001A061']


def cut(at):
    return lambda lines: lines[:at]


def put(at, text):
    return lambda lines: [*lines[:at], text, *lines[at + 1 :]]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (cut(0), 'empty'),
        (cut(100), 'truncated at line 101'),
        (put(0, 'twenty'), "line 1 is 'twenty', it should be a count"),
        (put(0, '19'), 'not over at line 534'),
        (put(3, '20'), 'line 4 says 20 joints, there should be 25'),
        (put(6, '1 2 3'), 'line 7 has 3 fields, it should have 12'),
        (put(40, '0 0 x 1 2 3 4 0 0 0 0 2'), "line 41, field 3 is 'x'"),
        (put(40, 'nan 0 0 1 2 3 4 0 0 0 0 2'), 'not finite'),
        (lambda lines: ['20', *['0'] * 20], 'nobody is in it'),
    ],
)
def test_bad_file(change, message, src, convert_to):
    path = src / 'S001C001P001R001A001.skeleton'
    path.write_text('\n'.join(change(path.read_text().splitlines())))
    summary, clips = convert_to('ntu60', src)
    assert list(clips) == ['S017C002P003R001A060']
    assert message in summary.faults[0][1]


def test_bad_name(src, convert_to):
    (src / 'S001C001P001R001A061.skeleton').write_text('')
    (src / 'walk.skeleton').write_text('')
    summary, _ = convert_to('ntu60', src)
    assert len(summary.faults) == 2
    assert all('no name like S001' in fault for _, fault in summary.faults)


def body(frames, values) -> Body:
    return Body(np.asarray(frames), values)


def test_a_short_body_is_none():
    person, chair = body(range(20), standing(20)), body(range(11), standing(11, seed=9))
    np.testing.assert_array_equal(main_bodies([chair, person], 20), person.values[None])
    twelve = body(range(12), standing(12, seed=9))
    assert len(main_bodies([twelve, person], 20)) == 2
    assert len(main_bodies([chair], 11)) == 1  # the only one
    assert len(main_bodies([chair, body(range(10), standing(10))], 11)) == 1  # a last one stays


def test_a_wide_body_is_none():
    person = body(range(20), standing(20))
    table = body(range(20), standing(20, seed=9, width=0.9))
    np.testing.assert_array_equal(main_bodies([table, person], 20), person.values[None])
    assert len(main_bodies([table], 20)) == 1
    mostly = np.concatenate([standing(6, width=0.9), standing(14)])
    assert len(main_bodies([body(range(20), mostly), person], 20)) == 2


def test_motion_is_that_of_good_frames():
    """A body that moves most by being wide in some frames comes second."""
    first = body(range(20), standing(20, seed=5))
    values = standing(20, seed=1)
    values[:5, :, 0] *= 100
    kept = main_bodies([body(range(20), values), first], 20)
    np.testing.assert_array_equal(kept[0], first.values)


def test_a_person_who_was_lost_goes_on():
    """Three ids: one person throughout, and one who is found again under another."""
    whole = body(range(40), standing(40, seed=9))
    before, after = body(range(15), standing(15, 1)), body(range(20, 40), standing(20, 2))
    kept = main_bodies([before, whole, after], 40)
    assert kept.shape == (2, 40, 25, 3)
    np.testing.assert_array_equal(kept[0], whole.values)
    np.testing.assert_array_equal(kept[1, :15], before.values)
    np.testing.assert_array_equal(kept[1, 20:], after.values)
    assert not kept[1, 15:20].any()


def test_a_third_person_is_left_out():
    people = [body(range(20), standing(20, seed)) for seed in (3, 9, 6)]
    kept = main_bodies(people, 20)
    np.testing.assert_array_equal(kept, [people[1].values, people[2].values])


def naive_read(path) -> dict[str, dict[int, list]]:
    """Bodies by id, line by line."""
    bodies: dict[str, dict[int, list]] = {}
    with path.open() as file:
        for frame in range(int(file.readline())):
            for _ in range(int(file.readline())):
                name = file.readline().split()[0]
                joints = [
                    [float(x) for x in file.readline().split()[:3]]
                    for _ in range(int(file.readline()))
                ]
                bodies.setdefault(name, {})[frame] = joints
    return bodies


def test_publishers_files(real_data, convert_to):
    folder = real_data / 'raw_samples' / 'ntu_rgbd'
    summary, clips = convert_to('ntu60', folder)
    assert not summary.faults
    assert {name: clip['keypoint'].shape[:2] for name, clip in clips.items()} == {
        'S001C003P008R002A058': (2, 70),
        'S002C001P003R001A003': (1, 100),
        'S003C001P015R001A034': (1, 71),
        'S004C002P003R001A017': (1, 124),
    }
    for name, clip in clips.items():
        persons = [
            [joints for _, joints in sorted(body.items())]
            for body in naive_read(folder / f'{name}.skeleton').values()
        ]
        for keypoint in clip['keypoint']:
            assert any(
                len(person) == len(keypoint) and np.allclose(person, keypoint, rtol=1e-6)
                for person in persons
            )
