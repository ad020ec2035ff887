"""Degradations by name, as the command line has them."""

import copy
import inspect
from collections.abc import Mapping, Sequence

from mmaction.registry import TRANSFORMS
from mmengine.config import Config

from partkd.arguments import named_settings
from partkd.messages import shown

from .configs import SPLITS, datasets_inside, set_occlusion
from .nearest import nearest

# By name: the transform, and its settings where none are given.
DEGRADATIONS: dict[str, dict] = {
    'joints': dict(type='JointOcclusion', prob=0.6, scope='clip'),
    'frames': dict(type='FrameLoss', share=0.5, form='random'),
    'gap': dict(type='FrameGap', frames=10),
    'jitter': dict(type='JointJitter', prob=0.1, deviation=0.2),
    'part': dict(type='PartLoss', part='left_arm'),
    'masks': dict(type='VisibilityMasks'),
}


def read_degradation(text: str) -> dict:
    """Read a degradation.

    Args:
        text (str): ``NAME``, or ``NAME:key=value,key=value``; names are those of
            :data:`DEGRADATIONS`, keys the arguments of their transforms.

    Returns:
        dict: Config of the transform.

    Raises:
        ValueError: If there is no such degradation or argument, or the transform refuses it.
    """
    name, given = named_settings(text)
    if name not in DEGRADATIONS:
        raise ValueError(
            f'there is no degradation {shown(name)}{nearest(name, DEGRADATIONS)}; known are '
            f'{", ".join(DEGRADATIONS)}'
        )
    transform = DEGRADATIONS[name] | given
    try:
        TRANSFORMS.build(dict(transform))
    except (TypeError, ValueError, FileNotFoundError) as error:
        raise ValueError(f'the degradation {shown(text)} cannot be built: {error}') from error
    return transform


def add_degradation(cfg: Config, transform: dict, splits: tuple[str, ...]) -> None:
    """Lay a degradation over what the network sees.

    Its place is that of :class:`JointOcclusion`: behind normalisation, ahead of what guesses the
    joints that are missing and of :class:`SkeletonStreams`.

    Args:
        cfg (Config): The config, which is changed.
        transform (dict): See :func:`read_degradation`.
        splits (tuple[str, ...]): Of ``'train'``, ``'val'`` and ``'test'``; one without a dataloader
            is passed over.

    Raises:
        ValueError: If a pipeline has neither of them.
    """
    for split in splits:
        loader = cfg.get(f'{split}_dataloader')
        if loader is None:
            continue
        for dataset in datasets_inside(loader['dataset']):
            pipeline, place = list(dataset.get('pipeline') or ()), _place(dataset, split)
            dataset['pipeline'] = [*pipeline[:place], dict(transform), *pipeline[place:]]


def add_behind_degradations(cfg: Config, transforms: Sequence[dict]) -> None:
    """Put transforms right behind all that makes a student's input poorer, in every pipeline.

    Args:
        cfg (Config): The config, which is changed.
        transforms (Sequence[dict]): Their configs, such as that of :class:`FillMissingJoints`.

    Raises:
        ValueError: If a pipeline has no place for them.
    """
    for split in SPLITS:
        loader = cfg.get(f'{split}_dataloader')
        if loader is None or not transforms:
            continue
        for dataset in datasets_inside(loader['dataset']):
            pipeline, place = list(dataset.get('pipeline') or ()), _place(dataset, split)
            place += pipeline[place]['type'] == 'JointOcclusion'
            added = copy.deepcopy(list(transforms))
            dataset['pipeline'] = [*pipeline[:place], *added, *pipeline[place:]]


def _place(dataset: Mapping, split: str) -> int:
    """That of the pipeline's own :class:`JointOcclusion`, or where that would be."""
    kinds = [step['type'] for step in dataset.get('pipeline') or ()]
    if not {'JointOcclusion', 'SkeletonStreams'} & set(kinds):
        raise ValueError(
            f'the pipeline of {split}_dataloader has no JointOcclusion and no SkeletonStreams, '
            "so a degradation has no place in it: add dict(type='JointOcclusion', prob=0.) "
            'behind normalisation'
        )
    # The last one is the pipeline's own; those ahead of it were added.
    before = 'JointOcclusion' if 'JointOcclusion' in kinds else 'SkeletonStreams'
    return len(kinds) - 1 - kinds[::-1].index(before)


def set_condition(
    cfg: Config,
    prob: float = 0.0,
    scope: str = 'frame',
    degradations: Sequence[str] = (),
    test_degradations: Sequence[str] | None = None,
) -> None:
    """Make the input of a student poorer, in training and in test.

    Args:
        cfg (Config): The config, which is changed.
        prob (float): See :func:`set_occlusion`. Defaults to 0.
        scope (str): See :func:`set_occlusion`. Defaults to ``'frame'``.
        degradations (Sequence[str]): Further ones, applied one after the other, see
            :func:`read_degradation`. Defaults to ().
        test_degradations (Sequence[str], optional): Those in their place in validation and test.
            Defaults to None, the same.

    Raises:
        ValueError: If a pipeline has no place for them, or there is no such degradation.
    """
    set_occlusion(cfg, prob, scope)
    tested = degradations if test_degradations is None else test_degradations
    for texts, splits in ((degradations, SPLITS[:1]), (tested, SPLITS[1:])):
        for text in texts:
            add_degradation(cfg, read_degradation(text), splits)


def describe_degradations() -> str:
    """What there is, for a command's help.

    Returns:
        str: A line for each, with its settings.
    """
    lines = ['degradations, with the settings that they have unless others are given:']
    for name, settings in DEGRADATIONS.items():
        kind = TRANSFORMS.get(settings['type'])
        does = (inspect.getdoc(kind) or '').split('\n\n')[0].replace('\n', ' ')
        named = ','.join(f'{key}={value}' for key, value in settings.items() if key != 'type')
        lines.append(f'  {name}:{named or "file=PATH"}\n      {does}')
    return '\n'.join(lines)
