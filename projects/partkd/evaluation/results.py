"""The records that a report is made of, and their file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from partkd.files import write_atomically

TEACHER = 'teacher'
METRIC = 'acc/top1'


@dataclass
class Run:
    """One trained and tested model.

    Args:
        seed (int): Its seed.
        model (str): ``'teacher'``, or the student's name.
        condition (str | None): Name of the condition it was trained and tested under; None for
            the teacher, which sees its own clean data under every condition.
        metrics (dict[str, float]): What the evaluator gave, such as ``acc/top1`` in [0, 1].
        clips (dict[str, int]): Number of clips it was trained (``train``) and tested (``test``) on.
        epochs (int): Epochs it was trained for; the last one is the one tested.
        seconds (float): Wall time of training and test.
        resumed (bool): Whether it was interrupted, so that ``seconds`` is but a part.
        environment (dict): See :func:`partkd.evaluation.environment`.
    """

    seed: int
    model: str
    condition: str | None
    metrics: dict[str, float]
    clips: dict[str, int]
    epochs: int
    seconds: float
    resumed: bool = False
    environment: dict = field(default_factory=dict)


@dataclass
class Results:
    """All runs of one recipe.

    Args:
        title (str): Heading of the report.
        config (str): The configuration file, as a path inside the checkout.
        seeds (list[int]): Seeds asked for.
        students (list[str]): Names of the students; the first one is the baseline.
        conditions (dict[str, dict]): Occlusion of the students' input, by the condition's name.
        planned (int): Number of runs when all is done.
        paper (dict[str, tuple]): By condition, the paper's top-1 in percent of the teacher, of
            the student without and of the student with distillation. Defaults to an empty dict.
        notes (list[str]): What a reader has to know of the figures. Defaults to an empty list.
        runs (list[Run]): What is finished.
        seconds (float): Wall time of all steps, data, part matrix and feature bank included.
    """

    title: str
    config: str
    seeds: list[int]
    students: list[str]
    conditions: dict[str, dict]
    planned: int
    paper: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0

    def by_seed(self, model: str, condition: str, metric: str = METRIC) -> dict[int, float]:
        """A model's figures under a condition.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): The condition's name. The teacher's figure is the same under all.
            metric (str): Key of the evaluator. Defaults to ``'acc/top1'``.

        Returns:
            dict[int, float]: Value by seed, of the runs that are finished.
        """
        return {
            run.seed: run.metrics[metric]
            for run in self.runs
            if run.model == model and run.condition in (None, condition)
        }

    def save(self, path: str | Path) -> None:
        """Write as JSON, atomically.

        Args:
            path (str | Path): The file.
        """
        write_atomically(path, json.dumps(asdict(self), indent=1, ensure_ascii=False) + '\n')

    @classmethod
    def load(cls, path: str | Path) -> 'Results':
        """Read what :meth:`save` wrote.

        Args:
            path (str | Path): The file.

        Returns:
            Results: The records.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it holds something else.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f'{path}: no such file; tools/distill.py writes results.json')
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            content['runs'] = [Run(**run) for run in content['runs']]
            return cls(**content)
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f'{path} is not a results.json of distill(): {error}') from error
