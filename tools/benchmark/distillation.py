"""Distilled training steps beside a plain one: ``python tools/benchmark/distillation.py``."""

from partkd_benchmarks import distilled_steps
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(distilled_steps)
