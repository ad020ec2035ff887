import torch
from mmengine.dist import all_gather, get_world_size
from torch import Tensor


def gather_rows(rows: Tensor) -> Tensor:
    """The rows of all processes, in the order of their ranks, without gradient.

    Args:
        rows (Tensor): (K, ...), where K may differ from process to process.

    Returns:
        Tensor: (sum of K, ...); ``rows`` itself in a single process.
    """
    if get_world_size() == 1:
        return rows
    counts = torch.cat(all_gather(torch.tensor([len(rows)], device=rows.device)))
    padded = rows.new_zeros(int(counts.max()), *rows.shape[1:])
    padded[: len(rows)] = rows.detach()
    return torch.cat([part[:count] for part, count in zip(all_gather(padded), counts, strict=True)])
