import torch
from mmengine.dist import all_reduce
from torch import Tensor


def mean_over_processes(total: Tensor, count: Tensor) -> Tensor:
    """A mean over the clips that have a loss, as one process would take it of the joined batch.

    Distributed training averages the losses of its processes, in which unlike numbers of clips
    may have a loss; each therefore divides by their mean number.

    Args:
        total (Tensor): Sum of this process's losses, a scalar.
        count (Tensor): Number of this process's clips that have a loss, a scalar.

    Returns:
        Tensor: A scalar; zero where no clip of any process has a loss.
    """
    count = count.to(total.dtype, copy=True)
    all_reduce(count, op='mean')
    return total / torch.where(count > 0, count, 1.0)
