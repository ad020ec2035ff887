"""Where a dataset's clips come from: an annotation file, or what is cached of it."""

import dataclasses
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from mmengine.logging import MMLogger

from partkd.datasets.annotations import (
    MOST_CLASSES,
    NUMBER,
    ListedClips,
    check_clip,
    decode_names,
    encode_names,
    find_bad_clips,
    label_of,
    load_annotations,
    name_of,
    require_classes,
    require_file,
    select_split,
    settle_bad_clips,
    suspicions,
)
from partkd.datasets.cache import CachedClips, ClipWriter, open_cache
from partkd.files import file_digest
from partkd.layouts import PoseLayout
from partkd.messages import shown
from partkd.version import RESULTS_VERSION

from .clip_items import make_item

# Raised when other clips are refused than before, or other things noted of those in a cache.
_CHECKS_VERSION = 3


@dataclass
class ClipSource:
    """The good clips of one split of an annotation file.

    Args:
        ann_file (str): See :func:`load_annotations`.
        split (str, optional): Name of a split in it; None takes all clips.
        layout (PoseLayout): What the joints are.
        num_classes (int, optional): Labels lie in [0, num_classes); None allows any.
        require_labels (bool): Whether a clip without a label is bad.
        on_bad_clip (str): ``'error'`` or ``'skip'``, see :func:`settle_bad_clips`.
        wanted (np.ndarray, optional): Takes only these clips, (K,) names as :func:`encode_names`
            makes them; None takes all.

    Attributes:
        skipped (dict[str, str]): Name of every clip left out, and why.
        classes (list[str]): Names of the classes, once the file was read; empty where it has none.
    """

    ann_file: str
    split: str | None
    layout: PoseLayout
    num_classes: int | None
    require_labels: bool
    on_bad_clip: str
    wanted: np.ndarray | None
    skipped: dict[str, str] = field(default_factory=dict, init=False)
    classes: list[str] = field(default_factory=list, init=False)

    def __str__(self) -> str:
        return self.ann_file if self.split is None else f'{self.ann_file} [{self.split}]'

    def read(self) -> ListedClips:
        """Reads the clips that are wanted.

        Returns:
            ListedClips: As they are in the file.

        Raises:
            ValueError: If the file is bad, has bad clips, labels out of range, or no clip that is
                wanted.
        """
        clips, warning = self._select()
        _warn(warning)
        if self.wanted is not None:
            wanted = {None, *decode_names(self.wanted)}
            kept = {place: clip for place, clip in clips.items() if name_of(clip) in wanted}
            self._require_wanted(self.wanted, kept, next(iter(clips.values())).get('frame_dir'))
            clips = kept
        self._require_classes(self._outside(clips))
        good, faults = self._find_bad(clips)
        self.leave_out(faults, len(clips))
        _warn(self._suspicions(good))
        return ListedClips(good)

    def read_one(self, frame_dir: str) -> dict:
        """Reads one clip as it is in the file, of which nothing is kept."""
        return next(
            clip for clip in self._find_bad(self._select()[0])[0] if clip['frame_dir'] == frame_dir
        )

    def open_cache(
        self, folder: str, dtype: str, head: list[dict], transforms: list[Callable], test_mode: bool
    ) -> CachedClips:
        """Opens the cache of the whole split, made first if need be, and takes what is wanted.

        Args:
            folder (str): The folder of all caches.
            dtype (str): ``'float32'`` or ``'float16'``.
            head (list[dict]): What the transforms depend on, as JSON can hold it.
            transforms (list[Callable]): The deterministic transforms that are stored.
            test_mode (bool): What they are told.

        Returns:
            CachedClips: As the transforms leave them.

        Raises:
            ValueError: As in :meth:`read`.
        """
        require_file(self.ann_file)
        fingerprint = {
            'annotations': file_digest(self.ann_file),
            'split': self.split,
            'num_classes': self.num_classes,
            'require_labels': self.require_labels,
            'layout': dataclasses.asdict(self.layout),
            'test_mode': test_mode,
            'pipeline': head,
            'results_version': RESULTS_VERSION,
            'checks_version': _CHECKS_VERSION,
        }
        clips = open_cache(
            folder, fingerprint, dtype, lambda writer: self.store(writer, transforms, test_mode)
        )
        _warn(clips.notes['warning'])
        faults, outside = clips.notes['faults'], clips.notes['outside']
        checked = clips.notes['checked']
        self.classes = clips.notes['classes']
        if self.wanted is not None:
            rows = clips.index.rows(self.wanted)
            rows = np.sort(rows[rows >= 0])
            faults, outside = (_of_names(noted, self.wanted) for noted in (faults, outside))
            checked = len(rows) + len(faults)
            self._require_wanted(
                self.wanted, range(checked), clips.names[0].decode(errors='replace')
            )
            clips = clips.take(rows)
        self._require_classes(outside)
        self.leave_out(faults, checked)
        return clips

    def store(self, writer: ClipWriter, transforms: list[Callable], test_mode: bool) -> dict:
        """Writes the good clips of the whole split, wanted or not.

        Args:
            writer (ClipWriter): Takes them one by one.
            transforms (list[Callable]): What they go through.
            test_mode (bool): What these are told.

        Returns:
            dict: ``warning``, ``faults`` of bad clips and labels that are ``outside`` of the
            classes, both by name, how many clips were ``checked``, and the names of the
            ``classes``.
        """
        digest = file_digest(self.ann_file)
        clips, warning = self._select()
        outside = self._outside(clips)
        if self.wanted is None:
            self._require_classes(outside)
        good, faults = self._find_bad(clips)
        if not good or (self.wanted is None and self.on_bad_clip == 'error'):
            settle_bad_clips(faults, str(self), len(clips), self.on_bad_clip)
        transform = Compose(transforms)
        for clip in good:
            writer.add(transform(make_item(clip, self.layout, test_mode)))
        if file_digest(self.ann_file) != digest:
            raise RuntimeError(f'{self.ann_file} was changed while it was read: start again')
        warning = '\n'.join(filter(None, [warning, self._suspicions(good)]))
        return dict(
            warning=warning,
            faults=faults,
            outside=outside,
            checked=len(clips),
            classes=self.classes,
        )

    def leave_out(self, faults: dict[str, str], checked: int) -> None:
        """Notes bad clips.

        Args:
            faults (dict[str, str]): Name of each and what is wrong with it.
            checked (int): How many clips were looked at.

        Raises:
            ValueError: See :func:`settle_bad_clips`.
        """
        settle_bad_clips(faults, str(self), checked, self.on_bad_clip)
        self.skipped.update(faults)

    def _select(self) -> tuple[dict[int, dict], str]:
        content = load_annotations(self.ann_file)
        self.classes = content['classes']
        return select_split(content, self.split, self.ann_file)

    def _find_bad(self, clips: dict[int, dict]) -> tuple[list[dict], dict[str, str]]:
        return find_bad_clips(
            clips,
            lambda clip: check_clip(clip, self.layout, self.num_classes, self.require_labels),
        )

    def _suspicions(self, clips: list[dict]) -> str:
        found = suspicions(clips, self.layout)
        return f'{self}: {found}' if found else ''

    def _outside(self, clips: dict[int, dict]) -> dict[str, int]:
        """Labels that are outside of the classes, by the clips' names or places."""
        labels = {place: label_of(clip) for place, clip in clips.items()}
        return {
            name_of(clips[place]) or f'{NUMBER}{place}': label
            for place, label in labels.items()
            if label is not None and not 0 <= label < self._most_classes
        }

    @property
    def _most_classes(self) -> int:
        return MOST_CLASSES if self.num_classes is None else self.num_classes

    def _require_classes(self, outside: dict[str, int]) -> None:
        who = 'a data set has at most' if self.num_classes is None else 'this data set has'
        require_classes(outside.values(), self._most_classes, str(self), who)

    def _require_wanted(self, wanted: np.ndarray, kept: Sized, there: str | None) -> None:
        if not kept:
            asked = decode_names(wanted)
            raise ValueError(
                f'{self} has none of the {len(asked)} clips that it is asked '
                f'for (asked: {shown(min(asked, default=None))}, ..., there: '
                f'{shown(there)}, ...): both files of a pair need the same frame_dir'
            )


def _of_names(noted: dict[str, Any], names: np.ndarray) -> dict[str, Any]:
    """What was noted of these clips, and of those that have no names."""
    is_in = np.isin(encode_names(noted), names)
    return {key: noted[key] for key, its in zip(noted, is_in) if its or key.startswith(NUMBER)}


def _warn(warning: str) -> None:
    if warning:
        MMLogger.get_current_instance().warning(warning)
