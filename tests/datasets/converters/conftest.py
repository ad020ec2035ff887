"""What the tests of all converters need."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partkd.datasets import PairedPoseDataset, load_annotations
from partkd.datasets.converters import ConversionSummary, convert, make_converter


@pytest.fixture
def convert_to(tmp_path) -> Callable[..., tuple[ConversionSummary, dict[str, dict]]]:
    """Converts a folder; returns the summary and the clips that were written by their name.

    What was written is a data set in the converter's layout, with its splits.
    """

    def run(
        name: str, src: Path, ignore=(), **options
    ) -> tuple[ConversionSummary, dict[str, dict]]:
        out_file = tmp_path / 'out' / f'{name}.pkl'
        summary = convert(name, src, out_file, ignore, options=options)
        content = load_annotations(out_file)
        assert content['split'] == summary.split
        classes = len(make_converter(name, src, options).classes) or None
        for split in (None, *summary.split):
            PairedPoseDataset(str(out_file), [], summary.layout, split=split, num_classes=classes)
        return summary, {clip['frame_dir']: clip for clip in content['annotations']}

    return run
