"""One clip through a network on a CPU: mmaction2 as it runs it, and the exported file."""

from collections.abc import Callable
from functools import partial
from importlib import metadata

import numpy as np
import onnxruntime
import openvino
import torch
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from partkd.models import SkeletonRecognizer, to_int8, to_onnx, to_winograd

from .side_by_side import Side, SideBySide, compare

NUM_CLASSES = 60
# The method paper's ST-GCN: nine blocks.
ST_GCN = dict(type='STGCN', num_stages=9, inflate_stages=[4, 7], down_stages=[4, 7])
# The student of configs/partkd/stgcn_utdmhad_recommended.py: five narrow blocks, three streams.
SEGMENTS, PARTS, WIDENING = 4, 5, 4
STUDENT = dict(
    type='STGCN',
    in_channels=6,
    base_channels=32,
    num_stages=5,
    inflate_stages=[3, 5],
    down_stages=[3, 5],
)
EAGER = "mmaction2's ST-GCN, eager"


def latency(
    persons: int = 2,
    frames: int = 100,
    base_channels: int = 64,
    rounds: int = 15,
    calls: int = 20,
    threads: int = 2,
) -> SideBySide:
    """Time one clip of COCO-17 through ST-GCN, and through the recommended student.

    Args:
        persons, frames (int): M and T. Default to 2 and 100.
        base_channels (int): Width of the first block of ST-GCN. Defaults to 64.
        rounds (int): How often each side has its turn. Defaults to 15.
        calls (int): Clips in each turn, one at a time; many, as the threads of the side before
            spin for a while. Defaults to 20.
        threads (int): Of each side. Defaults to 2.

    Returns:
        SideBySide: mmaction2's ``RecognizerGCN`` in PyTorch first; the same network, with the
        same weights, exported; the student in PyTorch and exported.
    """
    sides = latency_sides(persons, frames, base_channels, threads)
    expected = sides[EAGER]()
    notes = [
        f'COCO-17, (persons, frames) = ({persons}, {frames}), all of them real on all sides; '
        'random weights; PyTorch in eval mode and inference_mode.',
        'Only rows of the same network compare like with like; the student is a smaller network.',
        *(
            f'{name}: logits differ from those in PyTorch by at most {_difference(call, expected)}.'
            for name, call in sides.items()
            if name.startswith('same network')
        ),
        ', '.join(f'{name} {metadata.version(name)}' for name in ('onnxruntime', 'openvino')) + '.',
    ]
    timed = [Side(name, call, calls=calls) for name, call in sides.items()]
    title = 'Latency of one clip on a CPU'
    return compare(title, 'clips', timed, rounds=rounds, threads=threads, notes=notes)


def latency_sides(
    persons: int, frames: int, base_channels: int, threads: int
) -> dict[str, Callable[[], np.ndarray]]:
    """What is timed.

    Args:
        persons, frames (int): M and T.
        base_channels (int): Width of the first block of ST-GCN.
        threads (int): Of ONNX Runtime and OpenVINO.

    Returns:
        dict[str, Callable]: By name, a function that classifies one clip and returns its logits,
        (1, num_classes).
    """
    init_default_scope('mmaction')
    torch.manual_seed(0)
    network = ST_GCN | dict(base_channels=base_channels)
    head = dict(num_classes=NUM_CLASSES, in_channels=WIDENING * base_channels)
    ours = initialised(SkeletonRecognizer(network, dict(type='SkeletonHead', **head)))
    theirs = _mmaction2(network, head, ours)
    student = recommended_student()
    clip = torch.randn(1, persons, frames, ours.layout.num_joints, ours.in_channels)
    streams = torch.randn(1, persons, frames, ours.layout.num_joints, student.in_channels)
    return {
        EAGER: partial(_run_eagerly, theirs, clip[:, None]),
        **_exported('same network exported', ours, clip, threads),
        'recommended student, eager': partial(_run_eagerly, student, streams),
        **_exported('recommended student exported', student, streams, threads),
    }


def recommended_student() -> SkeletonRecognizer:
    """The network of ``stgcn_utdmhad_recommended_student.py`` with 60 classes and random weights.

    Returns:
        SkeletonRecognizer: In eval mode.
    """
    features = SEGMENTS * PARTS * WIDENING * STUDENT['base_channels']
    head = dict(type='SkeletonHead', num_classes=NUM_CLASSES, in_channels=features)
    head['reads'] = 'segments'
    return initialised(SkeletonRecognizer(STUDENT, head, neck=dict(num_segments=SEGMENTS)))


def _mmaction2(network: dict, head: dict, ours: SkeletonRecognizer) -> nn.Module:
    """The same network with the same weights as mmaction2 builds it."""
    graph_cfg = dict(layout='coco', mode='stgcn_spatial')
    theirs = MODELS.build(
        dict(
            type='RecognizerGCN',
            backbone=network | dict(graph_cfg=graph_cfg),
            cls_head=dict(type='GCNHead', **head),
        )
    )
    theirs.load_state_dict(ours.state_dict())
    return theirs.eval()


def initialised(model: SkeletonRecognizer) -> SkeletonRecognizer:
    """Give a model weights that leave something of a clip in the logits.

    Args:
        model (SkeletonRecognizer): The model, which is changed.

    Returns:
        SkeletonRecognizer: The same, in eval mode.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return model.eval()


@torch.inference_mode()
def _run_eagerly(model: nn.Module, clip: Tensor) -> np.ndarray:
    return model(clip, mode='tensor', stage='head').numpy()


def _exported(
    name: str, model: SkeletonRecognizer, clip: Tensor, threads: int
) -> dict[str, Callable[[], np.ndarray]]:
    direct = to_onnx(model, {})
    files = {
        'f32': direct,
        'f32, Winograd': to_winograd(direct),
        'int8': to_int8(direct, [one.numpy() for one in clip]),
    }
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    inputs = dict(keypoint=clip.numpy())
    return {
        f'{name}, ONNX Runtime ({how})': partial(
            _run, onnxruntime.InferenceSession(content, options), inputs
        )
        for how, content in files.items()
    } | _by_openvino(name, direct, inputs, threads)


def _run(session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]) -> np.ndarray:
    logits: np.ndarray = session.run(None, inputs)[0]
    return logits


def _by_openvino(
    name: str, content: bytes, inputs: dict[str, np.ndarray], threads: int
) -> dict[str, Callable[[], np.ndarray]]:
    """In float32, and in bfloat16 where the processor has it, which is what OpenVINO chooses."""
    core = openvino.Core()
    sides: dict[str, Callable[[], np.ndarray]] = {}
    for precision in (dict(INFERENCE_PRECISION_HINT='f32'), {}):
        settings = dict(INFERENCE_NUM_THREADS=threads, PERFORMANCE_HINT='LATENCY') | precision
        compiled = core.compile_model(core.read_model(content), 'CPU', settings)
        chosen = compiled.get_property('INFERENCE_PRECISION_HINT').to_string()
        sides.setdefault(
            f'{name}, OpenVINO ({chosen})', partial(_infer, compiled.create_infer_request(), inputs)
        )
    return sides


def _infer(request: openvino.InferRequest, inputs: dict[str, np.ndarray]) -> np.ndarray:
    logits: np.ndarray = request.infer(inputs)[0]
    return logits


def _difference(call: Callable[[], np.ndarray], expected: np.ndarray) -> str:
    difference, largest = np.abs(call() - expected).max(), np.abs(expected).max()
    return f'{difference:.1g}, where the largest is {largest:.2g}'
