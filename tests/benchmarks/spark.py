"""Every figure of a study on a Spark cluster of two workers beside DuckDB, in one run.

    python tests/benchmarks/spark.py
    python tests/benchmarks/spark.py --customers 10000000

Starts a master and two workers on 127.0.0.1, analyses the shipped demo, or a flat study of so
many customers, once in DuckDB and once on the cluster, models fitted from sums on both, and
prints the largest relative difference of any estimate, interval, error or p value. The demo's
checks are run as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from large_study import make_study

import cxroi as cx

sys.path.insert(0, str(Path(__file__).parents[1] / "spark"))
from cluster import Cluster

FIELDS = ("estimate", "conf_low", "conf_high", "std_error", "statistic", "p_value", "n")


@contextmanager
def study_of(customers: int) -> Iterator[Path]:
    if not customers:
        yield Path(cx.demo_study())
        return
    with tempfile.TemporaryDirectory() as folder:
        yield make_study(Path(folder), customers)


def figures(path: Path, engine: str, fits: str, checks: bool) -> dict[str, cx.Estimate]:
    begin = time.perf_counter()
    tables = cx.read_tables(cx.load_study(path), engine=engine)
    analysis = cx.analyse(cx.build_panel(tables, fits=fits))
    found = list(analysis.estimates)
    if checks:
        found += cx.run_checks(analysis).estimates
    print(f"  {engine}: {time.perf_counter() - begin:.0f} s, {len(found)} figures", flush=True)
    return {estimate.name: estimate for estimate in found}


def furthest(one: dict[str, cx.Estimate], two: dict[str, cx.Estimate]) -> tuple[float, str]:
    """Return the largest relative difference, and where it is; infinite if a figure is missing."""
    if set(one) != set(two):
        return float("inf"), f"{sorted(set(one) ^ set(two))[:3]} on one engine only"
    worst = (0.0, "none")
    for name in one:
        for field in FIELDS:
            a, b = getattr(one[name], field), getattr(two[name], field)
            if (a is None) != (b is None):
                return float("inf"), f"{field} of {name} on one engine only"
            if a is not None and a != b:
                worst = max(worst, (abs(a - b) / max(abs(a), abs(b)), f"{field} of {name}"))
    return worst


def main() -> None:
    """Print the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=0, help="0: the shipped demo")
    parser.add_argument("--fits", choices=["rows", "engine"], default="engine")
    given = parser.parse_args()
    os.environ["CXROI_CACHE"] = "off"
    print(f"{given.customers:,} customers" if given.customers else "demo study")
    with (
        study_of(given.customers) as path,
        tempfile.TemporaryDirectory() as folder,
        Cluster(Path(folder)) as cluster,
    ):
        checks = not given.customers
        here = figures(path, "duckdb", given.fits, checks)
        there = figures(path, cluster.address, given.fits, checks)
    size, where = furthest(here, there)
    print(f"largest relative difference {size:.1e}, {where} (target: at most 1e-9)")


if __name__ == "__main__":
    main()
