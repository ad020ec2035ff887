"""The files of a teacher that a distillation reads, and pictures of them."""

from collections.abc import Collection, Sequence
from pathlib import Path

from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope

from partkd.configuration import frozen_teacher, innermost_dataset
from partkd.datasets import PairedPoseDataset
from partkd.distillation import PartMatrix, compute_teacher_files
from partkd.visualization import draw_part_matrix, draw_skeletons


def make_teacher_files(
    cfg: Config, folder: str | Path, features: Collection[str], part_matrix: bool
) -> PairedPoseDataset:
    """Run the teacher over the training split's high-quality clips and write what it says.

    Args:
        cfg (Config): The distillation config; ``distill.part_matrix`` says how parts are occluded
            and scored.
        folder (str | Path): Where the files go.
        features (Collection[str]): What the feature bank holds; without any none is made.
        part_matrix (bool): Whether the part matrix is made.

    Returns:
        PairedPoseDataset: The training set that they were made of.
    """
    settings = (cfg.get('distill', {}).get('part_matrix') or {}) if part_matrix else None
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        teacher = MODELS.build(dict(frozen_teacher(cfg.model), reads=features))
        teacher.init_weights()
        teacher.to(get_device())
        dataset = DATASETS.build(innermost_dataset(cfg.train_dataloader['dataset']))
        clips = dataset.require_teacher()
        compute_teacher_files(teacher, clips, folder, bool(features), settings)
    return dataset


def draw_matrix(
    folder: str | Path,
    figure: str | Path,
    temperature: float = 1.0,
    classes: Sequence[str] | None = None,
) -> None:
    """Draw a part matrix.

    Args:
        folder (str | Path): The teacher's files.
        figure (str | Path): The picture to write.
        temperature (float): Of the softmax over parts. Defaults to 1.
        classes (Sequence[str], optional): Names of the classes. Defaults to None, their numbers.
    """
    matrix = PartMatrix(str(folder), temperature)
    matrix.init_weights()
    draw_part_matrix(matrix.weights.numpy(), figure, classes)


def draw_pair(dataset: PairedPoseDataset, figure: str | Path) -> None:
    """Draw both sides of the first pair of a training set, as they are in the files.

    Args:
        dataset (PairedPoseDataset): The training set.
        figure (str | Path): The picture to write.
    """
    high = dataset.require_teacher().get_data_info(0)
    low = dataset.get_data_info(dataset.frame_dirs.index(high['frame_dir']))
    rows = [
        (title, item['keypoint'], item['layout'])
        for title, item in (('high quality', high), ('low quality', low))
    ]
    draw_skeletons(rows, figure)
