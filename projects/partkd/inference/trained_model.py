"""A trained recogniser at work: from a checkpoint of any kind, or an exported file."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.device import get_device
from mmengine.registry import DefaultScope
from scipy.special import softmax
from torch import Tensor

from partkd.configuration import (
    deployed_classes,
    deployed_pipeline,
    load_config,
    require_registered,
    stored_config,
    student_config,
)
from partkd.datasets import class_names, item_to_classify
from partkd.engine.weights import load_student_weights
from partkd.layouts import PoseLayout, get_layout, layout_names
from partkd.messages import shown
from partkd.models import SkeletonRecognizer, kernel_frames
from partkd.structures import load_checkpoint, require_finite


class TrainedModel(ABC):
    """A recogniser and all that is known of its clips.

    Args:
        layout (PoseLayout): Of the joints that it reads.
        num_classes (int): How many it tells apart.
        classes (Sequence[str]): Their names in the order of labels; empty where there are none.
        pipeline (Sequence[dict]): Transforms from a clip to what the network reads.
        kernel_frames (int): Frames that its widest convolution over time sees at once.
    """

    def __init__(
        self,
        layout: PoseLayout,
        num_classes: int,
        classes: Sequence[str],
        pipeline: Sequence[dict],
        kernel_frames: int,
    ) -> None:
        self.layout = layout
        self.num_classes = num_classes
        self.classes = list(classes)
        self.kernel_frames = kernel_frames
        with DefaultScope.overwrite_default_scope('mmaction'):
            self.pipeline = Compose(list(pipeline))

    def name_of(self, label: int) -> str:
        """What a class is called.

        Args:
            label (int): From 0 on.

        Returns:
            str: Its number where there are no names.
        """
        return self.classes[label] if self.classes else str(label)

    def prepare(self, clip: dict) -> Tensor:
        """What the network reads of a clip.

        Args:
            clip (dict): ``frame_dir``, ``keypoint`` (M, T, V, C), and where they are known
                ``keypoint_score`` (M, T, V) and ``img_shape`` (height, width).

        Returns:
            Tensor: (M, T, V, C) of real persons and frames.

        Raises:
            ValueError: If it is no clip that a data set would take, or shows nobody.
        """
        inputs: Tensor = self.pipeline(item_to_classify(clip, self.layout))['inputs']
        return inputs

    def classify(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """Scores of clips.

        Args:
            prepared (Sequence[Tensor]): What :meth:`prepare` gives, of N clips.

        Returns:
            np.ndarray: Probabilities (N, num_classes) float32.

        Raises:
            NonFiniteError: If they are infinite or no numbers.
        """
        if not prepared:
            return np.empty((0, self.num_classes), np.float32)
        scores = self._classify(prepared)
        require_finite(
            dict(scores=torch.from_numpy(scores)),
            'the scores of clips',
            'look for coordinates that are huge, or train the model again',
        )
        return scores

    @abstractmethod
    def _classify(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """See :meth:`classify`."""


class PyTorchModel(TrainedModel):
    """A recogniser in PyTorch.

    Args:
        recognizer (SkeletonRecognizer): With its weights.
        device (str): Where it computes.
        **known: See :class:`TrainedModel`.
    """

    def __init__(self, recognizer: SkeletonRecognizer, device: str, **known: Any) -> None:
        super().__init__(
            recognizer.layout,
            recognizer.cls_head.num_classes,
            kernel_frames=kernel_frames(recognizer),
            **known,
        )
        self.recognizer = recognizer.to(device).eval()

    def _classify(self, prepared: Sequence[Tensor]) -> np.ndarray:
        samples = [ActionDataSample() for _ in prepared]
        batch = dict(inputs=list(prepared), data_samples=samples)
        with torch.inference_mode():
            predicted = self.recognizer.test_step(batch)
        scores: np.ndarray = torch.stack([one.pred_score for one in predicted]).cpu().numpy()
        return scores


class ONNXModel(TrainedModel):
    """A recogniser that ``tools/export.py`` wrote.

    Args:
        file (str | Path): The file.

    Raises:
        ImportError: If ONNX Runtime is not installed.
        ValueError: If it cannot be read, or is another's.
    """

    def __init__(self, file: str | Path) -> None:
        self.session, said = _open(file)
        try:
            layout = _layout_of(said)
            pipeline = json.loads(said['pipeline'])
            names, num_classes = json.loads(said.get('classes', '[]')), int(said['num_classes'])
        except (KeyError, ValueError, RecursionError) as error:
            raise ValueError(
                f'{file} does not say what it reads ({error}): write it with tools/export.py, from '
                'a config that has a test_dataloader'
            ) from error
        require_registered(pipeline, str(file))
        width = int(said.get('kernel_frames', 1))
        super().__init__(layout, num_classes, class_names(names, str(file)), pipeline, width)

    def _classify(self, prepared: Sequence[Tensor]) -> np.ndarray:
        """The file knows no padding: clips of one size go together."""
        logits = np.empty((len(prepared), self.num_classes), np.float32)
        places: dict[tuple[int, ...], list[int]] = {}
        for place, clip in enumerate(prepared):
            places.setdefault(tuple(clip.shape), []).append(place)
        for alike in places.values():
            keypoint = torch.stack([prepared[place] for place in alike]).numpy()
            (logits[alike],) = self.session.run(None, dict(keypoint=keypoint))
        scores: np.ndarray = softmax(logits, axis=1)
        return scores


def load_model(
    model: str | Path | Config, weights: str | Path | None = None, device: str | None = None
) -> TrainedModel:
    """Load a trained recogniser, or the student of a distillation.

    Args:
        model (str | Path | Config): A file that ``tools/export.py`` wrote (``.onnx``), a checkpoint
            that ``tools/publish.py`` wrote (``.pth``), or a config.
        weights (str | Path, optional): The checkpoint of a config. Defaults to None, there is none.
        device (str, optional): Where PyTorch computes. Defaults to the GPU where there is one. An
            exported file computes on the CPU.

    Returns:
        TrainedModel: Ready to be used.

    Raises:
        FileNotFoundError: If a file is not there.
        ImportError: If an exported file is to be run and ONNX Runtime is not installed.
        ValueError: If the two do not fit, or the model does not say how clips are prepared.
    """
    kind = Path(model).suffix if isinstance(model, str | Path) else ''
    if kind in ('.onnx', '.pth') and weights is not None:
        raise ValueError(f'{model} has its weights in it: leave out {weights}')
    if kind == '.onnx':
        return ONNXModel(model)
    if kind == '.pth':
        cfg, weights = _published_config(model), model
    elif weights is None:
        raise ValueError(
            'a config needs a checkpoint: name one, or take a file of tools/publish.py or '
            'tools/export.py, which needs none'
        )
    else:
        cfg = load_config(model)
    return _in_pytorch(student_config(cfg), weights, device or get_device())


def _in_pytorch(cfg: Config, weights: str | Path, device: str) -> PyTorchModel:
    pipeline = deployed_pipeline(cfg)
    if not pipeline:
        raise ValueError(
            'the config has no test_dataloader, so that nobody knows how a clip is prepared: add '
            'one'
        )
    with DefaultScope.overwrite_default_scope('mmaction'):
        recognizer = MODELS.build(cfg.model)
    if not isinstance(recognizer, SkeletonRecognizer):
        raise ValueError(
            f'the model is a {type(recognizer).__name__}: only a SkeletonRecognizer recognises '
            'actions here'
        )
    learned = load_student_weights(recognizer, weights)
    classes = deployed_classes(cfg, learned.get('classes'), recognizer.cls_head.num_classes)
    return PyTorchModel(recognizer, device, classes=classes, pipeline=pipeline)


def _published_config(checkpoint: str | Path) -> Config:
    meta = load_checkpoint(checkpoint).get('meta')
    text = meta.get('cfg') if isinstance(meta, Mapping) else None
    if not isinstance(text, str):
        raise ValueError(
            f'{checkpoint} carries no config: name the file of its config as well, or publish it '
            'with tools/publish.py'
        )
    cfg = stored_config(text, str(checkpoint))
    if not isinstance(cfg.get('model'), dict):
        raise ValueError(f'the config in {checkpoint} has no model: it has {shown(list(cfg))}')
    layout = cfg.model.get('layout')
    if isinstance(layout, str) and layout not in layout_names():
        raise ValueError(
            f'the layout in {checkpoint} is {shown(layout)}, which is not known: name the file of '
            'the config as well'
        )
    require_registered(cfg.model.to_dict(), str(checkpoint))
    require_registered(deployed_pipeline(cfg), str(checkpoint))
    return cfg


def _layout_of(said: Mapping[str, str]) -> PoseLayout:
    """By its name, or as the file describes it; never from another file."""
    if 'layout_definition' in said:
        return PoseLayout.from_dict(json.loads(said['layout_definition']))
    if said['layout'] not in layout_names():
        raise ValueError(f'its layout is {shown(said["layout"])}, which is not known')
    return get_layout(said['layout'])


def _open(file: str | Path) -> tuple[Any, dict[str, str]]:
    """The session of an ONNX file, and its metadata."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            f'onnxruntime must be installed to run {file}: pip install "partkd[export]"'
        ) from error
    if not Path(file).is_file():
        raise FileNotFoundError(f'there is no model {file}: check the path')
    try:
        session = onnxruntime.InferenceSession(str(file), providers=['CPUExecutionProvider'])
    except Exception as error:  # of its own kinds, which are no ValueError
        raise ValueError(f'{file} is no ONNX file, or a damaged one ({error})') from error
    return session, session.get_modelmeta().custom_metadata_map
