"""A page in the browser: what models see, say, and say when joints are hidden from them."""

from .contender import Contender, clips_by_name, contenders_of_folder
from .page import require_gradio
from .serving import served

__all__ = [
    'Contender',
    'clips_by_name',
    'contenders_of_folder',
    'require_gradio',
    'served',
]
