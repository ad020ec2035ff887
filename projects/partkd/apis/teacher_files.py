"""What a distillation reads of its teacher: the part matrix and the feature bank."""

from pathlib import Path

from mmengine.config import Config

from partkd.configuration import feature_bank, features_of_bank, load_config, part_matrices
from partkd.experiments import draw_matrix, make_teacher_files


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
