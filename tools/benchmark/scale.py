"""Measure memory and start of a million clips: ``python tools/benchmark/scale.py``."""

from partkd_benchmarks import scale
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(scale)
