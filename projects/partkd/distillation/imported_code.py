"""The code of components that a config brings along."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mmengine.config import Config

from partkd.files import source_digest


def imported_code(cfg: Config) -> dict:
    """The code of a config's own components.

    Args:
        cfg (Config): A config with ``custom_imports``.

    Returns:
        dict: ``code``, a digest of the source of each module by its name (of a package, of all
        modules in it), PartKD's left out; empty where there is no other.
    """
    names = (cfg.get('custom_imports') or {}).get('imports') or []
    names = [names] if isinstance(names, str) else names
    code = {name: _code(name) for name in names if name.split('.')[0] != 'partkd'}
    return dict(code=code) if code else {}


@cache
def _code(module: str) -> str:
    """As it was when it was first asked for: what is in memory is not edited."""
    try:
        spec = find_spec(module)
    except ImportError:  # its package is missing, which the config may allow
        spec = None
    if spec is None or spec.origin is None:
        return ''
    file = Path(spec.origin)
    return source_digest(file.parent.rglob('*.py') if file.name == '__init__.py' else [file])
