import pytest
import torch
from mmaction.evaluation import AccMetric
from mmaction.structures import ActionDataSample

from partkd.evaluation import ClipOutcomes


def samples(names, scores, labels):
    for name, score, label in zip(names, scores, labels):
        sample = ActionDataSample(metainfo=dict(frame_dir=name) if name else {})
        sample.set_gt_label(label)
        sample.set_pred_score(torch.tensor(score))
        yield sample.to_dict()


def test_names_what_was_right_in_the_order_of_names_and_adds_no_figure():
    rng = torch.Generator().manual_seed(0)
    scores = torch.rand(50, 3, generator=rng).tolist()
    labels = [index % 3 for index in range(50)]
    names = [f'clip_{(7 * index) % 50:02}' for index in range(50)]
    metric, reference = ClipOutcomes(), AccMetric()
    batch = list(samples(names, scores, labels))
    for start in range(0, 50, 20):
        metric.process([], batch[start : start + 20])
    reference.process([], batch)
    assert metric.evaluate(50) == {}
    assert list(metric.correct) == sorted(names)
    expected = {
        name: max(range(3), key=score.__getitem__) == label
        for name, score, label in zip(names, scores, labels)
    }
    assert metric.correct == expected
    top1 = reference.evaluate(50)['acc/top1']
    assert sum(metric.correct.values()) / 50 == pytest.approx(top1)


def test_clips_without_names_are_an_error():
    with pytest.raises(ValueError, match="'frame_dir' among the meta_keys"):
        ClipOutcomes().process([], list(samples([None], [[0.1, 0.9]], [1])))
