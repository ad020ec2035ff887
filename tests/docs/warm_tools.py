"""Runs tools one after the other, each in a process of its own that has imported the package.

Importing takes most of the time of a small command. This process imports once, and forks for each
command, which it reads from its standard input: a line of JSON with the folder to run in and the
arguments. It answers with the exit status; what the command writes goes to the file named there.
"""

import json
import logging
import os
import runpy
import sys
import traceback
from pathlib import Path

import torch._dynamo  # noqa: F401  (PyTorch imports it in the first step of an optimizer)

import partkd.apis  # noqa: F401  (what is to be warm)


def run(tool: str, *arguments: str) -> int:
    """Run a tool as ``python tool arguments`` does, and return its exit status."""
    sys.argv, sys.path[0] = [tool, *arguments], str(Path(tool).parent)
    try:
        runpy.run_path(tool, run_name='__main__')
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
            return 1
        return stop.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def run_in_fork(folder: str, out: str, arguments: list[str]) -> int:
    """Run a tool in a process of its own, and return its exit status."""
    child = os.fork()
    if not child:
        os.chdir(folder)
        with open(out, 'wb') as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = run(*arguments)
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == '__main__':
    for line in sys.stdin:
        print(run_in_fork(**json.loads(line)), flush=True)
