from .part_matrix import draw_part_matrix
from .skeletons import draw_skeletons

__all__ = ['draw_part_matrix', 'draw_skeletons']
