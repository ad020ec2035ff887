"""Clips left out in turn: of the training split, to choose without the test split, or of all."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass

from mmengine.config import Config

from partkd.configuration import build_dataset, datasets_inside, innermost_dataset

SOURCE = ('data_root', 'ann_file', 'split', 'layout', 'num_classes', 'on_bad_clip')


@dataclass(frozen=True)
class Fold:
    """A cut through a training split, or through all clips of its file.

    Args:
        name (str): What is left out, such as a subject.
        train (tuple[str, ...]): Clips that are trained on.
        test (tuple[str, ...]): Clips that are left out and tested.
        all_clips (bool): Whether the clips are of the whole file. Defaults to False.
    """

    name: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    all_clips: bool = False

    def cut(self, cfg: Config) -> Config:
        """Train on the one part, test on the other.

        Args:
            cfg (Config): Of a teacher or a student.

        Returns:
            Config: A copy whose test set is of the training split's file, in the pipeline of the
            test.
        """
        cfg = _of_all_clips(cfg) if self.all_clips else copy.deepcopy(cfg)
        left_out = training_split_as_test(cfg)
        cfg.test_dataloader['dataset'] = dict(left_out, frame_dirs=list(self.test))
        trained = innermost_dataset(cfg.train_dataloader['dataset'])
        chosen = set(trained.get('frame_dirs') or self.train)
        trained['frame_dirs'] = [clip for clip in self.train if clip in chosen]
        return cfg

    def cut_unlabelled(self, cfg: Config) -> Config:
        """Leave what is left out of a training without labels as well.

        Args:
            cfg (Config): Of a training on one or more data sets. One that has clips of this
                training split keeps those that are trained on; another is of other people.

        Returns:
            Config: A copy.
        """
        cfg = copy.deepcopy(cfg)
        for dataset in datasets_inside(cfg.train_dataloader['dataset']):
            names = build_dataset(dataset).frame_dirs
            if not set(names).isdisjoint({*self.train, *self.test}):
                dataset['frame_dirs'] = sorted(set(names).intersection(self.train))
        return cfg


def make_folds(cfgs: Iterable[Config], regex: str, all_clips: bool = False) -> list[Fold]:
    """One fold for each group of training clips.

    Clips that one of the configs lacks, or has to skip as bad, are trained on by the others but
    not tested, so that all models of a fold are tested on the same clips.

    Args:
        cfgs (Iterable[Config]): Of all teachers and students.
        regex (str): Its first group finds in a ``frame_dir`` what clips are to be grouped by,
            such as ``_s(\\d+)_`` for subjects.
        all_clips (bool): Take all clips of the training split's file, those of its test split
            too. Defaults to False.

    Returns:
        list[Fold]: In the order of the groups' names.

    Raises:
        ValueError: If the expression does not group the clips.
    """
    pattern = _compile(regex)
    if all_clips:
        cfgs = map(_of_all_clips, cfgs)
    sets = {repr(sorted(one.items())): one for one in map(training_split_as_test, cfgs)}
    clips = [set(build_dataset(one).frame_dirs) for one in sets.values()]
    everywhere = set.intersection(*clips)
    groups: dict[str, set[str]] = {}
    for clip in set.union(*clips):
        groups.setdefault(_group_of(clip, pattern), set()).add(clip)
    if len(groups) < 2:
        raise ValueError(
            f'{regex!r} finds the same in all training clips, {list(groups)}: nothing would be '
            'left to train on'
        )
    untested = sorted(name for name in groups if not groups[name] & everywhere)
    if untested:
        raise ValueError(
            f'of {untested} no clip is good in all of the files, so that none can be tested: '
            'group by something else'
        )
    names = sorted(groups, key=lambda name: (len(name), name))
    return [
        Fold(
            name,
            train=tuple(sorted(set.union(*clips) - groups[name])),
            test=tuple(sorted(groups[name] & everywhere)),
            all_clips=all_clips,
        )
        for name in names
    ]


def _of_all_clips(cfg: Config) -> Config:
    """A copy whose training split is the whole file."""
    cfg = copy.deepcopy(cfg)
    innermost_dataset(cfg.train_dataloader['dataset'])['split'] = None
    return cfg


def training_split_as_test(cfg: Config) -> dict:
    """The training split as a test set, in the pipeline of the test.

    Args:
        cfg (Config): Of a recogniser's training.

    Returns:
        dict: Config of the dataset.

    Raises:
        ValueError: If training clips are taken by their places.
    """
    trained = innermost_dataset(cfg.train_dataloader['dataset'])
    if trained.get('indices') is not None:
        raise ValueError(
            f'{cfg.filename} takes training clips by indices, which would mean others once some '
            'are left out: name them by frame_dirs'
        )
    tested = dict(innermost_dataset(cfg.test_dataloader['dataset']))
    for key in (*SOURCE, 'frame_dirs'):
        tested.pop(key, None)
    kept = {key: trained[key] for key in (*SOURCE, 'frame_dirs') if key in trained}
    return tested | kept


def _compile(regex: str) -> re.Pattern:
    try:
        pattern = re.compile(regex)
    except re.error as error:
        raise ValueError(f'leave_out={regex!r} is no regular expression: {error}') from error
    if not pattern.groups:
        raise ValueError(
            f'{regex!r} has no group: put what clips are grouped by in brackets, as in _s(\\d+)_'
        )
    return pattern


def _group_of(clip: str, pattern: re.Pattern) -> str:
    found = pattern.search(clip)
    if not found or not found[1]:
        raise ValueError(
            f'{pattern.pattern!r} finds nothing in the training clip {clip!r}: it has to find '
            'in every frame_dir what clips are grouped by'
        )
    return found[1]
