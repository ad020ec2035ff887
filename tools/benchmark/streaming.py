"""Recognition frame by frame beside whole clips: ``python tools/benchmark/streaming.py``."""

from partkd_benchmarks.arguments import main
from partkd_benchmarks.streaming import streaming

if __name__ == '__main__':
    main(streaming)
