from torch import nn

from .frame_mask import FrameMask, MaskAware
from .masked_batch_norm import mask_batch_norms


def share_frame_mask(backbone: nn.Module) -> FrameMask:
    """Have a backbone's batch norms and mask-aware layers read one frame mask, in place.

    Args:
        backbone (nn.Module): Its batch norms are replaced, see :func:`mask_batch_norms`.

    Returns:
        FrameMask: The mask to put in force while the backbone runs.
    """
    frame_mask = FrameMask()
    mask_batch_norms(backbone, frame_mask)
    for module in backbone.modules():
        if isinstance(module, MaskAware):
            module.frame_mask = frame_mask
    return frame_mask
