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
# Whose rate falls with the training, and what holds its length.
PLANNED = {
    OneCycleParamScheduler: 'total_steps',
    CosineAnnealingParamScheduler: 'T_max',
}


def check_schedule_goes_on(
    runner: Runner, checkpoint: Mapping, file: str | Path
) -> list[_ParamScheduler]:
    """Refuse to go on under another schedule than the checkpoint's.

    mmengine takes the schedulers of the checkpoint as they are, whatever the config says of them:
    with more epochs, or with other ones in steps, the rate stays at zero or is never annealed. What
    changes no rate passes, such as more epochs under ``MultiStepLR``, or another batch size where
    the rate is set by epoch.

    Args:
        runner (Runner): About to resume, with schedulers that are built.
        checkpoint (Mapping): What it goes on from.
        file (str | Path): Where that is from, for the errors.

    Returns:
        list: Schedulers to step once they have the checkpoint's state: mmengine leaves out the
        step at the end of a training, which is in the middle of a longer one.

    Raises:
        ValueError: Naming the first setting that differs.
    """
    schedulers = _flat(runner.param_schedulers)
    if not all(isinstance(scheduler, _ParamScheduler) for scheduler in schedulers):
        return []  # they are not built where nothing is trained
    states = _flat(checkpoint.get('param_schedulers'))
    if len(states) != len(schedulers):
        faults = [f'param_scheduler has {len(states)} parts in it and {len(schedulers)} now']
    else:
        info = checkpoint['message_hub'].get('runtime_info', {})
        faults = [
            f'param_scheduler.{number}: {fault}'
            for number, pair in enumerate(zip(schedulers, states, strict=True))
            for fault in _faults(*pair, *_lengths(runner, pair[0], info))
        ]
    if faults:
        raise ValueError(
            f'the training of {file} cannot go on under another schedule: {faults[0]}. Resume with '
            'the epochs, batch size, learning rate and number of processes that it was started '
            'with; to train on, start from its weights in another work directory: --cfg-options '
            f'load_from={file}, without --resume'
        )
    behind = []
    for scheduler, state in zip(schedulers, states, strict=True):
        if state['end'] < scheduler.end and state['_global_step'] == state['end']:
            state['_global_step'] -= 1
            behind.append(scheduler)
        state['end'] = scheduler.end
    return behind


def _flat(schedulers: Any) -> Sequence[Any]:
    """Those of several optimizers are a dict of lists."""
    if isinstance(schedulers, Mapping):
        return list(chain.from_iterable(schedulers.values()))
    return schedulers or []


def _lengths(runner: Runner, scheduler: _ParamScheduler, info: Mapping) -> tuple[int | None, int]:
    """Of the training before, as far as its checkpoint tells, and now, as a scheduler counts."""
    length = 'max_epochs' if scheduler.by_epoch else 'max_iters'
    return info.get(length), getattr(runner, length)


def _faults(scheduler: _ParamScheduler, state: Mapping, before: int | None, now: int) -> list[str]:
    """Whether its rate falls with a training of another length, and what else differs.

    Where the config does not say when it ends, it ends with the training, before and now.
    """
    if before not in (None, now) and _planned_for(scheduler) not in (None, now):
        what = 'epochs' if scheduler.by_epoch else 'steps'
        return [f'its rate is planned for another length than the {now} {what} of this training']
    own = scheduler.state_dict()
    names = sorted((own.keys() | state.keys()) - POSITION, key=lambda name: name in SETTINGS)
    return [
        f'{SETTINGS.get(name, name)} is {_shown(state.get(name))} in it and '
        f'{_shown(own.get(name))} now'
        for name in names
        if own.get(name) != state.get(name)
        and (name, state.get(name), own.get(name)) != ('end', before, now)
    ]


def _shown(value: Any) -> str:
    return str(sorted(value) if isinstance(value, Counter) else value)[:80]


def _planned_for(scheduler: _ParamScheduler) -> int | None:
    """When a rate is done that falls with the training; None for any other."""
    for kind, length in PLANNED.items():
        if isinstance(scheduler, kind):
            return scheduler.begin + getattr(scheduler, length)
    falls = isinstance(scheduler, PolyParamScheduler) or (
        isinstance(scheduler, LinearParamScheduler)
        and scheduler.end_factor < scheduler.start_factor
    )
    return scheduler.end if falls else None
