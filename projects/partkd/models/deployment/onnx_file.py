"""A recogniser as an ONNX file or a program of PyTorch's, checked against the one it was."""

import copy
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from partkd.layouts import get_layout, layout_names
from partkd.models.recognizers import SkeletonRecognizer
from partkd.structures import require_finite
from partkd.version import __version__

from .exported_recognizer import ExportedRecognizer
from .winograd import to_winograd

if TYPE_CHECKING:
    import onnx

PACKAGES = ('onnx', 'onnxscript', 'onnxruntime')
# Clips, persons, frames. PyTorch traces sizes of 1 as constants; the check is for other sizes.
TRACED_AT = (2, 2, 32)
Sizes = tuple[int, int, int]
CHECKED_AT: Sequence[Sizes] = ((1, 1, 1), (1, 2, 100), (2, 3, 17))
LONG_ENOUGH = CHECKED_AT[1:]  # for a program, whose strides ask for some frames
TOLERANCE = 1e-3
_REGISTRATION = 'torch.onnx._internal.exporter._registration'


def to_onnx(recognizer: nn.Module, metadata: dict[str, str], winograd: bool = False) -> bytes:
    """Convert a recogniser, and check that ONNX Runtime gives what PyTorch gives.

    Args:
        recognizer (nn.Module): A :class:`SkeletonRecognizer`, which stays as it is.
        metadata (dict[str, str]): What to say in the file beside what the model knows itself.
        winograd (bool): Computes wide convolutions over time by fewer multiplications, see
            :func:`to_winograd`: faster on one thread, and nothing to make eight bits of.
            Defaults to False.

    Returns:
        bytes: The content of an ONNX file with one input, ``keypoint`` (N, M, T, V, C) float32 of
        any N, M and T, and one output, ``logits`` (N, num_classes).

    Raises:
        ImportError: If a package that this needs is not installed.
        TypeError: If the model is no ``SkeletonRecognizer``.
        NonFiniteError: If what the model gives is infinite or no number.
        RuntimeError: If the model can't be exported, or gives other outputs as an ONNX file.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(
            f'{" and ".join(missing)} must be installed to export: pip install -e ".[export]" in '
            "PartKD's checkout"
        )
    recognizer = _recognizer(recognizer)
    import onnx

    exported = ExportedRecognizer(recognizer).cpu().eval()
    model = _trace(exported)
    onnx.helper.set_model_props(model, _describe(recognizer) | metadata)
    content = model.SerializeToString()
    if winograd:
        content = to_winograd(content)
    _check(_run_by_onnxruntime(content), recognizer)
    return content


def to_program(recognizer: nn.Module, metadata: dict[str, str]) -> bytes:
    """Convert a recogniser to a program of ``torch.export``, and check that it gives the same.

    Args:
        recognizer (nn.Module): A :class:`SkeletonRecognizer`, which stays as it is.
        metadata (dict[str, str]): What to say in the file beside what the model knows itself.

    Returns:
        bytes: What ``torch.export.load`` reads: a module from clips (N, M, T, V, C) float32 of any
        N and M to logits (N, num_classes). It refuses clips of very few frames T, from 3 to 9 with
        strides over time. With ``extra_files={'metadata.json': ''}`` it reads
        the metadata too.

    Raises:
        TypeError: If the model is no ``SkeletonRecognizer``.
        NonFiniteError: If what the model gives is infinite or no number.
        RuntimeError: If the model can't be exported, or gives other outputs as a program.
    """
    recognizer = _recognizer(recognizer)
    exported = ExportedRecognizer(recognizer).cpu().eval()
    try:
        program = torch.export.export(
            exported,
            (_random_clips(exported.recognizer, TRACED_AT),),
            dynamic_shapes=dict(keypoint=dict.fromkeys(range(3), torch.export.Dim.DYNAMIC)),
        )
    except Exception as error:  # of PyTorch's tracer, of many kinds
        raise RuntimeError(
            f'{_name(recognizer)} cannot be exported: {str(error).splitlines()[0]} What a model '
            'does may not depend on the values that it sees'
        ) from error
    _check(program.module(), recognizer, LONG_ENOUGH)
    buffer = io.BytesIO()
    said = json.dumps(_describe(recognizer) | metadata)
    torch.export.save(program, buffer, extra_files={'metadata.json': said})
    return buffer.getvalue()


def kernel_frames(recognizer: nn.Module) -> int:
    """Frames that a recogniser's widest convolution over time sees at once.

    Args:
        recognizer (nn.Module): Its convolutions are over (T, V).

    Returns:
        int: 1 where there is none.
    """
    widths = [
        module.dilation[0] * (module.kernel_size[0] - 1) + 1
        for module in recognizer.modules()
        if isinstance(module, nn.Conv2d)
    ]
    return max(widths, default=1)


def _recognizer(model: nn.Module) -> SkeletonRecognizer:
    if not isinstance(model, SkeletonRecognizer):
        raise TypeError(
            'a SkeletonRecognizer or the student of a KDRecognizer can be exported, not a '
            f"{type(model).__name__}: set model.type='SkeletonRecognizer' in the config"
        )
    return model


def _run_by_onnxruntime(content: bytes) -> Callable[[Tensor], Tensor]:
    import onnxruntime

    session = onnxruntime.InferenceSession(content)
    return lambda clips: torch.from_numpy(session.run(None, dict(keypoint=clips.numpy()))[0])


def _trace(exported: ExportedRecognizer) -> 'onnx.ModelProto':
    clips, persons, frames = (torch.export.Dim(name) for name in ('clips', 'persons', 'frames'))
    try:
        with _without_news_of_torch():
            program = torch.onnx.export(
                exported,
                (_random_clips(exported.recognizer, TRACED_AT),),
                input_names=['keypoint'],
                output_names=['logits'],
                dynamic_shapes=dict(keypoint={0: clips, 1: persons, 2: frames}),
                dynamo=True,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise RuntimeError(
            f'{_name(exported.recognizer)} cannot be exported: {reason} What a model does may not '
            'depend on the values that it sees; what PyTorch says is above'
        ) from error
    assert program is not None  # None only without dynamo
    return program.model_proto


@contextmanager
def _without_news_of_torch() -> Iterator[None]:
    """PyTorch warns of its own code, and of torchvision, whose operations no model here has."""
    logger = logging.getLogger(_REGISTRATION)
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', category=FutureWarning)
        warnings.filterwarnings('ignore', message='The tensor attributes .*_flat_weights')
        logger.addFilter(_is_of_no_torchvision)
        try:
            yield
        finally:
            logger.removeFilter(_is_of_no_torchvision)


def _is_of_no_torchvision(record: logging.LogRecord) -> bool:
    return 'torchvision' not in record.getMessage()


def _check(
    run: Callable[[Tensor], Tensor],
    recognizer: SkeletonRecognizer,
    at: Sequence[Sizes] = CHECKED_AT,
) -> None:
    """Compare with the model as it was trained, whose graph convolutions are not folded."""
    original = copy.deepcopy(recognizer).cpu().eval()
    for sizes in at:
        clips = _random_clips(original, sizes)
        with torch.inference_mode():
            expected = original(clips)
        require_finite(
            dict(logits=expected), _name(original), 'train it again with a lower learning rate'
        )
        where = f'at (clips, persons, frames) = {sizes}, so no file is written'
        try:
            logits = run(clips)
        except Exception as error:
            raise RuntimeError(
                f'{_name(original)} was exported and fails {where}; a size may be a constant in '
                f'it, as by len(x) in place of x.shape[0]: {error}'
            ) from error
        difference = (logits - expected).abs().max().item()
        if not difference <= TOLERANCE * max(1.0, expected.abs().max().item()):
            raise RuntimeError(
                f'{_name(original)} was exported and differs by {difference:.2g} {where}: take '
                f'the versions of {", ".join(PACKAGES)} in requirements/tests.txt'
            )


def _name(recognizer: SkeletonRecognizer) -> str:
    return f'the model with the backbone {type(recognizer.backbone).__name__}'


def _random_clips(recognizer: SkeletonRecognizer, sizes: tuple[int, int, int]) -> Tensor:
    joints = (recognizer.layout.num_joints, recognizer.in_channels)
    return torch.randn(*sizes, *joints, generator=torch.Generator().manual_seed(0))


def _describe(recognizer: SkeletonRecognizer) -> dict[str, str]:
    layout = recognizer.layout
    is_known = layout.name in layout_names() and get_layout(layout.name) == layout
    definition = {} if is_known else dict(layout_definition=json.dumps(layout.to_dict()))
    return definition | dict(
        partkd_version=__version__,
        layout=layout.name,
        joints=json.dumps(layout.joints),
        channels=str(recognizer.in_channels),
        num_classes=str(recognizer.cls_head.num_classes),
        kernel_frames=str(kernel_frames(recognizer)),
    )
