from .skeleton_encoder import SkeletonEncoder

__all__ = ['SkeletonEncoder']
