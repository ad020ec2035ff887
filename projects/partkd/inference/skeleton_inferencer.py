"""Recognising actions of clips, in the form of mmengine's inferencers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from torch import Tensor

from partkd.arguments import Whole, checked
from partkd.datasets import shows_nobody
from partkd.files import make_folder, write_atomically
from partkd.visualization import draw_skeletons

from .clips_to_classify import Clip, ClipInput, ClipReader, numbered_name
from .trained_model import TrainedModel, load_model

Prepared = tuple[Clip, Tensor | None]


class SkeletonInferencer(BaseInferencer):
    """Recognises actions: a trained model for clips of any kind.

    Args:
        model (str | Path | Config | TrainedModel): An exported or published file, which needs
            nothing beside it, or a config; see :func:`load_model`.
        weights (str | Path, optional): The checkpoint of a config. Defaults to None.
        device (str, optional): Where PyTorch computes. Defaults to the GPU where there is one.
        estimator (Mapping[str, Any], optional): What finds the joints in videos. Defaults to None.
        poses (str, optional): What wrote files of poses, such as ``'openpose'``. Defaults to None.
        img_shape (Sequence[int], optional): Height and width of pictures, of clips that do not say
            it. Defaults to None.
        persons (int): How many are kept of a video or a file of poses. Defaults to 2.
        show_progress (bool): Whether to show a progress bar. Defaults to True.

    Raises:
        FileNotFoundError: If a file is not there.
        ImportError: If a package is missing that the model or the estimator needs.
        ValueError: If the model cannot be what it is said to be.
    """

    visualize_kwargs = {'picture_folder'}
    postprocess_kwargs = {'topk', 'out'}

    def __init__(
        self,
        model: str | Path | Config | TrainedModel,
        weights: str | Path | None = None,
        device: str | None = None,
        estimator: Mapping[str, Any] | None = None,
        poses: str | None = None,
        img_shape: Sequence[int] | None = None,
        persons: int = 2,
        show_progress: bool = True,
    ) -> None:
        self.model = (
            model if isinstance(model, TrainedModel) else load_model(model, weights, device)
        )
        self.reader = ClipReader(self.model.layout, estimator, poses, img_shape, persons)
        self.show_progress = show_progress

    @checked
    def __call__(
        self,
        inputs: Any,
        return_datasamples: bool = False,
        batch_size: Whole = 16,
        **kwargs: Any,
    ) -> dict[str, list]:
        """Recognise.

        Args:
            inputs (str | Path | np.ndarray | dict | list of these): See :meth:`ClipReader.read`.
            return_datasamples (bool): Not offered: predictions are dicts that JSON can hold.
            batch_size (int): Clips that are computed at once. Defaults to 16.
            **kwargs: ``topk`` (int), how many classes a prediction names, defaults to 5; ``out``,
                a JSON file to write; ``picture_folder``, where to draw the clips.

        Returns:
            dict[str, list]: ``predictions``, a dict of every clip: ``name``, ``label`` (None where
            nobody is seen), ``class``, ``score`` and ``topk``, pairs of class and score from the
            most likely on; ``visualization``, the pictures that were written.

        Raises:
            ValueError: If an input is no clip, or one that no data set would take.
        """
        if return_datasamples:
            raise ValueError('return_datasamples=True is not offered: predictions are dicts')
        result: dict[str, list] = super().__call__(inputs, False, batch_size, **kwargs)
        return result

    def _inputs_to_list(self, inputs: ClipInput | Iterable[ClipInput]) -> list[Clip]:
        many = [inputs] if isinstance(inputs, str | Path | np.ndarray | dict) else list(inputs)
        sources = [source for one in many for source in self.reader.sources(one)]
        clips = [clip for source in sources for clip in self.reader.read(source)]
        if not clips:
            raise ValueError('there is no clip in the inputs: name files that have some')
        return clips

    def preprocess(
        self, inputs: list[Clip], batch_size: int = 1, **kwargs: Any
    ) -> list[list[Prepared]]:
        """Prepare clips. All are checked before the first is computed.

        Args:
            inputs (list[dict]): The clips.
            batch_size (int): Of a batch. Defaults to 1.
            **kwargs: None are known.

        Returns:
            list[list[tuple]]: Batches of clips, each with what the network reads, None where nobody
            is seen.
        """
        prepared = [(clip, self._prepare(clip)) for clip in inputs]
        return [prepared[at : at + batch_size] for at in range(0, len(prepared), batch_size)]

    def _prepare(self, clip: Clip) -> Tensor | None:
        return None if shows_nobody(clip, self.model.layout) else self.model.prepare(clip)

    def forward(self, inputs: list[Prepared], **kwargs: Any) -> Iterator[dict[str, Any]]:
        """Classify a batch.

        Args:
            inputs (list[tuple]): Clips, and what the network reads of each.
            **kwargs: None are known.

        Yields:
            dict: ``name`` of a clip and ``scores`` (num_classes,), None where nobody is seen.
        """
        scores = iter(self.model.classify([ready for _, ready in inputs if ready is not None]))
        for clip, ready in inputs:
            yield dict(name=clip['frame_dir'], scores=None if ready is None else next(scores))

    def visualize(
        self, inputs: list[Clip], preds: list[dict], picture_folder: str | Path | None = None
    ) -> list[Path]:
        """Draw every clip, with what was recognised.

        Args:
            inputs (list[dict]): The clips.
            preds (list[dict]): See :meth:`forward`.
            picture_folder (str | Path, optional): Where to. Defaults to None, nowhere.

        Returns:
            list[Path]: The pictures.
        """
        if picture_folder is None:
            return []
        make_folder(picture_folder)
        files = []
        for number, (clip, found) in enumerate(zip(inputs, preds, strict=True)):
            scores = found['scores']
            said = 'nobody' if scores is None else self._said(int(scores.argmax()), scores)
            file = Path(picture_folder, f'{numbered_name(number, clip)}.png')
            draw_skeletons([('', clip['keypoint'], self.model.layout)], file, caption=said)
            files.append(file)
        return files

    def postprocess(
        self,
        preds: list[dict],
        visualization: list[Path],
        return_datasample: bool = False,
        topk: int = 5,
        out: str | Path | None = None,
    ) -> dict[str, list]:
        """Say what was recognised, as JSON can hold it.

        Args:
            preds (list[dict]): See :meth:`forward`.
            visualization (list[Path]): The pictures.
            return_datasample (bool): Not offered. Defaults to False.
            topk (int): How many classes a prediction names. Defaults to 5.
            out (str | Path, optional): A JSON file to write. Defaults to None.

        Returns:
            dict[str, list]: See :meth:`__call__`.
        """
        predictions = [self._prediction(one['name'], one['scores'], topk) for one in preds]
        if out is not None:
            write_atomically(out, json.dumps(predictions, indent=1, ensure_ascii=False).encode())
        return dict(predictions=predictions, visualization=[str(file) for file in visualization])

    def _prediction(self, name: str, scores: np.ndarray | None, topk: int) -> dict[str, Any]:
        if scores is None:
            return dict(name=name, label=None, topk=[]) | {'class': 'nobody', 'score': None}
        order = np.argsort(-scores, kind='stable')[:topk].tolist()
        pairs = [(self.model.name_of(label), float(scores[label])) for label in order]
        first, score = pairs[0]
        return dict(name=name, label=order[0], topk=pairs) | {'class': first, 'score': score}

    def _said(self, label: int, scores: np.ndarray) -> str:
        return f'{self.model.name_of(label)} ({scores[label]:.0%})'

    def _init_pipeline(self, cfg: Any) -> Any:
        """The model has it."""
        return self.model.pipeline
