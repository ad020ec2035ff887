from collections.abc import Collection

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor, nn

from partkd.arguments import NotNegative, checked
from partkd.layouts import PoseLayout
from partkd.models.layers import downsample_mask, mean_over_frames
from partkd.models.losses import PredictiveCodingLoss
from partkd.structures import SkeletonBatch, SkeletonFeatures, TeacherFeatures

from .labels import require_labels
from .skeleton_recognizer import SkeletonRecognizer


@MODELS.register_module()
class PredictiveRecognizer(SkeletonRecognizer):
    """PE-GCN (arXiv 2003.07514): what a clean clip would have given is predicted of a noisy one.

    One network reads both clips of a pair. A gated recurrent unit makes, of the global feature
    vectors of a noisy clip's persons, those of the clean clip; it is these that are classified in a
    test, where there is no clean clip. Training has three cross entropies, of the prediction and of
    either clip, and a :class:`PredictiveCodingLoss` between the prediction and the clean clips::

        L = L_c(predicted) + L_c(noisy) + L_c(clean) + coding_weight * L_coding

    A solitary clip has no clean one; the other two cross entropies learn from it. Wherever features
    are asked for, ``pooled`` is the prediction, and all else is the noisy clip's.

    Args:
        backbone (dict): See :class:`SkeletonEncoder`.
        cls_head (dict): Config of a head that reads ``'pooled'``.
        layout (str | dict | PoseLayout): The pose graph of both clips. Defaults to ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
        coding_weight (float): Of the coding loss. Defaults to .1.

    Raises:
        ValueError: If the head reads something else than ``'pooled'``.
    """

    reads_pairs = True
    loss_reads = ('teacher_inputs',)

    @checked
    def __init__(
        self,
        backbone: dict,
        cls_head: dict,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        coding_weight: NotNegative = 0.1,
    ) -> None:
        super().__init__(backbone, cls_head, layout, neck, data_preprocessor)
        require_pooled(self)
        channels = self.cls_head.in_channels
        self.predictor = nn.GRU(channels, channels, batch_first=True)
        self.coding = PredictiveCodingLoss(loss_weight=coding_weight)

    def loss(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: SampleList,
        teacher_inputs: SkeletonBatch | None = None,
    ) -> dict[str, Tensor]:
        """The losses, and the head's figures of the prediction.

        Args:
            inputs (SkeletonBatch | Tensor): The noisy clips.
            data_samples (list): Of the N clips, with ``gt_label`` and ``paired``.
            teacher_inputs (SkeletonBatch, optional): The clean clips of the paired ones, in order.
                Defaults to None, no clip has one.

        Returns:
            dict: ``loss_cls`` of the prediction, ``loss_cls_noisy``, ``loss_cls_clean``,
            ``loss_coding`` and the head's figures; the last two are 0 where no clip has a pair.

        Raises:
            ValueError: If a clip has no label, if paired clips came without their clean side, or if
                that is of another graph.
        """
        require_labels(data_samples)
        clean_clips = _clean_clips(data_samples, teacher_inputs)
        batch = inputs if isinstance(inputs, SkeletonBatch) else SkeletonBatch(inputs)
        noisy, predicted = self._noisy_and_predicted(batch)
        losses = self.cls_head.loss(predicted, data_samples)
        losses['loss_cls_noisy'] = self.cls_head.loss(noisy, data_samples)['loss_cls']
        losses['loss_cls_clean'] = 0 * losses['loss_cls']
        clean = noisy.pooled[:0]
        paired = [sample for sample in data_samples if sample.paired]
        if clean_clips is not None:
            features = self._clean(clean_clips)
            losses['loss_cls_clean'] = self.cls_head.loss(features, paired)['loss_cls']
            clean = features.pooled
        of_pairs = _as_teacher(clean, data_samples)
        return losses | self.coding(predicted, of_pairs, of_pairs.labels)

    def _noisy_and_predicted(
        self, batch: SkeletonBatch
    ) -> tuple[SkeletonFeatures, SkeletonFeatures]:
        z = self._joint_features(batch)
        noisy = super()._pool(z, batch, ())
        return noisy, noisy.replace(pooled=self._predict_pooled(z, batch))

    def _clean(self, batch: SkeletonBatch) -> SkeletonFeatures:
        joints = batch.keypoint.shape[-2:], (self.layout.num_joints, self.in_channels)
        if joints[0] != joints[1]:
            raise ValueError(
                f'clean clips have (joints, channels) {tuple(joints[0])}, noisy ones {joints[1]}, '
                'and one network reads both: take a pair of one pose graph and pipeline, or put '
                "dict(type='MapToUnion') into both pipelines, dict(type='ProjectPose') first into "
                "one in 3D, and set model.layout='union'"
            )
        return super()._pool(self._joint_features(batch), batch, ())

    def _joint_features(self, batch: SkeletonBatch) -> Tensor:
        self._check(batch)
        return self._run_backbone(batch)

    def _pool(self, z: Tensor, batch: SkeletonBatch, reads: Collection[str]) -> SkeletonFeatures:
        features = super()._pool(z, batch, reads)
        return features.replace(pooled=self._predict_pooled(z, batch))

    def _predict_pooled(self, z: Tensor, batch: SkeletonBatch) -> Tensor:
        """The predicted global feature vector, (N, C), of joint-level features (P, C, T', V).

        Real persons come first in a clip, so that what the recurrent unit says of them does not
        know of those that are not there.
        """
        mask = batch.persons()[1]
        real = None if mask is None else downsample_mask(mask, z.shape[2])
        of_persons = batch.spread_over_persons(mean_over_frames(z, real).mean(-1))
        with torch.autocast(z.device.type, enabled=False):
            predicted = self.predictor(of_persons.float())[0]
        present = batch.person_mask
        rows = predicted.flatten(0, 1) if present is None else predicted[present]
        return batch.mean_over_persons(rows)


def require_pooled(model: SkeletonRecognizer) -> None:
    """Refuse a head that reads something else than the global feature vector.

    Args:
        model (SkeletonRecognizer): With its head.

    Raises:
        ValueError: Naming the setting.
    """
    if model.cls_head.reads != 'pooled':
        raise ValueError(
            f'{type(model).__name__} classifies the global feature vector, and cls_head.reads is '
            f"{model.cls_head.reads!r}: set cls_head.reads='pooled', and cls_head.in_channels to "
            'the channels of the backbone'
        )


def _clean_clips(
    data_samples: SampleList, teacher_inputs: SkeletonBatch | None
) -> SkeletonBatch | None:
    paired = sum(sample.paired for sample in data_samples)
    given = 0 if teacher_inputs is None else len(teacher_inputs.keypoint)
    if given != paired:
        raise ValueError(
            f'{paired} clips have a pair but {given} clean clips came with them: set '
            'train_dataloader.dataset.load_teacher=True, as both are read by one network'
        )
    return teacher_inputs


def _as_teacher(clean: Tensor, data_samples: SampleList) -> TeacherFeatures:
    """Clean clips as those of a teacher, whom the gradient reaches."""
    is_paired = torch.tensor([sample.paired for sample in data_samples], device=clean.device)
    paired = [sample.gt_label for sample in data_samples if sample.paired]
    labels = torch.cat([*paired, torch.empty(0, dtype=torch.long)]).to(clean.device)
    pair = torch.where(is_paired, is_paired.cumsum(0) - 1, -1)
    return TeacherFeatures(labels=labels, pair=pair, pooled=clean)
