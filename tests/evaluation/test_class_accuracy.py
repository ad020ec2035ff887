import numpy as np

from partkd.evaluation import class_accuracy


def test_shares_by_hand():
    labels = np.array([0, 0, 2])
    correct = np.array([[True, False, True], [True, True, False]])
    told = class_accuracy(labels, correct, 3)
    assert told[[0, 2]].tolist() == [3 / 4, 1 / 2] and np.isnan(told[1])
