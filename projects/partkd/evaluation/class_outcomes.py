"""What becomes of the test clips of each class."""

import csv
import io
from pathlib import Path

import numpy as np
from mmaction.evaluation import AccMetric, ConfusionMatrix
from mmaction.registry import METRICS

from partkd.files import write_atomically

from .markdown import NOTHING, table

PER_CLASS_FILE = 'per_class.csv'
MATRIX_FILE = 'confusion_matrix.csv'
_HEAD = ['class', 'clips', 'right', 'accuracy', 'most frequent confusion', 'clips confused']


@METRICS.register_module()
class ClassOutcomes(AccMetric):
    """Counts which class is taken for which; adds nothing to the metrics.

    Attributes:
        matrix (np.ndarray): Clips of each class (rows) that are taken for each (columns),
            (num_classes, num_classes). Its diagonal are those that the top-1 accuracy counts. Empty
            before the test is over, and in processes but the first.
        names (list[str]): Of the classes: their numbers where the data set has no names.
    """

    def __init__(self) -> None:
        super().__init__('top_k_accuracy')
        self.matrix = np.empty((0, 0), np.int64)
        self.names: list[str] = []

    def compute_metrics(self, results: list[dict]) -> dict:
        """Sets :attr:`matrix` and :attr:`names`.

        Args:
            results (list[dict]): Of all clips.

        Returns:
            dict: Empty.
        """
        scores = np.stack([result['pred'] for result in results])
        labels = np.array([result['label'] for result in results])
        predicted = scores.argsort(axis=1)[:, -1]  # of equal scores the one that AccMetric takes
        self.matrix = ConfusionMatrix.calculate(predicted, labels, scores.shape[1]).numpy()
        given = (self.dataset_meta or {}).get('classes')
        self.names = list(given or map(str, range(len(self.matrix))))
        return {}

    def per_class(self) -> str:
        """What becomes of each class's clips, to be read.

        Returns:
            str: A table in markdown, accuracies in percent.
        """
        rows = []
        for name, clips, right, accuracy, other, confused in self._rows():
            share = f'{100 * accuracy:.1f}' if clips else NOTHING
            rows.append([name, str(clips), str(right), share, other or NOTHING, str(confused)])
        return table([*_HEAD[:3], 'accuracy (%)', *_HEAD[4:]], rows)

    def write(self, folder: str | Path) -> None:
        """Write ``per_class.csv`` and ``confusion_matrix.csv``.

        Args:
            folder (str | Path): Where to.
        """
        rows = [
            [name, clips, right, accuracy if clips else '', other, confused]
            for name, clips, right, accuracy, other, confused in self._rows()
        ]
        write_atomically(Path(folder, PER_CLASS_FILE), _csv([_HEAD, *rows]))
        counts = [[name, *row] for name, row in zip(self.names, self.matrix.tolist(), strict=True)]
        write_atomically(
            Path(folder, MATRIX_FILE), _csv([['class \\ taken for', *self.names], *counts])
        )

    def _rows(self) -> list[tuple[str, int, int, float, str, int]]:
        """Of each class what :data:`_HEAD` says; of equally frequent confusions the first."""
        clips, right = self.matrix.sum(1), self.matrix.diagonal()
        wrong = self.matrix - np.diag(right)
        confused, others = wrong.max(1), wrong.argmax(1)
        return [
            (
                name,
                int(clips[label]),
                int(right[label]),
                float(right[label] / max(1, clips[label])),
                self.names[others[label]] if confused[label] else '',
                int(confused[label]),
            )
            for label, name in enumerate(self.names)
        ]


def _csv(rows: list[list]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator='\n').writerows(rows)
    return file.getvalue()
