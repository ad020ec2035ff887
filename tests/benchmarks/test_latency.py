import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from mmaction.registry import MODELS
from mmengine.config import Config

from partkd_benchmarks import latency as module
from partkd_benchmarks.latency import EAGER, recommended_student

ROOT = Path(__file__).resolve().parents[2]


RUN = """
import sys
import numpy as np
from partkd_benchmarks.latency import latency_sides
sides = latency_sides(persons=2, frames=12, base_channels=4, threads=1)
np.savez(sys.argv[1], names=list(sides), logits=[call() for call in sides.values()])
"""


@pytest.fixture(scope='module')
def logits(tmp_path_factory) -> dict[str, np.ndarray]:
    """Of all sides at a tiny size, from a process of their own: three runtimes share it badly."""
    file = tmp_path_factory.mktemp('latency') / 'logits.npz'
    subprocess.run([sys.executable, '-c', RUN, str(file)], check=True)
    with np.load(file) as content:
        return dict(zip(content['names'].tolist(), content['logits']))


@pytest.mark.parametrize('network', ['same network', 'recommended student'])
def test_all_sides_of_a_network_do_the_same_work(logits, network):
    expected = logits[EAGER if network == 'same network' else f'{network}, eager']
    of_the_network = [name for name in logits if name.startswith(f'{network} exported')]
    assert len(of_the_network) in (4, 5) and expected.std() > 0.1  # with bfloat16 or without
    for name in of_the_network:
        assert logits[name].shape == expected.shape == (1, 60)
        tolerance = 1e-4 if 'f32' in name else 3e-2 if 'OpenVINO' in name else 0.2
        assert np.abs(logits[name] - expected).max() < tolerance * np.abs(expected).max(), name


def test_the_student_is_that_of_the_recommended_config():
    cfg = Config.fromfile(ROOT / 'configs/partkd/stgcn_utdmhad_recommended_student.py')
    cfg.model.cls_head.num_classes = 60
    theirs = MODELS.build(cfg.model).state_dict()
    ours = recommended_student().state_dict()
    assert {name: weight.shape for name, weight in ours.items()} == {
        name: weight.shape for name, weight in theirs.items()
    }


def test_the_report_says_how_far_the_outputs_are_apart(logits, monkeypatch):
    asked, sides = [], {name: partial(np.copy, value) for name, value in logits.items()}
    monkeypatch.setattr(module, 'latency_sides', lambda *sizes: asked.append(sizes) or sides)
    result = module.latency(persons=2, frames=12, base_channels=4, rounds=1, calls=1, threads=1)
    assert asked == [(2, 12, 4, 1)] and list(result.seconds) == list(sides)
    assert '(persons, frames) = (2, 12)' in result.report()
    assert 'ONNX Runtime (f32): logits differ from those in PyTorch by at most' in result.report()
