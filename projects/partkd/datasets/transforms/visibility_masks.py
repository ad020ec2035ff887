"""What people really hide, laid over other clips."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, checked
from partkd.datasets.annotations import (
    check_clip,
    load_annotations,
    select_split,
    visible_joints,
)
from partkd.layouts import PoseLayout, get_layout
from partkd.structures import ClipBatch

from .degradation import Degradation, hidden


@TRANSFORMS.register_module()
class VisibilityMasks(Degradation):
    """Hides the joints that were hidden in clips of another file, frame by frame.

    Each person of a clip gets the mask of a person of the file who is drawn, from a frame that is
    drawn. Where the mask is shorter it goes on backwards, then forwards again. A joint takes the
    mask of the joint of its own name, else of that of its body part which is as far out along it;
    joints of the trunk stay where the file has none.

    Args:
        file (str): An annotation file, of whose clips only what is visible is read.
        layout (str | dict | PoseLayout): Its joints. Defaults to ``'penn_action'``, whose
            annotators marked what they could see.
        split (str, optional): A split of the file. Defaults to None, all clips.
        seed (int): Seed in test. Defaults to 0.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no annotation file, or not of this layout.
    """

    @checked
    def __init__(
        self, file: str, layout: Any = 'penn_action', split: str | None = None, seed: Count = 0
    ) -> None:
        self.file, self.split, self.seed = file, split, seed
        self.layout = get_layout(layout)
        tracks = read_masks(file, self.layout, split)
        self._lengths = torch.tensor([len(track) for track in tracks])
        self._starts = self._lengths.cumsum(0) - self._lengths
        self._visible = torch.from_numpy(np.concatenate(tracks))

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Lays masks over the clips.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed where joints are hidden.
        """
        drawn = self.draw(batch, 2, per_frame=False, key='masks/').cpu()
        track = (drawn[..., 0] * len(self._lengths)).long()
        length = self._lengths[track]
        first = (drawn[..., 1] * length).long()
        # a way there and back, at whose two ends no frame comes twice
        way = (2 * length - 2).clamp(min=1)
        place = (first + torch.arange(batch.keypoint.shape[2])) % way
        frame = self._starts[track] + place.minimum(way - place)
        visible = self._visible[frame]
        visible = _carried_over(visible, self.layout, batch.layout)
        return hidden(batch, ~visible.to(batch.keypoint.device))

    def __repr__(self) -> str:
        settings = (
            f'file={self.file!r}, layout={self.layout.name!r}, split={self.split!r}, '
            f'seed={self.seed}'
        )
        return f'{type(self).__name__}({settings})'


def read_masks(file: str | Path, layout: PoseLayout, split: str | None) -> list[np.ndarray]:
    """What is visible of the persons of an annotation file.

    Args:
        file (str | Path): The file.
        layout (PoseLayout): Its joints.
        split (str | None): One of its splits; None for all clips.

    Returns:
        list[np.ndarray]: (T, V) bool each, of persons of whom anything is seen.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no annotation file, or no clip in it is good.
    """
    clips, _ = select_split(load_annotations(file), split, file)
    faults = {
        place: check_clip(clip, layout, require_labels=False) for place, clip in clips.items()
    }
    good = [clip for place, clip in clips.items() if faults[place] is None]
    if not good:
        raise ValueError(f'{file} has no clip to take masks from: {next(iter(faults.values()))}')
    persons = (person for clip in good for person in visible_joints(clip))
    return [person for person in persons if person.any()]


def _carried_over(visible: Tensor, source: PoseLayout, target: PoseLayout) -> Tensor:
    """Masks (..., V) of one layout for the joints of another."""
    if source == target:
        return visible
    joints = counterparts(source, target)
    taken = visible[..., [max(joint, 0) for joint in joints]]
    return taken | torch.tensor([joint < 0 for joint in joints])


@cache
def counterparts(source: PoseLayout, target: PoseLayout) -> tuple[int, ...]:
    """For each joint of a layout the joint of another whose visibility it takes.

    Args:
        source (PoseLayout): The layout of the masks.
        target (PoseLayout): The layout of the clips.

    Returns:
        tuple[int, ...]: Indices of the source's joints: that of the same name, else of the same
        part that which is as far out from where the part hangs on, the inner one of two; -1 for a
        joint of the trunk without a namesake.
    """
    by_name = {name: joint for joint, name in enumerate(source.joints)}
    found = []
    for joint, name in enumerate(target.joints):
        part = target.part_of(joint)
        if name in by_name:
            found.append(by_name[name])
        elif part is None:
            found.append(-1)
        else:
            out = target.steps_out(joint)
            nearest = min(source.parts[part], key=lambda one: abs(source.steps_out(one) - out))
            found.append(nearest)
    return tuple(found)
