"""Clips recognised by the training clips that are most like them, without a classifier."""

import json
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch import Tensor

from partkd.arguments import Whole, checked
from partkd.configuration import (
    check_components,
    check_labels,
    load_config,
    set_work_dir,
    student_config,
)
from partkd.datasets import parts_of
from partkd.engine.weights import initial_weights
from partkd.evaluation import environment, figures, in_words, neighbour_votes, table
from partkd.experiments import chain_logger, training_split_as_test
from partkd.files import require_place, write_atomically
from partkd.models import SkeletonRecognizer
from partkd.structures import load_checkpoint, load_weights, require_finite

RETRIEVAL = 'retrieval'
_HEADS = dict(top1='top-1', mean1='mean of classes')


@checked
def retrieve(
    config: str | Path | Config,
    checkpoint: str | Path,
    work_dir: str | Path | None = None,
    neighbours: Whole = 1,
    options: dict | None = None,
) -> dict[str, float]:
    """Test an encoder by the nearest training clips of each test clip (kNN).

    Features are those that the config's classifier reads; clips are as in a test, without anything
    random. Figures go to ``retrieval.md`` and ``retrieval.json`` in the work directory.

    Args:
        config (str | Path | Config): Of a recogniser, plain or distilled.
        checkpoint (str | Path): Weights of the same, or of a training without labels whose encoder
            it has (:class:`ContrastivePretrainer`).
        work_dir (str | Path, optional): Where figures and log go. Defaults to None, the config's
            own or ``work_dirs/<config>``.
        neighbours (int): How many training clips vote. Defaults to 1, as SCD-Net's retrieval.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        dict[str, float]: ``top1`` and ``mean1``, the mean over classes, in [0, 1].

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ValueError: If the config is of no recogniser, the weights are not the model's, clips are of
            classes that it lacks, or there are fewer training clips.
        NonFiniteError: If weights or features are infinite or no numbers.
    """
    cfg = student_config(load_config(config, options))
    if cfg.model.get('cls_head') is None:
        raise ValueError(
            f'{cfg.filename or "the config"} has no classifier, whose features are compared: give '
            'the config of a recogniser with this encoder'
        )
    check_labels(cfg, splits=('test',))
    check_components(cfg, splits=('train', 'test'))
    set_work_dir(cfg, work_dir)
    folder = Path(cfg.work_dir)
    for suffix in ('.md', '.json'):
        require_place(folder / f'{RETRIEVAL}{suffix}')
    model = _load(cfg, checkpoint)
    gallery, labels = _features(cfg, model, training_split_as_test(cfg))
    queries, truth = _features(cfg, model, cfg.test_dataloader['dataset'])
    require_finite(dict(gallery=gallery, queries=queries), str(checkpoint), 'train it again')
    votes = neighbour_votes(queries, gallery, labels, model.cls_head.num_classes, neighbours)
    all_told = figures(votes.cpu().numpy().astype(np.float64), truth.cpu().numpy())
    told = {key: all_told[key] for key in _HEADS}
    record = dict(
        figures=told,
        neighbours=neighbours,
        clips=dict(train=len(labels), test=len(truth)),
        environment=environment(),
    )
    page = _page(record)
    with chain_logger(RETRIEVAL, folder) as logger:
        write_atomically(folder / f'{RETRIEVAL}.json', json.dumps(record, indent=1) + '\n')
        write_atomically(folder / f'{RETRIEVAL}.md', page)
        logger.info(f'\n{page}')
    return told


def _load(cfg: Config, checkpoint: str | Path) -> SkeletonRecognizer:
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        model: SkeletonRecognizer = MODELS.build(cfg.model)
    weights = initial_weights(model, load_checkpoint(checkpoint)['state_dict'])
    load_weights(model, weights, checkpoint)
    return model.to(get_device()).eval()


@torch.no_grad()
def _features(cfg: Config, model: SkeletonRecognizer, dataset: dict) -> tuple[Tensor, Tensor]:
    """Of all clips, (N, C), and their labels, (N,)."""
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        loader = Runner.build_dataloader(dict(cfg.test_dataloader, dataset=dataset))
    for part in parts_of(loader.dataset):
        if hasattr(part, 'require_classes'):
            part.require_classes(model.cls_head.num_classes)
    features, labels = [], []
    for batch in loader:
        data = model.data_preprocessor(batch)
        read = getattr(model.extract_feat(data['inputs'])[0], model.cls_head.reads)
        features.append(read.flatten(1))
        labels += [sample.gt_label for sample in data['data_samples']]
    return torch.cat(features), torch.cat(labels).to(features[0].device)


def _page(record: dict) -> str:
    clips, asked = record['clips'], record['neighbours']
    nearest = 'the nearest of' if asked == 1 else f'a vote of the {asked} nearest of'
    row = [f'{100 * record["figures"][key]:.1f}' for key in _HEADS]
    return '\n\n'.join(
        [
            '# Retrieval',
            f'Accuracy in percent on {clips["test"]} test clips, each told by {nearest} '
            f'{clips["train"]} training clips, by the cosine of features.',
            table(list(_HEADS.values()), [row]),
            f'- {in_words(record["environment"])}.\n',
        ]
    )
