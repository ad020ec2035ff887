from collections.abc import Callable, Sequence
from typing import Any

import torch
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from mmengine.model import ModuleList
from torch import Tensor, nn

from partkd.arguments import checked
from partkd.models.grouped_loss_model import GroupedLossModel
from partkd.models.losses import features_read
from partkd.structures import SkeletonBatch

from .labels import require_labels


@MODELS.register_module()
class KDRecognizer(GroupedLossModel):
    """A student that learns from labels and from a teacher of high-quality skeletons.

    L = L_c + sum of the distillation losses (method paper, Eq. 4). A distillation loss is any
    module with ``forward(student: SkeletonFeatures, teacher: TeacherFeatures, labels) -> dict`` and
    ``reads``, the names of the features that it reads (:data:`partkd.structures.CLIP_FEATURES`).
    The teacher gives what some loss reads, and each loss gets what it declares.

    Test, export and inference use the student alone. The teacher is loaded by
    :meth:`init_weights`, which only training calls, so a trained student needs none of its
    files; it is no submodule, so it is not in the checkpoint, not in the optimizer, and never
    leaves eval mode.

    Args:
        student (dict): Config of the :class:`SkeletonRecognizer` to train.
        teacher (dict): Config of what gives :class:`TeacherFeatures`: a ``FeatureBank``, or a
            ``FrozenTeacher`` in the loop. Its ``reads`` are filled in.
        losses (Sequence[dict]): Configs of the distillation losses.
        adapter (dict, optional): Config of a :class:`PartAdapter`, needed where the student's
            features are of another width than the teacher's. Defaults to None.

    Raises:
        ValueError: If there is an adapter and no loss.
    """

    @checked
    def __init__(
        self,
        student: dict,
        teacher: dict,
        losses: Sequence[dict],
        adapter: dict | None = None,
    ) -> None:
        built = MODELS.build(student)
        super().__init__(data_preprocessor=built.data_preprocessor)
        self.student = built
        self.losses = ModuleList(MODELS.build(loss) for loss in losses)
        self.reads = features_read(self.losses)
        if adapter and not self.losses:
            raise ValueError(
                'adapter without losses: no loss would train it, and distributed training waits '
                'for its gradients. Set adapter=None, or give losses'
            )
        # A seed starts the student alike with and without adapter.
        with torch.random.fork_rng(devices=[]):
            self.adapter = MODELS.build(adapter) if adapter else nn.Identity()
        object.__setattr__(self, 'teacher', MODELS.build(dict(teacher, reads=self.reads)))

    def init_weights(self) -> None:
        """Load the teacher and what the losses read from files, and initialise the student."""
        self.teacher.init_weights()
        self._check_padding()
        super().init_weights()
        for module in (self.teacher, *self.losses.modules()):
            if hasattr(module, 'require_classes'):  # a file of the teacher's
                module.require_classes(self.student.cls_head.num_classes)
        self.teacher.to(next(self.parameters()).device)

    def _apply(self, fn: Callable, *args: Any, **kwargs: Any) -> 'KDRecognizer':
        """Take the teacher along to another device or precision."""
        self.teacher._apply(fn, *args, **kwargs)
        return super()._apply(fn, *args, **kwargs)

    def forward(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: SampleList | None = None,
        mode: str = 'tensor',
        teacher_inputs: SkeletonBatch | None = None,
        **kwargs: Any,
    ) -> dict[str, Tensor] | SampleList | Tensor:
        """``'loss'`` distils; ``'predict'`` and ``'tensor'`` are the student's.

        Args:
            inputs (SkeletonBatch | Tensor): The low-quality clips.
            data_samples (list): Of the N clips.
            mode (str): As in mmaction2. Defaults to ``'tensor'``.
            teacher_inputs (SkeletonBatch, optional): High-quality clips of the paired ones, in
                order, where the teacher is in the loop.
            **kwargs: Of :meth:`SkeletonRecognizer.forward`.

        Returns:
            dict | list | Tensor: See :meth:`SkeletonRecognizer.forward`.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples, teacher_inputs)
        return self.student(inputs, data_samples, mode=mode, **kwargs)

    def loss(
        self,
        inputs: SkeletonBatch | Tensor,
        data_samples: SampleList,
        teacher_inputs: SkeletonBatch | None = None,
    ) -> dict[str, Tensor]:
        """Classification loss, distillation losses and their figures.

        Args:
            inputs (SkeletonBatch | Tensor): The low-quality clips.
            data_samples (list): Of the N clips, with ``gt_label``.
            teacher_inputs (SkeletonBatch, optional): See :meth:`forward`. Defaults to None.

        Returns:
            dict: By name; what is summed has ``loss`` in it.

        Raises:
            AttributeError: If a loss reads a feature that it does not declare.
            ValueError: If two losses have one name, of which the first would train nothing, or if
                a clip has no label.
        """
        require_labels(data_samples)
        features, _ = self.student.extract_feat(inputs, reads=self.reads)
        features.logits = self.student.cls_head(features)
        losses = self.student.cls_head.loss_by_feat(features.logits, data_samples)
        labels = torch.cat([sample.gt_label for sample in data_samples]).to(features.logits.device)
        teacher = self.teacher(data_samples, teacher_inputs)
        adapted = self.adapter(features)
        for loss in self.losses:
            seen = (given.only(loss.reads, type(loss).__name__) for given in (adapted, teacher))
            values = loss(*seen, labels)
            if twice := sorted(losses.keys() & values.keys()):
                raise ValueError(
                    f'{type(loss).__name__} gives {", ".join(twice)}, as another loss of the model '
                    'does: take only one of them, or let it give other names'
                )
            losses.update(values)
        return losses

    def _check_padding(self) -> None:
        """In the loop one preprocessor pads the clips of both sides."""
        theirs, mine = (
            getattr(getattr(module, 'data_preprocessor', None), 'padding_settings', None)
            for module in (self.teacher, self)
        )
        if None not in (theirs, mine) and theirs != mine:
            raise ValueError(
                f'the teacher was trained with {theirs}, and in the loop gets clips padded as the '
                f"student's, with {mine}: set data_preprocessor of both alike, or use a FeatureBank"
            )
