"""Bad clips: found all at once, then one error for all of them, or left out and listed."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from mmengine.logging import MMLogger

from partkd.messages import shown

from .clip_checks import NAMELESS, name_of

_SHOWN = 5
NUMBER = 'clip number '  # and its place, in the place of a name


def find_bad_clips(
    clips: Mapping[int, dict], fault_of: Callable[[dict], str | None]
) -> tuple[list[dict], dict[str, str]]:
    """Separates good clips from bad ones, repeated names among them.

    Args:
        clips (Mapping[int, dict]): Annotations by their places in the file.
        fault_of (Callable): Says what is wrong with a clip, None where nothing is.

    Returns:
        tuple[list[dict], dict[str, str]]: The good clips in their order, and for every bad one
        its ``frame_dir`` (or place in the file) and what is wrong.
    """
    good: list[dict] = []
    faults: dict[str, str] = {}
    places: dict[str, int] = {}
    for place, clip in clips.items():
        fault, name = fault_of(clip), name_of(clip)
        if name is None:
            faults[f'{NUMBER}{place}'] = fault or NAMELESS
        elif name in places:
            faults[name] = (
                f'duplicate frame_dir, clips number {places[name]} and {place} have it: '
                'rename or remove one'
            )
        else:
            places[name] = place
            if fault is None:
                good.append(clip)
            else:
                faults[name] = fault
    return good, faults


def require_classes(labels: Iterable[int], num_classes: int, where: str, who: str) -> None:
    """Refuses labels that lie outside of the classes there are, however bad clips are taken.

    Where one label is wrong, all of them may be, as where they are counted from 1.

    Args:
        labels (Iterable[int]): Labels of clips.
        num_classes (int): Good ones lie in [0, num_classes).
        where (str): What clips these are.
        who (str): What has so many classes, with a verb.

    Raises:
        ValueError: Summed up by class.
    """
    outside = Counter(label for label in labels if not 0 <= label < num_classes)
    if not outside:
        return
    counts = [f'class {shown(label)}: {count} clips' for label, count in sorted(outside.items())]
    more = f', and {len(counts) - _SHOWN} more classes' if len(counts) > _SHOWN else ''
    raise ValueError(
        f'{outside.total()} clips of {where} have labels out of range ('
        f'{", ".join(counts[:_SHOWN])}{more}); {who} {num_classes} classes, 0 to '
        f'{num_classes - 1}: set num_classes of data set and head alike, or count labels from 0'
    )


def settle_bad_clips(faults: dict[str, str], where: str, checked: int, on_bad_clip: str) -> None:
    """Raises one error for all bad clips, or logs that they are left out.

    Args:
        faults (dict[str, str]): Name of each bad clip and what is wrong with it.
        where (str): File and split.
        checked (int): How many clips were looked at.
        on_bad_clip (str): ``'error'`` or ``'skip'``.

    Raises:
        ValueError: With ``'error'`` where there is a fault, and with ``'skip'`` where no clip
            is left.
    """
    if not faults:
        return
    count = f'{len(faults)} of {checked} clips of {where}'
    lines = _by_fault(faults)
    shown = '\n'.join(lines[:_SHOWN])
    more = f'\n  and {len(lines) - _SHOWN} other faults' if len(lines) > _SHOWN else ''
    if len(faults) >= checked:
        raise ValueError(f'{count} are bad, none is left:\n{shown}{more}')
    if on_bad_clip == 'error':
        remedy = "Repair them, or leave them out: on_bad_clip='skip' beside ann_file in the config"
        raise ValueError(f'{count} are bad:\n{shown}{more}\n{remedy}')
    listed = '\n'.join(f'  {name}: {fault}' for name, fault in faults.items())
    MMLogger.get_current_instance().warning(f'{count} are bad and left out:\n{listed}')


def _by_fault(faults: dict[str, str]) -> list[str]:
    """A line for each fault, with the first of the clips that have it."""
    clips: dict[str, list[str]] = {}
    for name, fault in faults.items():
        clips.setdefault(fault, []).append(name)
    return [
        f'  {", ".join(names[:_SHOWN])}{f", ... ({len(names)} clips)" * (len(names) > _SHOWN)}: '
        f'{fault}'
        for fault, names in clips.items()
    ]
