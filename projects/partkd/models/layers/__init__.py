"""Layers that padded frames do not touch, for backbones.

All take features (P, C, T, V) of P persons. A backbone's author uses them where frames meet (a mean
over time, attention, max pooling) and plain batch norms elsewhere: the recogniser replaces those.
"""

from .activation_mask import activated_joints, per_frame
from .attention import channel_gate, joint_affinity, spatial_gate, temporal_gate
from .clue_encoder import ClueEncoder
from .domain_classifier import DomainClassifier, reverse_gradient
from .frame_mask import FrameMask, MaskAware, downsample_mask
from .frame_pooling import FrameMaxPool, mean_over_frames
from .graph_map import AdaptiveGraphMap
from .hop_graph import HopGraphConvolution, hop_adjacency
from .key_queue import KeyQueue
from .masked_batch_norm import (
    FramesAndJointsBatchNorm,
    MaskedBatchNorm1d,
    MaskedBatchNorm2d,
    mask_batch_norms,
)
from .multi_branch import MultiBranchConvolution
from .padding_probe import check_padding, padding_error
from .sharing import share_frame_mask

__all__ = [
    'AdaptiveGraphMap',
    'ClueEncoder',
    'DomainClassifier',
    'FrameMask',
    'FrameMaxPool',
    'FramesAndJointsBatchNorm',
    'HopGraphConvolution',
    'KeyQueue',
    'MaskAware',
    'MaskedBatchNorm1d',
    'MaskedBatchNorm2d',
    'MultiBranchConvolution',
    'activated_joints',
    'channel_gate',
    'check_padding',
    'downsample_mask',
    'hop_adjacency',
    'joint_affinity',
    'mask_batch_norms',
    'mean_over_frames',
    'padding_error',
    'per_frame',
    'reverse_gradient',
    'share_frame_mask',
    'spatial_gate',
    'temporal_gate',
]
