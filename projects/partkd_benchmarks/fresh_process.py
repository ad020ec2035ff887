"""A measurement in a process of its own, whose memory nothing else has touched."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any


def in_a_fresh_process(function: Callable[..., dict], *arguments: Any) -> dict:
    """Call a function of a module; it is also told when its process was started.

    Args:
        function (Callable[..., dict]): What to call. Its last argument is when the process was
            started, as :func:`time.time` counts; it returns what JSON can hold.
        *arguments (Any): Its other arguments, which JSON can hold as well.

    Returns:
        dict: What it returned.

    Raises:
        subprocess.CalledProcessError: If it raised.
    """
    code = (
        'import json, sys, time; started = time.time()\n'
        f'from {function.__module__} import {function.__name__}\n'
        f'print(json.dumps({function.__name__}(*json.loads(sys.argv[1]), started)))'
    )
    said = subprocess.run(
        [sys.executable, '-c', code, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return json.loads(said.splitlines()[-1])
