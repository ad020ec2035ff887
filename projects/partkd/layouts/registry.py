"""The layouts that come with the package, by name."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from partkd.messages import shown

from . import data
from .pose_layout import PoseLayout

_METAINFO = {'keypoint_info', 'skeleton_info', 'dataset_info', 'from_file'}


def _load_all() -> dict[str, PoseLayout]:
    modules = [import_module(f'{data.__name__}.{m.name}') for m in iter_modules(data.__path__)]
    layouts = [PoseLayout.from_dict(module.layout) for module in modules]
    return {layout.name: layout for layout in layouts}


LAYOUTS: Mapping[str, PoseLayout] = MappingProxyType(_load_all())


def layout_names() -> list[str]:
    """List the names that :func:`get_layout` knows.

    Returns:
        list[str]: Names in alphabetical order.
    """
    return sorted(LAYOUTS)


def get_layout(layout: str | Mapping[str, Any] | PoseLayout) -> PoseLayout:
    """Turn whatever a config says about a layout into a layout.

    Args:
        layout (str | Mapping[str, Any] | PoseLayout): A known name; a dict for
            :meth:`PoseLayout.from_dict`; mmpose metainfo, as a dict or as the path of a Python
            file; or a layout.

    Returns:
        PoseLayout: The layout.

    Raises:
        ValueError: If the name is not known or the dict is not valid.
    """
    if isinstance(layout, PoseLayout):
        return layout
    if isinstance(layout, Mapping):
        is_metainfo = _METAINFO & layout.keys()
        return PoseLayout.from_metainfo(layout) if is_metainfo else PoseLayout.from_dict(layout)
    if isinstance(layout, str) and layout in LAYOUTS:
        return LAYOUTS[layout]
    if isinstance(layout, str) and layout.endswith('.py'):
        return PoseLayout.from_metainfo(layout)
    raise ValueError(
        f'unknown layout {shown(layout)}: known are {", ".join(layout_names())}; a layout may '
        'also be a dict, or the path of an mmpose metainfo file'
    )
