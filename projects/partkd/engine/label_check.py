"""The classes of all clips are held against the outputs that the model has."""

from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner

from partkd.datasets import parts_of


def check_labels(runner: Runner, *splits: str) -> None:
    """Refuse clips of classes that the head of a model lacks.

    Does nothing where a model has no head, a split does not tell its labels, or nobody reads them.

    Args:
        runner (Runner): Before anything runs.
        *splits (str): ``'train'``, ``'val'`` or ``'test'``; one that the config has not is left
            out.

    Raises:
        ValueError: Naming the split, and the classes with their clips.
    """
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    head = getattr(getattr(model, 'student', model), 'cls_head', None)
    num_classes: int | None = getattr(head, 'num_classes', None)
    if num_classes is None:
        return
    for split in splits:
        loop: BaseLoop | None = getattr(runner, f'{split}_loop')
        if loop is None or (split != 'train' and not loop.evaluator.metrics):
            continue
        for dataset in parts_of(loop.dataloader.dataset):
            if hasattr(dataset, 'require_classes'):
                dataset.require_classes(num_classes)
