"""A layout as a config dict, in which a joint stands by name or by index."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import Any, Literal

from partkd.arguments import require
from partkd.messages import shown

from .naming import PART_NAMES, mirror_images, parts_from_names

Joint = str | int
_REQUIRED = dict(name=str, joints=Sequence[str], links=Sequence[Sequence[Joint]], centre=Joint)
_OPTIONAL = dict(
    swap=Sequence[Joint] | Sequence[tuple[Joint, Joint]],
    parts=Mapping[str, Sequence[Joint]] | Sequence[Sequence[Joint]],
    bones=Mapping[Joint, Joint],
    dims=Sequence[Literal[2, 3]],
    hips=Sequence[Joint],
    shoulders=Sequence[Joint],
)

Numbers = Callable[[Iterable[str | int]], tuple[int, ...]]


def fields_from_config(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a config dict into the fields of a layout.

    Args:
        cfg (Mapping[str, Any]): See :meth:`PoseLayout.from_dict`.

    Returns:
        dict[str, Any]: Arguments of ``PoseLayout``, and ``bones`` as a dict of indices.

    Raises:
        ValueError: If a key or a joint is missing or unknown.
    """
    name = shown(cfg.get('name', 'without a name'))
    known = _REQUIRED | _OPTIONAL
    missing, unknown = _REQUIRED.keys() - cfg.keys(), cfg.keys() - known.keys()
    if missing or unknown:
        raise ValueError(
            f'layout {name}: missing keys {sorted(missing)}, unknown keys '
            f'{shown(sorted(unknown, key=str))}; '
            f'needed are {sorted(_REQUIRED)}, possible {sorted(_OPTIONAL)}'
        )
    try:
        for key, value in cfg.items():
            require(value, known[key], key)
        joints = tuple(cfg['joints'])
        return _resolve(joints, cfg, _numberer(joints))
    except ValueError as error:
        raise ValueError(f'layout {name}: {error}') from None


def _resolve(joints: tuple[str, ...], cfg: Mapping[str, Any], numbers: Numbers) -> dict[str, Any]:
    bones = cfg.get('bones', {})
    optional = {key: numbers(cfg[key]) for key in ('hips', 'shoulders') if key in cfg}
    if 'dims' in cfg:
        optional['dims'] = tuple(cfg['dims'])
    return dict(
        name=cfg['name'],
        joints=joints,
        links=tuple(numbers(link) for link in cfg['links']),
        centre=numbers([cfg['centre']])[0],
        swap=_swap(cfg['swap'], joints, numbers) if 'swap' in cfg else mirror_images(joints),
        parts=_parts(cfg['parts'] if 'parts' in cfg else parts_from_names(joints), numbers),
        bones=dict(zip(numbers(bones.keys()), numbers(bones.values()), strict=True)),
        **optional,
    )


def _numberer(joints: tuple[str, ...]) -> Numbers:
    position = {joint: number for number, joint in enumerate(joints)}

    def numbers(group: Iterable[str | int]) -> tuple[int, ...]:
        group = list(group)
        unknown = [joint for joint in group if isinstance(joint, str) and joint not in position]
        if unknown:
            raise ValueError(f'no joints are called {", ".join(unknown)}')
        return tuple(position[j] if isinstance(j, str) else index(j) for j in group)

    return numbers


def _swap(swap: Any, joints: tuple[str, ...], numbers: Numbers) -> tuple[int, ...]:
    if all(isinstance(entry, str | int) for entry in swap):
        return numbers(swap)
    images = list(range(len(joints)))
    for left, right in map(numbers, swap):
        images[left], images[right] = right, left
    return tuple(images)


def _parts(parts: Any, numbers: Numbers) -> tuple[tuple[int, ...], ...]:
    if isinstance(parts, Mapping):
        if parts.keys() != set(PART_NAMES):
            raise ValueError(f'parts are {", ".join(parts)}; needed are {", ".join(PART_NAMES)}')
        parts = [parts[part_name] for part_name in PART_NAMES]
    return tuple(numbers(part) for part in parts)
