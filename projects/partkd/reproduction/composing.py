"""The config of a job, of the configs of its two sides."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from partkd.configuration import SPLITS, innermost_dataset, load_config, pair_config
from partkd.files import write_atomically

from .jobs import Job
from .tables import Backbone, Table


def side_config(
    table: Table, job: Job, skeletons: str, data: Path, options: dict[str, Any] | None = None
) -> Config:
    """A plain recogniser of one side.

    Args:
        table (Table): The table.
        job (Job): The job.
        skeletons (str): Which side's skeletons.
        data (Path): Folder of all data.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Config: That of the skeletons, with this job's file, splits and network.

    Raises:
        FileNotFoundError: If a config is not there.
        ValueError: If one cannot be read.
    """
    side = table.data_sets[job.data].skeletons[skeletons]
    cfg = load_config((table.file.parent / side.config).resolve())
    if job.backbone:
        _exchange_network(cfg, table, table.backbones[job.backbone])
    for split, name in zip(SPLITS, (job.train, job.test, job.test)):
        dataset = innermost_dataset(cfg[f'{split}_dataloader']['dataset'])
        dataset.update(ann_file=str(data / side.file), split=name)
    return load_config(cfg, options)


def _exchange_network(cfg: Config, table: Table, backbone: Backbone) -> None:
    """Give a config another network, and that what it sees."""
    model, steps = load_config((table.file.parent / backbone.config).resolve()).model, []
    model['layout'] = cfg.model['layout']
    model['cls_head']['num_classes'] = cfg.model['cls_head']['num_classes']
    for split in SPLITS:
        pipeline = innermost_dataset(cfg[f'{split}_dataloader']['dataset'])['pipeline']
        steps += [step for step in pipeline if step['type'] == 'SkeletonStreams']
    model['backbone']['in_channels'] = cfg.model['backbone']['in_channels']
    if backbone.streams:
        seen = cfg.model['backbone']['in_channels'] - steps[0].get('with_score', False)
        channels = seen // len(steps[0]['streams'])
        model['backbone']['in_channels'] = channels * len(backbone.streams)
        for step in steps:
            step.update(streams=list(backbone.streams), with_score=False)
    cfg.model = model


def job_config(
    table: Table, job: Job, data: Path, work_dir: Path, options: dict[str, Any] | None = None
) -> Config:
    """The recipe of a job. The teacher's config is written into the job's folder.

    Args:
        table (Table): The table.
        job (Job): The job.
        data (Path): Folder of all data.
        work_dir (Path): Where all jobs have their folders.
        options (dict, optional): Settings of both sides to override, by dotted key. Defaults to
            None.

    Returns:
        Config: For :func:`partkd.apis.distill`.
    """
    student = side_config(table, job, job.student, data, options)
    teacher = side_config(table, job, job.teacher, data, options)
    if job.paired < 1:
        _keep_pairs(student, teacher, job.paired)
    file = work_dir / job.folder / 'teacher.py'
    write_atomically(file, teacher.pretty_text)
    cfg = pair_config(student, file)
    cfg.distill = dict(
        title=f'{table.data_sets[job.data].name}, {job.folder}',
        students=_in_order(table, job),
        conditions=dict(table.conditions),
    )
    return cfg


def _keep_pairs(student: Config, teacher: Config, share: float) -> None:
    """A share of the clips are pairs, and the teacher is trained on these alone."""
    trained, tested = (
        innermost_dataset(student[f'{split}_dataloader']['dataset']) for split in ('train', 'test')
    )
    low = {key: trained[key] for key in ('ann_file', 'layout', 'split')}
    trained.update(paired_fraction=share)
    innermost_dataset(teacher.train_dataloader['dataset']).update(
        teacher=dict(low, pipeline=tested['pipeline']), paired_fraction=share, keep_solitary=False
    )


def _in_order(table: Table, job: Job) -> dict[str, dict]:
    """All students of the table, since what a teacher's files hold is for all of them; first those
    that are asked for, as a recipe always trains its first."""
    names = sorted(table.students, key=lambda name: name not in job.students)
    return {name: dict(table.students[name]) for name in names}
