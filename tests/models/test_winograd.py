"""Convolutions over time by fewer products give what they gave."""

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional as F

from partkd.models import SkeletonRecognizer, to_onnx, to_winograd
from partkd.models.deployment.winograd import INPUT, OUTPUT, TAPS

RNG = np.random.default_rng(0)


def a_convolution(
    inputs=64, outputs=64, kernel=(9, 1), pads=(4, 0, 4, 0), with_bias=True, group=1, **attributes
) -> tuple[bytes, np.ndarray, np.ndarray]:
    """A file of one convolution over (T, V), its weight and its bias."""
    weight = RNG.normal(size=(outputs, inputs // group, *kernel)).astype(np.float32)
    bias = RNG.normal(size=outputs).astype(np.float32) * with_bias
    operands = dict(weight=weight, bias=bias) if with_bias else dict(weight=weight)
    settings = dict(strides=[1, 1], dilations=[1, 1], group=group, pads=pads, kernel_shape=kernel)
    node = helper.make_node('Conv', ['x', *operands], ['y'], **settings | attributes)
    graph = helper.make_graph(
        [node],
        'one',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['P', inputs, 'T', 'V'])],
        [helper.make_tensor_value_info('y', TensorProto.FLOAT, ['P', outputs, None, 'V'])],
        [numpy_helper.from_array(value, name) for name, value in operands.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20)], ir_version=10)
    helper.set_model_props(model, dict(layout='coco'))
    return model.SerializeToString(), weight, bias


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(content).run(None, dict(x=x))[0]


def kinds(content: bytes) -> Counter:
    return Counter(node.op_type for node in onnx.load_from_string(content).graph.node)


def test_three_outputs_of_five_products_by_hand():
    """Frames 1 to 5 and taps 1, 10 and 100: 1 + 20 + 300, and one more of each for the next."""
    products = (TAPS @ [1, 10, 100]) * (INPUT @ [1, 2, 3, 4, 5])
    np.testing.assert_allclose(OUTPUT @ products, [321, 432, 543])


@pytest.mark.parametrize('with_bias', [True, False])
def test_any_number_of_frames_persons_and_joints(with_bias):
    """Also clips that are shorter than the kernel, and tiles that are not full."""
    content, weight, bias = a_convolution(64, 80, with_bias=with_bias)
    rewritten = to_winograd(content)
    assert kinds(rewritten)['MatMul'] == 1
    onnx.checker.check_model(onnx.load_from_string(rewritten), full_check=True)
    session = onnxruntime.InferenceSession(rewritten)
    weight, bias = (torch.from_numpy(one).double() for one in (weight, bias))
    for persons, frames, joints in [(2, T, 3) for T in range(1, 21)] + [(5, 40, 1)]:
        x = RNG.normal(size=(persons, 64, frames, joints)).astype(np.float32)
        expected = F.conv2d(torch.from_numpy(x).double(), weight, bias, padding=(4, 0)).numpy()
        (given,) = session.run(None, dict(x=x))
        assert given.shape == expected.shape
        # outputs are of size 24; float32 has 6e-8 of it
        np.testing.assert_allclose(given, expected, atol=5e-4)


def test_how_exact_it_is():
    """Root of the mean square, of what outputs are: six times that of the convolution."""
    content, weight, bias = a_convolution(128, 128)
    x = np.maximum(RNG.normal(size=(2, 128, 54, 17)), 0).astype(np.float32)
    expected = F.conv2d(
        *(torch.from_numpy(one).double() for one in (x, weight, bias)), padding=(4, 0)
    ).numpy()
    before, after = (
        np.sqrt(np.square(run(one, x) - expected).mean() / np.square(expected).mean())
        for one in (content, to_winograd(content))
    )
    assert before < after < 2e-6


@pytest.mark.parametrize(
    'settings',
    [
        dict(strides=[2, 1]),
        dict(dilations=[2, 1], pads=(8, 0, 8, 0)),
        dict(pads=(0, 0, 0, 0)),
        dict(kernel=(7, 1), pads=(3, 0, 3, 0)),
        dict(kernel=(1, 9), pads=(0, 4, 0, 4)),
        dict(inputs=48),
        dict(outputs=72),
        dict(inputs=128, group=2),
    ],
)
def test_other_convolutions_stay_as_they_are(settings):
    content = a_convolution(**settings)[0]
    assert kinds(to_winograd(content)) == dict(Conv=1)


def test_what_a_file_says_of_itself_stays():
    content = a_convolution()[0]
    before, after = (onnx.load_from_string(one) for one in (content, to_winograd(content)))
    assert after.metadata_props == before.metadata_props
    assert after.graph.input == before.graph.input
    assert after.graph.output == before.graph.output
    assert not after.graph.initializer  # the weights are not in it a second time


def test_in_a_model():
    """``to_onnx`` compares what it gives with the model; with eight frames a tile is not full."""
    torch.manual_seed(0)
    backbone = dict(type='STGCN', base_channels=64, num_stages=2, inflate_stages=[], down_stages=[])
    head = dict(type='SkeletonHead', num_classes=5, in_channels=64)
    model = SkeletonRecognizer(backbone, head).eval()
    rewritten = to_onnx(model, {}, winograd=True)
    # of each block one product and one convolution for the graph; a product and 11 for the frames
    assert kinds(rewritten)['Conv'] == 2 * 12 and kinds(rewritten)['MatMul'] == 2 * 2
    clips = torch.randn(3, 2, 8, 17, 3)
    with torch.no_grad():
        expected = model(clips).numpy()
    (logits,) = onnxruntime.InferenceSession(rewritten).run(None, dict(keypoint=clips.numpy()))
    np.testing.assert_allclose(logits, expected, atol=1e-5)
