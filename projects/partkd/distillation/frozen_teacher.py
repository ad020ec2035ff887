import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.config import Config
from mmengine.model import BaseDataPreprocessor, BaseModule, ModuleList
from torch import Tensor

from partkd.arguments import checked
from partkd.structures import (
    CLIP_FEATURES,
    SkeletonBatch,
    SkeletonFeatures,
    TeacherFeatures,
    gather_rows,
    load_checkpoint,
    load_weights,
    tensors_of,
)

DIVERGED = (
    'its training diverged, so train it again with a lower learning rate, or look for coordinates '
    'that are huge in the high-quality clips'
)


class TeacherSource(TypedDict):
    """Where a teacher comes from: its config and its weights, one file or several."""

    config: str
    checkpoint: str | list[str]


class TeacherConfig(TeacherSource, total=False):
    """The same as config of a :class:`FrozenTeacher`."""

    type: str
    reads: Collection[str]


@MODELS.register_module()
class FrozenTeacher(BaseModule):
    """A trained recogniser of high-quality skeletons that no longer learns.

    All of it stays in eval mode (BatchNorm and dropout) and takes no gradient. In the loop of
    training it reads the high-quality clips of a batch; in several processes each student clip
    is held against the teacher clips of all of them.

    Args:
        config (str): Config of the teacher's training.
        checkpoint (str | list[str]): Its weights. Several, of trainings that differ in their seed,
            are an ensemble: logits are the mean of theirs, and features those of the first (so that
            losses of features alone learn from one).
        reads (Collection[str]): What it says of clips; a ``KDRecognizer`` fills in what its losses
            read. Defaults to all of :data:`CLIP_FEATURES`.
    """

    @checked
    def __init__(
        self,
        config: str,
        checkpoint: str | list[str],
        reads: Collection[str] = CLIP_FEATURES,
    ) -> None:
        super().__init__()
        self.reads = reads
        self.source = TeacherSource(config=config, checkpoint=checkpoint)
        self.models = ModuleList()  # until they are loaded

    def init_weights(self) -> None:
        """Build the model and load its weights. Draws nothing from the random state, so that a
        seed starts a student alike with and without a teacher.

        Raises:
            FileNotFoundError: If the teacher is not trained yet, with the command that does it.
            NonFiniteError: If its weights are infinite or no numbers.
        """
        require_checkpoints(**self.source)
        model = Config.fromfile(self.source['config']).model
        checkpoints = as_list(self.source['checkpoint'])
        with torch.random.fork_rng(devices=[]):
            self.models = ModuleList(MODELS.build(model) for _ in checkpoints)
        for model, file in zip(self.models, checkpoints, strict=True):
            load_weights(model, load_checkpoint(file)['state_dict'], file)
        self.requires_grad_(False)
        self.train(False)

    @property
    def model(self) -> BaseModule:
        """The recogniser, or the first of several.

        Raises:
            RuntimeError: If it is not loaded.
        """
        return self._loaded()[0]

    def _loaded(self) -> ModuleList:
        if not self.models:
            raise RuntimeError('the teacher is not loaded: call init_weights() before training')
        return self.models

    @property
    def data_preprocessor(self) -> BaseDataPreprocessor:
        """What the clips that it reads went through in its own training."""
        return self.model.data_preprocessor

    def train(self, mode: bool = True) -> 'FrozenTeacher':
        """Stay in eval mode, whatever is asked."""
        return super().train(False)

    @torch.no_grad()
    def extract(
        self, inputs: SkeletonBatch, reads: Collection[str] | None = None
    ) -> SkeletonFeatures:
        """What is read of high-quality clips, in float32 also under mixed precision.

        Args:
            inputs (SkeletonBatch): N clips.
            reads (Collection[str], optional): What to compute in place of the teacher's own
                ``reads``. Defaults to None.
        """
        reads = self.reads if reads is None else reads
        first, *others = self._loaded()
        with torch.autocast(inputs.keypoint.device.type, enabled=False):
            features, _ = first.extract_feat(inputs, reads=reads)
            if 'logits' in reads:
                logits = [first.cls_head(features)]
                logits += [model.cls_head(model.extract_feat(inputs)[0]) for model in others]
                features.logits = torch.stack(logits).mean(0)
        return features.only(reads)

    def forward(
        self, data_samples: SampleList, teacher_inputs: SkeletonBatch | None
    ) -> TeacherFeatures:
        """Features of the pairs of a batch, of all processes.

        Args:
            data_samples (list): Of the N student clips, with ``frame_dir`` and ``paired``.
            teacher_inputs (SkeletonBatch, optional): The K clips of the paired ones, in order.

        Raises:
            ValueError: If the paired clips came without their high-quality side.
        """
        device = next(self.parameters()).device
        paired = [sample for sample in data_samples if sample.paired]
        given = 0 if teacher_inputs is None else len(teacher_inputs.keypoint)
        if given != len(paired):
            raise ValueError(
                f'{len(paired)} clips have a pair but {given} teacher inputs came with them: set '
                'train_dataloader.dataset.load_teacher=True for a teacher in the loop'
            )
        rows = self._rows(paired, teacher_inputs, device)
        rows = {name: gather_rows(value) for name, value in rows.items()}
        ids, first = _first_of_each(rows.pop('ids'))
        own = clip_ids([sample.frame_dir for sample in data_samples], device)
        is_paired = torch.tensor([sample.paired for sample in data_samples], device=device)
        pair = torch.where(is_paired, torch.searchsorted(ids, own), -1)
        return TeacherFeatures(**{name: value[first] for name, value in rows.items()}, pair=pair)

    def _rows(
        self, paired: SampleList, teacher_inputs: SkeletonBatch | None, device: torch.device
    ) -> dict[str, Tensor]:
        if teacher_inputs is None:
            # Other processes may have pairs, and gather no rows of the right shapes from this one.
            teacher_inputs = self._any_clip(device)
        features = self.extract(teacher_inputs)
        labels = [sample.gt_label for sample in paired] or [torch.empty(0, dtype=torch.long)]
        return dict(
            {name: getattr(features, name)[: len(paired)] for name in tensors_of(self.reads)},
            ids=clip_ids([sample.frame_dir for sample in paired], device),
            labels=torch.cat(labels).to(device),
        )

    def _any_clip(self, device: torch.device) -> SkeletonBatch:
        frames = 16
        shape = 1, 1, frames, self.model.layout.num_joints, self.model.in_channels
        return SkeletonBatch(torch.zeros(shape, device=device))


def as_list(checkpoint: str | list[str]) -> list[str]:
    """The weights of a teacher, one or several.

    Raises:
        ValueError: If there is none.
    """
    if not checkpoint and not isinstance(checkpoint, str):
        raise ValueError('the teacher has no checkpoint: name a file, or a list of files')
    return [checkpoint] if isinstance(checkpoint, str) else list(checkpoint)


def require_checkpoints(config: str, checkpoint: str | list[str]) -> None:
    """Refuse to go on without a trained teacher.

    Raises:
        FileNotFoundError: With the command that trains it.
    """
    checkpoints = as_list(checkpoint)
    for number, file in enumerate(checkpoints):
        if not Path(file).is_file():
            seed = f' --seed {number}' if len(checkpoints) > 1 else ''
            raise FileNotFoundError(
                f'the teacher {file} does not exist: train it with `python tools/train.py '
                f'{config} --work-dir {Path(file).parent}{seed}`, or run the whole chain with '
                '`python tools/distill.py CONFIG`'
            )


def clip_ids(frame_dirs: Sequence[str], device: torch.device | str = 'cpu') -> Tensor:
    """A number for each clip's identity, the same in every process, (N,) long.

    Samplers may repeat a clip within a batch, so that places say nothing about identity. Two of
    a million clips share a number with a probability of 3e-8.
    """
    numbers = np.fromiter(map(_clip_id, frame_dirs), np.int64, len(frame_dirs))
    return torch.from_numpy(numbers).to(device)


def _clip_id(frame_dir: str) -> int:
    value = hashlib.blake2b(frame_dir.encode(), digest_size=8).digest()
    return int.from_bytes(value, 'big', signed=True)


def _first_of_each(ids: Tensor) -> tuple[Tensor, Tensor]:
    """Sorted distinct ids (K,), and where each of them comes first, (K,)."""
    distinct, place = ids.unique(return_inverse=True)
    first = torch.full_like(distinct, len(ids))
    rows = torch.arange(len(ids), device=ids.device)
    return distinct, first.scatter_reduce(0, place, rows, 'amin')
