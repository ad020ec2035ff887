from collections.abc import Mapping

import numpy as np
import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import BaseModule
from torch import Tensor

from partkd.structures import CLIP_FEATURES, SkeletonBatch, TeacherFeatures

from .artefact import FingerprintError, load_npz, save_npz
from .frozen_teacher import require_checkpoint
from .gather import gather_rows

_FIELDS = (*CLIP_FEATURES, 'labels')


@MODELS.register_module()
class FeatureBank(BaseModule):
    """The frozen teacher's features of all paired training clips, computed once.

    Where the teacher's input is deterministic, looking its features up gives what the teacher in
    the loop gives, at next to no cost per step.

    Args:
        file (str): Where the bank is, made by ``tools/build_part_matrix.py`` or
            ``tools/distill.py``.
        teacher (dict): Config of the :class:`FrozenTeacher` that fills the bank. Training does
            not run it, and only sees by its model and weights that the bank is this teacher's.
        contrast (str): What a student clip is held against: ``'batch'``, the pairs of its own
            batch over all processes (the paper), or ``'bank'``, all training clips, so that no
            set of positives is empty. Defaults to ``'batch'``.
    """

    what = 'feature bank'

    def __init__(self, file: str, teacher: dict, contrast: str = 'batch') -> None:
        super().__init__()
        if contrast not in ('batch', 'bank'):
            raise ValueError(f"contrast must be 'batch' or 'bank', got {contrast!r}")
        self.file = file
        self.contrast = contrast
        self.source = dict(config=teacher['config'], checkpoint=teacher['checkpoint'])
        self.fingerprint: dict[str, str] = {}
        self.rows: dict[str, int] = {}
        for name in _FIELDS:
            self.register_buffer(name, None, persistent=False)

    def init_weights(self) -> None:
        """Read the file.

        Raises:
            FileNotFoundError: If there is none, or no teacher, with the command that makes it.
            FingerprintError: If an older version made it, without all that is read now.
        """
        require_checkpoint(**self.source)
        arrays, self.fingerprint = load_npz(self.file, self.what)
        self.rows = {str(name): row for row, name in enumerate(arrays['frame_dirs'])}
        missing = [name for name in _FIELDS if name not in arrays]
        if missing:
            raise FingerprintError(
                f'the feature bank {self.file} has no {missing}: it is of an older version; make '
                'it anew with `python tools/build_part_matrix.py CONFIG`'
            )
        for name in _FIELDS:
            setattr(self, name, torch.from_numpy(arrays[name]))

    def forward(
        self, data_samples: SampleList, teacher_inputs: SkeletonBatch | None = None
    ) -> TeacherFeatures:
        """Features to hold the N student clips against.

        Args:
            data_samples (list): Of the N student clips, with ``frame_dir`` and ``paired``.
            teacher_inputs (SkeletonBatch, optional): Not used; the bank knows the clips.
        """
        if not self.rows:
            raise RuntimeError('the bank is not loaded: call init_weights() before training')
        own = torch.tensor([self._row(s) for s in data_samples], device=self.labels.device)
        if self.contrast == 'bank':
            features = {name: getattr(self, name) for name in _FIELDS}
            return TeacherFeatures(**features, pair=own)
        rows = gather_rows(own[own >= 0]).unique()
        pair = torch.where(own >= 0, torch.searchsorted(rows, own), -1)
        return TeacherFeatures(**{name: getattr(self, name)[rows] for name in _FIELDS}, pair=pair)

    def _row(self, sample) -> int:
        if not sample.paired:
            return -1
        if sample.frame_dir not in self.rows:
            raise KeyError(
                f'the feature bank {self.file} has no clip {sample.frame_dir}: it was made from '
                'another data set; make it anew with `python tools/build_part_matrix.py CONFIG`'
            )
        return self.rows[sample.frame_dir]


def save_feature_bank(
    file: str, frame_dirs: list[str], features: Mapping[str, Tensor], made_from: Mapping
) -> None:
    """Write a bank.

    Args:
        file (str): Where to.
        frame_dirs (list[str]): The K clips.
        features (Mapping[str, Tensor]): ``parts`` (K, 5, C), ``segments`` (K, S, 5, C),
            ``pooled`` (K, C), ``logits`` (K, num_classes) and ``labels`` (K,).
        made_from (Mapping): The fingerprint.
    """
    arrays = {name: features[name].cpu().numpy() for name in _FIELDS}
    save_npz(file, dict(frame_dirs=np.array(frame_dirs), **arrays), made_from)
