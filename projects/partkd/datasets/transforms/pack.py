"""The end of a pipeline: tensors."""

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from mmaction.structures import ActionDataSample

from partkd.arguments import checked

from .base import SkeletonTransform


@TRANSFORMS.register_module()
class PackSkeletonInputs(SkeletonTransform):
    """Packs an item for the model.

    Args:
        meta_keys (Sequence[str]): What goes into the sample's meta information, where the item
            has it. Defaults to ``('frame_dir', 'sample_idx', 'paired')``.
    """

    @checked
    def __init__(self, meta_keys: tuple[str, ...] = ('frame_dir', 'sample_idx', 'paired')) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Packs an item.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C); ``label`` is taken where it is there.

        Returns:
            dict: ``inputs``, a float tensor (M, T, V, C), and ``data_samples``, an
            :class:`ActionDataSample` with ``gt_label``.
        """
        data_sample = ActionDataSample()
        if 'label' in results:
            data_sample.set_gt_label(results['label'])
        meta = {key: results[key] for key in self.meta_keys if key in results}
        data_sample.set_metainfo(meta)
        keypoint = np.ascontiguousarray(results['keypoint'], dtype=np.float32)
        return {'inputs': torch.from_numpy(keypoint), 'data_samples': data_sample}

    def __repr__(self) -> str:
        return f'{type(self).__name__}(meta_keys={self.meta_keys})'
