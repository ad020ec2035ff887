"""Skeleton clips of low quality, some or all with a pair of high quality."""

import copy
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
from mmaction.registry import DATASETS, TRANSFORMS
from mmengine.dataset import BaseDataset, Compose, force_full_init
from mmengine.logging import MMLogger

from partkd.arguments import Bounds, Count, Seed, ShareOfOne, checked
from partkd.datasets.annotations import (
    MOST_CLASSES,
    Clips,
    class_names,
    decode_names,
    encode_names,
    require_classes,
)
from partkd.datasets.cache import (
    CACHE_SETTINGS,
    CachedClips,
    CacheSettings,
    can_read_batches,
    read_batch,
)
from partkd.layouts import PoseLayout, get_layout
from partkd.messages import shown
from partkd.structures import PendingBatch

from .clip_items import make_item
from .clip_source import ClipSource
from .pairs import choose_labelled, choose_pairs, label_conflicts
from .pipeline_checks import require_usable
from .pipeline_split import BatchRun, batch_tail, deterministic_head, grouped, layout_after
from .transforms import FlipSkeleton

_CLASSES = Bounds(f'an integer from 1 to {MOST_CLASSES}', 1, MOST_CLASSES)
_SHARE = Bounds('a number in (0, 1]; set teacher=None to have no pairs', 0, 1, (0,))
_SIDE = 'dict(ann_file=..., layout=..., pipeline=[...]), or None'


@DATASETS.register_module()
class PairedPoseDataset(BaseDataset):
    """Clips of one annotation file, joined with those of another on ``frame_dir``.

    The two sides of a pair may differ in length, joints, persons and frame rate. A clip without
    a pair is *solitary* (paper, Sec. 3.3; Table 5). All faults of a file are found when the
    dataset is built.

    Args:
        ann_file (str): The low-quality annotation pickle (see :func:`load_annotations`).
        pipeline (Sequence[dict | Callable]): Transforms of one clip.
        layout (str | dict | PoseLayout): What the joints are. Defaults to ``'coco'``.
        split (str, optional): Name of a split in the file. Defaults to None: all clips.
        num_classes (int, optional): Labels lie in [0, num_classes). Defaults to None: as many as
            there are names of classes or, where there are none, the largest label plus one.
        require_labels (bool): Whether every clip needs a label, as for training a classification
            and for testing one. False takes clips without, for prediction, pre-training, or as a
            target domain. Of the teacher's side as well, if that does not say otherwise. Defaults
            to True.
        teacher (dict, optional): The high-quality side, ``dict(ann_file=, layout=, pipeline=)``
            and, where it should be cut to one, ``split``; it takes any argument of this class.
            Defaults to None: every clip is solitary.
        paired_fraction (float): Share of the joined clips that stay pairs, in (0, 1], chosen at
            random; the others become solitary (Table 5). Defaults to 1.
        pair_seed (int): Seed of that choice. With one seed a smaller share is a subset of a
            larger one. Defaults to 0.
        keep_solitary (bool): False leaves clips without a pair out, so that teacher and student
            see the same share of the instances (Table 5). Defaults to True.
        load_teacher (bool): Puts the pair's packed tensor into every item, for a teacher in the
            loop. Defaults to False.
        labelled_fraction (float): Share of the clips of each class that are taken, in (0, 1], at
            least one of each, chosen at random: what is learned with few labels. Defaults to 1.
        label_seed (int): Seed of that choice; a recipe sets that of the training. With one seed a
            smaller share is a subset of a larger one. Defaults to 0.
        on_bad_clip (str): ``'error'``: one error that names them. ``'skip'``: they are left
            out, logged, and listed in :attr:`skipped`. Defaults to ``'error'``.
        cache (dict, optional): ``dict(folder=, dtype='float32')``: what the deterministic
            beginning of the pipeline makes of the clips is stored in a folder of its own below
            `folder` the first time, and read from there through memory maps ever after;
            ``'float16'`` halves it. What follows then runs for a whole batch at once, on the
            model's device, where every transform that follows can do so. A teacher has the
            same cache, if it names no other. Defaults to None: nothing is stored.
        test_mode (bool): Whether transforms are deterministic. Defaults to False.
        frame_dirs (Collection[str] | np.ndarray, optional): Takes only these clips, by their
            names or what :func:`encode_names` makes of them. Defaults to None.
        data_root (str): Folder of relative paths, of the teacher's as well. Defaults to ''.
        metainfo (dict, optional): What :attr:`metainfo` should hold beside the file's. Names of
            the classes, ``dict(classes=[...])``, go before those of the file. Defaults to None.
        indices (int | Sequence[int], optional): Takes the first clips, or those at these places.
            Defaults to None.
        lazy_init (bool): Puts off reading until the first use. Defaults to False.

    Attributes:
        teacher (PairedPoseDataset | None): The pairs' high-quality clips, in the order of this
            dataset, in test mode.
        clip_source (ClipSource): Reads the file.
        metainfo (dict): Has the names of the classes in the order of labels, ``'classes'``, where
            the file or the argument has them, and ``'source'``, the name of the file and the
            split. Checkpoints keep both.

    Raises:
        FileNotFoundError: Where a file isn't there.
        ValueError: Where a file, a clip or an argument is bad.
    """

    METAINFO = {'dataset_type': 'PairedPoseDataset'}
    CLIP_SOURCE = ClipSource  # of another class where clips do not come from a file
    data_list: Clips

    @checked
    def __init__(
        self,
        ann_file: Annotated[str | Path, 'the path of a file'],
        pipeline: Annotated[
            Sequence[dict | Callable], 'a list of transforms, each a dict with its type'
        ],
        layout: str | dict | PoseLayout = 'coco',
        split: Annotated[str | None, 'the name of one split, or None for all clips'] = None,
        num_classes: Annotated[int, _CLASSES] | None = None,
        require_labels: bool = True,
        teacher: Annotated[dict | None, _SIDE] = None,
        paired_fraction: Annotated[float, _SHARE] = 1.0,
        pair_seed: Count = 0,
        keep_solitary: bool = True,
        load_teacher: bool = False,
        labelled_fraction: ShareOfOne = 1.0,
        label_seed: Seed = 0,
        on_bad_clip: Literal['error', 'skip'] = 'error',
        cache: Annotated[CacheSettings | None, f'{CACHE_SETTINGS}, or None'] = None,
        test_mode: bool = False,
        frame_dirs: Annotated[
            Collection[str] | np.ndarray | None, 'a list of names, or None for all clips'
        ] = None,
        data_root: Annotated[str | None, 'the path of a folder'] = '',
        metainfo: dict | None = None,
        indices: Annotated[
            int | Sequence[int] | np.ndarray | None,
            'how many clips to take, or a list of their places, or None for all',
        ] = None,
        lazy_init: bool = False,
    ) -> None:
        if load_teacher and teacher is None:
            raise ValueError('load_teacher=True without a teacher: set teacher=dict(ann_file=...)')
        if not keep_solitary and teacher is None:
            raise ValueError(
                'keep_solitary=False without a teacher would leave no clip: set '
                'teacher=dict(ann_file=...)'
            )
        if teacher is not None and not {'ann_file', 'pipeline'} <= teacher.keys():
            raise ValueError(f'teacher={shown(teacher)}: it is {_SIDE}')
        if teacher is not None and 'frame_dirs' in teacher:
            raise ValueError(
                f'teacher.frame_dirs of {ann_file}: set frame_dirs of the low-quality side, whose '
                'clips the teacher has'
            )
        if teacher is not None and any(_is_flip(step) for step in pipeline):
            raise ValueError(
                f'FlipSkeleton in the pipeline of {ann_file} would exchange left and right parts '
                'of a clip, but not of its pair: leave it out where there is a teacher'
            )
        self.layout = _layout_of(layout, ann_file)
        self.pipeline_cfg = copy.deepcopy(pipeline)
        self.split = split
        self.num_classes = num_classes
        self.require_labels = require_labels
        self.paired_fraction = paired_fraction
        self.pair_seed = pair_seed
        self.keep_solitary = keep_solitary
        self.load_teacher = load_teacher
        self.labelled_fraction = labelled_fraction
        self.label_seed = label_seed
        self.on_bad_clip = on_bad_clip
        self.teacher: PairedPoseDataset | None = None
        self._teacher_cfg = teacher
        self.cache: CacheSettings | None = None
        if cache is not None:
            self.cache = {'folder': cache['folder'], 'dtype': cache.get('dtype', 'float32')}
        wanted = (
            frame_dirs
            if frame_dirs is None or isinstance(frame_dirs, np.ndarray)
            else np.unique(encode_names(frame_dirs))
        )
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
            lazy_init=True,
        )
        self.clip_source = self.CLIP_SOURCE(
            self.ann_file, split, self.layout, num_classes, require_labels, on_bad_clip, wanted
        )
        steps = self.pipeline.transforms
        require_usable(steps, str(ann_file))
        self._head = deterministic_head(pipeline, steps, test_mode) if cache else []
        self._tail = steps[len(self._head) :]
        self._cached_layout = layout_after(steps[: len(self._head)], self.layout)
        self._of_item = Compose(grouped(self._tail, test_mode))
        self._batch_tail: tuple[BatchRun, tuple[str, ...]] | None = None
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Reads and checks the file, then the teacher's, and joins the two."""
        if self._fully_initialized:
            return
        super().full_init()
        names = self._name_classes()
        # Without its folder, which says nothing elsewhere.
        self._metainfo['source'] = self.source.replace(
            str(self.ann_file), Path(self.ann_file).name, 1
        )
        if self.num_classes is None:
            self.num_classes = len(names) or int(self.labels.max()) + 1
        if self.labelled_fraction < 1:
            chosen = choose_labelled(
                self.data_list.names, self.labels, self.labelled_fraction, self.label_seed
            )
            if not chosen.any():
                raise ValueError(
                    f'labelled_fraction={self.labelled_fraction} of {self.source}, of which no '
                    'clip has a label: leave it out'
                )
            self.data_list = self.data_list.take(np.flatnonzero(chosen))
        if self._teacher_cfg is not None:
            self._join_teacher(self._teacher_cfg)
        if isinstance(self.data_list, CachedClips) and can_read_batches(self.data_list):
            self._batch_tail = batch_tail(self._tail, self.test_mode)
        self._log_contents(self.num_classes)

    def load_data_list(self) -> Clips:
        """Reads the good clips of the split.

        Returns:
            Clips: As they are in the file, or as the cache has them.
        """
        if self.cache is None:
            return self.clip_source.read()
        stored = self.pipeline.transforms[: len(self._head)]
        return self.clip_source.open_cache(
            self.cache['folder'], self.cache['dtype'], self._head, stored, self.test_mode
        )

    def get_data_info(self, idx: int) -> dict:
        """One item as it enters the pipeline; without use for the cache, hence slow with one.

        Args:
            idx (int): Its place.

        Returns:
            dict: See :func:`make_item`, and ``paired`` (bool) and ``sample_idx``.
        """
        if not self._fully_initialized:
            self.full_init()
        if self.cache is None:
            clip = self.data_list[idx]
        else:
            (name,) = decode_names(self.data_list.names[[idx]])
            clip = self.clip_source.read_one(name)
        return self._with_place(make_item(clip, self.layout, self.test_mode), idx)

    def prepare_data(self, idx: int) -> dict:
        """One item after the pipeline.

        Args:
            idx (int): Its place.

        Returns:
            dict: What the pipeline makes of it, and ``teacher_inputs``: the packed tensor
            (M, T, V, C) of its pair where `load_teacher` is set and it has one, else None.
        """
        if self.cache is None:
            item = self.get_data_info(idx)
        else:
            known = {'layout': self._cached_layout, 'test_mode': self.test_mode}
            item = self._with_place(self.data_list[idx] | known, idx)
        frame_dir = item['frame_dir']
        item = self._of_item(item)
        item['teacher_inputs'] = None
        if self.load_teacher and self.is_paired(frame_dir):
            pair = self.require_teacher()[self._teacher_row(frame_dir)]
            item['teacher_inputs'] = pair['inputs']
        return item

    @force_full_init
    def __getitems__(self, indices: Sequence[int]) -> list[dict]:
        """A batch, for PyTorch's data loader.

        Args:
            indices (Sequence[int]): Places of its N clips.

        Returns:
            list[dict]: One dict with ``inputs``, a :class:`PendingBatch`, for
            :class:`SkeletonDataPreprocessor`; N single items where there is no cache or where a
            transform takes single clips only.
        """
        if not self.gives_batches:
            return [self[index] for index in indices]
        return [{'inputs': self._pending(np.asarray(indices) % len(self))}]

    @property
    @force_full_init
    def gives_batches(self) -> bool:
        """Whether a batch is a :class:`PendingBatch`, and not single items."""
        sides = [self, self.require_teacher()] if self.load_teacher else [self]
        return all(side._batch_tail is not None for side in sides)

    @force_full_init
    def is_paired(self, frame_dir: str) -> bool:
        """Whether a clip has a pair in :attr:`teacher`.

        Args:
            frame_dir (str): Its name.
        """
        return self._teacher_row(frame_dir) >= 0

    @force_full_init
    def require_classes(self, num_classes: int) -> None:
        """Refuse clips of classes that a head has no outputs for.

        Args:
            num_classes (int): Of the head.

        Raises:
            ValueError: Summed up by class.
        """
        outside = self.labels[self.labels >= num_classes].tolist()
        require_classes(outside, num_classes, self.source, 'the head has')

    def get_cat_ids(self, idx: int) -> list[int]:
        """Class of a clip, for mmengine's ``ClassBalancedDataset``.

        Args:
            idx (int): Its place.

        Returns:
            list[int]: One class; -1 for a clip without a label.
        """
        return [int(self.data_list.labels[idx])]

    @property
    def frame_dirs(self) -> list[str]:
        """Names of the clips, in order."""
        return decode_names(self.data_list.names)

    @property
    def labels(self) -> np.ndarray:
        """Labels of the clips, in order, (N,) int64; -1 for a clip without one."""
        return self.data_list.labels

    @property
    def num_frames(self) -> np.ndarray:
        """Lengths of the clips, of what is cached or in the file, in order, (N,) int64."""
        return self.data_list.sizes[:, 1]

    @property
    def num_persons(self) -> np.ndarray:
        """Persons of the clips, seen or not, in order, (N,) int64."""
        return self.data_list.sizes[:, 0]

    @property
    def dtype(self) -> str:
        """What coordinates are kept in, ``'float32'`` or ``'float16'``."""
        return 'float32' if self.cache is None else self.cache['dtype']

    @property
    def source(self) -> str:
        """File and split, for messages."""
        return str(self.clip_source)

    @property
    def skipped(self) -> dict[str, str]:
        """Name of every clip left out, and why."""
        return self.clip_source.skipped

    def _get_unserialized_subset(self, indices: Sequence[int] | int) -> Clips:
        """What mmengine takes a part of a dataset with."""
        rows = np.arange(len(self.data_list))
        if isinstance(indices, int):
            rows = rows[:indices] if indices >= 0 else rows[indices:]
        else:
            places = np.asarray(indices) if len(indices) else np.empty(0, np.int64)
            is_there = places.dtype.kind in 'iu' and places.ndim == 1
            is_there = is_there and bool(((places >= -len(rows)) & (places < len(rows))).all())
            what = f'{self.source} has {len(rows)} clips, 0 to {len(rows) - 1}'
            if not is_there:
                raise ValueError(f'indices={shown(indices)}: {what}')
            rows = rows[places]
        if not len(rows):
            raise ValueError(f'indices={shown(indices)} leave no clip of {self.source}')
        return self.data_list.take(rows)

    # ---------------------------------------------------------------- items

    def _name_classes(self) -> list[str]:
        """Puts the names of the classes into :attr:`metainfo`, as many as there are classes."""
        given = class_names(self._metainfo.get('classes'), f"metainfo['classes'] of {self.source}")
        names = given or self.clip_source.classes
        if not names:
            return []
        if self.num_classes is not None and len(names) != self.num_classes:
            raise ValueError(
                f'{self.source} has names of {len(names)} classes ({shown(names)}), and '
                f'num_classes={self.num_classes}: set num_classes of data set and head to '
                f'{len(names)}, or name {self.num_classes} classes with '
                'metainfo=dict(classes=[...])'
            )
        outside = self.labels[self.labels >= len(names)].tolist()
        require_classes(outside, len(names), self.source, 'there are names of')
        self._metainfo['classes'] = names
        return names

    def _with_place(self, item: dict, idx: int) -> dict:
        item['paired'] = self.is_paired(item['frame_dir'])
        item['sample_idx'] = idx if idx >= 0 else len(self) + idx
        return item

    def _pending(self, rows: np.ndarray) -> PendingBatch:
        if self._batch_tail is None or not isinstance(self.data_list, CachedClips):
            raise RuntimeError(f'{self.source} gives single clips: take them one by one')
        run, meta_keys = self._batch_tail
        clips = read_batch(self.data_list, rows, self._cached_layout, self.test_mode, run)
        pairs = self._teacher_rows(self.data_list.names[rows])
        known = {
            'frame_dir': clips.frame_dirs,
            'sample_idx': rows.tolist(),
            'paired': (pairs >= 0).tolist(),
        }
        pairs = pairs[pairs >= 0]
        return PendingBatch(
            clips,
            run.transforms,
            torch.from_numpy(self.labels[rows]),
            {key: known[key] for key in meta_keys},
            self.require_teacher()._pending(pairs) if self.load_teacher and len(pairs) else None,
        )

    def _teacher_row(self, frame_dir: str) -> int:
        return int(self._teacher_rows(encode_names([frame_dir]))[0])

    def _teacher_rows(self, names: np.ndarray) -> np.ndarray:
        """Places of the pairs in :attr:`teacher`, -1 for solitary clips."""
        if self.teacher is None:
            return np.full(len(names), -1)
        return self.teacher.data_list.index.rows(names)

    # ---------------------------------------------------------------- pairs

    def _join_teacher(self, teacher_cfg: dict) -> None:
        """Builds :attr:`teacher` from the clips that are on both sides."""
        settings = {
            'data_root': self.data_root,
            'num_classes': self.num_classes or None,  # 0 where no clip has a label
            'require_labels': self.require_labels,
            'on_bad_clip': self.on_bad_clip,
            'cache': self.cache,
            **teacher_cfg,
            'frame_dirs': self.data_list.names,
            'test_mode': True,
        }
        settings.pop('type', None)
        teacher = type(self)(**settings)
        faults = label_conflicts(self.data_list, teacher.data_list, teacher.source)
        self.clip_source.leave_out(faults, len(self))
        agree = ~np.isin(self.data_list.names, encode_names(faults))
        self.data_list = self.data_list.take(np.flatnonzero(agree))
        rows = teacher.data_list.index.rows(self.data_list.names)
        joined = rows[rows >= 0]
        if not len(joined):
            raise ValueError(f'{self.source} and {teacher.source}: no good clip is in both of them')
        names = teacher.data_list.names[joined]
        chosen = choose_pairs(names, self.paired_fraction, self.pair_seed)
        teacher.get_subset_(joined[chosen])
        if not self.keep_solitary:
            self.data_list = self.data_list.take(np.flatnonzero(rows >= 0)[chosen])
        self.teacher = teacher

    def require_teacher(self) -> 'PairedPoseDataset':
        """The high-quality side.

        Returns:
            PairedPoseDataset: :attr:`teacher`.

        Raises:
            ValueError: If there is none.
        """
        if self.teacher is None:
            raise ValueError(
                f'{self.source} has no high-quality side, which a distillation needs: train with '
                "PartKD's tools, which take it from the teacher's config, or set "
                'train_dataloader.dataset.teacher=dict(ann_file=..., layout=..., pipeline=[...])'
            )
        return self.teacher

    def _log_contents(self, num_classes: int) -> None:
        labelled = self.labels[self.labels >= 0]
        counts = np.bincount(labelled, minlength=num_classes)
        there = counts[counts > 0]
        message = f'{self.source}: {len(self)} clips of {len(there)} classes '
        if len(there):
            message += f'({there.min()} to {there.max()} clips each), '
        if unlabelled := len(self) - len(labelled):
            message += f'{unlabelled} without a label, '
        message += f'layout {self.layout.name}'
        if self.teacher is not None:
            pairs = len(self.teacher)
            message += (
                f'; {pairs} pairs with {self.teacher.source}, {len(self) - pairs} solitary clips'
            )
        if self.skipped:
            message += f'; {len(self.skipped)} bad clips left out'
        logger = MMLogger.get_current_instance()
        logger.info(message)
        if 0 < len(there) < num_classes and self.clip_source.wanted is None:
            absent = np.flatnonzero(counts == 0).tolist()
            logger.warning(f'{self.source}: no clip of {len(absent)} classes: {absent}')


def _build(step: dict | Callable) -> Callable:
    # mmengine itself would look a name up in whatever scope is set just now.
    return TRANSFORMS.build(step) if isinstance(step, dict) else step


def _is_flip(step: dict | Callable) -> bool:
    kind = step['type'] if isinstance(step, dict) else type(step)
    return kind in ('FlipSkeleton', FlipSkeleton)


def _layout_of(layout: Any, ann_file: str | Path) -> PoseLayout:
    try:
        return get_layout(layout)
    except (ValueError, TypeError) as error:
        raise ValueError(f'layout of {ann_file}: {error}') from error
