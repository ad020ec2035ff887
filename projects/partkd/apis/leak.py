"""A distillation whose teacher has seen the test clips proves nothing."""

from pathlib import Path

from mmengine.config import Config

from partkd.datasets.annotations import load_annotations, select_split

from .config import innermost_dataset, load_config
from .part_matrix import frozen_teacher


def check_no_leak(cfg: Config) -> None:
    """Refuse a recipe whose students are tested on clips of a training split.

    Args:
        cfg (Config): The distillation config.

    Raises:
        ValueError: Naming both files and a clip.
    """
    teacher = load_config(frozen_teacher(cfg.model)['config'])
    tested = innermost_dataset(cfg.test_dataloader['dataset'])
    for trained in (teacher.train_dataloader['dataset'], cfg.train_dataloader['dataset']):
        trained = innermost_dataset(trained)
        both = _clips(trained) & _clips(tested)
        if both:
            raise ValueError(
                f'{len(both)} clips, such as {min(both)}, are in {_source(trained)}, which is '
                f'trained on, and in {_source(tested)}, which is tested on: use splits that '
                'have no clip in common'
            )


def _clips(dataset: dict) -> set[str]:
    path = Path(dataset.get('data_root') or '', dataset['ann_file'])
    clips = select_split(load_annotations(path), dataset.get('split'), path)
    return {clip['frame_dir'] for clip in clips}


def _source(dataset: dict) -> str:
    return f'{dataset["ann_file"]} [{dataset.get("split")}]'
