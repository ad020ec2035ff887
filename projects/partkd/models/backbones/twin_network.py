import copy

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import Whole, checked


@MODELS.register_module()
class TwinNetwork(BaseModule):
    """Two backbones of one kind and with weights of their own, their channels side by side.

    SCD-Net's encoder begins so: the temporal clue is read of one, the spatial clue of the other
    (:class:`CluePooling` with ``separate``).

    Args:
        backbone (dict): Config of one of them, which maps (N, M, T, V, C) to (N, M, C', T', V).
        graph_cfg (dict): Config of their graph, see mmaction2's ``Graph``.
        in_channels (int): C of the input. Defaults to 3.
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None.
    """

    @checked
    def __init__(
        self,
        backbone: dict,
        graph_cfg: dict,
        in_channels: Whole = 3,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        settings = backbone | dict(graph_cfg=graph_cfg, in_channels=in_channels)
        self.temporal = MODELS.build(copy.deepcopy(settings))
        self.spatial = MODELS.build(copy.deepcopy(settings))

    def forward(self, x: Tensor) -> Tensor:
        """(N, M, T, V, C) to (N, M, 2 C', T', V), the temporal branch's channels first."""
        return torch.cat([self.temporal(x), self.spatial(x)], 2)
