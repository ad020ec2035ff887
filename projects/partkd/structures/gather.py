import torch
from mmengine.dist import all_gather, get_world_size
from torch import Tensor


def gather_rows(rows: Tensor) -> Tensor:
    """The rows of all processes, in the order of their ranks, without gradient.

    Args:
        rows (Tensor): (K, ...), whose sizes may differ from process to process.

    Returns:
        Tensor: (sum of K, ...), padded with zeros to the largest in all but the first axis;
        ``rows`` itself in a single process.
    """
    if get_world_size() == 1:
        return rows
    shapes = torch.stack(all_gather(torch.tensor(rows.shape, device=rows.device)))
    padded = rows.new_zeros(*shapes.amax(0).tolist())
    padded[tuple(map(slice, rows.shape))] = rows.detach()
    counts = shapes[:, 0].tolist()
    return torch.cat([part[:count] for part, count in zip(all_gather(padded), counts, strict=True)])
