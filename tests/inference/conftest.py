"""A student of the tiny recipe, in each form that a model can have."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from partkd import apis
from partkd.datasets import load_annotations


@pytest.fixture(scope='session')
def student(reference, tmp_path_factory) -> SimpleNamespace:
    """Its ``config``, ``checkpoint``, ``published`` and ``exported`` file. Not to be changed."""
    folder = tmp_path_factory.mktemp('student')
    (step,) = reference.work_dir.glob('seed_*/op_0_pmsc-????????')
    checkpoint = step / 'epoch_3.pth'
    published = apis.publish(reference.config, checkpoint, folder / 'student.pth')
    exported = apis.export(reference.config, checkpoint, folder / 'student.onnx')
    return SimpleNamespace(
        config=reference.config, checkpoint=checkpoint, published=published, exported=exported
    )


@pytest.fixture(scope='session')
def clips(reference) -> list[dict]:
    """Those of the test split."""
    content = load_annotations(Path(reference.config).parent / 'low.pkl')
    names = set(content['split']['val'])
    return [clip for clip in content['annotations'] if clip['frame_dir'] in names]


@pytest.fixture
def person() -> np.ndarray:
    """Somebody who walks through a picture, (40, 17, 2) in pixels."""
    rng = np.random.default_rng(0)
    body = rng.uniform(20, 80, (17, 2))
    return body + np.arange(40)[:, None, None] * 3 + rng.normal(0, 1, (40, 17, 2))
