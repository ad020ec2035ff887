"""What a distillation reads of its teacher: the part matrix and the feature bank."""

from collections.abc import Collection
from pathlib import Path

from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope

from partkd.datasets import PairedPoseDataset
from partkd.distillation import PartMatrix, build_teacher_files, matrix_settings
from partkd.visualization import draw_part_matrix, draw_skeletons

from .config import innermost_dataset, load_config
from .distillation_config import feature_bank, features_of_bank, frozen_teacher, part_matrices


def build_part_matrix(
    config: str | Path | Config, figure: str | Path | None = None, options: dict | None = None
) -> list[Path]:
    """Make the files of the teacher that a distillation config names, in one pass.

    These are ``model.losses[*].part_matrix.file`` and, for a ``FeatureBank``,
    ``model.teacher.file``. How parts are occluded and scored stands in ``distill.part_matrix``
    of the config (:func:`partkd.distillation.matrix_settings`).

    Args:
        config (str | Path | Config): The distillation config.
        figure (str | Path, optional): Where to draw the part matrix. Defaults to None.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        list[Path]: The files made.

    Raises:
        FileNotFoundError: If the teacher is not trained yet; it names the command.
        ValueError: If the config names no such file, several part matrices, or none for the figure.
    """
    cfg = load_config(config, options)
    bank, matrices = feature_bank(cfg.model), part_matrices(cfg.model)
    files = {matrix['file'] for matrix in matrices}
    if len(files) > 1:
        raise ValueError(f'the losses name several part matrices, {sorted(files)}: name one')
    matrix_file = files.pop() if files else None
    bank_file = bank['file'] if bank else None
    if not bank_file and not matrix_file:
        raise ValueError(
            'the config names no file to make: set losses[*].part_matrix=dict(type="PartMatrix", '
            'file=...) or teacher=dict(type="FeatureBank", file=...)'
        )
    if figure is not None and not matrices:
        raise ValueError(
            'no loss of the config has a part matrix to draw: leave the figure out, or set '
            "losses[*].part_matrix=dict(type='PartMatrix', file=...)"
        )
    make_teacher_files(cfg, features_of_bank(cfg.model), bank_file, matrix_file)
    if figure is not None:
        draw_matrix(matrix_file, figure, matrices[0].get('temperature', 1.0))
    return [Path(file) for file in (matrix_file, bank_file) if file]


def make_teacher_files(
    cfg: Config, features: Collection[str], bank_file: str | None, matrix_file: str | None
) -> PairedPoseDataset:
    """Run the teacher over the training split's high-quality clips and write what it says.

    Args:
        cfg (Config): The distillation config.
        features (Collection[str]): What the feature bank holds.
        bank_file (str | None): Where the feature bank goes; None makes none.
        matrix_file (str | None): Where the part matrix goes; None makes none.

    Returns:
        PairedPoseDataset: The training set that they were made of.
    """
    settings = matrix_settings(cfg.get('distill', {}).get('part_matrix'))
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        teacher = MODELS.build(dict(frozen_teacher(cfg.model), reads=features))
        teacher.init_weights()
        teacher.to(get_device())
        dataset = DATASETS.build(innermost_dataset(cfg.train_dataloader['dataset']))
        clips = dataset.require_teacher()
        build_teacher_files(teacher, clips, bank_file, matrix_file, **settings)
    return dataset


def draw_matrix(file: str, figure: str | Path, temperature: float = 1.0) -> None:
    """Draw a part matrix.

    Args:
        file (str): The part matrix.
        figure (str | Path): The picture to write.
        temperature (float): Of the softmax over parts. Defaults to 1.
    """
    matrix = PartMatrix(file, temperature)
    matrix.init_weights()
    draw_part_matrix(matrix.weights.numpy(), figure)


def draw_pair(dataset: PairedPoseDataset, figure: str | Path) -> None:
    """Draw both sides of the first pair of a training set, as they are in the files.

    Args:
        dataset (PairedPoseDataset): The training set.
        figure (str | Path): The picture to write.
    """
    high = dataset.teacher.get_data_info(0)
    low = dataset.get_data_info(dataset.frame_dirs.index(high['frame_dir']))
    rows = [
        (title, item['keypoint'], item['layout'])
        for title, item in (('high quality', high), ('low quality', low))
    ]
    draw_skeletons(rows, figure)
