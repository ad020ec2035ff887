"""Skeleton clips of low quality, some or all with a pair of high quality."""

import copy
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from mmaction.registry import DATASETS, TRANSFORMS
from mmengine.dataset import BaseDataset, force_full_init
from mmengine.logging import MMLogger

from partkd.layouts import PoseLayout, get_layout

from .annotations import load_annotations, select_split
from .bad_clips import ON_BAD_CLIP, find_bad_clips, settle_bad_clips
from .clip_checks import check_clip, name_of
from .items import make_item
from .transforms import FlipSkeleton


@DATASETS.register_module()
class PairedPoseDataset(BaseDataset):
    """Clips of one annotation file, joined with those of another on ``frame_dir``.

    The two sides of a pair may differ in length, joints, persons and frame rate. A clip without
    a pair is *solitary* (paper, Sec. 3.3; Table 5). All faults of a file are found when the
    dataset is built.

    Args:
        ann_file (str): The low-quality annotation pickle (see :func:`load_annotations`).
        pipeline (list): Transforms of one clip.
        layout (str | dict | PoseLayout): What the joints are. Defaults to ``'coco'``.
        split (str, optional): Name of a split in the file. Defaults to None: all clips.
        num_classes (int, optional): Labels lie in [0, num_classes). Defaults to None: the
            largest label that is there, plus one.
        teacher (dict, optional): The high-quality side, ``dict(ann_file=, layout=, pipeline=)``
            and, where it should be cut to one, ``split``; it takes any argument of this class.
            Defaults to None: every clip is solitary.
        paired_fraction (float): Share of the joined clips that stay pairs, in (0, 1], chosen at
            random; the others become solitary (Table 5). Defaults to 1.
        pair_seed (int): Seed of that choice. With one seed a smaller share is a subset of a
            larger one. Defaults to 0.
        load_teacher (bool): Puts the pair's packed tensor into every item, for a teacher in the
            loop. Defaults to False.
        on_bad_clip (str): ``'error'``: one error that names them. ``'skip'``: they are left
            out, logged, and listed in :attr:`skipped`. Defaults to ``'error'``.
        test_mode (bool): Whether transforms are deterministic. Defaults to False.
        frame_dirs (Collection[str], optional): Takes only these clips. Defaults to None.
        data_root (str): Folder of relative paths, of the teacher's as well. Defaults to ''.
        metainfo (dict, optional): Class names and the like. Defaults to None.
        indices (int | Sequence[int], optional): Takes the first clips, or those at these places.
            Defaults to None.
        lazy_init (bool): Puts off reading until the first use. Defaults to False.

    Attributes:
        teacher (PairedPoseDataset | None): The pairs' high-quality clips, in the order of this
            dataset, in test mode.
        skipped (dict[str, str]): Name of every clip left out, and why.

    Raises:
        FileNotFoundError: Where a file isn't there.
        ValueError: Where a file, a clip or an argument is bad.
    """

    METAINFO = {'dataset_type': 'PairedPoseDataset'}

    def __init__(
        self,
        ann_file: str,
        pipeline: list[dict | Callable],
        layout: str | dict | PoseLayout = 'coco',
        split: str | None = None,
        num_classes: int | None = None,
        teacher: dict | None = None,
        paired_fraction: float = 1.0,
        pair_seed: int = 0,
        load_teacher: bool = False,
        on_bad_clip: str = 'error',
        test_mode: bool = False,
        frame_dirs: Collection[str] | None = None,
        data_root: str = '',
        metainfo: dict | None = None,
        indices: int | Sequence[int] | None = None,
        lazy_init: bool = False,
    ) -> None:
        if on_bad_clip not in ON_BAD_CLIP:
            raise ValueError(f'on_bad_clip={on_bad_clip!r}: it is one of {ON_BAD_CLIP}')
        if not 0 < paired_fraction <= 1:
            raise ValueError(
                f'paired_fraction={paired_fraction}: it lies in (0, 1]; '
                'set teacher=None to have no pairs'
            )
        if load_teacher and teacher is None:
            raise ValueError('load_teacher=True without a teacher: set teacher=dict(ann_file=...)')
        if teacher is not None and any(_is_flip(step) for step in pipeline):
            raise ValueError(
                f'FlipSkeleton in the pipeline of {ann_file} would exchange left and right parts '
                'of a clip, but not of its pair: leave it out where there is a teacher'
            )
        self.layout = _layout_of(layout, ann_file)
        self.pipeline_cfg = copy.deepcopy(pipeline)
        self.split = split
        self.num_classes = num_classes
        self.paired_fraction = paired_fraction
        self.pair_seed = pair_seed
        self.load_teacher = load_teacher
        self.on_bad_clip = on_bad_clip
        self.teacher: PairedPoseDataset | None = None
        self.skipped: dict[str, str] = {}
        self._teacher_cfg = teacher
        self._frame_dirs = None if frame_dirs is None else set(frame_dirs)
        self._pair_rows: dict[str, int] = {}
        super().__init__(
            ann_file,
            metainfo=metainfo,
            data_root=data_root,
            data_prefix={},
            indices=indices,
            # Not serialised: forked workers share the arrays anyway, as nothing writes to them,
            # and serialising holds every clip three times while it runs.
            serialize_data=False,
            pipeline=[_build(step) for step in pipeline],
            test_mode=test_mode,
            lazy_init=lazy_init,
        )

    def full_init(self) -> None:
        """Reads and checks the file, then the teacher's, and joins the two."""
        if self._fully_initialized:
            return
        super().full_init()
        if self.num_classes is None:
            self.num_classes = int(self.labels.max()) + 1
        if self._teacher_cfg is not None:
            self._join_teacher()
        self._log_contents()

    def load_data_list(self) -> list[dict]:
        """Reads the clips of the split.

        Returns:
            list[dict]: The good clips, arrays as they are in the file.
        """
        clips = select_split(load_annotations(self.ann_file), self.split, self.ann_file)
        if self._frame_dirs is not None:
            clips = self._keep_wanted(clips)
        good, faults = find_bad_clips(
            clips, lambda clip: check_clip(clip, self.layout, self.num_classes)
        )
        settle_bad_clips(faults, self.source, len(clips), self.on_bad_clip)
        self.skipped.update(faults)
        return good

    def get_data_info(self, idx: int) -> dict:
        """One item as it enters the pipeline.

        Args:
            idx (int): Its place.

        Returns:
            dict: See :func:`make_item`, and ``paired`` (bool) and ``sample_idx``.
        """
        if not self._fully_initialized:
            self.full_init()
        item = make_item(self.data_list[idx], self.layout, self.test_mode)
        item['paired'] = self.is_paired(item['frame_dir'])
        item['sample_idx'] = idx if idx >= 0 else len(self) + idx
        return item

    def prepare_data(self, idx: int) -> dict:
        """One item after the pipeline.

        Args:
            idx (int): Its place.

        Returns:
            dict: What the pipeline makes of it, and ``teacher_inputs``: the packed tensor
            (M, T, V, C) of its pair where `load_teacher` is set and it has one, else None.
        """
        info = self.get_data_info(idx)
        frame_dir = info['frame_dir']
        item = self.pipeline(info)
        item['teacher_inputs'] = None
        if self.load_teacher and self.is_paired(frame_dir):
            item['teacher_inputs'] = self.teacher[self._pair_rows[frame_dir]]['inputs']
        return item

    @force_full_init
    def is_paired(self, frame_dir: str) -> bool:
        """Whether a clip has a pair in :attr:`teacher`."""
        return frame_dir in self._pair_rows

    def get_cat_ids(self, idx: int) -> list[int]:
        """Class of a clip, for mmengine's ``ClassBalancedDataset``."""
        return [int(self.data_list[idx]['label'])]

    @property
    def frame_dirs(self) -> list[str]:
        """Names of the clips, in order."""
        return [clip['frame_dir'] for clip in self.data_list]

    @property
    def labels(self) -> np.ndarray:
        """Labels of the clips, in order, (N,) int64."""
        return np.array([clip['label'] for clip in self.data_list], dtype=np.int64)

    @property
    def num_frames(self) -> np.ndarray:
        """Lengths of the clips in the file, in order, (N,) int64."""
        return np.array([clip['keypoint'].shape[1] for clip in self.data_list], dtype=np.int64)

    @property
    def source(self) -> str:
        """File and split, for messages."""
        return self.ann_file if self.split is None else f'{self.ann_file} [{self.split}]'

    def _keep_wanted(self, clips: list[dict]) -> list[dict]:
        kept = [clip for clip in clips if name_of(clip) in self._frame_dirs]
        if not kept:
            raise ValueError(
                f'{self.source} has none of the {len(self._frame_dirs)} clips that it is asked '
                f'for (asked: {min(self._frame_dirs, default=None)!r}, ..., there: '
                f'{clips[0].get("frame_dir")!r}, ...): both files of a pair need the same frame_dir'
            )
        return kept

    def _join_teacher(self) -> None:
        """Builds :attr:`teacher` from the clips that are on both sides."""
        settings = {
            'data_root': self.data_root,
            'num_classes': self.num_classes,
            'on_bad_clip': self.on_bad_clip,
            **self._teacher_cfg,
            'frame_dirs': self.frame_dirs,
            'test_mode': True,
        }
        settings.pop('type', None)
        teacher = type(self)(**settings)
        self._leave_out_other_labels(teacher)
        rows = {frame_dir: row for row, frame_dir in enumerate(teacher.frame_dirs)}
        joined = [frame_dir for frame_dir in self.frame_dirs if frame_dir in rows]
        if not joined:
            raise ValueError(f'{self.source} and {teacher.source}: no good clip is in both of them')
        chosen = self._choose_pairs(joined)
        pairs = [frame_dir for frame_dir in joined if frame_dir in chosen]
        teacher.get_subset_([rows[frame_dir] for frame_dir in pairs])
        self.teacher = teacher
        self._pair_rows = {frame_dir: row for row, frame_dir in enumerate(pairs)}

    def _leave_out_other_labels(self, teacher: 'PairedPoseDataset') -> None:
        """Treats pairs whose labels differ as bad clips: nobody knows which side is right."""
        theirs = dict(zip(teacher.frame_dirs, teacher.labels.tolist()))
        faults = {
            name: f'label {label} here, {theirs[name]} in {teacher.source}: correct one of them'
            for name, label in zip(self.frame_dirs, self.labels.tolist())
            if theirs.get(name, label) != label
        }
        settle_bad_clips(faults, self.source, len(self), self.on_bad_clip)
        self.skipped.update(faults)
        self.data_list = [clip for clip in self.data_list if clip['frame_dir'] not in faults]

    def _choose_pairs(self, joined: list[str]) -> set[str]:
        count = max(1, round(self.paired_fraction * len(joined)))
        order = np.random.default_rng(self.pair_seed).permutation(len(joined))
        # Sorted first: the choice then doesn't depend on the order in the file.
        names = sorted(joined)
        return {names[index] for index in order[:count]}

    def _log_contents(self) -> None:
        counts = np.bincount(self.labels, minlength=self.num_classes)
        there = counts[counts > 0]
        message = (
            f'{self.source}: {len(self)} clips of {len(there)} classes '
            f'({there.min()} to {there.max()} clips each), layout {self.layout.name}'
        )
        if self.teacher is not None:
            pairs = len(self._pair_rows)
            message += (
                f'; {pairs} pairs with {self.teacher.source}, {len(self) - pairs} solitary clips'
            )
        if self.skipped:
            message += f'; {len(self.skipped)} bad clips left out'
        logger = MMLogger.get_current_instance()
        logger.info(message)
        if len(there) < self.num_classes and self._frame_dirs is None:
            absent = np.flatnonzero(counts == 0).tolist()
            logger.warning(f'{self.source}: no clip of {len(absent)} classes: {absent}')


def _build(step: dict | Callable) -> Callable:
    # mmengine itself would look a name up in whatever scope is set just now.
    return TRANSFORMS.build(step) if isinstance(step, dict) else step


def _is_flip(step: dict | Callable) -> bool:
    kind = step['type'] if isinstance(step, dict) else type(step)
    return kind in ('FlipSkeleton', FlipSkeleton)


def _layout_of(layout: Any, ann_file: str) -> PoseLayout:
    try:
        return get_layout(layout)
    except (ValueError, TypeError) as error:
        raise ValueError(f'layout of {ann_file}: {error}') from error
