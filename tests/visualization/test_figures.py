import matplotlib.image
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from PIL import Image

from partkd.layouts import get_layout, layout_names
from partkd.visualization import (
    draw_class_changes,
    draw_confusion_matrix,
    draw_occlusion_curves,
    draw_part_features,
    draw_part_matrix,
    draw_persons,
    draw_skeletons,
    draw_timeline,
    film_skeletons,
    require_picture,
)
from partkd.visualization.skeletons import PART_COLOURS, _seen_from_the_front


@pytest.mark.parametrize('name', layout_names())
def test_skeletons_of_every_layout(name, tmp_path, monkeypatch):
    """Every link between joints that are there is drawn, and no other."""
    layout = get_layout(name)
    drawn = []
    monkeypatch.setattr(
        'partkd.visualization.skeletons.LineCollection',
        lambda places, **kwargs: drawn.extend(kwargs['colors']) or LineCollection(places, **kwargs),
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


@pytest.fixture
def figures(monkeypatch):
    """Figures as they are when they are saved."""
    saved = []
    for module in ('class_changes', 'occlusion_curves', 'part_features', 'skeletons'):
        monkeypatch.setattr(
            f'partkd.visualization.{module}.save_picture',
            lambda figure, file: saved.append(figure),
        )
    return saved


def test_curves_have_bands_of_their_deviation(figures):
    rows = np.array([[0, 0.8, 0.02], [0.6, 0.5, 0.04]])
    alone = np.array([[0, 0.9, np.nan], [0.6, 0.9, np.nan]])
    draw_occlusion_curves({'joints': dict(teacher=alone, PMSC=rows)}, 'teacher', 'o.png')
    (axis,) = figures[0].axes
    dashed, curve = axis.lines
    assert dashed.get_linestyle() == '--' and dashed.get_ydata().tolist() == [90, 90]
    np.testing.assert_allclose(curve.get_xydata(), [[0, 80], [0.6, 50]])
    empty, band = (one.get_paths() for one in axis.collections)
    assert not empty or np.isnan(empty[0].vertices).any() or not len(empty[0].vertices)
    extents = band[0].get_extents()
    assert (extents.y0, extents.y1) == pytest.approx((46, 82))


def test_twelve_curves_differ(figures):
    rows = np.array([[0, 0.8, 0.02], [0.6, 0.5, 0.04]])
    draw_occlusion_curves({'joints': {str(k): rows for k in range(12)}}, 'teacher', 'o.png')
    looks = [(one.get_color(), one.get_linestyle()) for one in figures[0].axes[0].lines]
    assert len(set(looks)) == 12


def test_bars_are_as_long_as_classes_moved(figures):
    draw_class_changes(np.array([0.5, 0.9]), np.array([0.75, 0.8]), ['a', 'b'], 'title', 'c.png')
    (axis,) = figures[0].axes
    assert [bar.get_width() for bar in axis.patches] == pytest.approx([25, -10])
    assert [text.get_text() for text in axis.texts] == ['50 → 75 %', '90 → 80 %']
    assert axis.yaxis_inverted()


def test_part_features_have_the_same_limits_on_both_sides(figures):
    rng = np.random.default_rng(0)
    sides = dict(teacher=rng.normal(size=(8, 5, 2)), student=10 * rng.normal(size=(8, 5, 2)))
    draw_part_features(sides, np.array([0, 0, 1, 2, 3, 4, 5, 6]), list('abcdefg'), 'f.png')
    axes = np.array(figures[0].axes).reshape(2, 5)
    for above, below in axes.T:
        assert above.get_xlim() == below.get_xlim() and above.get_ylim() == below.get_ylim()
    assert axes[0, 1].get_xlim() != axes[0, 2].get_xlim()
    grey, first, *others = axes[1, 2].collections
    np.testing.assert_allclose(first.get_offsets(), sides['student'][:2, 2])
    np.testing.assert_allclose(grey.get_offsets(), sides['student'][7:, 2])  # the seventh class
    names = [text.get_text() for text in figures[0].legends[0].texts]
    assert names == ['other classes', *'abcdef']


def test_a_film_has_both_clips_from_beginning_to_end(tmp_path, monkeypatch):
    """Of 5 and of 9 frames."""
    monkeypatch.setattr('partkd.visualization.skeleton_film.MOMENTS', 3)
    titles = []
    label = matplotlib.axes.Axes.set_xlabel
    monkeypatch.setattr(
        'matplotlib.axes.Axes.set_xlabel',
        lambda self, text, **kwargs: titles.append(text) or label(self, text, **kwargs),
    )
    layout, rng = get_layout('coco'), np.random.default_rng(0)
    clips = [('', rng.normal(size=(1, frames, 17, 2)), layout) for frames in (5, 9)]
    clips[1][1][:, :, :] = 0  # nobody is seen
    film_skeletons(clips, tmp_path / 'f.gif', 'caption')
    assert titles == [f'frame {n}' for n in (0, 0, 2, 4, 4, 8)]
    film = Image.open(tmp_path / 'f.gif')
    assert film.n_frames == 3 and film.info['duration'] == 100
    pixels = {tuple(pixel) for pixel in np.asarray(film.convert('RGB')).reshape(-1, 3).tolist()}
    for colour in PART_COLOURS:  # of the parts, and not of a palette that is too small
        rgb = 255 * np.array(to_rgb(colour))
        assert min(np.abs(rgb - pixel).max() for pixel in pixels) < 16


def test_parts_are_named_below_the_skeletons(figures):
    keypoint = np.random.default_rng(0).normal(size=(1, 2, 17, 2))
    draw_skeletons([('clip', keypoint, get_layout('coco'))], 's.png', 2, caption='what it is')
    assert figures[0].get_suptitle() == 'what it is'
    lines = figures[0].legends[0].get_lines()
    assert [line.get_color() for line in lines] == list(PART_COLOURS)


def test_persons_are_drawn_where_they_are():
    """Joints that were not seen and parts that do not matter leave less behind."""
    layout = get_layout('coco')
    person = np.zeros((17, 3))
    person[:, 0], person[:, 1], person[:, 2] = np.linspace(20, 180, 17), 60, 1
    black = np.zeros((120, 200, 3), np.uint8)
    drawn = draw_persons(black, [person], layout, ['jumps'])
    assert not black.any() and drawn.shape == black.shape
    for joint in layout.parts[3]:
        x = round(person[joint, 0])
        assert drawn[60, x].tolist() == [round(255 * value) for value in to_rgb(PART_COLOURS[3])]
    assert drawn[:55].any()  # the caption
    assert not draw_persons(black, [person], layout, [''])[:50].any()
    weights = np.array([1, 1, 1, 0.1, 1])
    paler = draw_persons(black, [person], layout, [''], [weights])
    x = round(person[layout.parts[3][0], 0])
    assert paler[60, x].min() > drawn[60, x].min()
    unseen = person * (1, 1, 0)
    assert not draw_persons(black, [unseen], layout, ['jumps']).any()


def test_a_timeline_has_a_row_for_each_person(tmp_path):
    stretches = [(0, 0.0, 2.5, 'walks'), (0, 2.5, 4.0, 'sits'), (3, 1.0, 2.0, 'walks')]
    draw_timeline(stretches, tmp_path / 'all.png', 'seconds')
    draw_timeline(stretches[:2], tmp_path / 'one.png', 'seconds')
    draw_timeline([], tmp_path / 'none.png')
    heights = [
        matplotlib.image.imread(tmp_path / f'{name}.png').shape[0] for name in ('all', 'one')
    ]
    assert heights[0] > heights[1]
    many = [(0, float(i), i + 1.0, f'action {i}') for i in range(30)]
    draw_timeline(many, tmp_path / 'many.png')
