from dataclasses import replace

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import ModuleList
from torch import Tensor, nn

from partkd.arguments import Fraction, Whole, checked
from partkd.layouts import PoseLayout
from partkd.models.encoders import SkeletonEncoder
from partkd.models.layers import activated_joints, per_frame
from partkd.structures import SkeletonBatch

from .labels import require_labels
from .predictive_recognizer import require_pooled
from .skeleton_recognizer import SkeletonRecognizer

# Frames of a trial that says how many a backbone leaves; all its strides divide them.
_FRAMES = 64


@MODELS.register_module()
class RichlyActivatedRecognizer(SkeletonRecognizer):
    """RA-GCN (Song et al., arXiv 1905.06774, 2008.03791): each stream sees what others have not.

    Several networks of one kind read a clip one after the other. What a stream has looked at, by
    the activation map of the class (:func:`partkd.models.layers.activated_joints`), is hidden from
    those behind it, so that together they know more joints of an action than those that tell it
    best. The scores of the streams are summed up, and one cross entropy trains all. The class is
    the clip's own in training, and in a test the one that the streams so far have scored highest.

    The features of the streams lie side by side, (.., num_streams * C), and one linear classifier
    on them is the sum of those of the streams. Masks take no gradient.

    Args:
        backbone (dict): Config of each stream's backbone, see :class:`SkeletonEncoder`.
        cls_head (dict): Config of a head that reads ``'pooled'``. Its ``in_channels`` is the C of
            one stream; it is made for all of them.
        layout (str | dict | PoseLayout): The pose graph. Defaults to ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
        num_streams (int): Defaults to 3.
        threshold (float): Above which share of a clip's range of activation a joint is hidden from
            the next stream, in [0, 1]. Defaults to .5.

    Raises:
        ValueError: If the head reads something else than ``'pooled'``, or takes other than the
            channels of a stream.
    """

    @checked
    def __init__(
        self,
        backbone: dict,
        cls_head: dict,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        num_streams: Whole = 3,
        threshold: Fraction = 0.5,
    ) -> None:
        wide = dict(cls_head, in_channels=num_streams * cls_head['in_channels'])
        super().__init__(backbone, wide, layout, neck, data_preprocessor)
        require_pooled(self)
        self.num_streams = num_streams
        self.threshold = threshold
        channels, frames = _left_of(self.backbone, self.layout.num_joints, self.in_channels)
        if channels != cls_head['in_channels']:
            raise ValueError(
                f'cls_head.in_channels is {cls_head["in_channels"]}, and a stream has {channels} '
                f'channels: set it to {channels}; the head is made for all {num_streams} streams'
            )
        self.stride = _FRAMES // frames
        self.later = ModuleList(
            SkeletonEncoder(backbone, self.layout) for _ in range(num_streams - 1)
        )

    def loss(self, inputs: SkeletonBatch | Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The losses of the head, and its figures. Masks are those of the clips' own classes.

        Args:
            inputs (SkeletonBatch | Tensor): The clips.
            data_samples (list): Of the N clips, with ``gt_label``.

        Raises:
            ValueError: If a clip has no label.
        """
        require_labels(data_samples)
        batch = inputs if isinstance(inputs, SkeletonBatch) else SkeletonBatch(inputs)
        self._check(batch)
        labels = torch.cat([sample.gt_label for sample in data_samples])
        z = self._run_streams(batch, labels.to(batch.keypoint.device))
        return self.cls_head.loss(self._pool(z, batch, ()), data_samples)

    def _run_backbone(self, batch: SkeletonBatch) -> Tensor:
        return self._run_streams(batch, None)

    def _run_streams(self, batch: SkeletonBatch, labels: Tensor | None) -> Tensor:
        """Joint-level features of every real person in all streams, (P, S * C, T', V)."""
        streams, seen = [super()._run_backbone(batch)], batch
        for stream in self.later:
            seen = self._hide(seen, streams, batch, labels)
            streams.append(stream.extract_feat(seen, stage='backbone')[0])
        return torch.cat(streams, 1)

    @torch.no_grad()
    def _hide(
        self,
        seen: SkeletonBatch,
        streams: list[Tensor],
        batch: SkeletonBatch,
        labels: Tensor | None,
    ) -> SkeletonBatch:
        """What the next stream sees: what the last one saw without what it has looked at."""
        weights = self.cls_head.fc.weight.float().unflatten(1, (self.num_streams, -1))
        if labels is None:
            pooled = [self.neck(z, batch).pooled.float() for z in streams]
            scores = [vector @ weights[:, place].T for place, vector in enumerate(pooled)]
            labels = (torch.stack(scores).sum(0) + self.cls_head.fc.bias).argmax(1)
        of_class = weights[labels, len(streams) - 1]
        activated = activated_joints(streams[-1], of_class, batch, self.threshold)
        visible = per_frame(~activated, batch.keypoint.shape[2], self.stride)
        visible = batch.spread_over_persons(visible.to(batch.keypoint.dtype))
        return replace(seen, keypoint=seen.keypoint * visible[..., None])


@torch.no_grad()
def _left_of(backbone: nn.Module, num_joints: int, in_channels: int) -> tuple[int, int]:
    """Channels, and frames of :data:`_FRAMES`, that a backbone leaves."""
    was_training = backbone.training
    joints = backbone.eval()(torch.zeros(1, 1, _FRAMES, num_joints, in_channels))
    backbone.train(was_training)
    return joints.shape[2], joints.shape[3]
