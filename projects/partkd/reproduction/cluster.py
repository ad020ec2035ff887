"""Jobs on a cluster, through submitit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

# submitit's own are five minutes
_PARAMETERS = dict(timeout_min=24 * 60, slurm_job_name='partkd')


def run_on_cluster(
    function: Callable[..., None],
    arguments: Sequence[tuple],
    cluster: Literal['slurm', 'local'],
    folder: Path,
    parameters: Mapping[str, Any] | None = None,
) -> Iterator[Exception | None]:
    """Hand over all calls at once, and wait for one after the other.

    Args:
        function (Callable): What is called; a function of a module.
        arguments (Sequence[tuple]): Of each call.
        cluster (Literal['slurm', 'local']): ``'slurm'``, or processes of this machine.
        folder (Path): Where logs and scripts go.
        parameters (Mapping[str, Any], optional): Of submitit's ``update_parameters``, such as
            ``timeout_min``, ``gpus_per_node`` or ``slurm_partition``. Defaults to None.

    Yields:
        Exception | None: How each call failed, in their order; None where it did not. What is still
        running is cancelled when this is interrupted.

    Raises:
        ImportError: If submitit is not installed.
        ValueError: If there is no such cluster here, or no such parameter.
    """
    try:
        import submitit
    except ImportError as error:
        raise ImportError('submitit is not installed: pip install "partkd[slurm]"') from error
    try:
        executor = submitit.AutoExecutor(folder, cluster=cluster)
        executor.update_parameters(**_PARAMETERS | dict(parameters or {}))
    except (NameError, RuntimeError, ValueError) as error:
        raise ValueError(f'cluster {cluster}: {error}') from error
    with executor.batch():
        jobs = [executor.submit(function, *one) for one in arguments]
    try:
        for job in jobs:
            try:
                job.result()
            except Exception as error:
                yield error
            else:
                yield None
    finally:
        for job in jobs:
            if not job.done():
                job.cancel()
