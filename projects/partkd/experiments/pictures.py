"""Pictures of a finished recipe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from mmengine.config import Config

from partkd.configuration import features_of_losses
from partkd.evaluation import SCOPES, TEACHER, Run, class_accuracy, principal_components
from partkd.messages import shown
from partkd.visualization import (
    draw_class_changes,
    draw_confusion_matrix,
    draw_occlusion_curves,
    draw_part_features,
    draw_skeletons,
    film_skeletons,
)

from .answers import Answers, ask
from .finished import Finished
from .teacher_files import draw_matrix

_EACH_WAY = 6  # classes that gained, and that lost, most


class LeftOutError(Exception):
    """A picture that a folder has not enough for; its text is the reason."""


@dataclass(frozen=True)
class Picture:
    """A picture, or why there is none.

    Args:
        name (str): What it shows.
        files (tuple[str, ...]): Names of its files, the first a PNG; none where it is left out.
        text (str): What is to be seen, or the reason.
    """

    name: str
    files: tuple[str, ...]
    text: str


class Pictures:
    """Draws all that a finished recipe has to show.

    Args:
        finished (Finished): The recipe's folder.
        folder (Path): Where the pictures go.
        student (str, optional): The student to show. Defaults to None: of those with a teacher the
            one with the best mean accuracy.
        condition (str, optional): Name of the condition to show it under. Defaults to None, the
            first.

    Attributes:
        notes (list[str]): What else a reader has to know, once all is drawn.

    Raises:
        ValueError: If there is no such student or condition, or nothing is trained to the end.
    """

    def __init__(
        self,
        finished: Finished,
        folder: Path,
        student: str | None = None,
        condition: str | None = None,
    ) -> None:
        self.finished, self.folder, self.results = finished, folder, finished.results
        for what, name, known in (
            ('student', student, self.results.students),
            ('condition', condition, [*self.results.conditions]),
        ):
            if name is not None and name not in known:
                raise ValueError(f'there is no {what} {shown(name)}: it is one of {shown(known)}')
        self.condition = condition or next(iter(self.results.conditions))
        self.student = student or finished.best_distilled(self.condition)
        self.baseline = self.results.students[0]
        models = [TEACHER, self.baseline, self.student]
        seeds = finished.common_seeds(models, self.condition)
        if not seeds:
            raise ValueError(
                f'{finished.work_dir} has no seed under which {", ".join(models)} are all trained '
                f'under {self.condition}: let tools/distill.py go on'
            )
        self.seed = seeds[0]
        self.notes: list[str] = []

    def draw(self) -> Iterator[Picture]:
        """Draw one after the other. Files of an earlier call that are left out now are removed.

        Yields:
            Picture: Each, or why it is left out.
        """
        kinds: dict[str, tuple[Callable[..., str], tuple[str, ...]]] = {
            'part matrix': (self._part_matrix, ('part_matrix.png',)),
            'accuracy by occlusion': (self._occlusion, ('accuracy_by_occlusion.png',)),
            'confusion matrix': (self._confusion, ('confusion_matrix.png',)),
            'classes that gained and lost': (self._classes, ('class_changes.png',)),
            'part features': (self._features, ('part_features.png',)),
            'a clip gained': (self._gained, ('skeletons_gained.png', 'skeletons_gained.gif')),
            'a clip lost': (self._lost, ('skeletons_lost.png', 'skeletons_lost.gif')),
        }
        for name, (kind, files) in kinds.items():
            paths = [self.folder / file for file in files]
            try:
                yield Picture(name, files, kind(*paths))
            except (LeftOutError, FileNotFoundError) as error:
                for path in paths:
                    path.unlink(missing_ok=True)
                yield Picture(name, (), str(error))

    def _part_matrix(self, file: Path) -> str:
        matrix = self.finished.part_matrix(self._distilled())
        if matrix is None:
            raise LeftOutError(f'{self.student} weights all parts alike')
        draw_matrix(matrix['folder'], file, matrix.get('temperature', 1.0), self._mine.classes)
        return 'How much each part tells of each class, by the teacher (Eq. 13). A row sums to 1.'

    def _occlusion(self, file: Path) -> str:
        curves = self.finished.occlusion_curves()
        if not curves:
            raise LeftOutError(
                'there are not two levels of one kind of occlusion: name more conditions in '
                'distill.conditions'
            )
        panels = {'s, '.join(SCOPES[scope]): models for scope, models in curves.items()}
        draw_occlusion_curves(panels, TEACHER, file)
        bands = (
            'Bands are the sample standard deviation over seeds.'
            if len(self.results.seeds) > 1
            else 'There is one seed, and so there are no bands.'
        )
        return (
            'Top-1 of students that were trained and tested under each level of occlusion. The '
            f'teacher sees its own clean clips. {bands}'
        )

    def _confusion(self, file: Path) -> str:
        mine = self._mine
        counts = np.zeros((len(mine.classes), len(mine.classes)), np.int64)
        np.add.at(counts, (mine.labels, mine.predicted), 1)
        draw_confusion_matrix(counts, file, mine.classes)
        return (
            f'Which class *{self.student}* takes for which, of {len(mine.clips)} test clips, seed '
            f'{self.seed}.'
        )

    def _classes(self, file: Path) -> str:
        before, after, num_seeds = self._class_accuracies()
        points = np.nan_to_num(after - before)
        if not points.any():
            raise LeftOutError(f'no class is better or worse than with {self.baseline}')
        order = np.argsort(-points, kind='stable')
        gained, lost = order[points[order] > 0], order[points[order] < 0]
        drawn = [*gained[:_EACH_WAY], *lost[-_EACH_WAY:]]
        clips = np.bincount(self._mine.labels, minlength=len(points))
        names = [f'{self._mine.classes[label]} ({clips[label]})' for label in drawn]
        title = f'{self.student}\nagainst {self.baseline}, {self.condition}'
        draw_class_changes(before[drawn], after[drawn], names, title, file)
        return (
            f'{len(gained)} classes are better with *{self.student}* than with *{self.baseline}*, '
            f'{len(lost)} worse; up to {_EACH_WAY} each way are drawn, with their test clips in '
            f'brackets. Means over {num_seeds} seed{"s" * (num_seeds > 1)}. With few clips a class '
            'moves by chance.'
        )

    def _features(self, file: Path) -> str:
        cfg = self._distilled()
        if not {'parts', 'segments'} & set(features_of_losses(cfg.model)):
            raise LeftOutError(f'no loss of {self.student} reads part features')
        if not self.finished.learned_from(cfg, self._run(TEACHER)):
            raise LeftOutError(f"{self.student} learned from another teacher than the report's")
        theirs, mine, (high, low) = self._pairs()
        if len(low) < 2:
            raise LeftOutError('teacher and students have one test clip in common')
        both = _unit(np.concatenate([theirs.parts[high], mine.parts[low]]))
        found = [principal_components(both[:, part]) for part in range(both.shape[1])]
        places = np.stack([place for place, _ in found], 1)
        sides = {
            f'teacher\n{theirs.joints}': places[: len(high)],
            f'student\n{mine.joints}': places[len(high) :],
        }
        draw_part_features(sides, mine.labels[low], mine.classes, file)
        shares = [100 * share for _, share in found]
        return (
            f'Part features of {len(low)} test clips in both qualities, of the teacher and of '
            f'*{self.student}*, as unit vectors, as the loss compares them: their first two '
            'principal components, of both sides together, in the same axes. These have '
            f'{min(shares):.0f} to {max(shares):.0f} % of the variance.'
        )

    def _gained(self, strip: Path, film: Path) -> str:
        _, mine, (_, low) = self._pairs()
        is_gained = mine.correct[low] & ~self._plain.correct[low]
        if not is_gained.any():
            raise LeftOutError(f'no clip is wrong with {self.baseline}, right with {self.student}')
        return self._skeletons(is_gained, 'gained', strip, film)

    def _lost(self, strip: Path, film: Path) -> str:
        _, mine, (_, low) = self._pairs()
        is_lost = self._plain.correct[low] & ~mine.correct[low]
        if not is_lost.any():
            raise LeftOutError(f'no clip is right with {self.baseline}, wrong with {self.student}')
        return self._skeletons(is_lost, 'lost', strip, film)

    def _skeletons(self, among: np.ndarray, what: str, strip: Path, film: Path) -> str:
        theirs, mine, rows = self._pairs()
        known = among & theirs.correct[rows[0]]
        place = int((known if known.any() else among).argmax())
        high, low = (int(row[place]) for row in rows)
        clips = [
            (f'high quality\n{theirs.joints}', *theirs.shown(high)),
            (f'low quality, {self.condition}\n{mine.joints}', *mine.shown(low)),
        ]
        caption = (
            f'{mine.clips[low]}: {mine.classes[mine.labels[low]]}\n'
            f'teacher: {theirs.said(high)}\n'
            f'{self.baseline}: {self._plain.said(low)}\n'
            f'{self.student}: {mine.said(low)}'
        )
        draw_skeletons(clips, strip, caption=caption)
        film_skeletons(clips, film, caption)
        return (
            f'One of {among.sum()} clips that *{self.student}* has {what} against '
            f'*{self.baseline}*, seed {self.seed}: the first by name, of those that the teacher '
            'knows if there are any. A clip that was chosen so shows what happens, and not how '
            'often.'
        )

    def _distilled(self) -> Config:
        """The student's config, if it has a teacher."""
        cfg = self.finished.config(self._run(self.student))
        if cfg.model['type'] != 'KDRecognizer':
            raise LeftOutError(f'{self.student} has no teacher')
        return cfg

    def _class_accuracies(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Of each class with the baseline and with the student, over how many seeds of both."""
        self._require_baseline()
        models = [self.baseline, self.student]
        seeds = self.finished.common_seeds(models, self.condition)
        label_of = dict(zip(self._mine.clips, self._mine.labels))
        told = []
        for model in models:
            outcomes = self.results.outcomes(model, self.condition)
            if outcomes is None:
                raise LeftOutError(f'results.json does not say which clips {model} had right')
            if set(outcomes.clips) != label_of.keys():
                raise LeftOutError(self._other_clips(model))
            labels = np.array([label_of[clip] for clip in outcomes.clips])
            correct = np.stack([outcomes.correct[seed] for seed in seeds])
            told.append(class_accuracy(labels, correct, len(self._mine.classes)))
        return told[0], told[1], len(seeds)

    def _pairs(self) -> tuple[Answers, Answers, tuple[np.ndarray, np.ndarray]]:
        """Teacher and student, and the rows of the test clips that both have."""
        theirs, mine = self._theirs, self._mine
        _, high, low = np.intersect1d(theirs.clips, mine.clips, return_indices=True)
        if not len(low):
            raise LeftOutError('teacher and students have no test clip in common')
        return theirs, mine, (high, low)

    def _require_baseline(self) -> None:
        if self.student == self.baseline:
            raise LeftOutError(f'{self.student} is the baseline, and there is nothing beside it')

    def _other_clips(self, model: str) -> str:
        return f'{model} was tested on other clips than {self.student}'

    @cached_property
    def _theirs(self) -> Answers:
        return self._ask(TEACHER)

    @cached_property
    def _plain(self) -> Answers:
        self._require_baseline()
        answers = self._ask(self.baseline)
        if answers.clips != self._mine.clips:
            raise LeftOutError(self._other_clips(self.baseline))
        return answers

    @cached_property
    def _mine(self) -> Answers:
        return self._ask(self.student)

    def _run(self, model: str) -> Run:
        return self.finished.run(model, self.condition, self.seed)

    def _ask(self, model: str) -> Answers:
        run = self._run(model)
        answers = ask(self.finished.config(run), self.finished.checkpoint(run))
        if run.tested is None or run.correct is None:
            return answers
        if answers.clips != self.results.tested[run.tested]:
            raise LeftOutError(
                f'the test clips of {model} are others than it was tested on: its annotation file '
                'has changed since'
            )
        before = np.array([digit == '1' for digit in run.correct])
        if others := int((before != answers.correct).sum()):
            self.notes.append(
                f'{others} clips of {model} are judged otherwise here than in results.json: by '
                'another device or version, or because a file has changed.'
            )
        return answers


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Of length 1; zero stays zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
