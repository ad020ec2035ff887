import pytest
import torch

from partkd.evaluation import neighbour_votes, retrieval


@pytest.mark.parametrize('neighbours', [1, 3, 4])
def test_the_nearest_vote(neighbours, monkeypatch):
    """Beside a loop over clips; a few queries at a time."""
    monkeypatch.setattr(retrieval, '_QUERIES', 4)
    torch.manual_seed(0)
    queries, gallery, labels = torch.randn(9, 5), torch.randn(12, 5), torch.arange(12) % 3
    votes = neighbour_votes(queries, gallery, labels, 4, neighbours)
    torch.testing.assert_close(votes.sum(1), torch.ones(9))
    for row, query in enumerate(queries):
        alike = [torch.cosine_similarity(query, one, 0).item() for one in gallery]
        nearest = sorted(range(12), key=lambda clip: -alike[clip])[:neighbours]
        classes = [labels[clip].item() for clip in nearest]
        most = max(map(classes.count, classes))
        first = next(label for label in classes if classes.count(label) == most)
        assert votes[row].argmax() == first and votes[row, 3] == 0


def test_length_does_not_count():
    gallery, labels = torch.tensor([[100.0, 90.0], [0.1, 0.0]]), torch.tensor([0, 1])
    assert neighbour_votes(torch.tensor([[5.0, 0.0]]), gallery, labels, 2).argmax() == 1


def test_a_small_gallery_is_named():
    with pytest.raises(ValueError, match='neighbours=3, and the gallery has 2 clips: ask fewer'):
        neighbour_votes(torch.ones(1, 2), torch.ones(2, 2), torch.zeros(2).long(), 2, 3)
