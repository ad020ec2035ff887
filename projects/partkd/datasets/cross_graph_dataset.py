"""Clips of two domains side by side, which share some actions and neither people nor graph."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from mmaction.registry import DATASETS
from mmengine.logging import MMLogger

from partkd.arguments import Fraction, Seed, checked
from partkd.messages import shown

from .paired_pose_dataset import PairedPoseDataset

_FEWEST, _CLIPS = 4, 32  # joints, and clips, that are compared
_TURNED = -0.5


@DATASETS.register_module()
class CrossGraphDataset:
    """The clips of a target, each with a clip of a source that is drawn at random.

    Half of what a batch has is of either domain. A batch's ``teacher_inputs`` are the source's
    clips, and ``source_label`` of its samples their classes, as the target numbers them.

    Args:
        dataset (dict): Config of the target's :class:`PairedPoseDataset`.
        source (dict): That of the source's.
        classes (dict): For each class of the source that the target has too, by name or number,
            which of the target's it is, likewise. Clips of other classes are left out of the
            source.
        labelled (float): Share of the target's clips whose labels are learned from, in [0, 1].
            Defaults to 1.
        seed (int): Of which clips these are; a smaller share is a part of a larger one. Defaults to
            0.

    Raises:
        ValueError: If a class is not one, or the source has no clip of them.
    """

    @checked
    def __init__(
        self,
        dataset: dict | PairedPoseDataset,
        source: dict | PairedPoseDataset,
        classes: Mapping,
        labelled: Fraction = 1.0,
        seed: Seed = 0,
    ) -> None:
        self.dataset: PairedPoseDataset = _built(dataset)
        self.source: PairedPoseDataset = _built(source)
        self._label_of = {
            _number(one, self.source): _number(other, self.dataset)
            for one, other in classes.items()
        }
        self._rows = np.flatnonzero(np.isin(self.source.labels, list(self._label_of)))
        if not len(self._rows):
            raise ValueError(
                f'{self.source.source} has no clip of the classes {shown(list(classes))}: name '
                'some that it has'
            )
        self._compare_axes()
        number = round(labelled * len(self.dataset))
        chosen = np.random.default_rng(seed).permutation(len(self.dataset))[:number]
        self._is_labelled = np.isin(np.arange(len(self.dataset)), chosen)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        item: dict[str, Any] = self.dataset[index]
        row = int(np.random.choice(self._rows))
        label = self._label_of[int(self.source.labels[row])]
        item['teacher_inputs'] = self.source[row]['inputs']
        sample = item['data_samples']
        sample.set_field(label, 'source_label', field_type='metainfo')
        if not self._is_labelled[index]:
            sample.pop('gt_label', None)
        return item

    def _compare_axes(self) -> None:
        """Warn where one domain seems to stand on its head beside the other."""
        one, other = self.dataset.layout, self.source.layout
        shared = [name for name in one.joints if name in other.joints]
        if len(shared) < _FEWEST:
            return
        means = [
            _mean_pose(dataset)[[layout.joints.index(name) for name in shared]]
            for dataset, layout in ((self.dataset, one), (self.source, other))
        ]
        for axis, name in enumerate('xy'):
            if means[0].shape != means[1].shape:
                return  # which the model refuses
            columns = means[0][:, axis], means[1][:, axis]
            if min(np.ptp(column) for column in columns) and np.corrcoef(*columns)[0, 1] < _TURNED:
                MMLogger.get_current_instance().warning(
                    f'{name} of {self.source.source} points the other way than that of '
                    f"{self.dataset.source}: turn it, as by dict(type='ProjectPose', "
                    'signs=(-1, -1))'
                )

    @property
    def metainfo(self) -> dict:
        """The target's."""
        metainfo: dict = self.dataset.metainfo
        return metainfo

    @property
    def labels(self) -> np.ndarray:
        """The target's, (N,) int64."""
        return self.dataset.labels

    @property
    def num_frames(self) -> np.ndarray:
        """Lengths of the target's clips, (N,) int64."""
        return self.dataset.num_frames


def _built(dataset: dict | PairedPoseDataset) -> PairedPoseDataset:
    built = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
    if not isinstance(built, PairedPoseDataset):
        raise ValueError(
            f'CrossGraphDataset holds two PairedPoseDatasets, not a {type(built).__name__}'
        )
    return built


def _mean_pose(dataset: PairedPoseDataset) -> np.ndarray:
    """Mean position of each joint in some clips, (V, C)."""
    rows = np.linspace(0, len(dataset) - 1, min(_CLIPS, len(dataset))).astype(int)
    poses = [dataset[int(row)]['inputs'].numpy().mean(axis=(0, 1)) for row in rows]
    mean: np.ndarray = np.mean(poses, axis=0)
    return mean


def _number(name: object, dataset: PairedPoseDataset) -> int:
    """The label of a class."""
    names = dataset.metainfo.get('classes', [])
    number = names.index(name) if name in names else name
    if not isinstance(number, int) or not 0 <= number < (dataset.num_classes or 0):
        known = f' ({shown(names)})' if names else ''
        raise ValueError(
            f'classes names {shown(name)}, and {dataset.source} has {dataset.num_classes} classes'
            f'{known}: name one of them, or its number from 0 on'
        )
    return number
