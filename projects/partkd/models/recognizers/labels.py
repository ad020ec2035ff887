from mmaction.utils import SampleList


def require_labels(data_samples: SampleList) -> None:
    """Refuse clips without a label, which a classification cannot learn from.

    Args:
        data_samples (list): Of a batch.

    Raises:
        ValueError: Naming them.
    """
    without = [s.get('frame_dir') for s in data_samples if not hasattr(s, 'gt_label')]
    if without:
        raise ValueError(
            f'{len(without)} clips of a batch, such as {without[0]}, have no label, which the '
            'classification learns from: leave require_labels=False out of '
            'train_dataloader.dataset, so that such clips are found before a training starts'
        )
