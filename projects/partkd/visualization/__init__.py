from .answers import draw_answers
from .class_changes import draw_class_changes
from .confusion_matrix import draw_confusion_matrix
from .occlusion_curves import draw_occlusion_curves
from .part_features import draw_part_features
from .part_matrix import draw_part_matrix
from .persons import draw_persons
from .pictures import require_picture
from .robustness import draw_robustness
from .skeleton_film import film_skeletons
from .skeletons import draw_skeletons
from .timeline import draw_timeline

__all__ = [
    'draw_answers',
    'draw_class_changes',
    'draw_confusion_matrix',
    'draw_occlusion_curves',
    'draw_part_features',
    'draw_part_matrix',
    'draw_persons',
    'draw_robustness',
    'draw_skeletons',
    'draw_timeline',
    'film_skeletons',
    'require_picture',
]
