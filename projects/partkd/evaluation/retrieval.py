"""Clips told by the clips that are most like them."""

import torch
import torch.nn.functional as F
from torch import Tensor

_QUERIES = 4096  # at a time, so that memory does not grow with their number


def neighbour_votes(
    queries: Tensor, gallery: Tensor, labels: Tensor, num_classes: int, neighbours: int = 1
) -> Tensor:
    """What classes the nearest clips of a gallery have, by the cosine of features.

    Args:
        queries (Tensor): Features of N clips, (N, C).
        gallery (Tensor): Of G clips of known classes, (G, C).
        labels (Tensor): Of the gallery, (G,) long.
        num_classes (int): Classes that there are.
        neighbours (int): How many of the nearest vote. Defaults to 1.

    Returns:
        Tensor: Share of the votes of each class, (N, num_classes) float32. A nearer clip of the
        gallery breaks ties.

    Raises:
        ValueError: If the gallery has fewer clips.
    """
    if neighbours > len(gallery):
        raise ValueError(
            f'neighbours={neighbours}, and the gallery has {len(gallery)} clips: ask fewer'
        )
    known = F.normalize(gallery.float(), dim=1)
    # So little for each step nearer that all of it together is no vote.
    rank = torch.arange(neighbours, 0, -1, device=gallery.device) / (neighbours + 1) ** 2
    votes = []
    for some in queries.float().split(_QUERIES):
        nearest = (F.normalize(some, dim=1) @ known.T).topk(neighbours).indices
        voted = F.one_hot(labels[nearest], num_classes) * (1 + rank)[:, None]
        votes.append(voted.sum(1) / (1 + rank).sum())
    return torch.cat(votes)
