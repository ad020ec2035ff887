from collections.abc import Collection
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import checked
from partkd.files import MappedRows
from partkd.structures import (
    CLIP_FEATURES,
    SkeletonBatch,
    TeacherFeatures,
    gather_rows,
    tensors_of,
)

from .arrays import array_file, load_arrays
from .frozen_teacher import TeacherConfig, TeacherSource, clip_ids, require_checkpoints
from .teacher_fingerprint import FingerprintError, check_fingerprint, fingerprint_of_model

LARGE = 512 * 2**20
_REMEDY = 'it is of other data: make it anew with `python tools/build_part_matrix.py CONFIG`'


@MODELS.register_module()
class FeatureBank(BaseModule):
    """The frozen teacher's features of all paired training clips, computed once.

    Where the teacher's input is deterministic, looking its features up gives what the teacher in
    the loop gives, at next to no cost per step.

    A bank below 512 MiB is loaded whole and goes to the device with the model. Of a larger one
    only the rows of each batch are read, so that the bank takes 25 bytes of memory per clip
    however large it is; with ``contrast='bank'``, which needs all of it, it is loaded whole.

    Args:
        folder (str): Where the bank is, made by ``tools/build_part_matrix.py`` or
            ``tools/distill.py``.
        teacher (dict): Config of the :class:`FrozenTeacher` that fills the bank. Training does
            not run it, and only sees by its model and weights that the bank is this teacher's.
        contrast (str): What a student clip is held against: ``'batch'``, the pairs of its own
            batch over all processes (the paper), or ``'bank'``, all training clips, so that no
            set of positives is empty. Defaults to ``'batch'``.
        reads (Collection[str]): What is read of it, which may hold more; a ``KDRecognizer``
            fills in what its losses read. Defaults to all of :data:`CLIP_FEATURES`.
    """

    what = 'feature bank'

    @checked
    def __init__(
        self,
        folder: str,
        teacher: TeacherConfig,
        contrast: Literal['batch', 'bank'] = 'batch',
        reads: Collection[str] = CLIP_FEATURES,
    ) -> None:
        super().__init__()
        self.folder = folder
        self.contrast = contrast
        self.source = TeacherSource(config=teacher['config'], checkpoint=teacher['checkpoint'])
        self.fingerprint: dict[str, str] = {}
        self._ids = self._row_of_id = self._classes = np.empty(0, np.int64)
        self._is_checked = np.empty(0, bool)
        self._mapped: dict[str, MappedRows] = {}
        self._names = tensors_of(reads)
        for name in (*self._names, 'labels'):
            self.register_buffer(name, None, persistent=False)

    def init_weights(self) -> None:
        """Read the bank.

        Raises:
            FileNotFoundError: If there is none, or no teacher, with the command that makes it.
            FingerprintError: If it is another teacher's, or was made for losses that do not read
                all that is read now.
            ValueError: If it is none, or was changed since it was made.
        """
        require_checkpoints(**self.source)
        files = [Path(self.folder, array_file(name)) for name in self._names]
        is_large = sum(file.stat().st_size for file in files if file.is_file()) >= LARGE
        mapped = self._names if is_large and self.contrast == 'batch' else ()
        needed = ('frame_dirs', 'labels', *self._names)
        arrays, self._mapped, self.fingerprint = load_arrays(self.folder, self.what, needed, mapped)
        check_fingerprint(self.folder, self.fingerprint, fingerprint_of_model(self.source))
        ids = clip_ids(arrays.pop('frame_dirs').tolist()).numpy()
        self._row_of_id = ids.argsort()
        self._ids = ids[self._row_of_id]
        self._classes, self._is_checked = arrays['labels'], np.zeros(len(ids), bool)
        for name, values in arrays.items():
            setattr(self, name, torch.from_numpy(values))

    def require_classes(self, num_classes: int) -> None:
        """Refuse a bank of other classes than the student's.

        Args:
            num_classes (int): Of the student.

        Raises:
            FingerprintError: Naming both.
        """
        outputs = self._width('logits')
        if outputs not in (None, num_classes):
            raise FingerprintError(
                f'the feature bank {self.folder} has logits of {outputs} classes, and the student '
                f'has {num_classes}: {_REMEDY}'
            )
        if self._classes.max(initial=-1) >= num_classes:
            raise FingerprintError(
                f'the feature bank {self.folder} has clips of class {self._classes.max()}, and the '
                f'student {num_classes} classes: {_REMEDY}'
            )

    def _width(self, name: str) -> int | None:
        """How many numbers a row of an array ends with; None where it is not read."""
        if name in self._mapped:
            return self._mapped[name].values.shape[-1]
        values = getattr(self, name, None)
        return None if values is None else values.shape[-1]

    def forward(
        self, data_samples: SampleList, teacher_inputs: SkeletonBatch | None = None
    ) -> TeacherFeatures:
        """Features to hold the N student clips against.

        Args:
            data_samples (list): Of the N student clips, with ``frame_dir`` and ``paired``.
            teacher_inputs (SkeletonBatch, optional): Not used; the bank knows the clips.
        """
        if self.labels is None:
            raise RuntimeError('the bank is not loaded: call init_weights() before training')
        own = self._rows(data_samples).to(self.labels.device)
        if self.contrast == 'bank':
            return TeacherFeatures(**self._features(), labels=self.labels, pair=own)
        rows = gather_rows(own[own >= 0]).unique()
        pair = torch.where(own >= 0, torch.searchsorted(rows, own), -1)
        return TeacherFeatures(**self._features(rows), labels=self.labels[rows], pair=pair)

    def _rows(self, data_samples: SampleList) -> Tensor:
        """The row of each clip, -1 for a solitary one, (N,) long."""
        paired = np.array([sample.paired for sample in data_samples], bool)
        ids = clip_ids([sample.frame_dir for sample in data_samples]).numpy()
        places = np.searchsorted(self._ids, ids).clip(max=len(self._ids) - 1)
        for sample in np.flatnonzero(paired & (self._ids[places] != ids)):
            raise KeyError(
                f'the feature bank {self.folder} has no clip {data_samples[sample].frame_dir}: '
                f'{_REMEDY}'
            )
        rows = np.where(paired, self._row_of_id[places], -1)
        self._check_labels(data_samples, rows)
        return torch.from_numpy(rows)

    def _check_labels(self, data_samples: SampleList, rows: np.ndarray) -> None:
        """Hold the classes of clips that are met for the first time against those of their rows."""
        new = np.flatnonzero((rows >= 0) & ~self._is_checked[rows])
        if not len(new):
            return
        labels = torch.cat([data_samples[sample].gt_label for sample in new]).cpu().numpy()
        for place in np.flatnonzero(labels != self._classes[rows[new]]):
            sample = new[place]
            raise FingerprintError(
                f'clip {data_samples[sample].frame_dir} has class {labels[place]}, and '
                f'{self._classes[rows[sample]]} in the feature bank {self.folder}: {_REMEDY}'
            )
        self._is_checked[rows[new]] = True

    def _features(self, rows: Tensor | None = None) -> dict[str, Tensor]:
        """The features in some rows, or all of them, on the device."""
        if self._mapped and rows is not None:
            places = rows.cpu().numpy()
            read = {name: torch.from_numpy(v.take(places)) for name, v in self._mapped.items()}
            return {name: values.to(rows.device) for name, values in read.items()}
        loaded = {name: getattr(self, name) for name in self._names}
        return {n: values if rows is None else values[rows] for n, values in loaded.items()}
