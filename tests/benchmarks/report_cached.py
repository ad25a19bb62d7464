"""The demo report from an empty cache beside the same report once more.

    python tests/benchmarks/report_cached.py --runs 3

Both are whole processes with a cache folder of their own. The second is taken several times,
and its median counts. Prints the seconds of each and the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cxroi.report import shipped


def seconds(out: Path, cache: Path, taken: int) -> float:
    """Return how long a report took that takes so many notebooks from the cache."""
    command = [sys.executable, "-m", "cxroi", "report", "--out", str(out)]
    environment = os.environ | {"CXROI_CACHE": str(cache)}
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    took = time.perf_counter() - begin
    assert len(json.loads((out / "run.json").read_text())["cached"]) == taken
    return took


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="how often the second is taken")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = seconds(folder / "first", folder / "cache", 0)
        notebooks = len(shipped.REPORT_NOTEBOOKS)
        again = [seconds(folder / f"{i}", folder / "cache", notebooks) for i in range(runs)]
    second = statistics.median(again)
    print(f"first {first:.1f} s, second {second:.2f} s, ratio {first / second:.0f}")
    print("target: at least 5")


if __name__ == "__main__":
    main()
