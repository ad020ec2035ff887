"""Chains in processes of their own, several at a time."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from mmengine.utils import import_modules_from_strings

from partkd.evaluation import Run

from .chain import Chain, Observer


def run_in_processes(chains: Sequence[Chain], jobs: int, threads: int, observer: Observer) -> None:
    """Run chains, each in a process of its own, and stop them all when this is interrupted.

    A chain that fails, or is killed, is told to the observer, and the others go on.

    Args:
        chains (Sequence[Chain]): What to run, in this order.
        jobs (int): How many at a time.
        threads (int): Threads of each, at most.
        observer (Observer): Is told of all of them, from this process alone.
    """
    context = _context()
    waiting = list(chains)
    running: dict[Connection, BaseProcess] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                chain = waiting.pop(0)
                ours, theirs = context.Pipe(duplex=False)
                process: BaseProcess = context.Process(
                    target=_run, args=(chain, theirs, threads), name=chain.name
                )
                process.start()
                theirs.close()
                running[ours] = process
            ready = wait(list(running))
            for ours in [connection for connection in running if connection in ready]:
                _listen(ours, running, observer)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.join()


def _context() -> ForkServerContext | SpawnContext:
    """How processes start, so that none inherits threads or a device."""
    if torch.cuda.is_available():
        # CUDA refuses to work in a process forked from one that looked for a GPU, as mmengine does
        # when it is imported.
        return get_context('spawn')
    context = get_context('forkserver')  # forked from a server that has imported everything
    # PyTorch imports the second one in the first step of an optimizer, which takes seconds.
    context.set_forkserver_preload(['partkd.apis', 'torch._dynamo'])
    return context


def _listen(ours: Connection, running: dict[Connection, BaseProcess], observer: Observer) -> None:
    """Pass one message on, or see off a process that has ended."""
    try:
        method, arguments = ours.recv()
    except (EOFError, OSError):  # ended, perhaps in the middle of a message
        process = running.pop(ours)
        ours.close()
        process.join()
        if process.exitcode:
            error = ChildProcessError(f'its process ended with exit code {process.exitcode}')
            observer.failed(process.name, error)
    else:
        getattr(observer, method)(*arguments)


def _run(chain: Chain, connection: Connection, threads: int) -> None:
    """The body of a chain's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops this
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(min(threads, torch.get_num_threads()))
    remote = _Remote(connection)
    try:
        for imports in chain.recipe.custom_imports:  # its configs came as data, and import nothing
            import_modules_from_strings(**imports)
        chain.run(remote)
    except KeyboardInterrupt:  # SIGTERM from the parent; the last epoch is kept
        sys.exit(1)
    except Exception as error:
        remote.failed(chain.name, error)


def _end_with_parent() -> None:
    """End this process when its parent was killed, whose next call would train the same again."""
    parent = parent_process()
    if parent is not None:  # None in a process that no other started
        wait([parent.sentinel])
        os._exit(1)


class _Remote:
    """An :class:`Observer` in another process."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def starting(self, name: str, folder: Path, going_on: bool) -> None:
        self.connection.send(('starting', (name, folder, going_on)))

    def done(self, name: str, folder: Path, record: dict, before: bool) -> None:
        self.connection.send(('done', (name, folder, record, before)))

    def tested(self, run: Run, clips: list[str] | None) -> None:
        self.connection.send(('tested', (run, clips)))

    def failed(self, name: str, error: Exception) -> None:
        # as text, because not every exception survives the way
        text = ''.join(traceback.format_exception(error)).rstrip()
        self.connection.send(('failed', (name, RuntimeError(text))))
