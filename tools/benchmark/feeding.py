"""Time the way of clips into batches: ``python tools/benchmark/feeding.py``."""

from partkd.benchmarks import feeding
from partkd.benchmarks.arguments import main

if __name__ == '__main__':
    main(feeding)
