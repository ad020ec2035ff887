import copy
from collections.abc import Collection
from typing import Any, TypeAlias

from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from partkd.arguments import checked
from partkd.layouts import PoseLayout, get_layout
from partkd.models.grouped_loss_model import GroupedLossModel
from partkd.models.layers import check_padding, share_frame_mask
from partkd.structures import SkeletonBatch, SkeletonFeatures

# What mmengine lets a model give, depending on its mode.
ModelOutput: TypeAlias = SkeletonFeatures | Tensor | dict[str, Tensor] | SampleList


@MODELS.register_module()
class SkeletonEncoder(GroupedLossModel):
    """Features of skeletons of any layout: backbone and part pooling, without a head.

    A recogniser is an encoder with a head; what trains one by another objective, with labels or
    without, holds one. Only persons and frames that exist are computed: persons are gathered before
    the backbone, and padded frames change neither its outputs nor its batch statistics. A backbone
    in which they would is refused at the first batch with padding; clips of one length it takes. A
    batch without masks (``padding='fixed'``) is computed as mmaction2's ``RecognizerGCN`` computes
    it.

    Weights are named ``backbone.*``, as in mmaction2's recognisers, whose checkpoints load. In a
    model that trains one by another objective as its ``encoder`` they are ``encoder.backbone.*``: a
    recogniser, or a distillation's student, starts from its checkpoint by ``load_from``.

    Args:
        backbone (dict): Config of a GCN that maps (N, M, T, V, C) to (N, M, C', T', V). Its
            ``graph_cfg`` needs no layout.
        layout (str | dict | PoseLayout): The pose graph of backbone and neck. Defaults to
            ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
    """

    @checked
    def __init__(
        self,
        backbone: dict,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(MODELS.build(data_preprocessor or dict(type='SkeletonDataPreprocessor')))
        self.layout = get_layout(layout)
        backbone = copy.deepcopy(backbone)
        graph_cfg = dict(mode='stgcn_spatial') | backbone.get('graph_cfg', {})
        backbone['graph_cfg'] = graph_cfg | dict(layout=self.layout.graph_cfg())
        self.in_channels = backbone.get('in_channels', 3)
        self.backbone = MODELS.build(backbone)
        if getattr(self.backbone, 'data_bn_type', None) == 'MVC':
            raise ValueError(
                "data_bn_type='MVC' wants a fixed number of persons, but only real ones are "
                "computed: set backbone.data_bn_type='VC'"
            )
        self.neck = MODELS.build(dict(type='PartPooling') | (neck or {}) | dict(layout=self.layout))
        self.frame_mask = share_frame_mask(self.backbone)

    def extract_feat(
        self,
        inputs: SkeletonBatch | Tensor,
        stage: str = 'neck',
        reads: Collection[str] = (),
    ) -> tuple[SkeletonFeatures | Tensor, dict]:
        """Features of a batch.

        Args:
            inputs (SkeletonBatch | Tensor): A batch, or (N, M, T, V, C) in which everything is
                real.
            stage (str): ``'backbone'`` for joint-level features of every real person
                (P, C, T', V), ``'neck'`` for :class:`SkeletonFeatures`. Defaults to ``'neck'``.
            reads (Collection[str]): Features that will be read; ``joints`` are made only where
                they are among these. Defaults to ().

        Returns:
            tuple: The features, and the empty dict that mmaction2 expects beside them.

        Raises:
            ValueError: If joints or channels are not those of the layout and the backbone, or if
                a batch of a training is one person in one frame.
            RuntimeError: If clips are padded and the backbone does not heed it, see
                :func:`partkd.models.layers.check_padding`.
        """
        batch = inputs if isinstance(inputs, SkeletonBatch) else SkeletonBatch(inputs)
        self._check(batch)
        z = self._run_backbone(batch)
        return (z if stage == 'backbone' else self._pool(z, batch, reads)), {}

    def forward(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: list | None = None,
        mode: str = 'tensor',
        **kwargs: Any,
    ) -> ModelOutput:
        """Features of a batch; an encoder alone has neither a loss nor predictions.

        Args:
            inputs (SkeletonBatch | Tensor): See :meth:`extract_feat`.
            data_samples (list, optional): Not read. Defaults to None.
            mode (str): ``'tensor'``. Defaults to that.
            **kwargs: ``stage`` and ``reads`` of :meth:`extract_feat`.

        Returns:
            SkeletonFeatures | Tensor: See :meth:`extract_feat`.
        """
        if mode != 'tensor':
            raise ValueError(
                f'{type(self).__name__} has no head, and so no mode {mode!r}: train it as part of '
                "a model with a loss, or take a SkeletonRecognizer for mode='predict'"
            )
        return self.extract_feat(inputs, **kwargs)[0]

    def _run_backbone(self, batch: SkeletonBatch) -> Tensor:
        """Joint-level features of every real person, (P, C, T', V)."""
        keypoint, frame_mask = batch.persons()
        self._require_statistics(keypoint, frame_mask)
        if frame_mask is not None:
            check_padding(self.backbone, self.frame_mask, *keypoint.shape[-2:])
        with self.frame_mask.use(frame_mask):
            return self.backbone(keypoint[:, None])[:, 0]

    def _pool(self, z: Tensor, batch: SkeletonBatch, reads: Collection[str]) -> SkeletonFeatures:
        """Features of the clips, of joint-level features (P, C, T', V) of their real persons."""
        return self.neck(z, batch, reads)

    def _require_statistics(self, keypoint: Tensor, frame_mask: Tensor | None) -> None:
        """Batch normalisation in training wants more than one value."""
        if not self.training or len(keypoint) > 1:
            return
        frames = keypoint.shape[1] if frame_mask is None else int(frame_mask.sum())
        if frames == 1 and any(isinstance(m, _BatchNorm) and m.training for m in self.modules()):
            raise ValueError(
                'a batch is one person in one frame, over which batch normalisation has no '
                'variance: set train_dataloader.batch_size to 2 or more and drop_last=True, or let '
                'the pipeline take more frames'
            )

    def _check(self, batch: SkeletonBatch) -> None:
        num_joints, channels = batch.keypoint.shape[-2:]
        if num_joints != self.layout.num_joints:
            raise ValueError(
                f'the batch has {num_joints} joints, layout {self.layout.name!r} of the model '
                f'has {self.layout.num_joints}: set model.layout to the layout of the data'
            )
        if channels != self.in_channels:
            raise ValueError(
                f'the batch has {channels} channels, the backbone takes {self.in_channels}: set '
                f'backbone.in_channels={channels}, or other streams in the pipeline'
            )
