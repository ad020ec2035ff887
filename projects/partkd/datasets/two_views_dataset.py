"""Clips without labels, each in two views."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from mmaction.registry import DATASETS

from partkd.arguments import checked

from .paired_pose_dataset import PairedPoseDataset


@DATASETS.register_module()
class TwoViewsDataset:
    """The clips of one or more data sets, each twice: two draws of its pipeline.

    The second view is in a batch's ``teacher_inputs``. Data sets may differ in layout, as long as
    their pipelines end in the same joints and channels (:class:`MapToLayout`,
    :class:`ProjectPose`); labels are not read, so ``require_labels=False`` takes clips without.

    Args:
        datasets (Sequence[dict]): Configs of :class:`PairedPoseDataset`, or these themselves.
    """

    @checked
    def __init__(self, datasets: Sequence[dict | PairedPoseDataset]) -> None:
        if not datasets:
            raise ValueError('TwoViewsDataset: datasets=[]: name one or more')
        self.datasets = [DATASETS.build(one) if isinstance(one, dict) else one for one in datasets]
        for one in self.datasets:
            if not isinstance(one, PairedPoseDataset):
                raise ValueError(
                    f'TwoViewsDataset holds PairedPoseDatasets, not a {type(one).__name__}'
                )
        self._ends = np.cumsum([len(one) for one in self.datasets])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> dict[str, Any]:
        dataset, place = self._find(index)
        item: dict[str, Any] = dataset[place]
        item['teacher_inputs'] = dataset[place]['inputs']
        return item

    def __getitems__(self, indices: Sequence[int]) -> list[dict]:
        """A batch, for PyTorch's data loader.

        Args:
            indices (Sequence[int]): Places of its N clips.

        Returns:
            list[dict]: One dict with ``inputs``, a :class:`PendingBatch`, for each data set that
            has some of them; N single items where one of these gives single items.
        """
        places = np.searchsorted(self._ends, indices, side='right')
        numbers = np.unique(places)
        if not all(self.datasets[number].gives_batches for number in numbers):
            return [self[index] for index in indices]
        batches: list[dict] = []
        for number in numbers:
            start = self._ends[number - 1] if number else 0
            rows = np.asarray(indices)[places == number] - start
            batches += self.datasets[number].__getitems__(rows.tolist())
        return [{'inputs': replace(one['inputs'], teacher=one['inputs'])} for one in batches]

    def _find(self, index: int) -> tuple[PairedPoseDataset, int]:
        number = int(np.searchsorted(self._ends, index, side='right'))
        start = int(self._ends[number - 1]) if number else 0
        return self.datasets[number], index - start

    @property
    def metainfo(self) -> dict:
        """What the clips are from, which a checkpoint keeps."""
        return dict(source=', '.join(one.metainfo['source'] for one in self.datasets))

    @property
    def num_frames(self) -> np.ndarray:
        """Lengths of the clips, (N,) int64."""
        return np.concatenate([one.num_frames for one in self.datasets])
