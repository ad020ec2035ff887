"""What a trained model says of its test clips, clip by clip."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch import nn

from partkd.configuration import innermost_dataset, student_config
from partkd.datasets import Degradation, PairedPoseDataset, innermost
from partkd.engine.weights import load_student_weights
from partkd.layouts import PoseLayout
from partkd.structures import load_checkpoint, load_weights, require_finite

_ADAPTER = 'adapter.'


@dataclass(frozen=True)
class Answers:
    """Of N test clips.

    Args:
        clips (list[str]): Their names.
        labels (np.ndarray): Their classes, (N,) int.
        predicted (np.ndarray): The classes that they are taken for, (N,) int.
        parts (np.ndarray): Part features, of a distilled student behind its adapter, where the
            losses hold them against the teacher's, (N, 5, C).
        classes (list[str]): Names of all classes: their numbers where the data set has no names.
        dataset (PairedPoseDataset): What the clips are from.
        pipeline (list[dict]): Config of what happens to them.
    """

    clips: list[str]
    labels: np.ndarray
    predicted: np.ndarray
    parts: np.ndarray
    classes: list[str]
    dataset: PairedPoseDataset
    pipeline: list[dict]

    @property
    def correct(self) -> np.ndarray:
        """Which clips are right, (N,) bool."""
        return self.labels == self.predicted

    @property
    def joints(self) -> str:
        """How many joints the clips have, in words."""
        return f'{self.dataset.layout.num_joints} joints'

    def said(self, row: int) -> str:
        """What a clip is taken for, and whether that is right.

        Args:
            row (int): Which clip.

        Returns:
            str: Such as ``'wave ✓'``.
        """
        return f'{self.classes[self.predicted[row]]} {"✓" if self.correct[row] else "✗"}'

    def shown(self, row: int) -> tuple[np.ndarray, PoseLayout]:
        """A clip as it is in the file, degraded as in the test.

        Args:
            row (int): Which clip.

        Returns:
            tuple[np.ndarray, PoseLayout]: Positions (M, T, V, C), and their layout.
        """
        item = self.dataset.get_data_info(self.dataset.frame_dirs.index(self.clips[row]))
        for step in map(TRANSFORMS.build, self.pipeline):
            if isinstance(step, Degradation):
                item = step(item)
        return np.asarray(item['keypoint']), item['layout']


@torch.no_grad()
def ask(cfg: Config, checkpoint: Path) -> Answers:
    """Test a model, as its own test does.

    Args:
        cfg (Config): Of a distillation, whose student is asked, or of a plain recogniser.
        checkpoint (Path): The weights.

    Returns:
        Answers: In the order of the clips' names.

    Raises:
        FileNotFoundError: If the clips or the weights are not there.
        NonFiniteError: If scores are infinite or no numbers.
    """
    plain = student_config(cfg)
    with DefaultScope.overwrite_default_scope('mmaction'):
        loader = Runner.build_dataloader(plain.test_dataloader)
        model = MODELS.build(plain.model)
        adapter = MODELS.build(cfg.model['adapter']) if cfg.model.get('adapter') else nn.Identity()
    load_student_weights(model, checkpoint)
    weights = load_checkpoint(checkpoint)['state_dict']
    own = {k.removeprefix(_ADAPTER): v for k, v in weights.items() if k.startswith(_ADAPTER)}
    load_weights(adapter, own, checkpoint)
    for module in (model, adapter):
        module.to(get_device()).eval()
    samples, parts = [], []
    for batch in loader:
        data = model.data_preprocessor(batch)
        features, _ = model.extract_feat(data['inputs'])
        features.logits = model.cls_head(features)
        samples += model.cls_head.predict(features, data['data_samples'])
        several = len(features.logits) // len(data['data_samples'])  # clips of one sample
        parts.append(adapter(features).parts.unflatten(0, (-1, several)).mean(1).cpu())
    order = np.argsort([sample.frame_dir for sample in samples])
    scores = torch.stack([sample.pred_score for sample in samples]).cpu()
    require_finite(dict(pred_score=scores), f'{checkpoint}', 'train it again')
    dataset = innermost(loader.dataset)
    if not isinstance(dataset, PairedPoseDataset):
        raise ValueError(f'the test clips of {checkpoint} are from no PairedPoseDataset alone')
    labels = torch.cat([sample.gt_label for sample in samples]).cpu().numpy()
    return Answers(
        clips=[samples[place].frame_dir for place in order],
        labels=labels[order],
        predicted=scores.numpy().argsort(1)[order, -1],  # of equal scores the one of AccMetric
        parts=torch.cat(parts).numpy()[order],
        classes=list(dataset.metainfo.get('classes') or map(str, range(scores.shape[1]))),
        dataset=dataset,
        pipeline=list(innermost_dataset(plain.test_dataloader['dataset'])['pipeline']),
    )
