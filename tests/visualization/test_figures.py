import matplotlib.image
import numpy as np
import pytest

from partkd.layouts import get_layout, layout_names
from partkd.visualization import (
    draw_confusion_matrix,
    draw_part_matrix,
    draw_skeletons,
    require_picture,
)
from partkd.visualization.skeletons import PART_COLOURS, _seen_from_the_front


@pytest.mark.parametrize('name', layout_names())
def test_skeletons_of_every_layout(name, tmp_path, monkeypatch):
    """Every link between joints that are there is drawn, and no other."""
    layout = get_layout(name)
    drawn = []
    monkeypatch.setattr(
        'matplotlib.axes.Axes.plot', lambda self, *args, **kwargs: drawn.append(kwargs['color'])
    )
    keypoint = np.random.default_rng(0).normal(size=(1, 5, layout.num_joints, max(layout.dims)))
    leaf = layout.parts[1][-1]
    keypoint[:, :, leaf] = 0
    file = tmp_path / 'clip.png'
    draw_skeletons([('clip', keypoint, layout)], file, num_frames=2)
    kept = [link for link in layout.links if leaf not in link]
    assert len(kept) < len(layout.links)
    assert len(drawn) == 2 * len(kept)
    assert set(drawn) >= {PART_COLOURS[3], PART_COLOURS[4]}  # the legs
    assert matplotlib.image.imread(file).size


@pytest.mark.parametrize('axes', [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
@pytest.mark.parametrize('up', [1, -1])
def test_a_person_is_seen_upright_from_the_front(axes, up):
    layout = get_layout('kinect_v1')
    person = np.random.default_rng(0).normal(scale=0.01, size=(1, 1, layout.num_joints, 3))
    across, along = np.zeros(layout.num_joints), np.zeros(layout.num_joints)
    head, left_arm, right_arm, left_leg, right_leg = map(list, layout.parts)
    across[left_arm + left_leg], across[right_arm + right_leg] = 0.3, -0.3
    along[head], along[left_leg + right_leg] = up, -up
    person[0, 0, :, axes[0]] += across
    person[0, 0, :, axes[1]] += along
    seen, is_upside_down = _seen_from_the_front(person, layout)
    assert np.array_equal(seen, person[..., axes[:2]])
    assert is_upside_down == (up < 0)
    assert _seen_from_the_front(person[..., :2], layout)[1]


def test_part_matrix_is_dark_where_it_weighs(tmp_path):
    weights = np.full((3, 5), 0.05)
    weights[1, 2] = 0.8
    draw_part_matrix(weights, tmp_path / 'matrix.png')
    picture = matplotlib.image.imread(tmp_path / 'matrix.png')[..., :3]
    picture = picture[:, : int(0.75 * picture.shape[1])]  # without the colour bar
    brightness = picture.mean(-1)
    dark = np.argwhere((brightness < 0.35) & (picture[..., 2] > picture[..., 0] + 0.2))
    light = np.argwhere((brightness > 0.85) & (picture[..., 2] > picture[..., 0] + 0.02))
    assert len(light) > 10 * len(dark) > 1000
    # the middle cell of the light ones
    assert (light.min(0) < dark.min(0)).all() and (dark.max(0) < light.max(0)).all()


def test_confusion_matrix_is_dark_where_a_share_is_large(tmp_path, monkeypatch):
    """Shares of a class's clips, so that rare classes are seen; a class without a clip is light."""
    shown, written = [], []
    monkeypatch.setattr(
        'matplotlib.axes.Axes.text', lambda self, *args, **kwargs: written.append(args)
    )
    imshow = matplotlib.axes.Axes.imshow
    monkeypatch.setattr(
        'matplotlib.axes.Axes.imshow',
        lambda self, shares, **kwargs: shown.append(shares) or imshow(self, shares, **kwargs),
    )
    matrix = np.array([[30, 10, 0], [0, 1, 0], [0, 0, 0]])
    draw_confusion_matrix(matrix, tmp_path / 'matrix.png', ['drink', 'wave', 'sit'])
    assert shown[0].tolist() == [[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]]
    assert written == [(0, 0, '30'), (1, 0, '10'), (1, 1, '1')]  # column, row
    assert matplotlib.image.imread(tmp_path / 'matrix.png').size


@pytest.mark.parametrize('name', ['matrix.xyz', 'matrix', '.png'])
def test_what_is_no_picture_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=rf'{name} is no picture that can be drawn: end its name'):
        require_picture(tmp_path / name)


def test_a_picture_is_written_over_another_and_not_into_a_folder(tmp_path):
    for _ in range(2):
        draw_part_matrix(np.full((3, 5), 0.2), tmp_path / 'new' / 'matrix.PNG')
    assert [file.name for file in (tmp_path / 'new').iterdir()] == ['matrix.PNG']
    (tmp_path / 'a.png').mkdir()
    with pytest.raises(IsADirectoryError, match=r'a\.png is a folder: name a file'):
        require_picture(tmp_path / 'a.png')
