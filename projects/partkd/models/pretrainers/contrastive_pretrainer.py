from typing import Any, cast

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import ExponentialMovingAverage
from torch import Tensor, nn

from partkd.arguments import BetweenZeroAndOne, Whole, checked
from partkd.models.grouped_loss_model import GroupedLossModel
from partkd.models.layers import KeyQueue
from partkd.models.necks import CluePooling
from partkd.structures import SkeletonBatch, SkeletonFeatures

CLUES = ('temporal', 'spatial', 'instance')
# Query and key of each loss; the negatives are in the key's queue.
CONTRASTED = (
    ('temporal', 'instance'),
    ('spatial', 'instance'),
    ('instance', 'temporal'),
    ('instance', 'spatial'),
)


@MODELS.register_module()
class ContrastivePretrainer(GroupedLossModel):
    """Learns from clips without labels which two views are of one clip (SCD-Net).

    Wu et al., AAAI 2024, arXiv 2309.05834. The encoder says two clues of a view, a temporal and a
    spatial one; both together are the instance. Each of the three is projected. A slower copy of
    encoder and projectors makes the keys of the other view, and three queues hold those of earlier
    clips. The instance is the anchor: it is contrasted with either clue, and either clue with it,
    in four :class:`InfoNCELoss`.

    Two processes learn what one would: keys are gathered, and the queues stay in step. Weights are
    named ``encoder.*``; a recogniser or a distillation starts from them by ``load_from``.

    Args:
        encoder (dict): Config of a :class:`SkeletonEncoder` whose neck is a :class:`CluePooling`.
        channels (int): D of the projections. Defaults to 128.
        queue_size (int): K, keys in each queue. Keep it below the number of clips: older keys are
            of clips that come again, and no negatives. Defaults to 8192.
        momentum (float): Of the slower copy, for a step. Defaults to .999.
        loss (dict, optional): Config of the loss. Defaults to ``dict(type='InfoNCELoss')``.
    """

    @checked
    def __init__(
        self,
        encoder: dict,
        channels: Whole = 128,
        queue_size: Whole = 8192,
        momentum: BetweenZeroAndOne = 0.999,
        loss: dict | None = None,
    ) -> None:
        built = MODELS.build(encoder)
        super().__init__(built.data_preprocessor)
        if not isinstance(getattr(built, 'neck', None), CluePooling):
            raise ValueError(
                'ContrastivePretrainer contrasts a temporal and a spatial clue: set '
                "model.encoder.neck=dict(type='CluePooling', in_channels=...)"
            )
        self.encoder = built
        self.projectors = ClueProjectors(built.neck.width, channels)
        self.slow = ExponentialMovingAverage(self._learned(), momentum=1 - momentum)
        self.queues = nn.ModuleDict({clue: KeyQueue(queue_size, channels) for clue in CLUES})
        self.contrast = MODELS.build(loss or dict(type='InfoNCELoss'))

    def forward(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: list | None = None,
        mode: str = 'tensor',
        teacher_inputs: SkeletonBatch | None = None,
        **kwargs: Any,
    ) -> SkeletonFeatures | Tensor | dict[str, Tensor]:
        """The losses of two views, or the features of one.

        Args:
            inputs (SkeletonBatch | Tensor): N clips, (N, M, T, V, C).
            data_samples (list, optional): Not read. Defaults to None.
            mode (str): ``'loss'`` or ``'tensor'``. Defaults to ``'tensor'``.
            teacher_inputs (SkeletonBatch, optional): Of mode ``'loss'``, the other view of each
                clip, as :class:`TwoViewsDataset` gives it. Defaults to None.
            **kwargs: Of mode ``'tensor'``, those of :meth:`SkeletonEncoder.forward`.

        Returns:
            SkeletonFeatures | Tensor | dict: ``loss_<query>_<key>`` of the four, and
            ``<query>_<key>_cosine``, the mean cosine of two views; or the encoder's features.

        Raises:
            ValueError: If there is no other view, or for mode ``'predict'``.
        """
        if mode == 'loss':
            return self.loss(inputs, teacher_inputs)
        return self.encoder(inputs, data_samples, mode, **kwargs)

    def loss(
        self, inputs: SkeletonBatch | Tensor, others: SkeletonBatch | None
    ) -> dict[str, Tensor]:
        """The four losses; the queues go on by the keys of the batch.

        Args:
            inputs (SkeletonBatch | Tensor): N clips.
            others (SkeletonBatch | None): The other view of each.

        Returns:
            dict: See :meth:`forward`.

        Raises:
            ValueError: If there are not as many.
        """
        given = 0 if others is None else len(others.keypoint)
        clips = len(inputs.keypoint if isinstance(inputs, SkeletonBatch) else inputs)
        if others is None or given != clips:
            raise ValueError(
                f'{clips} clips came with {given} other views: set '
                "train_dataloader.dataset=dict(type='TwoViewsDataset', datasets=[...])"
            )
        queries = self.projectors(self.encoder(inputs).pooled)
        keys = self._keys(others)
        losses = {}
        for query, key in CONTRASTED:
            # A copy, for the backward pass reads it after the queue has gone on.
            negatives = self._queue(key).keys.clone()
            name = f'{query}_{key}'
            losses[f'loss_{name}'] = self.contrast(queries[query], keys[key], negatives)
            with torch.no_grad():
                cosine = F.cosine_similarity(queries[query].float(), keys[key])
                losses[f'{name}_cosine'] = cosine.mean()
        for clue in CLUES:
            self._queue(clue).enqueue(keys[clue])
        return losses

    @torch.no_grad()
    def _keys(self, others: SkeletonBatch) -> dict[str, Tensor]:
        """Of the slower copy, which goes on first; of length 1, (N, D) each."""
        if self.training:
            self.slow.update_parameters(self._learned())
        encoder, projectors = self.slow.module
        keys = projectors(encoder(others).pooled)
        return {clue: F.normalize(key.float(), dim=1) for clue, key in keys.items()}

    def _queue(self, clue: str) -> KeyQueue:
        return cast(KeyQueue, self.queues[clue])

    def _learned(self) -> nn.ModuleList:
        """What the slower copy is of."""
        return nn.ModuleList([self.encoder, self.projectors])


class ClueProjectors(nn.Module):
    """One projector for each clue, and one for both together.

    Args:
        width (int): W of a clue.
        channels (int): D.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.temporal = _projector(width, width, channels)
        self.spatial = _projector(width, width, channels)
        self.instance = _projector(2 * width, width, channels)

    def forward(self, clues: Tensor) -> dict[str, Tensor]:
        """(N, 2 W) to (N, D) for each of :data:`CLUES`."""
        temporal, spatial = clues.chunk(2, 1)
        return dict(
            temporal=self.temporal(temporal),
            spatial=self.spatial(spatial),
            instance=self.instance(clues),
        )


def _projector(in_channels: int, hidden: int, channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(in_channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))
