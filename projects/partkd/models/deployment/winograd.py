"""Wide convolutions over time in an ONNX file, by a third of the multiplications."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnxscript import ir

Builder = Any  # onnxscript's ``RewriterContext``, whose methods are ONNX's operators

# Three outputs of three taps are five products, by the points 0, 1, -1, 2 and infinity:
# outputs = OUTPUT @ ((TAPS @ taps) * (INPUT @ five frames)).
INPUT = np.array(
    [[2, -1, -2, 1, 0], [0, -2, -1, 1, 0], [0, 2, -3, 1, 0], [0, -1, 0, 1, 0], [0, 2, -1, -2, 1]]
)
TAPS = np.array([[3, 0, 0], [-3, -3, -3], [-1, 1, -1], [1, 2, 4], [0, 0, 6]]) / 6
OUTPUT = np.array([[1, 1, 1, 1, 0], [0, 1, -1, 2, 0], [0, 1, 1, 4, 1]])
TILE, POINTS = OUTPUT.shape
# The point 1 counts once in every output, so that a bias there is a bias of all.
POINT_OF_BIAS = 1
KERNEL = TILE * TILE
REWRITTEN = dict(
    kernel_shape=[KERNEL, 1],
    strides=[1, 1],
    dilations=[1, 1],
    pads=[KERNEL // 2, 0, KERNEL // 2, 0],
)
# Behind the last frame so many zeros that any number of frames fills its last tile of nine.
PADS, NO_PADS = [KERNEL // 2, 0, KERNEL // 2 + KERNEL - 1, 0], [0, 0, 0, 0]
# With fewer channels the transforms take the time that is saved. ONNX Runtime is fast with groups
# of a multiple of BLOCK channels.
FEWEST_CHANNELS, BLOCK = 64, 16


def to_winograd(content: bytes) -> bytes:
    """Compute wide convolutions of nine frames by 25 products for nine outputs, where 81 were.

    Nine taps are three sections of three. The three taps are a convolution over frames, and the
    sections one over tiles of three frames; each is F(3, 3) of Winograd (Lavin and Gray,
    "Fast Algorithms for Convolutional Neural Networks", CVPR 2016). Of every channel two depthwise
    convolutions of stride three make 25 points of a tile of nine frames. What is left is a
    1x1 convolution for each point, and a product that makes nine frames of 25 points.

    Convolutions of 64 channels and more are rewritten, of stride 1 and with as many frames out as
    in. Their weights take 25 numbers where they took nine, computed in float64. In float32 an
    output is off by some 1e-6 of what outputs are in the mean, six times as much as before.

    Points are three times as much as the frames, and are written and read several times. That is
    cheap on one thread. Of two it takes the time that was saved (docs/performance.md).

    Args:
        content (bytes): An ONNX file whose convolutions are over (T, V).

    Returns:
        bytes: A file of the same input, output and metadata.
    """
    import onnx
    from onnxscript.rewriter import RewriteRule, rewrite

    rule = RewriteRule(_convolution, _by_points, _is_rewritten)
    return rewrite(onnx.load_from_string(content), [rule]).SerializeToString()


def _convolution(op: Builder, x: Any) -> Any:
    return op.Conv(x, _allow_other_inputs=True, _outputs=['convolved'])


def _is_rewritten(context: object, x: 'ir.Value', convolved: 'ir.Value') -> bool:
    node = _node(convolved)
    weight = _constant(node, 1)
    return (
        weight is not None
        and all(size >= FEWEST_CHANNELS and size % BLOCK == 0 for size in weight.shape[:2])
        and node.attributes['group'].as_int() == 1
        and all(list(node.attributes[name].as_ints()) == is_ for name, is_ in REWRITTEN.items())
    )


def _by_points(op: Builder, x: 'ir.Value', convolved: 'ir.Value') -> 'ir.Value':
    weight, bias = (_constant(_node(convolved), index) for index in (1, 2))
    assert weight is not None
    outputs, inputs = weight.shape[:2]
    sections = weight.reshape(outputs, inputs, TILE, TILE)
    at_points = np.einsum('qs,pk,oisk->qpoi', TAPS, TAPS, sections)
    bias_at_points = np.zeros((POINTS, POINTS, outputs))
    bias_at_points[POINT_OF_BIAS, POINT_OF_BIAS] = 0 if bias is None else bias
    points = _input_points(op, _input_points(op, x, inputs, PADS), POINTS * inputs, NO_PADS)
    products = op.Conv(
        points,
        _tensor(op, at_points.reshape(-1, inputs, 1, 1)),
        _tensor(op, bias_at_points.ravel()),
        group=POINTS * POINTS,
    )
    return _frames(op, products, outputs, x)


def _input_points(op: Builder, x: 'ir.Value', channels: int, pads: list[int]) -> 'ir.Value':
    """(P, channels, T, V) to (P, POINTS * channels, tiles, V)."""
    points = [
        op.Conv(
            x,
            _tensor(op, np.broadcast_to(row[:, None], (channels, 1, POINTS, 1))),
            group=channels,
            strides=[TILE, 1],
            pads=pads,
        )
        for row in INPUT
    ]
    side_by_side: ir.Value = op.Concat(*points, axis=1)
    return side_by_side


def _frames(op: Builder, products: 'ir.Value', channels: int, like: 'ir.Value') -> 'ir.Value':
    """(P, POINTS * POINTS * channels, tiles, V) to (P, channels, T, V), with the T of ``like``."""
    num_frames, num_joints = op.Shape(like, start=2, end=3), op.Shape(like, start=3)
    of_points = op.Reshape(products, _integers(op, 0, POINTS * POINTS, -1))
    of_frames = op.MatMul(_tensor(op, np.kron(OUTPUT, OUTPUT)), of_points)
    apart = op.Concat(_integers(op, 0, KERNEL, channels, -1), num_joints, axis=0)
    in_order = op.Transpose(op.Reshape(of_frames, apart), perm=[0, 2, 3, 1, 4])
    together = op.Concat(_integers(op, 0, channels, -1), num_joints, axis=0)
    whole_tiles = op.Reshape(in_order, together)
    frames: ir.Value = op.Slice(whole_tiles, _integers(op, 0), num_frames, _integers(op, 2))
    return frames


def _node(value: 'ir.Value') -> 'ir.Node':
    node = value.producer()
    assert node is not None
    return node


def _constant(node: 'ir.Node', index: int) -> np.ndarray | None:
    """An operand in float64, None where there is none or it is no constant."""
    operand = node.inputs[index] if index < len(node.inputs) else None
    if operand is None or operand.const_value is None:
        return None
    return operand.const_value.numpy().astype(np.float64)


def _tensor(op: Builder, values: np.ndarray) -> 'ir.Value':
    from onnxscript import ir

    constant: ir.Value = op.Constant(value=ir.tensor(np.ascontiguousarray(values, np.float32)))
    return constant


def _integers(op: Builder, *values: int) -> 'ir.Value':
    constant: ir.Value = op.Constant(value_ints=values)
    return constant
