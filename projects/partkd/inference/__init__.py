"""Trained models at work: clips, streams and videos in, actions out."""

from .clips_to_classify import ClipReader, joints_by_name, numbered_name
from .skeleton_inferencer import SkeletonInferencer
from .streaming import StreamingRecognizer
from .timeline import Span, label_over_time, spans_of, write_spans
from .trained_model import TrainedModel, load_model

__all__ = [
    'ClipReader',
    'SkeletonInferencer',
    'Span',
    'StreamingRecognizer',
    'TrainedModel',
    'joints_by_name',
    'label_over_time',
    'load_model',
    'numbered_name',
    'spans_of',
    'write_spans',
]
