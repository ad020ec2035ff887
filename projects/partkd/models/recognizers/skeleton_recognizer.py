from collections.abc import Collection
from typing import Any

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor

from partkd.arguments import checked
from partkd.layouts import PoseLayout
from partkd.models.encoders import ModelOutput, SkeletonEncoder
from partkd.structures import SkeletonBatch, SkeletonFeatures, require_finite

from .labels import require_labels


@MODELS.register_module()
class SkeletonRecognizer(SkeletonEncoder):
    """Recognises actions from skeletons of any layout: an encoder with a head.

    Args:
        backbone (dict): See :class:`SkeletonEncoder`.
        cls_head (dict): Config of the head, see :class:`SkeletonHead`.
        layout (str | dict | PoseLayout): The pose graph of backbone and neck. Defaults to
            ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
        frozen_encoder (bool): Whether backbone and neck stay as they are, weights and statistics,
            and the head alone learns: a linear probe of an encoder that was trained before.
            Defaults to False.

    Attributes:
        reads_pairs (bool): Whether it learns from the high-quality clips themselves, which
            ``load_teacher`` of a :class:`PairedPoseDataset` gives it, and not from a teacher's
            features.
    """

    reads_pairs = False
    loss_reads: tuple[str, ...] = ()  # of what a batch holds beside, such as teacher_inputs

    @checked
    def __init__(
        self,
        backbone: dict,
        cls_head: dict,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        frozen_encoder: bool = False,
    ) -> None:
        super().__init__(backbone, layout, neck, data_preprocessor)
        self.cls_head = MODELS.build(cls_head)
        self._frozen = [self.backbone, self.neck] if frozen_encoder else []
        for module in self._frozen:
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> 'SkeletonRecognizer':
        """Train or not; what is frozen never does.

        Args:
            mode (bool): Whether to train. Defaults to True.

        Returns:
            SkeletonRecognizer: Itself.
        """
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def extract_feat(
        self,
        inputs: SkeletonBatch | Tensor,
        stage: str = 'neck',
        reads: Collection[str] = (),
    ) -> tuple[SkeletonFeatures | Tensor, dict]:
        """Features of a batch.

        Args:
            inputs (SkeletonBatch | Tensor): See :meth:`SkeletonEncoder.extract_feat`.
            stage (str): Also ``'head'`` for logits (N, num_classes). Defaults to ``'neck'``.
            reads (Collection[str]): Features that will be read. Defaults to ().

        Returns:
            tuple: The features, and the empty dict that mmaction2 expects beside them.
        """
        if stage == 'head':
            return self.cls_head(super().extract_feat(inputs)[0]), {}
        return super().extract_feat(inputs, stage, reads)

    def forward(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: SampleList | None = None,
        mode: str = 'tensor',
        **kwargs: Any,
    ) -> ModelOutput:
        """All that mmaction2's recognisers do.

        Args:
            inputs (SkeletonBatch | Tensor): The clips.
            data_samples (list, optional): Of the N clips; with labels in mode ``'loss'``.
            mode (str): ``'loss'``, ``'predict'`` or ``'tensor'``. Defaults to ``'tensor'``.
            **kwargs: In mode ``'tensor'`` ``stage`` and ``reads`` of :meth:`extract_feat`, of which
                the first is ``'head'`` here; else what a batch holds beside, as pairs of its
                clips, which only a loss with ``loss_reads`` reads.

        Returns:
            dict | list | Tensor | SkeletonFeatures: Losses, the samples with scores, or logits
            (N, num_classes) or features.
        """
        if mode == 'tensor':
            return self.extract_feat(inputs, **dict(stage='head') | kwargs)[0]
        if mode == 'loss':
            beside = {name: kwargs.get(name) for name in self.loss_reads}
            return self.loss(inputs, data_samples, **beside)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(f"mode is 'loss', 'predict' or 'tensor', not {mode!r}")

    def loss(self, inputs: SkeletonBatch | Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """The losses of the head, and its figures.

        Args:
            inputs (SkeletonBatch | Tensor): The clips.
            data_samples (list): Of the N clips, with ``gt_label``.

        Raises:
            ValueError: If a clip has no label.
        """
        require_labels(data_samples)
        return self.cls_head.loss(self.extract_feat(inputs)[0], data_samples)

    def predict(self, inputs: SkeletonBatch | Tensor, data_samples: SampleList) -> SampleList:
        """Class scores.

        Args:
            inputs (SkeletonBatch | Tensor): The clips.
            data_samples (list): Of the N clips; they need no labels.

        Returns:
            list: The same samples, with ``pred_score`` and ``pred_label``.

        Raises:
            NonFiniteError: If the scores are infinite or no numbers, of which some class would
                still be the first.
        """
        predicted = self.cls_head.predict(self.extract_feat(inputs)[0], data_samples)
        scores = torch.stack([sample.pred_score for sample in predicted])
        require_finite(
            dict(pred_score=scores),
            f'a batch of {len(predicted)} clips, the first {predicted[0].get("frame_dir")}',
            'train the model again with a lower learning rate, or look for coordinates that are '
            'huge in these clips',
        )
        return predicted
