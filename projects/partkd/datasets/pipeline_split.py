"""What of a pipeline is done once for all, and what a whole batch can go through at once."""

import inspect
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from mmaction.datasets.transforms import PreNormalize2D, PreNormalize3D

from partkd.files import source_digest
from partkd.layouts import PoseLayout
from partkd.structures import ClipBatch

from .transforms import PackSkeletonInputs, UniformSampleSkeleton
from .transforms.base import BatchTransform, ForgetCopies, SkeletonTransform

# Those of mmaction2 that make the same of a clip each time.
_DETERMINISTIC = (PreNormalize2D, PreNormalize3D)
# What a batch knows of its clips.
_KNOWN_OF_A_CLIP = {'frame_dir', 'sample_idx', 'paired'}


def deterministic_head(
    configs: Sequence[dict | Callable], transforms: Sequence[Callable], test_mode: bool
) -> list[dict]:
    """The longest beginning of a pipeline that makes the same of a clip each time.

    A transform that is not told from its config, or of which nobody knows whether it is random,
    ends it.

    Args:
        configs (Sequence): The pipeline as a config has it.
        transforms (Sequence[Callable]): The pipeline, built.
        test_mode (bool): Whether the dataset is in test mode.

    Returns:
        list[dict]: What tells the transforms of the head from all others, as JSON can hold it.
    """
    head = []
    for config, transform in zip(configs, transforms, strict=True):
        told = _told(config, transform)
        if told is None or not _is_deterministic(transform, test_mode):
            break
        head.append(told)
    return head


def layout_after(transforms: Sequence[Callable], layout: PoseLayout) -> PoseLayout:
    """The layout of what transforms make.

    Args:
        transforms (Sequence[Callable]): A part of a pipeline, built.
        layout (PoseLayout): Of what they are given.

    Returns:
        PoseLayout: Another one behind what maps skeletons onto another graph.
    """
    for transform in transforms:
        if isinstance(transform, SkeletonTransform):
            layout = transform.layout_after(layout)
    return layout


@dataclass
class BatchRun:
    """Batch transforms in a row, for a batch or a single clip.

    Args:
        sampling (UniformSampleSkeleton, optional): Chooses the frames that are needed.
        ahead (bool): Whether some of the transforms come before the sampling in the pipeline.
        transforms (list[BatchTransform]): What follows.
    """

    sampling: UniformSampleSkeleton | None
    ahead: bool
    transforms: list[BatchTransform]

    @classmethod
    def of_steps(cls, steps: Sequence[BatchTransform], test_mode: bool) -> 'BatchRun':
        """Samples frames first where that comes to the same, so that no others are read.

        Args:
            steps (Sequence[BatchTransform]): The transforms in the order of the pipeline.
            test_mode (bool): Whether the dataset is in test mode.
        """
        steps = list(steps)
        for place, step in enumerate(steps):
            if isinstance(step, UniformSampleSkeleton):
                before, after = steps[:place], steps[place + 1 :]
                return cls(step, place > 0, [*before, ForgetCopies(), *after] if before else after)
            if not step.treats_frames_alone(test_mode):
                break
        return cls(None, False, steps)

    def __call__(self, results: dict) -> dict:
        """Transforms one clip.

        Args:
            results (dict): One item of :class:`PairedPoseDataset`.

        Returns:
            dict: The item, changed in place.
        """
        batch = ClipBatch.of_item(results)
        if self.sampling is not None:
            batch = self.sampling.sample(batch, self.ahead)
        for transform in self.transforms:
            batch = transform.transform_batch(batch)
        return batch.into_item(results)


def grouped(transforms: Sequence[Callable], test_mode: bool) -> list[Callable]:
    """The same pipeline for single clips, with neighbouring batch transforms as one step.

    Args:
        transforms (Sequence[Callable]): A pipeline, built.
        test_mode (bool): Whether the dataset is in test mode.

    Returns:
        list[Callable]: Its steps.
    """
    steps: list[Callable] = []
    for _, group in groupby(transforms, lambda step: isinstance(step, BatchTransform)):
        neighbours = list(group)
        run = [step for step in neighbours if isinstance(step, BatchTransform)]
        steps += [BatchRun.of_steps(run, test_mode)] if run else neighbours
    return steps


def batch_tail(
    transforms: Sequence[Callable], test_mode: bool
) -> tuple[BatchRun, tuple[str, ...]] | None:
    """Makes the rest of a pipeline ready for batches.

    Args:
        transforms (Sequence[Callable]): What follows the head.
        test_mode (bool): Whether the dataset is in test mode.

    Returns:
        tuple[BatchRun, tuple[str, ...]] | None: What a batch goes through, and the keys of its
        meta information; None where a transform takes single clips only.
    """
    pack = transforms[-1] if transforms else None
    if not isinstance(pack, PackSkeletonInputs):
        return None
    steps = [step for step in transforms[:-1] if isinstance(step, BatchTransform)]
    if len(steps) < len(transforms) - 1:
        return None
    if not pack.meta_keys or not _KNOWN_OF_A_CLIP.issuperset(pack.meta_keys):
        return None
    return BatchRun.of_steps(steps, test_mode), pack.meta_keys


def _told(config: dict | Callable, transform: Callable) -> dict | None:
    if not isinstance(config, dict):
        return None
    kind: type = type(transform)
    name = f'{kind.__module__}.{kind.__qualname__}'
    told = dict(config=config, transform=name, code=_code_of(kind))
    try:
        return json.loads(json.dumps(told))
    except TypeError:
        return None


@cache
def _code_of(kind: type) -> str:
    """A digest of the files that a class and its bases are written in, as they were when the class
    was first used; PartKD's own, which have a version of results, are left out."""
    files = set()
    for base in kind.__mro__:
        if base.__module__.split('.')[0] == 'partkd':
            continue
        with suppress(OSError, TypeError):  # built in, or written in a shell
            files.add(Path(inspect.getfile(base)))
    return source_digest(files)


def _is_deterministic(transform: Callable, test_mode: bool) -> bool:
    says = getattr(transform, 'is_deterministic', None)
    return says(test_mode) if says else type(transform) in _DETERMINISTIC
