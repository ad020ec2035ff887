"""A hook that holds what a distillation read of its teacher against the teacher it has."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from partkd.datasets import PairedPoseDataset, innermost
from partkd.distillation import (
    PartMatrix,
    check_fingerprint,
    matrix_settings,
    teacher_fingerprint,
)
from partkd.models import KDRecognizer


@HOOKS.register_module()
class TeacherFilesHook(Hook):
    """Refuses a feature bank or a part matrix of another teacher, split, pipeline or layout, a part
    matrix of other settings than ``distill.part_matrix`` of the config, and a distillation without
    any high-quality clip.

    Does nothing in a training without a teacher.
    """

    def before_train(self, runner: Runner) -> None:
        """Compares the fingerprints.

        Args:
            runner (Runner): The runner of the training.

        Raises:
            FingerprintError: Naming the file and what differs.
            ValueError: If the data set has no high-quality side, or is of a kind that does not
                tell its clips.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if not isinstance(model, KDRecognizer):
            return
        dataset = innermost(runner.train_dataloader.dataset)
        if isinstance(dataset, PairedPoseDataset):
            dataset.require_teacher()
        files = [m for m in (model.teacher, *model.losses.modules()) if hasattr(m, 'fingerprint')]
        if not files:
            return
        if not isinstance(dataset, PairedPoseDataset):
            raise ValueError(
                f'the training set is a {type(dataset).__name__}, of which cannot be told whether '
                f'{files[0].folder} is of its clips: use a PairedPoseDataset'
            )
        used_with = teacher_fingerprint(model.teacher.source, dataset.require_teacher())
        for file in files:
            settings = {}
            if isinstance(file, PartMatrix) and 'distill' in runner.cfg:
                settings = matrix_settings(runner.cfg.distill.get('part_matrix'))
            check_fingerprint(file.folder, file.fingerprint, used_with | settings)
