from .skeleton_head import SkeletonHead

__all__ = ['SkeletonHead']
