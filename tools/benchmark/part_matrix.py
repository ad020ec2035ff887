"""Time the making of part matrix and feature bank: ``python tools/benchmark/part_matrix.py``."""

from partkd.benchmarks import part_matrix
from partkd.benchmarks.arguments import main

if __name__ == '__main__':
    main(part_matrix)
