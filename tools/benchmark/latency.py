"""Time one clip on a CPU: ``python tools/benchmark/latency.py --out latency.md``."""

from partkd_benchmarks.arguments import main
from partkd_benchmarks.latency import latency

if __name__ == '__main__':
    main(latency)
