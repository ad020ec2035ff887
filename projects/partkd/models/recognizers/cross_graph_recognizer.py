import math

import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmaction.utils import SampleList
from mmengine.logging import MessageHub
from torch import Tensor

from partkd.arguments import NotNegative, checked
from partkd.layouts import PoseLayout, get_layout
from partkd.models.layers import AdaptiveGraphMap, DomainClassifier
from partkd.structures import SkeletonBatch, SkeletonFeatures

from .skeleton_recognizer import SkeletonRecognizer

STEEPNESS = 10.0  # of the schedule


@MODELS.register_module()
class CrossGraphRecognizer(SkeletonRecognizer):
    """Learns also from another domain's skeletons, of another graph.

    After the abstract of GC-GRL (MIPR 2022, doi 10.1109/MIPR54900.2022.00076), of which no more is
    public. Source clips are mapped onto the target's joints by a learned map
    (:class:`AdaptiveGraphMap`), and one network reads both. A classifier tells the domains apart by
    the features, which learn against it (:func:`reverse_gradient`)::

        L = L_c(target) + L_c(source) + L_d

    where the features get the gradient of L_d times -lambda, and lambda rises from 0 to
    ``reversal_weight`` (:func:`reversal_schedule`). Target clips may lack labels: L_c(target) is
    then of the others. In a test there is the target alone.

    Args:
        backbone (dict): See :class:`SkeletonEncoder`.
        cls_head (dict): Config of the head, see :class:`SkeletonHead`; the domains are told apart
            by what it reads.
        source_layout (str | dict | PoseLayout): The pose graph of the source.
        layout (str | dict | PoseLayout): That of the target. Defaults to ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
        reversal_weight (float): What lambda rises to; 0 trains on both domains without reversal.
            Defaults to 1.
    """

    loss_reads = ('teacher_inputs',)

    @checked
    def __init__(
        self,
        backbone: dict,
        cls_head: dict,
        source_layout: str | dict | PoseLayout,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        reversal_weight: NotNegative = 1.0,
    ) -> None:
        super().__init__(backbone, cls_head, layout, neck, data_preprocessor)
        self.source_layout = get_layout(source_layout)
        self.graph_map = AdaptiveGraphMap(self.source_layout, self.layout)
        self.domain_classifier = DomainClassifier(self.cls_head.in_channels)
        self.reversal_weight = reversal_weight

    def loss(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: SampleList,
        teacher_inputs: SkeletonBatch | None = None,
    ) -> dict[str, Tensor]:
        """The losses, and figures of the target's clips.

        Args:
            inputs (SkeletonBatch | Tensor): N target clips.
            data_samples (list): Of these, with ``source_label`` of the clip beside each, and
                ``gt_label`` where it is known.
            teacher_inputs (SkeletonBatch): N source clips (N, M, T, V_s, C). Defaults to None.

        Returns:
            dict: ``loss_cls`` of target clips with a label, 0 where none has one,
            ``loss_cls_source``, ``loss_domain``, ``domain_acc``, and the head's figures.

        Raises:
            ValueError: If there are no source clips, or of another graph.
        """
        target = inputs if isinstance(inputs, SkeletonBatch) else SkeletonBatch(inputs)
        source = self._mapped(teacher_inputs, len(data_samples))
        both = SkeletonBatch.joined([target, source])
        self._check(both)
        features = self._pool(self._run_backbone(both), both, ())
        logits = self.cls_head(features)
        number = len(data_samples)
        labelled = [row for row, sample in enumerate(data_samples) if 'gt_label' in sample]
        losses = dict(loss_cls=0 * logits.sum())
        if labelled:
            known = [data_samples[row] for row in labelled]
            losses.update(self.cls_head.loss_by_feat(logits[labelled], known))
        told = [ActionDataSample().set_gt_label(s.source_label) for s in data_samples]
        told = [sample.to(logits.device) for sample in told]
        losses['loss_cls_source'] = self.cls_head.loss_by_feat(logits[number:], told)['loss_cls']
        losses['loss_domain'], losses['domain_acc'] = self._domain_loss(features, number)
        return losses

    def _domain_loss(self, features: SkeletonFeatures, number: int) -> tuple[Tensor, Tensor]:
        read = getattr(features, self.cls_head.reads).flatten(1)
        is_source = torch.arange(len(read), device=read.device) >= number
        weight = self.reversal_weight * reversal_schedule(_progress())
        return self.domain_classifier.loss(read, is_source, weight)

    def _mapped(self, source: SkeletonBatch | None, number: int) -> SkeletonBatch:
        given = 0 if source is None else len(source.keypoint)
        if source is None or given != number:
            raise ValueError(
                f'{number} target clips came with {given} source clips: set '
                "train_dataloader.dataset=dict(type='CrossGraphDataset', dataset=..., source=...)"
            )
        joints, channels = source.keypoint.shape[-2:]
        if (joints, channels) != (self.source_layout.num_joints, self.in_channels):
            raise ValueError(
                f'source clips have {joints} joints and {channels} channels, source_layout '
                f'{self.source_layout.name!r} has {self.source_layout.num_joints}, and the '
                f'backbone takes {self.in_channels} channels: set model.source_layout, or the same '
                "streams in both pipelines, with dict(type='ProjectPose') first in one in 3D"
            )
        mapped = self.graph_map(source.keypoint)
        return SkeletonBatch(mapped, source.frame_mask, source.person_mask)


def reversal_schedule(progress: float) -> float:
    """How much of the reversal there is (Ganin & Lempitsky, JMLR 2016, Sec. 5.2.2).

    Args:
        progress (float): Share of the training that is done, in [0, 1].

    Returns:
        float: From 0 to 1.
    """
    return 2 / (1 + math.exp(-STEEPNESS * progress)) - 1


def _progress() -> float:
    """What mmengine's runner tells; outside of one all is done."""
    told = MessageHub.get_current_instance().runtime_info
    return told['iter'] / told['max_iters'] if {'iter', 'max_iters'} <= told.keys() else 1.0
