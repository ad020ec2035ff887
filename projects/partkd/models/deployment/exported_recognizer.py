import copy

from torch import Tensor, nn

from partkd.models.recognizers import SkeletonRecognizer

from .graph_convolution import fold_graph_convolutions


class ExportedRecognizer(nn.Module):
    """A trained recogniser as it is deployed: real clips in, class scores out.

    There are no masks: whoever runs it passes the persons and frames that are there, and all
    clips of one call have equally many.

    Args:
        recognizer (SkeletonRecognizer): The model, which stays as it is.
    """

    def __init__(self, recognizer: SkeletonRecognizer) -> None:
        super().__init__()
        self.recognizer = copy.deepcopy(recognizer).eval().requires_grad_(False)
        fold_graph_convolutions(self.recognizer)

    def forward(self, keypoint: Tensor) -> Tensor:
        """Classify clips.

        Args:
            keypoint (Tensor): The channels of every joint, (N, M, T, V, C).

        Returns:
            Tensor: Class scores before softmax, (N, num_classes).
        """
        return self.recognizer(keypoint, mode='tensor')
