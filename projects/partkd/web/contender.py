"""Models that are shown side by side, each with the clips that it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from partkd.configuration import build_dataset, innermost_dataset
from partkd.datasets import shows_nobody
from partkd.evaluation import TEACHER
from partkd.experiments import Finished
from partkd.inference import TrainedModel, load_model

MOMENTS = 12


@dataclass(frozen=True)
class Answer:
    """What a model says of a clip.

    Args:
        scores (np.ndarray): Probabilities once so many frames are seen, (K, num_classes).
        frames (np.ndarray): How many, (K,); the last is all of them.
    """

    scores: np.ndarray
    frames: np.ndarray


@dataclass(frozen=True)
class Contender:
    """A model with a name.

    Args:
        name (str): What it is called on the page.
        model (TrainedModel): The model.
        clips (Mapping[str, dict]): Clips that it reads, by name.
        is_hidden_from (bool): Whether joints that are hidden by hand are hidden from it; a teacher
            sees what it sees.
    """

    name: str
    model: TrainedModel
    clips: Mapping[str, dict] = field(default_factory=dict)
    is_hidden_from: bool = True

    def answer(self, clip: dict) -> Answer | None:
        """What it says while a clip goes on.

        Args:
            clip (dict): See :meth:`TrainedModel.prepare`.

        Returns:
            Answer | None: None where nobody is seen.

        Raises:
            ValueError: If it is no clip of this model's.
        """
        layout = self.model.layout
        if shows_nobody(clip, layout):
            return None
        self.model.prepare(clip)  # refuses what is none
        total = clip['keypoint'].shape[1]
        ends = np.unique(np.linspace(min(2, total), total, MOMENTS).astype(int))
        begun = [(end, _until(clip, end)) for end in ends]
        seen = [(end, part) for end, part in begun if not shows_nobody(part, layout)]
        scores = self.model.classify([self.model.prepare(part) for _, part in seen])
        return Answer(scores, np.array([end for end, _ in seen]))


def contenders_of_folder(work_dir: str | Path, device: str | None = None) -> list[Contender]:
    """The teacher, the plain student and the best distilled one of a finished recipe.

    Args:
        work_dir (str | Path): The folder of ``tools/distill.py``.
        device (str, optional): Where they compute. Defaults to the GPU where there is one.

    Returns:
        list[Contender]: With the clips that they were tested on.

    Raises:
        FileNotFoundError: If the folder, or an annotation file, is not there.
        ValueError: If it is of another kind, or no distilled student is trained yet.
    """
    finished = Finished(work_dir)
    condition = next(iter(finished.results.conditions))
    distilled = finished.best_distilled(condition)
    plain = finished.results.students[0]
    names = list(dict.fromkeys((TEACHER, plain, distilled)))
    seeds = finished.common_seeds(names, condition)
    if not seeds:
        raise ValueError(f'{work_dir} has no seed of which {", ".join(names)} are all trained')
    contenders = []
    for name in names:
        run = finished.run(name, condition, seeds[0])
        cfg = finished.config(run)
        model = load_model(cfg, finished.checkpoint(run), device)
        clips = _tested_clips(innermost_dataset(cfg.test_dataloader['dataset']))
        contenders.append(Contender(name, model, clips, is_hidden_from=name != TEACHER))
    return contenders


def clips_by_name(clips: list[dict]) -> dict[str, dict]:
    """Clips by their ``frame_dir``; of two of one name the first.

    Args:
        clips (list[dict]): As annotation files have them.

    Returns:
        dict[str, dict]: In their order.
    """
    by_name: dict[str, dict] = {}
    for clip in clips:
        by_name.setdefault(clip['frame_dir'], clip)
    return by_name


def hide(clip: dict, joints: tuple[int, ...], share: float) -> dict:
    """Hide joints of a clip, the same ones whenever it is asked for.

    Args:
        clip (dict): It stays as it is.
        joints (tuple[int, ...]): Hidden in all frames.
        share (float): Probability with which each other joint is hidden, in all frames.

    Returns:
        dict: A clip in which these joints are missing.
    """
    keypoint = clip['keypoint'].astype(np.float32)
    scores = clip.get('keypoint_score')
    scores = keypoint.any(axis=-1).astype(np.float32) if scores is None else np.array(scores)
    drawn = np.random.default_rng(0).random(keypoint.shape[2])
    hidden = drawn < share
    hidden[list(joints)] = True
    keypoint[:, :, hidden] = 0
    scores[:, :, hidden] = 0
    return clip | dict(keypoint=keypoint, keypoint_score=scores)


def _until(clip: dict, end: int) -> dict:
    cut = {key: clip[key][:, :end] for key in ('keypoint', 'keypoint_score') if key in clip}
    return {key: value for key, value in clip.items() if key != 'total_frames'} | cut


def _tested_clips(dataset: dict) -> dict[str, dict]:
    """As its file has them: the pipeline is the model's own."""
    built = build_dataset(dict(dataset, pipeline=[], cache=None, lazy_init=False))
    return clips_by_name([built.data_list[row] for row in range(len(built))])
