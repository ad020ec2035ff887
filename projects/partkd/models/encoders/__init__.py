from .skeleton_encoder import ModelOutput, SkeletonEncoder

__all__ = ['ModelOutput', 'SkeletonEncoder']
