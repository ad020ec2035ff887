from typing import Any, Literal

import torch
from mmaction.models.heads import BaseHead
from mmaction.registry import MODELS
from torch import Tensor, nn

from partkd.arguments import Fraction, PartOfOne, Whole, checked
from partkd.structures import SkeletonFeatures


@MODELS.register_module()
class SkeletonHead(BaseHead):
    """A linear classifier on what the neck has pooled.

    mmaction2's ``GCNHead`` with the pooling left to the neck, which knows what is real; the
    names of the weights are the same.

    Args:
        num_classes (int): Number of actions.
        in_channels (int): C of the global feature vector; of segments all their features,
            S * 5 * C.
        loss_cls (dict): Config of the classification loss. Defaults to cross entropy.
        reads (str): ``'pooled'``, the global feature vector (the paper, Sec. 3.2), or
            ``'segments'``, the part features of every stretch of time side by side: which part
            moved and when is then not averaged away. Defaults to ``'pooled'``.
        dropout (float): Probability of dropping a feature. Defaults to 0.
        average_clips (str): How scores of several clips of one sample are averaged. Defaults
            to ``'prob'``.
        init_cfg (dict): Defaults to a normal distribution of deviation .01.
        label_smooth_eps (float): Share of a label that is spread over all classes, in [0, 1).
            Defaults to 0.
        **kwargs: Of mmaction2's ``BaseHead``, as ``topk``.
    """

    @checked
    def __init__(
        self,
        num_classes: Whole,
        in_channels: Whole,
        loss_cls: dict | None = None,
        reads: Literal['pooled', 'segments'] = 'pooled',
        dropout: Fraction = 0.0,
        average_clips: str | None = 'prob',
        init_cfg: dict | None = None,
        label_smooth_eps: PartOfOne = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            num_classes,
            in_channels,
            loss_cls=loss_cls or dict(type='CrossEntropyLoss'),
            average_clips=average_clips,
            label_smooth_eps=label_smooth_eps,
            init_cfg=init_cfg or dict(type='Normal', layer='Linear', std=0.01),
            **kwargs,
        )
        self.reads = reads
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(in_channels, num_classes)

    def forward(self, features: SkeletonFeatures, **kwargs: Any) -> Tensor:
        """Class scores before softmax, in float32 also under mixed precision.

        Args:
            features (SkeletonFeatures): Of N clips, with what ``reads`` names.
            **kwargs: What mmaction2 passes to every head; not read.

        Returns:
            Tensor: (N, num_classes).

        Raises:
            ValueError: If there are other than ``in_channels`` features.
        """
        pooled = getattr(features, self.reads).flatten(1)
        if pooled.shape[1] != self.in_channels:
            raise ValueError(
                f'{self.reads} has {pooled.shape[1]} features, the head takes '
                f'{self.in_channels}: set cls_head.in_channels={pooled.shape[1]}'
            )
        with torch.autocast(pooled.device.type, enabled=False):
            return self.fc(self.dropout(pooled.float()))
