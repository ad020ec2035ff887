"""Turning a checkpoint into a file that runs without PyTorch."""

import json
from pathlib import Path

import numpy as np
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope

from partkd.arguments import Whole, checked
from partkd.configuration import (
    build_dataset,
    deployed_classes,
    deployed_pipeline,
    innermost_dataset,
    load_config,
    student_config,
)
from partkd.datasets import PairedPoseDataset
from partkd.engine.weights import load_student_weights
from partkd.files import require_place, write_atomically
from partkd.models import to_int8, to_onnx, to_program


@checked
def export(
    config: str | Path | Config,
    checkpoint: str | Path,
    out: str | Path,
    int8: Whole | None = None,
    winograd: bool = False,
) -> Path:
    """Write a recogniser, or the student of a distillation, as an ONNX file.

    The file has one input, ``keypoint`` (N clips, M persons, T frames, V joints, C channels)
    float32 of any N, M and T, and one output, ``logits`` (N, num_classes). There is no padding:
    all persons and frames that it is given count. Its metadata say what it expects: ``layout``,
    ``joints`` (a list in JSON), ``channels``, ``num_classes``, ``classes`` (their names, where
    there are any, in JSON), ``partkd_version``, and of the config's test split ``pipeline``,
    without the degradations that it was tested under, and ``streams`` (in JSON).

    Args:
        config (str | Path | Config): The config that it was trained with.
        checkpoint (str | Path): The checkpoint. No file of the teacher is needed.
        out (str | Path): The file to write, such as ``student.onnx``; one that ends in ``.pt2`` is
            a program of ``torch.export``, see :func:`to_program`.
        int8 (int, optional): Computes in eight bits, for which ranges are taken from so many clips
            of the config's training split; what that costs on its test split is logged, and stands
            in the metadata, ``accuracy`` (in JSON: clips, shares of right answers ``float32`` and
            ``int8``, and share of ``same`` answers). Defaults to None, float32.
        winograd (bool): Computes wide convolutions over time by fewer multiplications, see
            :func:`partkd.models.to_winograd`: faster where one thread runs the file, and not where
            several share a clip. Defaults to False.

    Returns:
        Path: ``out``. It is written once ONNX Runtime has given what PyTorch gives, on random
        clips of several sizes.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint; of ``int8`` also no clips.
        ImportError: If a package that this needs is not installed.
        TypeError: If the model is no ``SkeletonRecognizer``.
        ValueError: If the checkpoint's weights are not the model's, if it was trained on clips that
            were padded to a fixed size, or if ``int8``, ``winograd`` and ``.pt2`` meet.
        NonFiniteError: If weights or outputs are infinite or no numbers.
        RuntimeError: If the model can't be exported, or gives other outputs as an ONNX file.
    """
    require_place(out)
    if Path(out).suffix == '.pt2' and int8 is not None:
        raise ValueError(f'eight bits are written as ONNX alone: name {Path(out).stem}.onnx')
    if winograd and (Path(out).suffix == '.pt2' or int8 is not None):
        raise ValueError('winograd is for float32 in ONNX: leave out int8, and name an .onnx file')
    cfg = student_config(load_config(config))
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    recognizer = MODELS.build(cfg.model)
    learned = load_student_weights(recognizer, checkpoint)
    _require_no_padding(recognizer)
    out = Path(out)
    described = _describe_input(cfg)
    if names := deployed_classes(cfg, learned.get('classes'), recognizer.cls_head.num_classes):
        described['classes'] = json.dumps(names)
    if out.suffix == '.pt2':
        content = to_program(recognizer, described)
    elif int8 is None:
        content = to_onnx(recognizer, described, winograd)
    else:
        clips = _training_and_test_clips(cfg)
        content = _in_eight_bits(to_onnx(recognizer, described), int8, *clips)
    write_atomically(out, content)
    return out


def _training_and_test_clips(cfg: Config) -> tuple[PairedPoseDataset, PairedPoseDataset]:
    """Both as the test sees them, without degradations."""
    if cfg.get('train_dataloader') is None or cfg.get('test_dataloader') is None:
        raise ValueError(
            'eight bits need the clips of train_dataloader and test_dataloader, and the config '
            'lacks one: export in float32, or from a config that has both'
        )
    tested = dict(
        innermost_dataset(cfg.test_dataloader['dataset']), pipeline=deployed_pipeline(cfg)
    )
    trained = innermost_dataset(cfg.train_dataloader['dataset'])
    settings = {key: trained[key] for key in ('ann_file', 'split') if key in trained}
    return build_dataset(tested | settings | dict(on_bad_clip='skip')), build_dataset(tested)


def _in_eight_bits(
    content: bytes, number: int, seen: PairedPoseDataset, clips: PairedPoseDataset
) -> bytes:
    """With the ranges of training clips, and the accuracy on test clips in the metadata."""
    import onnx

    chosen = np.linspace(0, len(seen) - 1, min(number, len(seen))).round().astype(int)
    quantised = to_int8(content, (seen[index]['inputs'].numpy() for index in chosen))
    accuracy = _compare(content, quantised, clips)
    MMLogger.get_current_instance().info(
        'of {clips} test clips float32 has {float32:.1%} right, int8 {int8:.1%}; they say the same '
        'of {same:.1%}'.format(**accuracy)
    )
    model = onnx.load_from_string(quantised)
    said = {one.key: one.value for one in model.metadata_props}
    onnx.helper.set_model_props(model, said | dict(accuracy=json.dumps(accuracy)))
    return model.SerializeToString()


def _compare(content: bytes, quantised: bytes, clips: PairedPoseDataset) -> dict[str, float]:
    """Shares of right answers of two files, and of the same ones."""
    import onnxruntime

    sessions = [onnxruntime.InferenceSession(one) for one in (content, quantised)]
    items = [clips[index] for index in range(len(clips))]
    labels = np.array([int(item['data_samples'].gt_label) for item in items])
    first, second = (
        np.array(
            [
                session.run(None, dict(keypoint=item['inputs'].numpy()[None]))[0].argmax()
                for item in items
            ]
        )
        for session in sessions
    )
    return dict(
        clips=len(clips),
        float32=float((first == labels).mean()),
        int8=float((second == labels).mean()),
        same=float((first == second).mean()),
    )


def _require_no_padding(recognizer: BaseModel) -> None:
    settings = getattr(recognizer.data_preprocessor, 'padding_settings', {})
    if settings.get('padding') == 'fixed':
        raise ValueError(
            f'the model was trained and tested with {settings}, and an exported one pads nothing, '
            "so that it would say something else: train with data_preprocessor.padding='batch'"
        )


def _describe_input(cfg: Config) -> dict[str, str]:
    """The test pipeline, and the streams that it puts side by side."""
    if cfg.get('test_dataloader') is None:
        return {}
    pipeline = deployed_pipeline(cfg)
    described = dict(pipeline=json.dumps(pipeline))
    for step in pipeline:
        if step['type'] == 'SkeletonStreams':
            streams = [*step.get('streams', ['joint']), *['score'] * step.get('with_score', False)]
            described['streams'] = json.dumps(streams)
    return described
