"""Whether all that a config has built is there, and takes the arguments that it is given."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mmaction.registry import (
    DATA_SAMPLERS,
    DATASETS,
    HOOKS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)
from mmengine.config import Config
from mmengine.registry import DefaultScope, Registry

from partkd.messages import shown

from .configs import datasets_inside, innermost_dataset
from .nearest import nearest

# What mmengine's builders take out of a dict, or hand on, before a class is called with it.
_OF_BUILDERS = {
    *('type', '_scope_', 'by_epoch', 'convert_to_iter_based', 'priority'),
    *('constructor', 'paramwise_cfg'),
}


@dataclass(frozen=True)
class Component:
    """A dict that something is built of.

    Args:
        place (str): Where it stands in the config, as a dotted key.
        config (Any): The dict.
        registry (Registry): Where its type is looked up.
        filled_in (tuple[str, ...], optional): Arguments that its builder adds. Defaults to None:
            more than can be told, so that none counts as missing.
    """

    place: str
    config: Any
    registry: Registry
    filled_in: tuple[str, ...] | None = None


def check_components(cfg: Config, splits: tuple[str, ...]) -> None:
    """Refuse what nobody registered, and arguments that are none or are missing.

    Args:
        cfg (Config): The config.
        splits (tuple[str, ...]): The splits that are used; with ``'train'`` what trains counts too.

    Raises:
        ValueError: Naming the file and all of them, and the nearest that there are.
    """
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        faults = [fault for component in _components(cfg, splits) if (fault := _fault(component))]
    if faults:
        raise ValueError(f'{cfg.filename or "the config"}: {"; ".join(dict.fromkeys(faults))}')


def _components(cfg: Config, splits: tuple[str, ...]) -> Iterator[Component]:
    yield from _of_model(cfg.model)
    for split in splits:
        if loader := cfg.get(f'{split}_dataloader'):
            yield from _of_loader(loader, f'{split}_dataloader')
        if split != 'train':
            yield from _listed(cfg, f'{split}_evaluator', METRICS, ())
    if 'train' not in splits:
        return
    loop = dict(cfg.get('train_cfg') or {})
    loop.setdefault('type', f'{"Epoch" if loop.get("by_epoch", True) else "Iter"}BasedTrainLoop')
    yield Component('train_cfg', loop, LOOPS, ('runner', 'dataloader'))
    yield from _listed(cfg, 'param_scheduler', PARAM_SCHEDULERS, None)
    yield from _listed(cfg, 'custom_hooks', HOOKS, ())
    wrapper = dict(type='OptimWrapper') | dict(cfg.get('optim_wrapper') or {})
    yield Component('optim_wrapper', wrapper, OPTIM_WRAPPERS)
    if wrapper.get('optimizer') is not None:
        yield Component('optim_wrapper.optimizer', wrapper['optimizer'], OPTIMIZERS, ('params',))
    for name, hook in (cfg.get('default_hooks') or {}).items():
        if hook is not None:
            yield Component(f'default_hooks.{name}', hook, HOOKS, ())


def _of_model(model: Mapping) -> Iterator[Component]:
    yield Component('model', model, MODELS)
    inner = next((name for name in ('student', 'encoder') if model.get(name)), None)
    student = model[inner] if inner else None
    place = f'model.{inner}' if inner else 'model'
    if student is not None:
        yield Component(place, student, MODELS)
        yield from _named_components(model, 'model', ('teacher', 'adapter'))
    recognizer = model if student is None else student
    yield from _named_components(
        recognizer, place, ('backbone', 'neck', 'cls_head', 'data_preprocessor')
    )
    for number, loss in enumerate(model.get('losses') or []):
        yield Component(f'model.losses.{number}', loss, MODELS)


def _named_components(model: Mapping, place: str, names: tuple[str, ...]) -> Iterator[Component]:
    for name in names:
        if model.get(name) is not None:
            yield Component(f'{place}.{name}', model[name], MODELS)


def _of_loader(loader: Mapping, name: str) -> Iterator[Component]:
    for key in ('sampler', 'batch_sampler'):
        if loader.get(key) is not None:
            yield Component(f'{name}.{key}', loader[key], DATA_SAMPLERS)
    joined, place = innermost_dataset(loader['dataset']), f'{name}.dataset'
    inside = datasets_inside(joined)
    if inside == [joined]:
        yield from _of_dataset(joined, place)
        return
    yield Component(place, joined, DATASETS)
    for number, dataset in enumerate(inside):
        yield from _of_dataset(dataset, f'{place}.datasets.{number}')


def _of_dataset(dataset: Mapping, place: str) -> Iterator[Component]:
    yield Component(place, dataset, DATASETS)
    for side, where in ((dataset, place), (dataset.get('teacher') or {}, f'{place}.teacher')):
        for number, step in enumerate(side.get('pipeline') or []):
            yield Component(f'{where}.pipeline.{number}', step, TRANSFORMS, ())


def _listed(
    cfg: Config, key: str, registry: Registry, filled_in: tuple[str, ...] | None
) -> Iterator[Component]:
    """Of a setting that is one dict, or a list of them."""
    listed = cfg.get(key) or []
    if isinstance(listed, Mapping):
        yield Component(key, listed, registry, filled_in)
        return
    for number, one in enumerate(listed):
        yield Component(f'{key}.{number}', one, registry, filled_in)


def _fault(component: Component) -> str:
    if not isinstance(component.config, Mapping):
        return ''  # built already, or refused by whoever builds it
    kind = component.config.get('type')
    if kind is None:
        return (
            f'{component.place} has no type: a list in a config replaces that of its _base_, so '
            'each of its dicts is given whole'
        )
    built = component.registry.get(kind) if isinstance(kind, str) else kind
    if built is not None and not callable(built):
        return f'{component.place}.type={shown(kind)}: it is a name'
    if built is None:
        known = [*component.registry.module_dict, *component.registry.parent.module_dict]
        instead = nearest(kind, known) or ', or custom_imports lacks its module'
        return f'{component.place}: there is no {component.registry.name} {kind}{instead}'
    known_arguments = _arguments(built)
    if known_arguments is None:
        return ''
    given = component.config.keys() - _OF_BUILDERS
    said = [
        f'has no {key}{nearest(key, known_arguments)}'
        for key in sorted(given - known_arguments.keys())
    ]
    if component.filled_in is not None:
        needed = {name for name, is_needed in known_arguments.items() if is_needed}
        said += [f'needs {key}' for key in sorted(needed - given - set(component.filled_in))]
    return f'{component.place}: {built.__name__} {", and ".join(said)}' if said else ''


def _arguments(built: Any) -> dict[str, bool] | None:
    """Names of arguments and whether each is needed; None where it may take any.

    A class that hands ``**kwargs`` on to the classes behind it takes theirs as well; one that does
    anything else with them, as mmaction2's ``STGCN``, may take any.
    """
    functions = [built]
    if inspect.isclass(built):
        own = [vars(one).get('__init__') for one in built.__mro__ if one is not object]
        functions = [function for function in own if function is not None]
    arguments: dict[str, bool] = {}
    for function in functions:
        signature = inspect.signature(function)
        arguments = _named(signature) | arguments
        kinds = {one.kind for one in signature.parameters.values()}
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            arguments.pop('self', None)
            return arguments
        if not _hands_on(function):
            return None
    return None if functions else {}


@cache
def _hands_on(function: Callable) -> bool:
    """Whether it calls ``super().__init__(..., **kwargs)``."""
    try:
        code = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except OSError:  # made at run time
        return False
    calls = (
        node
        for node in ast.walk(code)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == 'super().__init__'
    )
    return any(keyword.arg is None for call in calls for keyword in call.keywords)


def _named(signature: inspect.Signature) -> dict[str, bool]:
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {
        name: one.default is inspect.Parameter.empty
        for name, one in signature.parameters.items()
        if one.kind not in variable
    }
