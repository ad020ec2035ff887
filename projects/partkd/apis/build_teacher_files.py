"""What a distillation reads of its teacher: the part matrix and the feature bank."""

from pathlib import Path

from mmengine.config import Config

from partkd.configuration import (
    feature_bank,
    features_of_bank,
    fill_in_from_teacher,
    load_config,
    part_matrices,
)
from partkd.distillation import matrix_settings
from partkd.experiments import draw_matrix, make_teacher_files
from partkd.visualization import require_picture


def build_teacher_files(
    config: str | Path | Config, figure: str | Path | None = None, options: dict | None = None
) -> Path:
    """Make the files of the teacher that a distillation config names, in one pass.

    They go into ``model.teacher.folder`` of a ``FeatureBank`` and ``model.losses[*].part_matrix.
    folder``, which is the same. How parts are occluded and scored stands in ``distill.part_matrix``
    of the config (:func:`partkd.distillation.matrix_settings`).

    Args:
        config (str | Path | Config): The distillation config.
        figure (str | Path, optional): Where to draw the part matrix. Defaults to None.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Path: The folder.

    Raises:
        FileNotFoundError: If the teacher is not trained yet; it names the command.
        OSError: If there is no place for the figure.
        ValueError: If the config names no folder, several of them, or no part matrix for the
            figure, or if that is no picture.
    """
    if figure is not None:
        require_picture(figure)
    cfg = load_config(config, options)
    bank, matrices = feature_bank(cfg.model), part_matrices(cfg.model)
    matrix_settings(cfg.get('distill', {}).get('part_matrix'))
    fill_in_from_teacher(cfg)
    folders = {one['folder'] for one in (*matrices, *([bank] if bank else []))}
    if len(folders) > 1:
        raise ValueError(
            f'bank and part matrices of the config are in several folders, {sorted(folders)}: they '
            'are made in one pass, so name one'
        )
    if not folders:
        raise ValueError(
            'the config names no folder for files of a teacher: set losses[*].part_matrix=dict('
            'type="PartMatrix", folder=...) or teacher=dict(type="FeatureBank", folder=...)'
        )
    if figure is not None and not matrices:
        raise ValueError(
            'no loss of the config has a part matrix to draw: leave the figure out, or set '
            "losses[*].part_matrix=dict(type='PartMatrix', folder=...)"
        )
    (folder,) = folders
    dataset = make_teacher_files(cfg, folder, features_of_bank(cfg.model), bool(matrices))
    if figure is not None:
        temperature = matrices[0].get('temperature', 1.0)
        draw_matrix(folder, figure, temperature, dataset.metainfo.get('classes'))
    return Path(folder)
