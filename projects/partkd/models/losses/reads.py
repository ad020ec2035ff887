from collections.abc import Iterable

from torch import nn

from partkd.messages import shown
from partkd.structures import CLIP_FEATURES, SkeletonFeatures, TeacherFeatures


def features_read(losses: Iterable[nn.Module]) -> tuple[str, ...]:
    """What some distillation losses read of student and teacher.

    Args:
        losses (Iterable[nn.Module]): Each declares it in ``reads``.

    Returns:
        tuple[str, ...]: Names from :data:`CLIP_FEATURES`, in their order there.

    Raises:
        ValueError: If a loss declares nothing, or something that there is not.
    """
    read: set[str] = set()
    for loss in losses:
        reads = getattr(loss, 'reads', None)
        if not isinstance(reads, tuple | list) or not set(reads) <= set(CLIP_FEATURES):
            raise ValueError(
                f'{type(loss).__name__}.reads is {shown(reads)}: a distillation loss names there '
                f'the features that it reads, a tuple of some of {CLIP_FEATURES}'
            )
        read.update(reads)
    return tuple(name for name in CLIP_FEATURES if name in read)


def check_widths(student: SkeletonFeatures, teacher: TeacherFeatures, name: str) -> None:
    """Refuse features that cannot be compared channel by channel.

    Args:
        student (SkeletonFeatures): What the student says.
        teacher (TeacherFeatures): What the teacher says.
        name (str): One of :data:`CLIP_FEATURES`.

    Raises:
        ValueError: If the two have not as many channels.
    """
    mine, theirs = (getattr(features, name).shape[-1] for features in (student, teacher))
    if mine != theirs:
        raise ValueError(
            f'{name} of the student have {mine} channels, of the teacher {theirs}: set '
            f"model.adapter=dict(type='PartAdapter', in_channels={mine}, "
            f'out_channels={theirs})'
        )
