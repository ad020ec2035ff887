"""Clips of one batch, as the transforms of a batch and the data preprocessor take them."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
from mmaction.structures import ActionDataSample
from torch import Tensor

from partkd.layouts import PoseLayout


@dataclass
class ClipBatch:
    """A padded batch of clips. Padding is 0 and has score 0.

    Args:
        keypoint (Tensor): Coordinates or streams, (N, M, T, V, C).
        keypoint_score (Tensor, optional): (N, M, T, V). None where the clips have none.
        persons (Tensor): How many persons of each clip are real, (N,) long, on the CPU.
        frames (Tensor): How many frames of each clip are real, (N,) long, on the CPU.
        frame_dirs (Sequence[str]): Names of the clips.
        layout (PoseLayout): Their joints.
        test_mode (bool): Whether transforms must not be random.
        streams (tuple[str, ...]): What `keypoint` holds; () where it holds coordinates.
        copy_of (Tensor, optional): Where frames were sampled ahead of transforms that come before
            the sampling: the first place of the same frame, (N, T) long. Such transforms have to
            treat copies of a frame alike. Defaults to None.
    """

    keypoint: Tensor
    keypoint_score: Tensor | None
    persons: Tensor
    frames: Tensor
    frame_dirs: Sequence[str]
    layout: PoseLayout
    test_mode: bool
    streams: tuple[str, ...] = ()
    copy_of: Tensor | None = None

    def __len__(self) -> int:
        return len(self.keypoint)

    @property
    def scores(self) -> Tensor:
        """``keypoint_score`` for a transform that cannot do without, (N, M, T, V).

        Raises:
            ValueError: If the clips have none.
        """
        if self.keypoint_score is None:
            raise ValueError(
                f'keypoint_score of clip {self.frame_dirs[0]} is gone when a transform wants it: '
                'put what takes it away behind that transform'
            )
        return self.keypoint_score

    @classmethod
    def of_item(cls, results: dict) -> 'ClipBatch':
        """A batch of one clip; its arrays are shared.

        Args:
            results (dict): An item of a pipeline.

        Raises:
            ValueError: If there are no coordinates, or scores and coordinates are not of the
                same persons, frames and joints.
        """
        if 'keypoint' not in results:
            raise ValueError(
                'an item without keypoint comes to a transform that wants it: put what packs it '
                'last in the pipeline'
            )
        keypoint, score = results['keypoint'], results.get('keypoint_score')
        if score is not None and score.shape != keypoint.shape[:3]:
            raise ValueError(
                f'keypoint_score of clip {results["frame_dir"]} has shape {score.shape}, and '
                f'keypoint {keypoint.shape}, after a transform that changed one of them alone: '
                "take this package's in its place"
            )
        persons, frames = keypoint.shape[:2]
        return cls(
            torch.from_numpy(np.ascontiguousarray(keypoint, np.float32))[None],
            None if score is None else torch.from_numpy(np.ascontiguousarray(score))[None],
            torch.tensor([persons]),
            torch.tensor([frames]),
            [results['frame_dir']],
            results['layout'],
            results['test_mode'],
            tuple(results.get('streams', ())),
        )

    def into_item(self, results: dict) -> dict:
        """Puts the one clip of the batch back into its item."""
        results['keypoint'] = self.keypoint[0].numpy()
        if self.keypoint_score is not None:
            results['keypoint_score'] = self.keypoint_score[0].numpy()
        results['total_frames'] = int(self.frames[0])
        results['layout'] = self.layout
        if self.streams:
            results['streams'] = self.streams
        return results

    def to(self, device: torch.device) -> 'ClipBatch':
        """The batch on a device, in float32."""
        tensors = {
            name: value.to(device, non_blocking=True).float()
            for name in ('keypoint', 'keypoint_score')
            if (value := getattr(self, name)) is not None
        }
        if self.copy_of is not None:
            tensors['copy_of'] = self.copy_of.to(device, non_blocking=True)
        return replace(self, **tensors)


@dataclass
class PendingBatch:
    """A batch that is still to be transformed, where the model is.

    Args:
        clips (ClipBatch): The clips as the deterministic transforms have left them.
        transforms (Sequence): Batch transforms that follow.
        labels (Tensor): (N,) long; -1 for a clip without one.
        metainfo (dict[str, Sequence]): Meta information of the samples, one value a clip.
        teacher (PendingBatch, optional): The pairs of those clips that have one, in order.
    """

    clips: ClipBatch
    transforms: Sequence
    labels: Tensor
    metainfo: dict[str, Sequence]
    teacher: 'PendingBatch | None' = None

    def __len__(self) -> int:
        return len(self.clips)

    def finish(self, device: torch.device) -> ClipBatch:
        """Transforms the whole batch at once on a device, in float32 also in mixed precision."""
        clips = self.clips.to(device)
        # mmengine preprocesses inside the context of mixed precision.
        known = torch.amp.is_autocast_available(device.type)
        with torch.autocast(device.type, enabled=False) if known else nullcontext():
            for transform in self.transforms:
                clips = transform.transform_batch(clips)
        return clips

    def data_samples(self, device: torch.device) -> list[ActionDataSample]:
        """What :class:`PackSkeletonInputs` makes for each clip, labels on a device."""
        samples = []
        values = zip(*self.metainfo.values(), strict=True)
        labels = self.labels.to(device).split(1)
        known = (self.labels >= 0).tolist()  # on the CPU: a look at the device would wait for it
        for label, has_label, row in zip(labels, known, values, strict=True):
            sample = ActionDataSample()
            if has_label:
                sample.set_field(label, 'gt_label')
            for key, value in zip(self.metainfo, row, strict=True):
                sample.set_field(value, key, field_type='metainfo')
            samples.append(sample)
        return samples
