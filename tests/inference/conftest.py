import numpy as np
import pytest


@pytest.fixture
def person() -> np.ndarray:
    """Somebody who walks through a picture, (40, 17, 2) in pixels."""
    rng = np.random.default_rng(0)
    body = rng.uniform(20, 80, (17, 2))
    return body + np.arange(40)[:, None, None] * 3 + rng.normal(0, 1, (40, 17, 2))
