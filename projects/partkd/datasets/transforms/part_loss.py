"""One body part gone, as in the tables of RA-GCN."""

from typing import Literal

import torch
from mmaction.registry import TRANSFORMS

from partkd.arguments import checked
from partkd.layouts import PoseLayout
from partkd.structures import ClipBatch

from .base import DeterministicTransform
from .degradation import Degradation, hidden

Part = Literal['left_arm', 'right_arm', 'hands', 'legs', 'trunk']
# Words of joints' names, from the outermost inwards.
_ENDS_OF_ARMS = (('tip', 'thumb', 'finger', 'index', 'pinky'), ('hand', 'palm'), ('wrist',))


def joints_of(part: Part, layout: PoseLayout) -> tuple[int, ...]:
    """The joints of one of RA-GCN's parts.

    ``hands`` are the tips and thumbs, as in its code; where a layout has none the hands, the
    wrists, or the outermost joints. Arms are the layout's, from the shoulder on, and ``trunk`` has
    the head with it.

    Args:
        part (str): One of :data:`Part`.
        layout (PoseLayout): The skeleton.

    Returns:
        tuple[int, ...]: Indices of joints.

    Raises:
        ValueError: If the layout has no such joints.
    """
    head, left_arm, right_arm, left_leg, right_leg = layout.parts
    groups: dict[str, tuple[int, ...]] = dict(
        left_arm=left_arm,
        right_arm=right_arm,
        hands=_hands((left_arm, right_arm), layout),
        legs=left_leg + right_leg,
        trunk=layout.trunk and layout.trunk + head,
    )
    if not groups[part]:
        raise ValueError(f'layout {layout.name} has no joints of the {part}, so none can be lost')
    return groups[part]


def _hands(arms: tuple[tuple[int, ...], ...], layout: PoseLayout) -> tuple[int, ...]:
    joints = [joint for arm in arms for joint in arm]
    for words in _ENDS_OF_ARMS:
        found = tuple(one for one in joints if any(word in layout.joints[one] for word in words))
        if found:
            return found
    return tuple(max(arm, key=layout.steps_out) for arm in arms)  # the names say nothing


@TRANSFORMS.register_module()
class PartLoss(DeterministicTransform, Degradation):
    """Hides a body part of all persons for the whole clip (RA-GCN: Song et al., ICIP 2019).

    Nothing is drawn: every clip loses the same joints, see :func:`joints_of`.

    Args:
        part (str): ``'left_arm'``, ``'right_arm'``, ``'hands'``, ``'legs'`` or ``'trunk'``, parts 1
            to 5 of its tables.
    """

    @checked
    def __init__(self, part: Part) -> None:
        self.part = part

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """All frames alike."""
        return True

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Hides the part.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed where joints are gone.

        Raises:
            ValueError: If the layout has no such part.
        """
        gone = batch.keypoint.new_zeros(batch.keypoint.shape[3], dtype=torch.bool)
        gone[list(joints_of(self.part, batch.layout))] = True
        return hidden(batch, gone)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(part={self.part!r})'
