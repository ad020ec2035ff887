import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import NotNegative, Positive, checked

from .reduction import mean_over_processes


@MODELS.register_module()
class InfoNCELoss(BaseModule):
    """Which one of many keys is a query's own? (van den Oord et al., arXiv 1807.03748)

    The cross entropy of the query's own key among that and the negatives, by their cosines over a
    temperature::

        l = -log[ exp(q.k / tau) / (exp(q.k / tau) + sum over n of exp(q.n / tau)) ]

    The mean over the clips of all processes, in float32 under mixed precision.

    Args:
        temperature (float): tau. Defaults to .2, that of SCD-Net.
        loss_weight (float): Defaults to 1.
    """

    @checked
    def __init__(self, temperature: Positive = 0.2, loss_weight: NotNegative = 1.0) -> None:
        super().__init__()
        self.temperature = temperature
        self.loss_weight = loss_weight

    def forward(self, query: Tensor, key: Tensor, negatives: Tensor) -> Tensor:
        """The loss of N queries.

        Args:
            query (Tensor): Of any length, (N, D).
            key (Tensor): The own key of each, of any length, (N, D).
            negatives (Tensor): Keys of others, of length 1, (K, D).

        Returns:
            Tensor: A scalar.
        """
        with torch.autocast(query.device.type, enabled=False):
            query, key = (F.normalize(values.float(), dim=1) for values in (query, key))
            own = (query * key).sum(1, keepdim=True)
            cosines = torch.cat([own, query @ negatives.float().T], 1)
            first = torch.zeros(len(query), dtype=torch.long, device=query.device)
            total = F.cross_entropy(cosines / self.temperature, first, reduction='sum')
            loss = mean_over_processes(total, torch.tensor(len(query), device=query.device))
        return self.loss_weight * loss
