import pytest

from partkd.datasets import load_annotations


def write(path, joints, frames=2, separator=',') -> None:
    """Joint v of frame t lies at (t, v, 1)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [[x for v in range(joints) for x in (t, v, 1)] for t in range(frames)]
    path.write_text('\n'.join(separator.join(map(str, row)) for row in rows) + '\n')


@pytest.fixture
def src(tmp_path):
    for kind in ('Segmented Movements', 'Incorrect Segmented Movements'):
        for name in ('m01_s01_e01', 'm10_s06_e10'):
            for sensor, joints in (('Kinect', 22), ('Vicon', 39)):
                folder = tmp_path / kind / sensor / 'Positions'
                write(folder / f'{name}_positions.txt', joints)
    return tmp_path


@pytest.mark.parametrize(('name', 'joints'), [('uiprmd_kinect', 22), ('uiprmd_vicon', 39)])
def test_converts(name, joints, src, convert_to):
    summary, clips = convert_to(name, src)
    assert {name: clip['label'] for name, clip in clips.items()} == {
        'c_m01_s01_e01': 0,
        'c_m10_s06_e10': 9,
    }
    assert clips['c_m01_s01_e01']['keypoint'].shape == (1, 2, joints, 3)
    assert clips['c_m01_s01_e01']['keypoint'][0, 1, 5].tolist() == [1, 5, 1]
    assert summary.split == dict(xsub_train=['c_m01_s01_e01'], xsub_val=['c_m10_s06_e10'])


def test_numbers_apart_by_blanks(src, convert_to):
    folder = src / 'Segmented Movements' / 'Kinect' / 'Positions'
    write(folder / 'm02_s02_e02_positions.txt', 22, frames=3, separator='  ')
    assert convert_to('uiprmd_kinect', src)[1]['c_m02_s02_e02']['total_frames'] == 3


def test_bad_files(src, convert_to):
    folder = src / 'Segmented Movements' / 'Vicon' / 'Positions'
    write(folder / 'm03_s01_e01_positions.txt', 22)
    write(folder / 'm11_s01_e01_positions.txt', 39)
    summary, clips = convert_to('uiprmd_vicon', src)
    assert len(clips) == 2
    expected = ('line 1 has 66 fields, it should have 117', 'a movement from 1 to 10')
    for part, (_, fault) in zip(expected, summary.faults, strict=True):
        assert part in fault


def test_names_are_those_of_the_reference(real_data, src, convert_to):
    for layout, file in (('uiprmd_kinect', 'kinect22_3d'), ('uiprmd_vicon', 'vicon39_3d')):
        reference = load_annotations(real_data / 'uiprmd' / f'{file}.pkl')
        summary, clips = convert_to(layout, src)
        labels = {clip['frame_dir']: clip['label'] for clip in reference['annotations']}
        for name, clip in clips.items():
            assert labels[name] == clip['label']
        for split, names in summary.split.items():
            assert set(names) <= set(reference['split'][split])
