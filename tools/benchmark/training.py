"""Training steps beside mmaction2's: ``python tools/benchmark/training.py``."""

from partkd_benchmarks import training_steps
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(training_steps)
