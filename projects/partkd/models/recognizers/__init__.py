from .cross_graph_recognizer import CrossGraphRecognizer
from .kd_recognizer import KDRecognizer
from .predictive_recognizer import PredictiveRecognizer
from .richly_activated_recognizer import RichlyActivatedRecognizer
from .skeleton_recognizer import SkeletonRecognizer

__all__ = [
    'CrossGraphRecognizer',
    'KDRecognizer',
    'PredictiveRecognizer',
    'RichlyActivatedRecognizer',
    'SkeletonRecognizer',
]
