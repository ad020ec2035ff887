import csv

import numpy as np
import pytest
import torch
from mmaction.evaluation import AccMetric
from mmaction.structures import ActionDataSample

from partkd.evaluation import MATRIX_FILE, PER_CLASS_FILE, ClassOutcomes

# of each class, what its clips are taken for
TAKEN_FOR = {0: [0, 0, 2, 2], 1: [0], 3: [3, 1, 2]}
MATRIX = [[2, 0, 2, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 1]]
NAMES = ['drink', 'wave, once', 'sit', 'ä']


def sample(label, scores):
    clip = ActionDataSample()
    clip.set_gt_label(label)
    clip.set_pred_score(torch.tensor(scores))
    return clip.to_dict()


@pytest.fixture
def tested():
    metric = ClassOutcomes()
    metric.dataset_meta = dict(classes=NAMES)
    for label, others in TAKEN_FOR.items():
        batch = [sample(label, np.eye(4)[other].tolist()) for other in others]
        metric.process([], batch)
    assert metric.evaluate(8) == {}
    return metric


def test_who_is_taken_for_whom(tested):
    assert tested.matrix.tolist() == MATRIX
    assert tested.names == NAMES


def test_the_table_says_what_becomes_of_each_class(tested):
    assert tested.per_class().splitlines()[2:] == [
        '| drink | 4 | 2 | 50.0 | sit | 2 |',
        '| wave, once | 1 | 0 | 0.0 | drink | 1 |',
        '| sit | 0 | 0 | – | – | 0 |',
        '| ä | 3 | 1 | 33.3 | wave, once | 1 |',
    ]


def test_the_files_say_the_same(tested, tmp_path):
    tested.write(tmp_path / 'new')
    with open(tmp_path / 'new' / PER_CLASS_FILE, encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['class'] for row in rows] == NAMES
    assert [row['accuracy'] for row in rows] == ['0.5', '0.0', '', str(1 / 3)]
    with open(tmp_path / 'new' / MATRIX_FILE, encoding='utf-8', newline='') as file:
        head, *rows = csv.reader(file)
    assert head[1:] == NAMES == [row[0] for row in rows]
    assert [list(map(int, row[1:])) for row in rows] == MATRIX


def test_classes_without_names_have_numbers_and_equal_scores_are_taken_as_in_the_accuracy():
    metric, accuracy = ClassOutcomes(), AccMetric()
    batch = [sample(0, [0.5, 0.5]), sample(1, [0.5, 0.5]), sample(1, [0.9, 0.1])]
    for each in (metric, accuracy):
        each.process([], batch)
    metric.evaluate(3)
    assert metric.names == ['0', '1']
    assert metric.matrix.trace() / 3 == pytest.approx(accuracy.evaluate(3)['acc/top1'])
