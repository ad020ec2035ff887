"""Keys of earlier batches, which are the negatives of later ones (MoCo)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from partkd.structures import gather_rows


class KeyQueue(nn.Module):
    """The last K keys of all processes, of length 1 (He et al., CVPR 2020, arXiv 1911.05722).

    It starts with random directions, the same in all processes, whatever their seeds. It is in the
    checkpoint, so that a resumed training has the same negatives.

    Args:
        size (int): K.
        channels (int): D of a key.
    """

    keys: Tensor
    place: Tensor

    def __init__(self, size: int, channels: int) -> None:
        super().__init__()
        start = torch.randn(size, channels, generator=torch.Generator().manual_seed(0))
        self.register_buffer('keys', F.normalize(start, dim=1))
        self.register_buffer('place', torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:
        """Put the keys of a batch of all processes in the place of the oldest.

        Args:
            keys (Tensor): Of this process's clips, of length 1, (N, D).

        Raises:
            ValueError: If all processes together have more than the queue holds.
        """
        keys = gather_rows(keys.to(self.keys.dtype))
        size = len(self.keys)
        if len(keys) > size:
            raise ValueError(
                f'a batch of {len(keys)} clips over all processes is more than the queue of {size} '
                'keys: set model.queue_size to some batches, or a smaller '
                'train_dataloader.batch_size'
            )
        places = (self.place + torch.arange(len(keys), device=keys.device)) % size
        self.keys[places] = keys
        self.place.copy_((self.place + len(keys)) % size)
