"""A distillation made of two configs, those of a student and of a teacher."""

from pathlib import Path

from mmengine.config import Config

from .configs import load_config
from .from_teacher import part_channels


def pair_config(student: str | Path | Config, teacher: str | Path) -> Config:
    """Make the config of a distillation in the recommended form: logits, and parts over time.

    The student is trained with cross entropy alone, with the teacher's logits (KL), and with KL and
    PMSC, on segments of time where both networks have as many (``neck.num_segments``), else on the
    part features.

    Args:
        student (str | Path | Config): Config of a plain recogniser of low-quality skeletons.
        teacher (str | Path): File of that of a recogniser of high-quality skeletons.

    Returns:
        Config: For :func:`partkd.apis.distill`, which fills in where the teacher's files are.

    Raises:
        FileNotFoundError: If there is no such config.
        ValueError: If one of them is a distillation itself, or they differ in their classes.
    """
    cfg, theirs = load_config(student), load_config(teacher)
    for one, path in ((cfg, student), (theirs, teacher)):
        if one.model['type'] == 'KDRecognizer':
            raise ValueError(
                f'{getattr(path, "filename", path)} is the config of a distillation: give the '
                'student and the teacher a config of a plain recogniser each'
            )
    classes = [one.model['cls_head'].get('num_classes') for one in (cfg, theirs)]
    if classes[0] != classes[1]:
        raise ValueError(
            f'the student has {classes[0]} classes, the teacher {classes[1]}: it learns from the '
            "teacher's logits, so set model.cls_head.num_classes of both to the same"
        )
    segments = [(one.model.get('neck') or {}).get('num_segments', 1) for one in (cfg, theirs)]
    reads = 'segments' if segments[0] == segments[1] > 1 else 'parts'
    kl = dict(type='KLLoss', temperature=4.0)
    pmsc = dict(type='PMSCLoss', reads=reads, loss_weight=10.0)
    widths = [part_channels(one.model) for one in (cfg, theirs)]
    frozen = dict(type='FrozenTeacher', config=str(teacher), checkpoint='teacher.pth')
    cfg.model = dict(
        type='KDRecognizer',
        student=cfg.model,
        teacher=dict(type='FeatureBank', folder='teacher_files', teacher=frozen),
        losses=[kl, pmsc],
        adapter=None if widths[0] == widths[1] else dict(type='PartAdapter'),
    )
    cfg.distill = dict(
        title=f'{Path(str(teacher)).stem} teaches {Path(cfg.filename or "the student").stem}',
        students={
            'cross entropy': dict(losses=[]),
            'logit KL (T 4)': dict(losses=[kl]),
            f'KL + PMSC on {reads}': None,
        },
    )
    return cfg
