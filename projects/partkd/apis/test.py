"""Testing one model."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process

from partkd.configuration import (
    add_degradation,
    check_components,
    check_labels,
    load_config,
    read_degradation,
    set_occlusion,
    set_work_dir,
    student_config,
)
from partkd.datasets import innermost
from partkd.engine.distributed import set_launcher
from partkd.engine.runner import EvaluationRunner, name_experiment
from partkd.engine.weights import load_student_weights
from partkd.evaluation import MATRIX_FILE, PER_CLASS_FILE, ClassOutcomes
from partkd.files import require_place
from partkd.messages import shown
from partkd.visualization import draw_confusion_matrix, require_picture

_PICTURE = 'confusion_matrix.png'


def test(
    config: str | Path | Config,
    checkpoint: str | Path,
    work_dir: str | Path | None = None,
    dump: str | Path | None = None,
    per_class: str | Path | None = None,
    occlusion: float | None = None,
    occlusion_scope: str = 'frame',
    degrade: Sequence[str] = (),
    launcher: str = 'none',
    options: dict | None = None,
) -> dict[str, float]:
    """Test a recogniser on the config's test split.

    Config and checkpoint may each be of a distillation or of a plain recogniser. The student is
    tested alone; no file of the teacher is needed.

    Args:
        config (str | Path | Config): The config.
        checkpoint (str | Path): The weights.
        work_dir (str | Path, optional): Where logs go. Defaults to None, the config's own or
            ``work_dirs/<config>``.
        dump (str | Path, optional): A pickle file for the predictions. Defaults to None.
        per_class (str | Path, optional): A folder for the accuracy of each class,
            ``per_class.csv``, and which is taken for which, ``confusion_matrix.csv`` and ``.png``;
            the accuracies are logged as well. Defaults to None.
        occlusion (float, optional): Probability that a joint of the input is occluded. Defaults
            to None, as the config says.
        occlusion_scope (str): ``'frame'``, ``'clip'`` or ``'part'``. Defaults to ``'frame'``.
        degrade (Sequence[str]): Degradations of the input, one after the other, see
            :func:`partkd.configuration.read_degradation`. Defaults to (), none.
        launcher (str): What started the processes. Defaults to ``'none'``.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        dict[str, float]: What the config's evaluator gives.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ValueError: If the checkpoint's weights are not the model's, or if clips may be without
            labels that the evaluator reads, or are of classes that the head lacks.
        NonFiniteError: If weights or scores are infinite or no numbers.
    """
    cfg = student_config(load_config(config, options))
    if dump is not None:
        _dump_predictions(cfg, dump)
    if per_class is not None:
        for name in (PER_CLASS_FILE, MATRIX_FILE):
            require_place(Path(per_class, name))
        require_picture(Path(per_class, _PICTURE))
        _add_metric(cfg, 'ClassOutcomes')
    check_labels(cfg, splits=('test',))
    check_components(cfg, splits=('test',))
    set_work_dir(cfg, work_dir)
    name_experiment(cfg)
    set_launcher(cfg, launcher)
    if occlusion is not None:
        set_occlusion(cfg, occlusion, occlusion_scope, splits=('test',))
    for text in degrade:  # behind it, which sets every occlusion that is there
        add_degradation(cfg, read_degradation(text), splits=('test',))
    cfg.resume, cfg.load_from = False, None
    runner = EvaluationRunner.from_cfg(cfg)
    learned = load_student_weights(runner.model, checkpoint)
    _say_what_is_tested(runner, checkpoint, learned.get('source'))
    metrics = runner.test()
    if per_class is not None and is_main_process():
        _report_classes(runner, Path(per_class))
    return metrics


def _say_what_is_tested(runner: EvaluationRunner, checkpoint: str | Path, learned: object) -> None:
    """The weights of a teacher fit the config of a student with the same layout."""
    source = getattr(innermost(runner.test_dataloader.dataset), 'metainfo', {}).get('source')
    if learned and source:
        runner.logger.info(f'{checkpoint} learned from {shown(learned)}, and is tested on {source}')


def _report_classes(runner: EvaluationRunner, folder: Path) -> None:
    for metric in runner.test_evaluator.metrics:
        if isinstance(metric, ClassOutcomes):
            metric.write(folder)
            draw_confusion_matrix(metric.matrix, folder / _PICTURE, metric.names)
            runner.logger.info(f'classes, also in {folder}:\n{metric.per_class()}')


def _dump_predictions(cfg: Config, file: str | Path) -> None:
    require_place(file)
    if Path(file).suffix not in ('.pkl', '.pickle'):
        raise ValueError(f'predictions go to a .pkl or .pickle file, not {file}')
    _add_metric(cfg, 'DumpResults', out_file_path=str(file))


def _add_metric(cfg: Config, kind: str, **settings: str) -> None:
    evaluators = cfg.test_evaluator
    evaluators = list(evaluators) if isinstance(evaluators, list | tuple) else [evaluators]
    cfg.test_evaluator = [*evaluators, dict(type=kind, **settings)]
