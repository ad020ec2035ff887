"""The distillation losses against naive loops, hand-computed numbers and bounds (method.md 10)."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from mmengine.device import get_device
from torch import nn

from partkd.models import (
    GlobalMSCLoss,
    GraphMatchingLoss,
    KLLoss,
    PMSCLoss,
    PredictiveCodingLoss,
    multi_sample_contrastive,
)
from partkd.models.losses import graph_matching_loss
from partkd.structures import SkeletonFeatures, TeacherFeatures

DEVICE = get_device()
randn, tensor = (partial(make, device=DEVICE) for make in (torch.randn, torch.tensor))


class Weights(nn.Module):
    """Stands in for a part matrix that was read from a file."""

    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def forward(self, labels):
        return self.weights[labels]


def make_teacher(labels, pair, channels=6, num_classes=4):
    count = len(labels)
    return TeacherFeatures(
        parts=randn(count, 5, channels),
        segments=randn(count, 3, 5, channels),
        pooled=randn(count, channels),
        logits=randn(count, num_classes),
        labels=tensor(labels, dtype=torch.long),
        pair=tensor(pair),
    )


def make_student(count, channels=6, num_classes=4):
    def leaf(*shape):
        return randn(*shape, requires_grad=True)

    return SkeletonFeatures(
        parts=leaf(count, 5, channels),
        segments=leaf(count, 3, 5, channels),
        pooled=leaf(count, channels),
        logits=leaf(count, num_classes),
    )


def naive_pmsc(student, teacher, labels, weights, w, temperature=1.0):
    """Eq. 6-11 as they stand, with method.md's decisions 1, 2 and 4."""

    def similarity(i, j):
        phi = 0.0
        for p in range(student.shape[1]):
            a, b = student[i, p].tolist(), teacher.parts[j, p].tolist()
            dot = sum(x * y for x, y in zip(a, b, strict=True))
            norm = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
            phi += dot / norm * float(weights[labels[i], p])
        return math.exp(phi / temperature)

    losses = []
    for i in range(len(labels)):
        pair = int(teacher.pair[i])
        others = [j for j in range(len(teacher.labels)) if j != pair]
        positive = [similarity(i, j) for j in others if teacher.labels[j] == labels[i]]
        negative = [similarity(i, j) for j in others if teacher.labels[j] != labels[i]]
        attraction = w * sum(positive) / len(positive) if positive else 0.0
        if pair >= 0:
            attraction += similarity(i, pair)
        if not attraction:
            continue
        repulsion = sum(negative) / len(negative) if negative else 0.0
        losses.append(-math.log(attraction / (attraction + repulsion)))
    return (sum(losses) / len(losses) if losses else 0.0), len(losses) / len(labels)


CASES = {
    'pairs, solitary clips, positives, negatives': (
        [0, 0, 1, 2, 0],
        [0, 0, 1, 2, 0, 3],
        [0, 1, 2, 3, -1, -1],
    ),
    'a clip of its own class': ([0, 1, 2], [0, 1, 2], [0, 1, 2]),
    'no negatives': ([1, 1, 1], [1, 1, 1, 1], [0, 1, 2, -1]),
    'solitary clips alone': ([0, 1, 1, 2], [0, 1, 3], [-1, -1, -1]),
    'order of the rows is not that of the clips': ([2, 1, 0, 0], [0, 1, 2], [3, 1, 0]),
    'the same clip twice': ([0, 1, 0], [0, 0, 1], [0, 0, 1]),
}


@pytest.mark.parametrize('w', [0.5, 0.0, 1.0])
@pytest.mark.parametrize('case', CASES)
def test_pmsc_equals_naive_loops(case, w):
    torch.manual_seed(0)
    teacher_labels, labels, pair = CASES[case]
    teacher, student = make_teacher(teacher_labels, pair), make_student(len(labels))
    labels = tensor(labels)
    weights = torch.rand(4, 5, device=DEVICE).softmax(-1)
    loss = PMSCLoss(positive_weight=w, temperature=0.7, loss_weight=3.0)
    loss.part_matrix = Weights(weights)

    out = loss(student, teacher, labels)

    expected, ratio = naive_pmsc(student.parts, teacher, labels, weights, w, temperature=0.7)
    assert float(out['loss_pmsc']) == pytest.approx(3.0 * expected, rel=1e-5, abs=1e-6)
    assert float(out['pmsc_ratio']) == pytest.approx(ratio)
    out['loss_pmsc'].backward()
    assert student.parts.grad.isfinite().all()


def test_segments_are_compared_each_with_its_own():
    """As many more parts, of which those of one segment share the weight of the part."""
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 0, 1, 2], [0, 2, -1]), make_student(3)
    labels, weights = tensor([0, 1, 0]), torch.rand(4, 5, device=DEVICE).softmax(-1)
    loss = PMSCLoss(reads='segments', loss_weight=1.0)
    loss.part_matrix = Weights(weights)
    out = loss(student, teacher, labels)
    teacher.parts = teacher.segments.flatten(1, 2)
    each = weights.repeat(1, 3) / 3
    expected, _ = naive_pmsc(student.segments.flatten(1, 2), teacher, labels, each, 0.5)
    assert float(out['loss_pmsc']) == pytest.approx(expected, rel=1e-5)
    loss.part_matrix = None
    uniform = PMSCLoss(reads='segments', loss_weight=1.0)(student, teacher, labels)
    assert float(loss(student, teacher, labels)['loss_pmsc']) == float(uniform['loss_pmsc'])


def test_segments_of_unlike_number_are_refused():
    teacher, student = make_teacher([0, 1], [0, 1]), make_student(2)
    teacher.segments = teacher.segments[:, :2]
    with pytest.raises(ValueError, match='student has 3 segments, the teacher 2: set.*num_seg'):
        PMSCLoss(reads='segments')(student, teacher, tensor([0, 1]))
    with pytest.raises(ValueError, match="it is one of 'parts', 'segments'"):
        PMSCLoss(reads='joints')


def test_global_msc_is_pmsc_of_one_part():
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 0, 1, 2], [0, 2, -1]), make_student(3)
    labels = tensor([0, 1, 0])
    out = GlobalMSCLoss(loss_weight=1.0)(student, teacher, labels)
    teacher.parts = teacher.pooled[:, None]
    expected, _ = naive_pmsc(student.pooled[:, None], teacher, labels, torch.ones(4, 1), 0.5)
    assert float(out['loss_global_msc']) == pytest.approx(expected, rel=1e-5)


def test_hand_computed():
    """All similarities 1: -log(1.5 / 2.5); own class 1 and the others 0 or -1: the two floors."""
    teacher = make_teacher([0, 0, 1], [0])
    student = make_student(1)
    for others, expected in ((1.0, 0.5108), (0.0, 0.2193), (-1.0, 0.0863)):
        direction = torch.ones(6, device=DEVICE)
        student.parts = direction.expand(1, 5, 6)
        teacher.parts = torch.stack([direction, direction, others * direction])[:, None].repeat(
            1, 5, 1
        )
        if others == 0.0:
            orthogonal = tensor([1.0, -1, 1, -1, 1, -1])
            teacher.parts[2] = orthogonal
        out = PMSCLoss(loss_weight=1.0)(student, teacher, tensor([0]))
        assert float(out['loss_pmsc']) == pytest.approx(expected, abs=1e-4)


def test_bounds():
    """The weights sum to 1, so C lies in [1/e, e] and a full pair's loss above .086."""
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 0, 1, 1] * 8, [0, 1, 2, 3]), make_student(4)
    labels = tensor([0, 0, 1, 1])
    loss = PMSCLoss(loss_weight=1.0)
    similarity = loss.similarity(student, teacher, labels)
    assert similarity.abs().max() <= 1 + 1e-6
    assert float(loss(student, teacher, labels)['loss_pmsc']) > 0.0863


@pytest.mark.parametrize('loss', [PMSCLoss(), GlobalMSCLoss()])
@pytest.mark.parametrize(
    ('teacher_labels', 'labels', 'pair'),
    [([], [0, 1], [-1, -1]), ([1, 1], [0, 2], [-1, -1]), ([0, 0], [0, 0], [0, 1])],
    ids=['empty batch of teachers', 'no positives at all', 'no negatives at all'],
)
def test_empty_sets_give_a_zero_that_is_in_the_graph(loss, teacher_labels, labels, pair):
    teacher, student = make_teacher(teacher_labels, pair), make_student(len(labels))
    out = loss(student, teacher, tensor(labels))
    value = out[f'loss_{loss.name}']
    assert float(value) == 0
    value.backward()
    gradient = student.parts.grad if loss.name == 'pmsc' else student.pooled.grad
    assert (gradient == 0).all()


def test_gradient_pulls_towards_own_class():
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 1], [0]), make_student(1)
    PMSCLoss()(student, teacher, tensor([0]))['loss_pmsc'].backward()
    moved = student.parts.detach() - 0.1 * student.parts.grad

    def cosine(parts, row):
        return F.cosine_similarity(parts[0], teacher.parts[row], dim=-1).sum()

    assert cosine(moved, 0) > cosine(student.parts.detach(), 0)
    assert cosine(moved, 1) < cosine(student.parts.detach(), 1)


def test_gradient_check():
    torch.manual_seed(0)
    teacher = make_teacher([0, 0, 1, 2, 1], [0, 2, -1, -1])
    labels = tensor([0, 1, 2, 3])
    similarity = randn(4, 5, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: multi_sample_contrastive(x, teacher, labels, 0.5)[0], similarity
    )


def test_zero_features_keep_gradients_finite():
    teacher, student = make_teacher([0, 1], [0]), make_student(1)
    student.parts = torch.zeros(1, 5, 6, requires_grad=True, device=DEVICE)
    PMSCLoss()(student, teacher, tensor([0]))['loss_pmsc'].backward()
    assert student.parts.grad.isfinite().all()


def test_computed_in_float32_under_mixed_precision():
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 0, 1], [0, 1]), make_student(2)
    labels = tensor([0, 0])
    plain = PMSCLoss()(student, teacher, labels)['loss_pmsc']
    with torch.autocast(DEVICE, dtype=torch.bfloat16):
        mixed = PMSCLoss()(student, teacher, labels)['loss_pmsc']
    assert mixed.dtype == torch.float32
    assert float(mixed) == float(plain)


def test_kl_equals_naive_loops():
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 1, 2], [2, -1, 0]), make_student(3)
    out = KLLoss(temperature=4.0, loss_weight=0.7)(student, teacher, tensor([2, 3, 0]))

    def softmax(row):
        powers = [math.exp(x / 4.0) for x in row.tolist()]
        return [x / sum(powers) for x in powers]

    expected = 0.0
    for i, j in ((0, 2), (2, 0)):
        target, scores = softmax(teacher.logits[j]), softmax(student.logits[i])
        expected += sum(t * math.log(t / s) for t, s in zip(target, scores, strict=True)) / 2
    assert float(out['loss_kl']) == pytest.approx(0.7 * 16 * expected, rel=1e-4)


def test_kl_names_other_numbers_of_classes():
    teacher, student = make_teacher([0, 1], [0, 1]), make_student(2)
    student.logits = student.logits[:, 1:]
    count = teacher.logits.shape[1]
    with pytest.raises(ValueError, match=f'student has {count - 1} classes, the teacher {count}:'):
        KLLoss()(student, teacher, tensor([0, 1]))


def test_kl_is_zero_without_pairs_and_in_the_graph():
    teacher, student = make_teacher([0], [-1, -1]), make_student(2)
    out = KLLoss()(student, teacher, tensor([0, 1]))
    assert float(out['loss_kl']) == 0
    out['loss_kl'].backward()
    assert (student.logits.grad == 0).all()


# ------------------------------------------------------------------------------- graph matching


def joints_of(count, persons, joints=3, steps=2, channels=4):
    """Features of N clips, of which each shows another number of persons."""
    values = randn(count, max(persons), steps, joints, channels)
    mask = torch.arange(max(persons), device=DEVICE) < tensor(persons)[:, None]
    values = (values * mask[..., None, None, None]).requires_grad_()
    return dict(joints=values, person_mask=mask)


def graph_pair(**theirs):
    """Three clips with 1, 2, 1 persons, of which two have pairs with 2 and 1 persons."""
    student = SkeletonFeatures(**joints_of(3, [1, 2, 1]))
    teacher = TeacherFeatures(
        **joints_of(2, [1, 2], **theirs),
        labels=tensor([0, 1]),
        pair=tensor([1, -1, 0]),
    )
    return student, teacher


def naive_graph_matching(student, teacher):
    """Node by node and distance by distance."""
    features, structures = [], []
    for clip, pair in ((0, 1), (2, 0)):  # one person in each
        nodes = [
            [node.tolist() for step in one.joints[row, 0] for node in step]
            for one, row in ((student, clip), (teacher, pair))
        ]
        squares = [(a - b) ** 2 for m, t in zip(*nodes) for a, b in zip(m, t)]
        features.append(sum(squares) / len(squares))
        sides = []
        for side in nodes:
            distances = [math.dist(one, other) for one in side for other in side]
            positive = [distance for distance in distances if distance > 0]
            sides.append([distance / (sum(positive) / len(positive)) for distance in distances])
        apart = [abs(a - b) for a, b in zip(*sides)]
        smooth = [0.5 * d * d if d < 1 else d - 0.5 for d in apart]
        structures.append(sum(smooth) / len(smooth))
    return sum(features) / 2, sum(structures) / 2


def test_graph_matching_against_a_naive_loop():
    torch.manual_seed(0)
    student, teacher = graph_pair()
    feature, structure = naive_graph_matching(student, teacher)
    losses = GraphMatchingLoss(feature_weight=2.0, structure_weight=3.0)(student, teacher, None)
    assert losses['loss_graph_feature'].item() == pytest.approx(2 * feature, rel=1e-5)
    assert losses['loss_graph_structure'].item() == pytest.approx(3 * structure, rel=1e-5)


@pytest.mark.parametrize('away', [0.0, 100.0])
def test_distances_are_those_of_differences(away):
    """Also of nodes that are the same, that are near to each other, and that are far from 0."""
    torch.manual_seed(0)
    nodes = randn(2, 90, 200) + away
    nodes[:, 45:85] = nodes[:, :40]
    nodes[:, 85:] = nodes[:, 40:45] + 0.01 * randn(2, 5, 200)
    nodes.requires_grad_()
    exact = nodes.detach().double().requires_grad_()
    apart = torch.cdist(exact, exact, compute_mode='donot_use_mm_for_euclid_dist')
    found = graph_matching_loss._distances(nodes)
    assert torch.equal(found == 0, apart == 0) and (apart == 0).sum() == 2 * (90 + 80)
    torch.testing.assert_close(found.double(), apart, rtol=1e-4, atol=2e-3)
    weights = randn(90, 90)
    gradients = [
        torch.autograd.grad((one * weights).sum(), of)[0].double()
        for one, of in ((found, nodes), (apart, exact))
    ]
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize('term', ['feature', 'structure'])
def test_a_term_of_weight_0_is_not_computed(term):
    student, teacher = graph_pair()
    whole = GraphMatchingLoss()(student, teacher, None)
    other = dict(feature='structure', structure='feature')[term]
    alone = GraphMatchingLoss(**{f'{other}_weight': 0.0})(student, teacher, None)
    assert list(alone) == [f'loss_graph_{term}']
    torch.testing.assert_close(alone[f'loss_graph_{term}'], whole[f'loss_graph_{term}'])


def test_graph_matching_of_no_term_is_refused():
    with pytest.raises(ValueError, match='feature_weight and structure_weight .* would teach noth'):
        GraphMatchingLoss(feature_weight=0.0, structure_weight=0.0)


def test_graph_matching_by_hand():
    """Distances 3, 4, 5 and 6, 8, 10 are alike in units of their means; 3, 3, 0 are not."""

    def loss_of(mine, theirs):
        one = torch.ones(1, 1, dtype=torch.bool, device=DEVICE)
        both = [tensor(nodes).view(1, 1, 1, 3, 2) for nodes in (mine, theirs)]
        student = SkeletonFeatures(joints=both[0], person_mask=one)
        teacher = TeacherFeatures(
            joints=both[1], person_mask=one, labels=tensor([0]), pair=tensor([0])
        )
        return {
            name: value.item()
            for name, value in GraphMatchingLoss()(student, teacher, None).items()
        }

    mine = [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]
    like = [[1.0, 1.0], [7.0, 1.0], [1.0, 9.0]]
    unlike = [[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]]
    assert loss_of(mine, mine) == dict(loss_graph_feature=0, loss_graph_structure=0)
    assert loss_of(mine, like)['loss_graph_structure'] == pytest.approx(0, abs=1e-6)
    # differences 1, 1, 4, 1, 1, 5
    assert loss_of(mine, like)['loss_graph_feature'] == pytest.approx((1 + 1 + 16 + 1 + 1 + 25) / 6)
    # 3/4, 1, 5/4 against 1, 0, 1; the diagonal is 0
    apart = [(1 / 4) ** 2 / 2, 1 - 0.5, (1 / 4) ** 2 / 2]
    assert loss_of(mine, unlike)['loss_graph_structure'] == pytest.approx(2 * sum(apart) / 9)


def test_distances_are_computed_for_some_persons_at_a_time(monkeypatch):
    torch.manual_seed(0)
    student, teacher = graph_pair()
    losses, gradients = [], []
    for limit in (2**22, 1):
        monkeypatch.setattr(graph_matching_loss, '_DISTANCES', limit)
        student.joints.grad = None
        loss = GraphMatchingLoss()(student, teacher, None)['loss_graph_structure']
        loss.backward()
        losses.append(loss.detach())
        gradients.append(student.joints.grad)
    torch.testing.assert_close(*losses)
    torch.testing.assert_close(*gradients)
    assert gradients[0][0].any() and not gradients[0][1].any()  # the clip without a pair


def test_graphs_of_other_joints_are_refused():
    student, teacher = graph_pair(joints=5)
    with pytest.raises(ValueError, match='the student has 3 joints, the teacher 5: .*MapToUnion'):
        GraphMatchingLoss()(student, teacher, None)


def naive_coding(student, teacher):
    """Binary cross entropy of every scalar product, pair by pair."""
    losses = []
    for i, pair in enumerate(teacher.pair.tolist()):
        for j in range(len(teacher.labels) if pair >= 0 else 0):
            logit = sum(a * b for a, b in zip(student.pooled[i], teacher.pooled[j], strict=True))
            own = 1 / (1 + math.exp(-float(logit)))
            losses.append(-math.log(own if j == pair else 1 - own))
    return sum(losses) / len(losses)


def test_predictive_coding_equals_naive_loops():
    torch.manual_seed(0)
    teacher, student = make_teacher([0, 0, 1, 2], [2, -1, 0, 2]), make_student(4)
    loss = PredictiveCodingLoss(loss_weight=3.0)(student, teacher, None)['loss_coding']
    assert loss.item() == pytest.approx(3 * naive_coding(student, teacher), rel=1e-5)
    loss.backward()
    rows = student.pooled.grad.ne(0).any(1).tolist()
    assert rows == [True, False, True, True]


def test_predictive_coding_by_hand():
    """Products 0 cost log 2 each; a pair that is sure, beside one that is surely none, nothing."""
    teacher, student = make_teacher([0, 1], [0]), make_student(1)
    student.pooled, teacher.pooled = tensor([[1.0, 1.0]]), tensor([[0.0, 0.0]] * 2)
    loss = PredictiveCodingLoss()
    assert float(loss(student, teacher, None)['loss_coding']) == pytest.approx(0.1 * math.log(2))
    teacher.pooled = tensor([[20.0, 20.0], [-20.0, -20.0]])
    assert float(loss(student, teacher, None)['loss_coding']) == pytest.approx(0, abs=1e-8)
    teacher.pair = tensor([1])
    assert float(loss(student, teacher, None)['loss_coding']) == pytest.approx(0.1 * 40)


def test_predictive_coding_of_unlike_widths_is_refused():
    with pytest.raises(ValueError, match='pooled of the student have 6 channels, of the teacher 4'):
        PredictiveCodingLoss()(make_student(1), make_teacher([0], [0], channels=4), None)
