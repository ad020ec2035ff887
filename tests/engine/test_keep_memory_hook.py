"""Freed memory is there for the next tensor."""

import platform
import subprocess
import sys

import pytest

RUN = """
import resource, sys
import numpy as np
from partkd.engine import KeepMemoryHook

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(1 << 23)  # 64 MiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

new_pages()
print(new_pages())
KeepMemoryHook().before_run(None)
new_pages()
print(new_pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='the setting is of glibc')
def test_a_freed_tensor_costs_no_new_pages():
    """In a process of its own: the setting stays."""
    done = subprocess.run([sys.executable, '-c', RUN], capture_output=True, text=True, check=True)
    without, kept = map(int, done.stdout.split())
    assert without > 10  # huge pages make it few
    assert kept == 0
