"""A recogniser as an ONNX file, checked against the one in PyTorch."""

import copy
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from partkd.models.recognizers import SkeletonRecognizer
from partkd.structures import require_finite
from partkd.version import __version__

from .exported_recognizer import ExportedRecognizer

if TYPE_CHECKING:
    import onnx

PACKAGES = ('onnx', 'onnxscript', 'onnxruntime')
# Clips, persons, frames. PyTorch traces sizes of 1 as constants; the check is for other sizes.
TRACED_AT = (2, 2, 32)
CHECKED_AT = ((1, 1, 1), (1, 2, 100), (2, 3, 17))
TOLERANCE = 1e-3
_REGISTRATION = 'torch.onnx._internal.exporter._registration'


def to_onnx(recognizer: nn.Module, metadata: dict[str, str]) -> bytes:
    """Convert a recogniser, and check that ONNX Runtime gives what PyTorch gives.

    Args:
        recognizer (nn.Module): A :class:`SkeletonRecognizer`, which stays as it is.
        metadata (dict[str, str]): What to say in the file beside what the model knows itself.

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
    if not isinstance(recognizer, SkeletonRecognizer):
        raise TypeError(
            'a SkeletonRecognizer or the student of a KDRecognizer can be exported, not a '
            f"{type(recognizer).__name__}: set model.type='SkeletonRecognizer' in the config"
        )
    import onnx

    exported = ExportedRecognizer(recognizer).cpu().eval()
    model = _trace(exported)
    onnx.helper.set_model_props(model, _describe(recognizer) | metadata)
    content = model.SerializeToString()
    _check(content, recognizer)
    return content


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


def _check(content: bytes, recognizer: SkeletonRecognizer) -> None:
    """Compare with the model as it was trained, whose graph convolutions are not folded."""
    import onnxruntime

    original = copy.deepcopy(recognizer).cpu().eval()
    session = onnxruntime.InferenceSession(content)
    for sizes in CHECKED_AT:
        clips = _random_clips(original, sizes)
        with torch.inference_mode():
            expected = original(clips)
        require_finite(
            dict(logits=expected), _name(original), 'train it again with a lower learning rate'
        )
        where = f'at (clips, persons, frames) = {sizes}, so no file is written'
        try:
            (logits,) = session.run(None, dict(keypoint=clips.numpy()))
        except Exception as error:
            raise RuntimeError(
                f'{_name(original)} was exported and fails {where}; a size may be a constant in '
                f'it, as by len(x) in place of x.shape[0]: {error}'
            ) from error
        difference = (torch.from_numpy(logits) - expected).abs().max().item()
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
    return dict(
        partkd_version=__version__,
        layout=recognizer.layout.name,
        joints=json.dumps(recognizer.layout.joints),
        channels=str(recognizer.in_channels),
        num_classes=str(recognizer.cls_head.num_classes),
    )
