"""The bootstrap of a whole ROI of many customers, rows staying in DuckDB.

    python tests/benchmarks/bootstrap_large.py --customers 10000000 --replicates 1000

Prints the seconds of each step from Parquet on, those of the resamples alone, how they compare
with the minute that is their limit, and the interval beside that of the normal distribution
which the resamples tend to. On `--smaller` customers the same bootstrap is held to one that
takes every customer again by number.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from large_study import make_study

import cxroi as cx

OUTCOMES = ("spend", "retained", "contacts")
LIMIT_SECONDS = 60.0


def regressed(path, fits):
    panel = cx.build_panel(cx.read_tables(cx.load_study(path)), fits=fits)
    return panel, {name: cx.regress_outcome(panel, name) for name in OUTCOMES}


def ends(roi):
    return roi["ratio"].conf_low, roi["ratio"].conf_high


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--smaller", type=int, default=300_000)
    parser.add_argument("--replicates", type=int, default=1_000)
    given = parser.parse_args()
    os.environ["CXROI_CACHE"] = "off"
    with tempfile.TemporaryDirectory() as name:
        path = make_study(Path(name), given.customers)
        begin = time.perf_counter()
        panel, regressions = regressed(path, "engine")
        fitted = time.perf_counter()
        roi = cx.estimate_roi(panel, regressions, bootstrap=given.replicates)
        seconds = time.perf_counter() - fitted
        normal = cx.estimate_roi(panel, regressions)
        path = make_study(Path(name), given.smaller)
        one, two = (
            cx.estimate_roi(*regressed(path, fits), bootstrap=given.replicates)
            for fits in ("engine", "rows")
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{given.customers:,} customers, {given.replicates:,} replicates")
    print(
        f"reading, panel and {len(OUTCOMES)} regressions {fitted - begin:.1f} s; bootstrap "
        f"{seconds:.1f} s, {LIMIT_SECONDS / seconds:.1f} times within a minute; peak {peak:.2f} GiB"
    )
    (low, high), (under, over) = ends(roi), ends(normal)
    print(f"interval of the ROI {low:.4f} to {high:.4f}, normal {under:.4f} to {over:.4f}")
    (low, high), (under, over) = ends(one), ends(two)
    print(
        f"smaller: {given.smaller:,} customers, {low:.4f} to {high:.4f}, every customer by number "
        f"{under:.4f} to {over:.4f}"
    )


if __name__ == "__main__":
    main()
