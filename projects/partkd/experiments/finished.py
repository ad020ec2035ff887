"""What ``distill()`` left in its work directory."""

from pathlib import Path

import numpy as np
from mmengine.config import Config

from partkd.configuration import frozen_teacher, load_config, part_matrices
from partkd.distillation import as_list
from partkd.evaluation import TEACHER, Results, Run, summarise


class Finished:
    """A work directory, which may have been moved since.

    Args:
        work_dir (str | Path): The folder with ``results.json``.

    Raises:
        FileNotFoundError: If it has none.
        ValueError: If it is none of ``distill()``, or of trainings that left out clips in turn.
    """

    def __init__(self, work_dir: str | Path) -> None:
        self.work_dir = Path(work_dir)
        self.results = Results.load(self.work_dir / 'results.json')
        if self.results.folds:
            raise ValueError(
                f'{self.work_dir} has trainings that left out clips in turn, of which no model '
                'stands for all: give a folder of tools/distill.py'
            )

    def run(self, model: str, condition: str, seed: int) -> Run:
        """A trained model.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): Name of the condition.
            seed (int): Its seed.

        Returns:
            Run: Its record.

        Raises:
            ValueError: If it is not trained yet.
        """
        runs = self.results.complete(model, condition).get(seed)
        if not runs or not runs[0].files:
            raise ValueError(
                f'{self.work_dir} has no {model} of seed {seed} under {condition}: let '
                'tools/distill.py go on until all is trained'
            )
        return runs[0]

    def config(self, run: Run) -> Config:
        """The config that a model was trained with.

        Args:
            run (Run): Its record.

        Returns:
            Config: As the training left it.
        """
        return load_config(self._inside(run, 'config'))

    def checkpoint(self, run: Run) -> Path:
        """The weights of a model.

        Args:
            run (Run): Its record.

        Returns:
            Path: The file.
        """
        return self._inside(run, 'checkpoint')

    def part_matrix(self, cfg: Config) -> dict | None:
        """The part matrix of a distilled student.

        Args:
            cfg (Config): The student's.

        Returns:
            dict | None: Config of a ``PartMatrix`` with the folder where it is now; None where no
            loss reads one.
        """
        matrices = part_matrices(cfg.model)
        if not matrices:
            return None
        # seed_<seed>/teacher_files-<digest>/files, wherever the work directory was
        below = Path(*Path(matrices[0]['folder']).parts[-3:])
        return dict(matrices[0], folder=str(self.work_dir / below))

    def learned_from(self, cfg: Config, teacher: Run) -> bool:
        """Whether a teacher of the report is the one whose features a student learned from.

        Args:
            cfg (Config): The distilled student's.
            teacher (Run): The teacher's record.

        Returns:
            bool: False for a student with a teacher of its own, such as a control.
        """
        named = as_list(frozen_teacher(cfg.model)['checkpoint'])[0]
        return Path(named).parts[-3:] == Path(teacher.files['checkpoint']).parts

    def best_distilled(self, condition: str) -> str:
        """The student with a teacher whose mean accuracy is the best.

        Args:
            condition (str): Name of the condition.

        Returns:
            str: Its name.

        Raises:
            ValueError: If no student has a teacher.
        """
        means: dict[str, list[float]] = {}
        for student in self.results.students:
            for seed, top1 in self.results.by_seed(student, condition).items():
                if self.config(self.run(student, condition, seed)).model['type'] == 'KDRecognizer':
                    means.setdefault(student, []).append(top1)
        if not means:
            raise ValueError(
                f'no student of {self.work_dir} that has learned from a teacher is trained under '
                f'{condition} yet'
            )
        return max(means, key=lambda student: summarise(means[student]).mean)

    def common_seeds(self, models: list[str], condition: str) -> list[int]:
        """Seeds under which all of some models are trained.

        Args:
            models (list[str]): ``'teacher'`` and names of students.
            condition (str): Name of the condition.

        Returns:
            list[int]: In rising order.
        """
        seeds = (set(self.results.complete(model, condition)) for model in models)
        return sorted(set.intersection(*seeds))

    def occlusion_curves(self) -> dict[str, dict[str, np.ndarray]]:
        """How accuracy falls with occlusion.

        Returns:
            dict[str, dict[str, np.ndarray]]: By scope and model rows of probability, mean top-1
            and deviation over seeds (NaN for one seed), (K, 3). Only scopes with two
            probabilities or more, among conditions without other degradations; none is occluded
            in all of them.
        """
        levels: dict[str, dict[float, str]] = {}
        conditions = {
            name: one
            for name, one in self.results.conditions.items()
            if not {'degradations', 'test_degradations'} & one.keys()
        }
        clean = [(0.0, name) for name, one in conditions.items() if not one.get('prob')]
        for name, one in conditions.items():
            if prob := one.get('prob'):
                levels.setdefault(one.get('scope', 'frame'), dict(clean))[prob] = name
        curves = {
            scope: {model: self._curve(model, named) for model in (TEACHER, *self.results.students)}
            for scope, named in levels.items()
            if len(named) > 1
        }
        return {
            scope: {model: rows for model, rows in models.items() if len(rows)}
            for scope, models in curves.items()
        }

    def _curve(self, model: str, levels: dict[float, str]) -> np.ndarray:
        rows = []
        for prob in sorted(levels):
            if top1 := self.results.by_seed(model, levels[prob]):
                told = summarise(top1.values())
                deviation = np.nan if told.deviation is None else told.deviation
                rows.append((prob, told.mean, deviation))
        return np.array(rows)

    def _inside(self, run: Run, key: str) -> Path:
        file = self.work_dir / run.files[key]
        if self.work_dir.resolve() not in file.resolve().parents:
            raise ValueError(
                f'{self.work_dir / "results.json"} names the {key} {run.files[key]}, which is not '
                'in this folder'
            )
        return file
