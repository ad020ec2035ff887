from .masked_batch_norm import FrameMask, downsample_mask, mask_batch_norms

__all__ = ['FrameMask', 'downsample_mask', 'mask_batch_norms']
