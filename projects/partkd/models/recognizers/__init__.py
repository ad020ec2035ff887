from .kd_recognizer import KDRecognizer
from .predictive_recognizer import PredictiveRecognizer
from .skeleton_recognizer import SkeletonRecognizer

__all__ = ['KDRecognizer', 'PredictiveRecognizer', 'SkeletonRecognizer']
