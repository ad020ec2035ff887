from .kd_recognizer import KDRecognizer
from .skeleton_recognizer import SkeletonRecognizer

__all__ = ['KDRecognizer', 'SkeletonRecognizer']
