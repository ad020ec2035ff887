import pytest

from partkd.configuration import load_config
from partkd.experiments.training import train_and_test


def test_a_training_that_keeps_no_checkpoint_says_how_to_keep_one(configs, tmp_path):
    cfg = load_config(configs / 'teacher.py', {'default_hooks.checkpoint': None})
    with pytest.raises(FileNotFoundError, match='left no checkpoint .*default_hooks.checkpoint='):
        train_and_test(cfg, tmp_path / 'teacher')
