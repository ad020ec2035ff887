"""Layouts from the metainfo of mmpose's datasets.

The parts come from the keypoint names. The centre is a joint between the shoulders if there is
one (thorax, chest, neck), else the nose. Every link is turned so that its inner end comes last,
and a link drawn on one side of the body only gets its mirror image.

Some skeletons are not connected: whole-body ones draw no links within the face, and the hands
hang beside the wrists. Each loose piece is then tied, by its joint nearest to the trunk, to the
next joint inwards on its side of the same part: face to nose, ear to eye, hand root to wrist.
A loose neck is tied to both shoulders, a loose pelvis to both hips. What was added is logged.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from logging import INFO
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log

from partkd.arguments import require
from partkd.messages import shown

from .graph import Link, components, hop_distances
from .naming import bare_name, find_pair, is_neck, part_of, parts_from_names, rank_of, side_of

_CENTRE_NAMES = ('thorax', 'chest', 'neck', 'head_bottom', 'bottom_head', 'nose')


def config_from_metainfo(metainfo: str | Mapping[str, Any]) -> dict[str, Any]:
    """Turn the metainfo of a dataset into a layout dict.

    Args:
        metainfo (str | Mapping[str, Any]): See :meth:`PoseLayout.from_metainfo`.

    Returns:
        dict[str, Any]: What :meth:`PoseLayout.from_dict` takes.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If some joints can't be placed, or it is not a full-body human pose.
    """
    info = _read(metainfo)
    name = str(info.get('dataset_name') or 'metainfo')
    try:
        _check_fields(info)
        return dict(name=name, **_describe(info, name))
    except ValueError as error:
        raise ValueError(f'metainfo {name!r}: {error}') from None


def _check_fields(info: Mapping[str, Any]) -> None:
    keypoints, skeleton = info['keypoint_info'], info['skeleton_info']
    require(keypoints, Mapping[int, dict] | Mapping[str, dict], 'keypoint_info')
    require(skeleton, Mapping[Any, dict], 'skeleton_info')
    for key, keypoint in keypoints.items():
        require(keypoint.get('name'), str, f'keypoint_info[{shown(key)}].name')
        require(keypoint.get('swap'), str | None, f'keypoint_info[{shown(key)}].swap')
    for key, entry in skeleton.items():
        require(entry.get('link'), tuple[str, str], f'skeleton_info[{shown(key)}].link')


def _describe(info: Mapping[str, Any], name: str) -> dict[str, Any]:
    # mmpose counts by the keys; the ids within are wrong in some of its files.
    keypoints = [keypoint for _, keypoint in sorted(info['keypoint_info'].items())]
    joints = [keypoint['name'] for keypoint in keypoints]
    parts = parts_from_names(joints)
    index = {joint: number for number, joint in enumerate(joints)}
    images = [keypoint.get('swap') or keypoint['name'] for keypoint in keypoints]
    drawn = [entry['link'] for entry in info['skeleton_info'].values()]
    unknown = {*images, *(joint for link in drawn for joint in link)} - index.keys()
    if unknown:
        raise ValueError(f'its links or swaps name {sorted(unknown)}, which are no keypoints')
    swap = [index[image] for image in images]
    links = _with_mirror_images([(index[a], index[b]) for a, b in drawn], swap)
    added = _missing_links(joints, links)
    _log_added(name, [f'{joints[a]}-{joints[b]}' for a, b in added])
    links = _with_mirror_images(links + added, swap)
    centre = _find_centre(joints, links)
    links = _inwards(links, centre, len(joints))
    return dict(joints=joints, links=links, centre=centre, swap=swap, parts=parts)


def _log_added(name: str, added: list[str]) -> None:
    if added:
        shown = ', '.join(added[:8]) + (', ...' if len(added) > 8 else '')
        message = f'metainfo {name!r}: {len(added)} links added to connect the skeleton: {shown}'
        print_log(message, 'current', INFO)


def _read(
    metainfo: str | Path | Mapping[str, Any], sources: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    """Get at the dict that holds keypoint_info."""
    require(metainfo, str | Path | Mapping, 'metainfo')
    if not isinstance(metainfo, Mapping):
        path = str(_find_file(str(metainfo)))
        if path in sources:
            raise ValueError(f'the metainfo file {path} names itself: name the one that it is of')
        return _read(_read_file(path), (*sources, path))
    for key in ('from_file', 'dataset_info'):
        if key in metainfo:
            return _read(metainfo[key], sources)
    source = sources[-1] if sources else 'dict'
    missing = {'keypoint_info', 'skeleton_info'} - metainfo.keys()
    if missing:
        raise ValueError(
            f'no pose metainfo in {source}: it lacks {sorted(missing)} and has '
            f'{shown(sorted(metainfo, key=str))}'
        )
    return metainfo


def _read_file(path: str) -> dict:
    try:
        return Config.fromfile(path).to_dict()
    except Exception as error:  # it is a program, which may do anything
        raise ValueError(
            f'the metainfo file {path} cannot be read ({type(error).__name__}: {error}): it should '
            'set dataset_info'
        ) from error


def _find_file(name: str) -> Path:
    """Find a metainfo file by its path or, in an installed mmpose, by its name."""
    if name and Path(name).is_file():
        return Path(name)
    spec = find_spec('mmpose')
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f'no metainfo file {name}; to have it found by its name, install mmpose'
        )
    folder = Path(spec.submodule_search_locations[0], '.mim', 'configs', '_base_', 'datasets')
    path = folder / f'{Path(name).stem}.py'
    if not path.is_file():
        raise FileNotFoundError(f'no metainfo file {name}, and none of that name in {folder}')
    return path


def _missing_links(joints: Sequence[str], links: Sequence[Link]) -> list[Link]:
    """Find the links that tie loose pieces to the rest, as the module says."""
    pieces = components(len(joints), links)
    # The piece with most parts: a hand of 21 joints outnumbers a body of 18.
    body = set(max(pieces, key=lambda piece: len({part_of(joints[j]) for j in piece})))
    # Inner pieces first: an eye has to be there before an ear is tied to it.
    inner = {min(piece, key=lambda j: _depth(joints[j])): piece for piece in pieces}
    added = []
    for joint in sorted(inner, key=lambda j: _depth(joints[j])):
        if joint not in body:
            anchors = _anchors(joint, body, joints)
            added += [(joint, anchor) for anchor in anchors]
            body.update(inner[joint] if anchors else ())
    return added


def _depth(name: str) -> tuple[bool, int]:
    return part_of(name) != 'trunk', rank_of(name)


def _anchors(joint: int, body: set[int], joints: Sequence[str]) -> tuple[int, ...]:
    """Find the joints of the body that a loose joint is tied to; none where there is no fit."""
    name, part, rank = joints[joint], part_of(joints[joint]), rank_of(joints[joint])
    sides = {None, side_of(name)}
    near = [j for j in sorted(body) if part_of(joints[j]) == part and side_of(joints[j]) in sides]
    # The same place under a plainer name: right_shoulder for medial_right_shoulder.
    words = set(bare_name(name).split('_'))
    plainer = [j for j in near if set(bare_name(joints[j]).split('_')) <= words]
    if plainer:
        return (plainer[0],)
    if part == 'trunk':
        pair = find_pair(joints, 'hip' if rank == 0 else 'shoulder')
        return tuple(j for j in pair if j in body)
    inwards = [j for j in near if rank_of(joints[j]) < rank]
    if inwards:
        return (max(inwards, key=lambda j: rank_of(joints[j])),)
    return tuple(j for j in sorted(body) if is_neck(joints[j]))[:1] if part == 'head' else ()


def _find_centre(joints: Sequence[str], links: Sequence[Link]) -> int:
    """Pick the centre by its name; where no name fits, the joint that is nearest to all others."""
    bare = [bare_name(joint) for joint in joints]
    for name in _CENTRE_NAMES:
        if name in bare:
            return bare.index(name)

    def reach(joint: int) -> int:
        return max(d or 0 for d in hop_distances(len(joints), links, joint))

    return min(range(len(joints)), key=reach)


def _with_mirror_images(links: Sequence[Link], swap: Sequence[int]) -> list[Link]:
    """Add the mirror image of every link, and leave out links that were there before."""
    found: dict[frozenset[int], Link] = {}
    for a, b in [*links, *((swap[a], swap[b]) for a, b in links)]:
        found.setdefault(frozenset((a, b)), (a, b))
    return list(found.values())


def _inwards(links: Sequence[Link], centre: int, num_joints: int) -> list[Link]:
    """Turn every link so that the joint nearer to the centre comes last."""
    distance = hop_distances(num_joints, links, centre)
    far = [num_joints if d is None else d for d in distance]
    return [(b, a) if far[a] < far[b] else (a, b) for a, b in links]
