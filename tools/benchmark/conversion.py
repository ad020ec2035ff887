"""Time the conversion of publishers' files: ``python tools/benchmark/conversion.py``."""

from partkd_benchmarks import conversion
from partkd_benchmarks.arguments import main

if __name__ == '__main__':
    main(conversion)
