"""Which clips of a test were right, beside the figures that are means over them."""

from collections.abc import Sequence

from mmaction.evaluation import AccMetric


class ClipOutcomes(AccMetric):
    """Notes for every test clip whether its top-1 is right; adds nothing to the metrics.

    Attributes:
        correct (dict[str, bool]): By ``frame_dir``, in the order of the names, whatever the order
            of the test. Empty before the test is over.
    """

    def __init__(self) -> None:
        super().__init__('top_k_accuracy', metric_options=dict(top_k_accuracy=dict(topk=(1,))))
        self.correct: dict[str, bool] = {}

    def process(self, data_batch: Sequence[dict], data_samples: Sequence[dict]) -> None:
        """Keeps names beside scores and labels.

        Args:
            data_batch (Sequence[dict]): Not read.
            data_samples (Sequence[dict]): What the model made of a batch.

        Raises:
            ValueError: If the samples have no names.
        """
        super().process(data_batch, data_samples)
        for result, sample in zip(self.results[-len(data_samples) :], data_samples):
            if 'frame_dir' not in sample:
                raise ValueError(
                    "the test clips have no names: have 'frame_dir' among the meta_keys of "
                    'PackSkeletonInputs in the test pipeline'
                )
            result['frame_dir'] = sample['frame_dir']

    def compute_metrics(self, results: list[dict]) -> dict:
        """Sets :attr:`correct`.

        Args:
            results (list[dict]): Of all clips.

        Returns:
            dict: Empty.
        """
        for result in sorted(results, key=lambda result: result['frame_dir']):
            top1 = super().compute_metrics([result])['top1']
            self.correct[result['frame_dir']] = bool(top1)
        return {}
