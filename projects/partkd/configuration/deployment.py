"""What a config and a checkpoint say of a student at work: how clips are prepared, what classes are
called, and whether all of it is made of registered parts."""

import ast
from collections.abc import Iterator
from typing import Any

from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.registry import WEIGHT_INITIALIZERS, Registry

from partkd.datasets import Degradation, class_names
from partkd.messages import shown

from .configs import innermost_dataset

_OWN_SCOPES = ('mmaction', 'mmengine', 'partkd')


def deployed_pipeline(cfg: Config) -> list[dict]:
    """The steps that prepare a clip: those of the test, without the degradations that it was
    tested under.

    Args:
        cfg (Config): Of a plain recogniser.

    Returns:
        list[dict]: Configs of transforms; none where the config has no test.
    """
    if cfg.get('test_dataloader') is None:
        return []
    steps = innermost_dataset(cfg.to_dict()['test_dataloader']['dataset'])['pipeline']
    return [step for step in steps if not _is_degradation(step['type'])]


def deployed_classes(cfg: Config, learned: object, num_classes: int) -> list[str]:
    """Names of the classes in the order of labels: the config's, or those of the training clips.

    Args:
        cfg (Config): Of a plain recogniser.
        learned (object): The names that the checkpoint has, None where it has none.
        num_classes (int): How many the model tells apart.

    Returns:
        list[str]: Empty where there are none.

    Raises:
        ValueError: If these are names of another number of classes.
    """
    loader = cfg.get('test_dataloader')
    metainfo = (innermost_dataset(loader['dataset']).get('metainfo') if loader else None) or {}
    names = class_names(metainfo.get('classes') or learned, 'metainfo.classes')
    if names and len(names) != num_classes:
        raise ValueError(
            f'the model has {num_classes} classes, and there are names of {len(names)}, '
            f'{shown(names)}: set metainfo=dict(classes=[...]) of the test data set'
        )
    return names


def stored_config(text: str, where: str) -> Config:
    """Read the config that a checkpoint carries, without running anything of it.

    Args:
        text (str): As ``Config.pretty_text`` writes it: names that are bound to literals.
        where (str): What has it, for the errors.

    Returns:
        Config: The config.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        settings = dict(map(_setting, ast.parse(text).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(
            f'the config in {where} is none that can be read without running it ({error}): name '
            'the file of the config as well'
        ) from error
    return Config(settings)


def require_registered(config: object, where: str) -> None:
    """Refuse a config from outside that would build anything but registered models and transforms.

    mmengine takes the path of any function in the place of a registered name.

    Args:
        config (object): Of a model or a pipeline.
        where (str): What has it, for the error.

    Raises:
        ValueError: Naming the first such type.
    """
    for kind in _types(config):
        if not isinstance(kind, str) or not any(
            _is_registered(kind, registry) for registry in (MODELS, TRANSFORMS, WEIGHT_INITIALIZERS)
        ):
            raise ValueError(
                f'{where} asks for {shown(kind)}, which is no registered model or transform: '
                'import what registers it, or take another file'
            )


def _is_degradation(kind: str | type) -> bool:
    built = TRANSFORMS.get(kind) if isinstance(kind, str) else kind
    return isinstance(built, type) and issubclass(built, Degradation)


def _setting(node: ast.stmt) -> tuple[str, Any]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, _literal(node.value)
    raise ValueError(f'line {node.lineno} binds no name')


def _literal(node: ast.expr) -> Any:
    """Literals, ``dict(key=value)`` and ``dict({key: value})``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict':
        if len(node.args) > 1 or not all(keyword.arg for keyword in node.keywords):
            raise ValueError(f'line {node.lineno} calls dict with more than keys and values')
        named = {str(keyword.arg): _literal(keyword.value) for keyword in node.keywords}
        return dict(*map(_literal, node.args), **named)
    if isinstance(node, ast.Dict) and all(node.keys):
        return {
            ast.literal_eval(key): _literal(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    if isinstance(node, ast.List | ast.Tuple):
        values = [_literal(value) for value in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    return ast.literal_eval(node)


def _types(config: object) -> Iterator[object]:
    if isinstance(config, dict):
        if 'type' in config:
            yield config['type']
        config = list(config.values())
    if isinstance(config, list | tuple):
        for value in config:
            yield from _types(value)


def _is_registered(kind: str, registry: Registry | None) -> bool:
    """Without mmengine's way of taking any path."""
    scope, _, name = kind.rpartition('.')
    while registry is not None:
        if name in registry.module_dict and scope in ('', *_OWN_SCOPES):
            return True
        registry = registry.parent
    return False
