"""An ONNX file in eight bits."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np


def to_int8(content: bytes, clips: Iterable[np.ndarray]) -> bytes:
    """Compute convolutions and products of an ONNX file in eight bits (static quantisation).

    ONNX Runtime runs the clips through the file and takes the ranges of what flows in it from them;
    weights have a range for each channel.

    Args:
        content (bytes): What :func:`to_onnx` gives without ``winograd``, whose transformed weights
            and frames eight bits are too few for.
        clips (Iterable[np.ndarray]): Clips as in use, each (M, T, V, C) float32.

    Returns:
        bytes: A file of the same input, output and metadata.

    Raises:
        ValueError: If there is no clip.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        """Hands out one clip after the other."""

        def __init__(self) -> None:
            self.inputs = iter([dict(keypoint=clip[None]) for clip in clips])
            self.first = next(self.inputs, None)
            if self.first is None:
                raise ValueError('eight bits need clips to take ranges from, and there is none')

        def get_next(self) -> dict[str, np.ndarray] | None:
            first, self.first = self.first, None
            return first or next(self.inputs, None)

    reader = Reader()
    with TemporaryDirectory() as folder, _without_advice():
        before, after = Path(folder, 'float32.onnx'), Path(folder, 'int8.onnx')
        before.write_bytes(content)
        quantize_static(
            before,
            after,
            reader,
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
        )
        return after.read_bytes()


@contextmanager
def _without_advice() -> Iterator[None]:
    """It advises to fold batch norms into convolutions first: they are folded."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
