from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import BaseModule
from torch import Tensor

from partkd.structures import CLIP_FEATURES, SkeletonBatch, TeacherFeatures, tensors_of

from .artefact import FingerprintError
from .frozen_teacher import clip_ids, require_checkpoints
from .gather import gather_rows
from .npz import load_npz, save_npz
from .stored_rows import StoredRows

LARGE = 512 * 2**20


@MODELS.register_module()
class FeatureBank(BaseModule):
    """The frozen teacher's features of all paired training clips, computed once.

    Where the teacher's input is deterministic, looking its features up gives what the teacher in
    the loop gives, at next to no cost per step.

    A file below 512 MiB is loaded whole and goes to the device with the model. Of a larger one
    only the rows of each batch are read, so that the bank takes 24 bytes of memory per clip
    however large it is; with ``contrast='bank'``, which needs all of it, it is loaded whole.

    Args:
        file (str): Where the bank is, made by ``tools/build_part_matrix.py`` or
            ``tools/distill.py``.
        teacher (dict): Config of the :class:`FrozenTeacher` that fills the bank. Training does
            not run it, and only sees by its model and weights that the bank is this teacher's.
        contrast (str): What a student clip is held against: ``'batch'``, the pairs of its own
            batch over all processes (the paper), or ``'bank'``, all training clips, so that no
            set of positives is empty. Defaults to ``'batch'``.
        reads (Collection[str]): What is read of the file, which may hold more; a ``KDRecognizer``
            fills in what its losses read. Defaults to all of :data:`CLIP_FEATURES`.
    """

    what = 'feature bank'

    def __init__(
        self,
        file: str,
        teacher: dict,
        contrast: str = 'batch',
        reads: Collection[str] = CLIP_FEATURES,
    ) -> None:
        super().__init__()
        if contrast not in ('batch', 'bank'):
            raise ValueError(f"contrast must be 'batch' or 'bank', got {contrast!r}")
        self.file = file
        self.contrast = contrast
        self.source = dict(config=teacher['config'], checkpoint=teacher['checkpoint'])
        self.fingerprint: dict[str, str] = {}
        self._ids = self._row_of_id = np.empty(0, np.int64)
        self._stored: dict[str, StoredRows] = {}
        self._names = tensors_of(reads)
        for name in (*self._names, 'labels'):
            self.register_buffer(name, None, persistent=False)

    def init_weights(self) -> None:
        """Read the file.

        Raises:
            FileNotFoundError: If there is none, or no teacher, with the command that makes it.
            FingerprintError: If it was made for losses that do not read all that is read now.
        """
        require_checkpoints(**self.source)
        is_large = Path(self.file).is_file() and Path(self.file).stat().st_size >= LARGE
        left_there = self._names if is_large and self.contrast == 'batch' else ()
        needed = ('frame_dirs', 'labels', *self._names)
        arrays, self.fingerprint = load_npz(self.file, self.what, needed, left_there)
        self._check(arrays, needed)
        ids = clip_ids(arrays.pop('frame_dirs')).numpy()
        self._row_of_id = ids.argsort()
        self._ids = ids[self._row_of_id]
        self._stored = {name: arrays.pop(name) for name in left_there}
        for name, values in arrays.items():
            setattr(self, name, torch.from_numpy(values))

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
                f'the feature bank {self.file} has no clip {data_samples[sample].frame_dir}: it '
                'was made from another data set; make it anew with `python '
                'tools/build_part_matrix.py CONFIG`'
            )
        return torch.from_numpy(np.where(paired, self._row_of_id[places], -1))

    def _features(self, rows: Tensor | None = None) -> dict[str, Tensor]:
        """The features in some rows, or all of them, on the device."""
        if self._stored:
            places = rows.cpu().numpy()
            read = {name: torch.from_numpy(v.read(places)) for name, v in self._stored.items()}
            return {name: values.to(rows.device) for name, values in read.items()}
        loaded = {name: getattr(self, name) for name in self._names}
        return {n: values if rows is None else values[rows] for n, values in loaded.items()}

    def _check(
        self, arrays: Mapping[str, np.ndarray | StoredRows], needed: Collection[str]
    ) -> None:
        missing = sorted(set(needed).difference(arrays))
        if missing:
            raise FingerprintError(
                f'the feature bank {self.file} has no {missing}: it was made for losses that do '
                'not read it; make it anew with `python tools/build_part_matrix.py CONFIG`'
            )
        rows = {name: arrays[name].shape[0] for name in sorted(needed)}
        if len(set(rows.values())) > 1:
            raise ValueError(f'{self.file} is no feature bank: its arrays have {rows} rows')


def save_feature_bank(
    file: str,
    frame_dirs: list[str],
    labels: Tensor,
    features: Mapping[str, Path],
    made_from: Mapping,
) -> None:
    """Write a bank.

    Args:
        file (str): Where to.
        frame_dirs (list[str]): The K clips.
        labels (Tensor): Their classes, (K,) long.
        features (Mapping[str, Path]): ``.npy`` files of the tensors of :class:`SkeletonFeatures`
            that are read, of K rows each.
        made_from (Mapping): The fingerprint.
    """
    head = dict(frame_dirs=np.array(frame_dirs), labels=labels.numpy())
    save_npz(file, head | dict(features), made_from)
