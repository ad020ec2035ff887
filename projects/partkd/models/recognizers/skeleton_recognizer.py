import copy

from mmaction.models.recognizers import BaseRecognizer
from mmaction.registry import MODELS
from torch import Tensor

from partkd.layouts import PoseLayout, get_layout
from partkd.models.layers import check_padding, share_frame_mask
from partkd.structures import SkeletonBatch, SkeletonFeatures


@MODELS.register_module()
class SkeletonRecognizer(BaseRecognizer):
    """Recognises actions from skeletons of any layout: backbone, part pooling, head.

    Only persons and frames that exist are computed: persons are gathered before the backbone,
    and padded frames change neither its outputs nor its batch statistics. A backbone in which they
    would is refused at the first batch with padding; clips of one length it takes. A batch without
    masks (``padding='fixed'``) is computed as mmaction2's ``RecognizerGCN`` computes it.

    Args:
        backbone (dict): Config of a GCN that maps (N, M, T, V, C) to (N, M, C', T', V). Its
            ``graph_cfg`` needs no layout.
        cls_head (dict): Config of the head, see :class:`SkeletonHead`.
        layout (str | dict | PoseLayout): The pose graph of backbone and neck. Defaults to
            ``'coco'``.
        neck (dict, optional): Config of the pooling. Defaults to ``dict(type='PartPooling')``.
        data_preprocessor (dict, optional): Defaults to ``dict(type='SkeletonDataPreprocessor')``.
        train_cfg, test_cfg (dict, optional): As in mmaction2.
    """

    def __init__(
        self,
        backbone: dict,
        cls_head: dict,
        layout: str | dict | PoseLayout = 'coco',
        neck: dict | None = None,
        data_preprocessor: dict | None = None,
        train_cfg: dict | None = None,
        test_cfg: dict | None = None,
    ) -> None:
        layout = get_layout(layout)
        backbone = copy.deepcopy(backbone)
        graph_cfg = dict(mode='stgcn_spatial') | backbone.get('graph_cfg', {})
        backbone['graph_cfg'] = graph_cfg | dict(layout=layout.graph_cfg())
        super().__init__(
            backbone=backbone,
            neck=dict(type='PartPooling') | (neck or {}) | dict(layout=layout),
            cls_head=cls_head,
            train_cfg=train_cfg,
            test_cfg=test_cfg,
            data_preprocessor=MODELS.build(
                data_preprocessor or dict(type='SkeletonDataPreprocessor')
            ),
        )
        if getattr(self.backbone, 'data_bn_type', None) == 'MVC':
            raise ValueError(
                "data_bn_type='MVC' wants a fixed number of persons, but only real ones are "
                "computed: set backbone.data_bn_type='VC'"
            )
        self.layout = layout
        self.in_channels = backbone.get('in_channels', 3)
        self.frame_mask = share_frame_mask(self.backbone)

    def extract_feat(
        self, inputs: SkeletonBatch | Tensor, stage: str = 'neck', **kwargs
    ) -> tuple[SkeletonFeatures | Tensor, dict]:
        """Features of a batch.

        Args:
            inputs (SkeletonBatch | Tensor): A batch, or (N, M, T, V, C) in which everything is
                real.
            stage (str): ``'backbone'`` for joint-level features (P, C, T', V), ``'neck'`` for
                :class:`SkeletonFeatures`, ``'head'`` for logits (N, num_classes). Defaults to
                ``'neck'``.

        Returns:
            tuple: The features, and the empty dict that mmaction2 expects beside them.

        Raises:
            ValueError: If joints or channels are not those of the layout and the backbone.
            RuntimeError: If clips are padded and the backbone does not heed it, see
                :func:`partkd.models.layers.check_padding`.
        """
        batch = inputs if isinstance(inputs, SkeletonBatch) else SkeletonBatch(inputs)
        self._check(batch)
        keypoint, frame_mask = batch.persons()
        if frame_mask is not None:
            check_padding(self.backbone, self.frame_mask, *keypoint.shape[-2:])
        with self.frame_mask.use(frame_mask):
            joints = self.backbone(keypoint[:, None])[:, 0]
        if stage == 'backbone':
            return joints, {}
        features = self.neck(joints, batch)
        if stage == 'neck':
            return features, {}
        return self.cls_head(features), {}

    def _forward(self, inputs: SkeletonBatch | Tensor, stage: str = 'head', **kwargs) -> Tensor:
        """The ``'tensor'`` mode: logits (N, num_classes), or the features of ``stage``."""
        return self.extract_feat(inputs, stage=stage)[0]

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
