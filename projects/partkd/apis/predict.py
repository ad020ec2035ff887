"""Recognising the actions of files of clips."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import MMLogger

from partkd.arguments import PartOfOne, Whole, checked
from partkd.datasets import shows_nobody
from partkd.files import make_folder, require_place, write_atomically
from partkd.inference import (
    SkeletonInferencer,
    StreamingRecognizer,
    TrainedModel,
    label_over_time,
    numbered_name,
    write_spans,
)
from partkd.messages import shown

COLUMNS = ('name', 'label', 'class', 'score', 'fault')


@checked
def predict(
    model: str | Path | Config,
    inputs: Sequence[str | Path],
    out: str | Path,
    weights: str | Path | None = None,
    device: str | None = None,
    estimator: Mapping[str, Any] | None = None,
    poses: str | None = None,
    img_shape: Sequence[int] | None = None,
    topk: Whole = 5,
    picture_folder: str | Path | None = None,
    timeline_folder: str | Path | None = None,
    window: Whole = 64,
    stride: Whole | None = None,
    smoothing: PartOfOne = 0.0,
) -> list[dict[str, Any]]:
    """Recognise the actions of all clips in some files, which need no labels.

    A file or clip that is bad gets a row that says what is wrong with it; the others go on.

    Args:
        model (str | Path | Config): An exported or published file, or a config.
        inputs (Sequence[str | Path]): Annotation files, videos or folders of them, files or folders
            of poses.
        out (str | Path): What to write: a table (``.csv``), or all of it (``.json``).
        weights (str | Path, optional): The checkpoint of a config. Defaults to None.
        device (str, optional): Where PyTorch computes. Defaults to the GPU where there is one.
        estimator (Mapping[str, Any], optional): What finds the joints in videos. Defaults to None.
        poses (str, optional): What wrote files of poses. Defaults to None.
        img_shape (Sequence[int], optional): Height and width of pictures, of clips that do not say
            it. Defaults to None.
        topk (int): How many classes of a clip JSON has. Defaults to 5.
        picture_folder (str | Path, optional): Where to draw the clips. Defaults to None, nowhere.
        timeline_folder (str | Path, optional): Where to write what people do over time, a table and
            a picture of each clip. Defaults to None, nowhere.
        window (int): Frames that a label over time is of. Defaults to 64.
        stride (int, optional): Frames from one of these to the next. Defaults to None, `window`.
        smoothing (float): Share that earlier scores keep in them, in [0, 1). Defaults to 0.

    Returns:
        list[dict[str, Any]]: Of each clip ``name``, ``label``, ``class``, ``score``, ``topk``, and
        ``fault``, '' where it is good.

    Raises:
        FileNotFoundError: If the model is not there.
        ImportError: If a package is missing that the model or the estimator needs.
        ValueError: If the model cannot be used, or `out` is of another kind.
    """
    if Path(out).suffix not in ('.csv', '.json'):
        raise ValueError(f'{out} is of no kind that can be written: end its name in .csv or .json')
    require_place(out)
    inferencer = SkeletonInferencer(model, weights, device, estimator, poses, img_shape)
    over_time: dict[str, Any] = dict(window=window, stride=stride, smoothing=smoothing)
    if timeline_folder is not None:
        make_folder(timeline_folder)
        StreamingRecognizer(inferencer.model, **over_time)  # refuses a window before anything long
    good, bad = _clips(inferencer, inputs)
    predictions = []
    if good:
        found = inferencer(good, topk=topk, picture_folder=picture_folder)['predictions']
        predictions = [one | dict(fault='') for one in found]
    predictions += bad
    if timeline_folder is not None:
        _write_timelines(inferencer.model, good, Path(timeline_folder), over_time)
    _write(predictions, Path(out))
    return predictions


def _clips(
    inferencer: SkeletonInferencer, inputs: Sequence[str | Path]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Good clips, and predictions of bad ones that say what is wrong."""
    good, bad = [], []
    for source in [source for one in inputs for source in inferencer.reader.sources(one)]:
        try:
            for clip in inferencer.reader.read(source):
                try:
                    if not shows_nobody(clip, inferencer.model.layout):
                        inferencer.model.prepare(clip)
                    good.append(clip)
                except ValueError as error:
                    bad.append(_bad(clip.get('frame_dir'), error))
        except (OSError, ValueError) as error:
            bad.append(_bad(str(source), error))
    return good, bad


def _bad(name: object, error: Exception) -> dict[str, Any]:
    name = name if isinstance(name, str) else shown(name)
    MMLogger.get_current_instance().warning(f'{name} is left out: {error}')
    return dict(name=name, label=None, score=None, topk=[], fault=str(error)) | {'class': ''}


def _write(predictions: Sequence[dict], out: Path) -> None:
    if out.suffix == '.json':
        write_atomically(out, json.dumps(predictions, indent=1, ensure_ascii=False).encode())
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction='ignore')
    writer.writeheader()
    writer.writerows(predictions)
    write_atomically(out, text.getvalue().encode())


def _write_timelines(
    model: TrainedModel, clips: Sequence[dict], folder: Path, settings: Mapping[str, Any]
) -> None:
    for number, clip in enumerate(clips):
        if shows_nobody(clip, model.layout):
            continue
        spans = label_over_time(model, clip, **settings)
        write_spans(spans, folder / f'{numbered_name(number, clip)}.csv', clip.get('fps') or 0.0)
