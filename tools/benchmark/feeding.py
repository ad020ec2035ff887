"""Time the way of clips into batches: ``python tools/benchmark/feeding.py``."""

from partkd_benchmarks import feeding
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(feeding)
