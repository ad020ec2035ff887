"""Layouts from mmpose's metainfo.

``metainfos.json`` holds names, mirror pairs and links of the metainfo that mmpose 1.3.2 ships, so
that mmpose need not be installed; where it is, its own files are read too.
"""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from partkd.layouts import LAYOUTS, PoseLayout, get_layout
from partkd.layouts.metainfo import config_from_metainfo

METAINFOS = json.loads(Path(__file__).with_name('metainfos.json').read_text())
BODIES, OTHERS = METAINFOS['bodies'], METAINFOS['others']

# Joints of head, each arm, each leg, and the centre.
EXPECTED = {
    'aic': (1, 3, 3, 'neck'),
    'campus': (1, 3, 3, 'bottom_head'),
    'coco': (5, 3, 3, 'nose'),
    'coco_aic': (6, 3, 3, 'neck'),
    'coco_openpose': (5, 3, 3, 'neck'),
    'coco_wholebody': (73, 24, 6, 'nose'),
    'coco_wholebody_openpose': (73, 24, 6, 'neck'),
    'crowdpose': (1, 3, 3, 'neck'),
    'exlpose': (1, 3, 3, 'neck'),
    'h36m': (1, 3, 3, 'thorax'),
    'halpe': (74, 24, 6, 'neck'),
    'halpe26': (6, 3, 6, 'neck'),
    'humanart21': (5, 4, 4, 'nose'),
    'jhmdb': (1, 3, 3, 'neck'),
    'mhp': (1, 3, 3, 'thorax'),
    'mpi_inf_3dhp': (2, 3, 3, 'neck'),
    'mpii_trb': (1, 9, 9, 'neck'),
    'panoptic_body3d': (5, 3, 3, 'neck'),
    'posetrack18': (4, 3, 3, 'head_bottom'),
    'ubody3d': (77, 23, 6, 'Neck'),
}
# Files of the same keypoints and links as one of these.
SAME_AS = {
    'h3wb': 'coco_wholebody',
    'humanart': 'coco',
    'humanart_aic': 'coco_aic',
    'mpii': 'mhp',
    'ochuman': 'coco',
    'shelf': 'campus',
    'ubody2d': 'coco_wholebody',
    # A monkey, but its keypoints have COCO's names: nothing tells it from a human.
    'macaque': 'coco',
}
EXPECTED_BODIES = {**EXPECTED, **{name: EXPECTED[other] for name, other in SAME_AS.items()}}


def as_metainfo(name: str, names: list[str], swap: list, links: list) -> dict:
    """Write the facts the way mmpose writes them."""
    images = dict(swap) | {b: a for a, b in swap}
    return dict(
        dataset_name=name,
        keypoint_info={
            j: dict(name=joint, id=j, swap=names[images[j]] if j in images else '')
            for j, joint in enumerate(names)
        },
        skeleton_info={k: dict(link=(names[a], names[b])) for k, (a, b) in enumerate(links)},
    )


def links_by_name(layout: PoseLayout) -> set[frozenset[str]]:
    return {frozenset(layout.joints[j] for j in link) for link in layout.links}


def check_body(layout: PoseLayout, expected: tuple):
    head, arm, leg, centre = expected
    assert [len(part) for part in layout.parts] == [head, arm, arm, leg, leg]
    assert layout.joints[layout.centre] == centre
    assert len(layout.hips) == len(layout.shoulders) == 2
    mirrored = {frozenset(layout.swap[j] for j in link) for link in layout.links}
    assert mirrored == {frozenset(link) for link in layout.links}
    assert len(mirrored) == len(layout.links)


@pytest.mark.parametrize('name', BODIES)
def test_bodies(name: str):
    layout = PoseLayout.from_metainfo(as_metainfo(name, **BODIES[name]))
    assert layout.name == name
    assert list(layout.joints) == BODIES[name]['names']
    check_body(layout, EXPECTED[name])
    drawn = {frozenset(layout.joints[j] for j in link) for link in BODIES[name]['links']}
    assert drawn <= links_by_name(layout)


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('300w', 'kpt-0, kpt-1, .* and 56 more'),
        ('animalpose', 'Throat, TailBase, Withers'),
        ('ap10k', 'Root of tail, L_F_Paw'),
        ('coco_wholebody_face', 'no joints for left_arm, right_arm, left_leg, right_leg'),
        ('coco_wholebody_hand', 'wrist, thumb1'),
        ('deepfashion_full', 'left sleeve'),
        ('interhand3d', 'no joints for head, left_leg, right_leg'),
        ('zebra', 'snout, forelegL1'),
    ],
)
def test_others_are_refused_by_name(name: str, message: str):
    with pytest.raises(ValueError, match=f"metainfo '{name}': .*{message}"):
        PoseLayout.from_metainfo(as_metainfo(name, **OTHERS[name]))


@pytest.mark.parametrize(
    ('name', 'added'),
    [
        ('coco', []),
        ('coco_aic', ['neck-left_shoulder', 'neck-right_shoulder']),
        (
            'panoptic_body3d',
            ['left_eye-nose', 'right_eye-nose', 'left_ear-left_eye', 'right_ear-right_eye'],
        ),
        ('posetrack18', ['left_ear-nose', 'right_ear-nose']),
        (
            'coco_wholebody',
            ['left_hand_root-left_wrist', 'right_hand_root-right_wrist']
            + [f'face-{k}-nose' for k in range(68)],
        ),
    ],
)
def test_links_added_to_connect_loose_pieces(name: str, added: list[str]):
    layout = PoseLayout.from_metainfo(as_metainfo(name, **BODIES[name]))
    joints = BODIES[name]['names']
    drawn = {frozenset((joints[a], joints[b])) for a, b in BODIES[name]['links']}
    assert links_by_name(layout) - drawn == {frozenset(text.rsplit('-', 1)) for text in added}


@pytest.mark.parametrize('name', ['aic', 'coco', 'h36m', 'halpe26', 'jhmdb', 'openpose', 'mpii'])
def test_agrees_with_the_layout_of_the_same_data(name: str):
    source = dict(openpose='coco_openpose', mpii='mhp').get(name, name)
    theirs = PoseLayout.from_metainfo(as_metainfo(source, **BODIES[source]))
    ours = LAYOUTS[name]
    assert (ours.joints, ours.swap, ours.trunk) == (theirs.joints, theirs.swap, theirs.trunk)
    assert [set(part) for part in ours.parts] == [set(part) for part in theirs.parts]
    assert ours.centre == theirs.centre


def test_from_a_file(tmp_path: Path):
    info = as_metainfo('aic', **BODIES['aic'])
    path = tmp_path / 'my_aic.py'
    path.write_text(f'dataset_info = {info!r}')
    expected = PoseLayout.from_metainfo(info)
    assert PoseLayout.from_metainfo(str(path)) == expected
    assert PoseLayout.from_metainfo(dict(from_file=str(path))) == expected
    assert get_layout(str(path)) == get_layout(dict(dataset_info=info)) == expected


def test_keys_count_not_ids():
    info = as_metainfo('aic', **BODIES['aic'])
    expected = PoseLayout.from_metainfo(info)
    for keypoint in info['keypoint_info'].values():
        keypoint['id'] = 0
    assert PoseLayout.from_metainfo(info) == expected


def test_link_of_an_unknown_keypoint():
    info = as_metainfo('aic', **BODIES['aic'])
    info['skeleton_info'][0] = dict(link=('right_wrist', 'right_elbo'))
    with pytest.raises(ValueError, match=r"\['right_elbo'\], which are no keypoints"):
        PoseLayout.from_metainfo(info)


def without_links_of(name: str, *loose: str) -> dict:
    """Metainfo with some joints' links left out."""
    body = BODIES[name]
    numbers = {body['names'].index(joint) for joint in loose}
    return as_metainfo(
        name,
        body['names'],
        body['swap'],
        [link for link in body['links'] if not numbers & set(link)],
    )


def test_link_of_one_side_is_drawn_on_the_other():
    layout = PoseLayout.from_metainfo(without_links_of('aic', 'left_shoulder'))
    assert frozenset(('left_shoulder', 'neck')) in links_by_name(layout)
    check_body(layout, EXPECTED['aic'])


def test_joints_that_nothing_can_tie_are_named():
    info = without_links_of('aic', 'left_shoulder', 'right_shoulder')
    with pytest.raises(ValueError, match='not connected.*{left_elbow, left_wrist}'):
        PoseLayout.from_metainfo(info)


def test_centre_without_a_name_is_the_middle():
    joints = ['head', 'left_hand', 'right_hand', 'belly', 'pelvis', 'left_foot', 'right_foot']
    links = [(0, 3), (1, 3), (2, 3), (4, 3), (5, 4), (6, 4)]
    layout = PoseLayout.from_metainfo(as_metainfo('stick', joints, [(1, 2), (5, 6)], links))
    assert layout.joints[layout.centre] == 'belly'


def test_no_metainfo_in_it(tmp_path: Path):
    with pytest.raises(ValueError, match='no pose metainfo in dict'):
        config_from_metainfo(dict(dataset_name='x'))
    path = tmp_path / 'empty.py'
    path.write_text("dataset_type = 'x'")
    with pytest.raises(ValueError, match='no pose metainfo in .*empty.py'):
        config_from_metainfo(str(path))


def test_missing_file():
    with pytest.raises(FileNotFoundError, match='no metainfo file nowhere/none.py'):
        PoseLayout.from_metainfo('nowhere/none.py')


def shipped() -> list[Path]:
    """Metainfo files of the installed mmpose, if there is one."""
    spec = find_spec('mmpose')
    folders = spec.submodule_search_locations if spec else []
    return sorted(f for d in folders for f in Path(d, '.mim/configs/_base_/datasets').glob('*.py'))


@pytest.mark.skipif(not shipped(), reason='mmpose is not installed')
@pytest.mark.parametrize('path', shipped(), ids=lambda path: path.stem)
def test_every_file_of_an_installed_mmpose(path: Path):
    if path.stem in EXPECTED_BODIES:
        check_body(PoseLayout.from_metainfo(path.stem), EXPECTED_BODIES[path.stem])
    else:
        with pytest.raises(ValueError, match="can't tell which body part|no joints for"):
            PoseLayout.from_metainfo(path.stem)
