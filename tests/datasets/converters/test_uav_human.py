import numpy as np

from partkd.datasets.converters.uav_human import UAVHuman


def write(path, bodies: dict[str, np.ndarray]) -> None:
    """Bodies by id: joints (frames, 17, 2) from the first frame on."""
    frames = max(map(len, bodies.values()))
    lines = [str(frames)]
    for frame in range(frames):
        there = {name: body[frame] for name, body in bodies.items() if frame < len(body)}
        lines.append(str(len(there)))
        for name, joints in there.items():
            lines += [f'{name} 0 0 0 0 0 0 0 0 0', '17']
            lines += [f'{x} {y} 0.9 0 0 0 0 0 0 0 0 2' for x, y in joints.tolist()]
    path.write_text('\n'.join(lines) + '\n')


def test_converts(tmp_path, convert_to):
    rng = np.random.default_rng(0)
    bodies = {f'{i}': 100 + rng.normal(scale=i, size=(5 - i, 17, 2)).round(3) for i in (1, 3, 2)}
    name = 'P001S00G10B10H10UC022000LC021000A154R0_08241716'
    write(tmp_path / f'{name}.txt', bodies)
    write(tmp_path / f'{name.replace("P001", "P002")}.txt', {'0': bodies['1']})
    write(tmp_path / f'{name.replace("A154", "A155")}.txt', bodies)
    summary, clips = convert_to('uav_human', tmp_path)
    assert clips[name]['label'] == 154
    keypoint = clips[name]['keypoint']
    assert keypoint.shape == (2, 4, 17, 2)
    np.testing.assert_allclose(keypoint[0, :2], bodies['3'], rtol=1e-6)
    np.testing.assert_allclose(keypoint[1, :3], bodies['2'], rtol=1e-6)
    assert not keypoint[0, 2:].any()
    assert set(summary.split) == {'xsub1_train', 'xsub1_val', 'xsub2_val'}
    assert 'no name like' in summary.faults[0][1]


def test_splits_are_the_published_ones():
    rules = UAVHuman('').split_rules()
    for name in ('xsub1', 'xsub2'):
        train = [i for i in range(119) if rules[f'{name}_train'](dict(subject=i))]
        assert len(train) == 89
