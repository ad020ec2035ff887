"""Whether a training can go on under the schedule that it was started with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from mmengine.optim.scheduler.param_scheduler import (
    CosineAnnealingParamScheduler,
    LinearParamScheduler,
    OneCycleParamScheduler,
    PolyParamScheduler,
    _ParamScheduler,
)
from mmengine.runner import Runner

# What a scheduler keeps of where it is; all else is what it was built with.
POSITION = {
    *('last_step', '_global_step', '_last_value', 'verbose'),
    *('best', 'num_bad_epochs', 'cooldown_counter'),
}
# Under other names than in a config.
SETTINGS = {'base_values': 'the learning rate', '_schedule_phases': 'pct_start'}
PLANNED = (OneCycleParamScheduler, CosineAnnealingParamScheduler, PolyParamScheduler)


def check_schedule_goes_on(runner: Runner, checkpoint: Mapping, file: str | Path) -> None:
    """Refuse to go on under another schedule than the checkpoint's.

    mmengine takes the schedulers of the checkpoint as they are, whatever the config says of them:
    with more epochs, or with other ones in steps, the rate stays at zero or is never annealed. What
    changes no rate passes, such as more epochs under ``MultiStepLR``, or another batch size where
    the rate is set by epoch.

    Args:
        runner (Runner): About to resume, with schedulers that are built.
        checkpoint (Mapping): What it goes on from.
        file (str | Path): Where that is from, for the errors.

    Raises:
        ValueError: Naming the first setting that differs.
    """
    schedulers = _flat(runner.param_schedulers)
    if not all(isinstance(scheduler, _ParamScheduler) for scheduler in schedulers):
        return  # they are not built where nothing is trained
    states = _flat(checkpoint.get('param_schedulers'))
    if len(states) != len(schedulers):
        faults = [f'param_scheduler has {len(states)} parts in it and {len(schedulers)} now']
    else:
        info = checkpoint['message_hub'].get('runtime_info', {})
        faults = [
            f'param_scheduler.{number}: {fault}'
            for number, pair in enumerate(zip(schedulers, states, strict=True))
            for fault in _other_length(runner, *pair, info) or _differences(*pair)
        ]
    if faults:
        raise ValueError(
            f'the training of {file} cannot go on under another schedule: {faults[0]}. Resume with '
            'the epochs, batch size, learning rate and number of processes that it was started '
            'with; to train on, start from its weights in another work directory: --cfg-options '
            f'load_from={file}, without --resume'
        )


def _flat(schedulers: Any) -> Sequence[Any]:
    """Those of several optimizers are a dict of lists."""
    if isinstance(schedulers, Mapping):
        return list(chain.from_iterable(schedulers.values()))
    return schedulers or []


def _differences(scheduler: _ParamScheduler, state: Mapping) -> list[str]:
    """What a scheduler was built with and is built with now, what a config names first."""
    own = scheduler.state_dict()
    names = sorted((own.keys() | state.keys()) - POSITION, key=lambda name: name in SETTINGS)
    return [
        f'{SETTINGS.get(name, name)} is {_shown(state.get(name))} in it and '
        f'{_shown(own.get(name))} now'
        for name in names
        if own.get(name) != state.get(name)
    ]


def _shown(value: Any) -> str:
    return str(sorted(value) if isinstance(value, Counter) else value)[:80]


def _other_length(
    runner: Runner, scheduler: _ParamScheduler, state: dict, info: Mapping
) -> list[str]:
    """Whether a rate that ends with the training would end at another time than that.

    Any other goes on: it ends with the training as well, where the config does not say when.
    """
    unit = 'epochs' if scheduler.by_epoch else 'iters'
    before, now = info.get(f'max_{unit}'), getattr(runner, f'max_{unit}')
    if before in (None, now):
        return []
    decays = isinstance(scheduler, LinearParamScheduler) and (
        scheduler.end_factor < scheduler.start_factor
    )
    if decays or isinstance(scheduler, PLANNED):
        what = 'epochs' if scheduler.by_epoch else 'steps'
        return [f'its rate is planned for a training of {before} {what}, and this one has {now}']
    if (state.get('end'), scheduler.end) == (before, now):
        state['end'] = now
    return []
