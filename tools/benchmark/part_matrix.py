"""Time the making of part matrix and feature bank: ``python tools/benchmark/part_matrix.py``."""

from partkd_benchmarks import part_matrix
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(part_matrix)
