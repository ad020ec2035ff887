"""From tokens to one vector: how SCD-Net reads joints, and steps of time."""

from torch import Tensor, nn


class ClueEncoder(nn.Module):
    """Tokens mapped, mixed by one transformer layer, and the maximum over them.

    Of SCD-Net (Wu et al., AAAI 2024, arXiv 2309.05834): Linear, LayerNorm, ReLU, Linear, then a
    layer of attention whose feed-forward part is as wide as its input. There is no code of places;
    a token is told by its content.

    Args:
        in_channels (int): Of a token.
        width (int): W.
        num_heads (int): Of the attention; they divide W.
    """

    def __init__(self, in_channels: int, width: int, num_heads: int) -> None:
        super().__init__()
        self.embedding = nn.Sequential(
            nn.Linear(in_channels, width),
            nn.LayerNorm(width),
            nn.ReLU(),
            nn.Linear(width, width),
        )
        self.mixing = nn.TransformerEncoderLayer(width, num_heads, width, batch_first=True)

    def forward(self, tokens: Tensor) -> Tensor:
        """Read tokens, whose order does not count.

        Args:
            tokens (Tensor): Of P persons, (P, L, in_channels).

        Returns:
            Tensor: (P, W).
        """
        mixed: Tensor = self.mixing(self.embedding(tokens))
        return mixed.amax(1)
