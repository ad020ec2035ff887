"""A hook that makes a resumed training equal to one that was never interrupted."""

import random
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from mmaction.registry import HOOKS
from mmengine.dist import broadcast, get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seeds all random numbers of a training epoch from (seed, epoch, rank) alone.

    A checkpoint holds no state of any random number generator, so a resumed run would draw other
    augmentations, dropout masks and, where the config names no seed, another order of clips than
    the run that was interrupted. With this hook both are equal, bit for bit where the device's
    arithmetic is. Checkpoints must fall between epochs (``by_epoch=True``).

    The workers of a dataloader are seeded too. mmengine gives them the same seed in every epoch,
    so that each clip meets the same augmentation again and again.
    """

    # Ahead of all hooks, and ahead of the dataloader's iterator, which draws the worker's seeds.
    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Hands the samplers the seed, which is that of the checkpoint after a resume.

        Args:
            runner (Runner): The runner of the training.
        """
        self._seed = _shared_seed(runner)
        loader = runner.train_dataloader
        self._worker_init_fn = loader.worker_init_fn
        batch_sampler = loader.batch_sampler
        for sampler in (loader.sampler, batch_sampler, getattr(batch_sampler, 'sampler', None)):
            if sampler is not None and hasattr(sampler, 'seed'):
                sampler.seed = self._seed
        if loader.num_workers and loader.persistent_workers:
            runner.logger.warning(
                'EpochSeedHook cannot seed workers that outlive an epoch, so a resumed run will '
                'differ: set persistent_workers=False in train_dataloader'
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Seeds this process, and the workers it is about to start.

        Args:
            runner (Runner): The runner of the training.
        """
        entropy = (self._seed, runner.epoch, get_rank())
        _seed_all(entropy)
        runner.train_dataloader.worker_init_fn = partial(
            _init_worker, init_fn=self._worker_init_fn, entropy=entropy
        )


def _shared_seed(runner: Runner) -> int:
    """Gives all processes the seed of the first: with ``diff_rank_seed`` theirs differ."""
    seed = torch.tensor(runner.seed, dtype=torch.int64)
    broadcast(seed)
    return int(seed)


def _init_worker(worker_id: int, init_fn: Callable | None, entropy: tuple[int, ...]) -> None:
    if init_fn is not None:
        init_fn(worker_id)
    _seed_all((*entropy, worker_id + 1))


def _seed_all(entropy: tuple[int, ...]) -> None:
    """Seeds python, numpy and torch; mixed, for neighbouring seeds and epochs must not overlap."""
    seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
