"""A hook that holds what a distillation read of its teacher against the teacher it has."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from partkd.distillation import check_fingerprint, teacher_fingerprint
from partkd.models import KDRecognizer


@HOOKS.register_module()
class TeacherFilesHook(Hook):
    """Refuses a feature bank or a part matrix of another teacher, split, pipeline or layout.

    Does nothing in a training without a teacher.
    """

    def before_train(self, runner: Runner) -> None:
        """Compares the fingerprints.

        Args:
            runner (Runner): The runner of the training.

        Raises:
            FingerprintError: Naming the file and what differs.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if not isinstance(model, KDRecognizer):
            return
        files = [m for m in (model.teacher, *model.losses.modules()) if hasattr(m, 'fingerprint')]
        if not files:
            return
        dataset = runner.train_dataloader.dataset
        while hasattr(dataset, 'dataset'):  # RepeatDataset and its like
            dataset = dataset.dataset
        used_with = teacher_fingerprint(model.teacher.source, dataset.teacher)
        for file in files:
            check_fingerprint(file.file, file.fingerprint, used_with)
