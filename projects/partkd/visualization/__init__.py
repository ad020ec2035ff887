from .confusion_matrix import draw_confusion_matrix
from .part_matrix import draw_part_matrix
from .pictures import require_picture
from .robustness import draw_robustness
from .skeletons import draw_skeletons

__all__ = [
    'draw_confusion_matrix',
    'draw_part_matrix',
    'draw_robustness',
    'draw_skeletons',
    'require_picture',
]
