"""Whole reports made on a Spark cluster of two workers beside the same in DuckDB, in one run.

    python tests/benchmarks/spark.py
    python tests/benchmarks/spark.py --fits engine
    python tests/benchmarks/spark.py --customers 10000000

Starts a master and two workers on 127.0.0.1 and makes the report of the shipped demo, or of a
flat study of so many customers, with `cxroi report`, once with each engine and each from an empty
cache. Compares every field of every entry of the two `results.json`, the checks among them:
numbers by their relative difference, sentences and methods as they stand but for the engine's
name. Prints seconds and the largest difference.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from large_study import make_study

import cxroi as cx

sys.path.insert(0, str(Path(__file__).parents[1] / "spark"))
from cluster import Cluster

Entry = dict[str, Any]


def study_of(folder: Path, customers: int, fits: str) -> Path:
    """Write the study into a folder of its own; return the path of its file."""
    if customers:
        folder.mkdir()
        path = make_study(folder, customers)
    else:
        shutil.copytree(Path(cx.demo_study()).parent, folder)
        path = folder / "study.toml"
    if fits:
        path.write_text(f'{path.read_text()}\n[analysis]\nfits = "{fits}"\n')
    return path


def report(study: Path, engine: str, folder: Path) -> dict[str, Entry]:
    """Make a report in a process of its own; return its entries by name."""
    folder.mkdir()
    out = folder / "out"
    command = [sys.executable, "-m", "cxroi", "report", str(study), "--out", str(out)]
    environment = os.environ | {"CXROI_CACHE": str(folder / "cache")}
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, "--engine", engine], env=environment, capture_output=True, text=True
    )
    took = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(f"  {engine}: {done.stderr.strip()}")
    entries = json.loads((out / "results.json").read_text())["results"]
    print(f"  {engine}: {took:.0f} s, {len(entries)} entries", flush=True)
    return {entry["name"]: entry for entry in entries}


def furthest(one: dict[str, Entry], two: dict[str, Entry]) -> tuple[float, str]:
    """Return the largest relative difference, and where it is; infinite where words differ."""
    if set(one) != set(two):
        return float("inf"), f"{sorted(set(one) ^ set(two))[:3]} on one engine only"
    worst = (0.0, "none")
    for name, entry in one.items():
        for field in entry.keys() | two[name].keys():
            a, b = entry.get(field), two[name].get(field)
            if isinstance(a, str) and isinstance(b, str):
                a, b = (words.replace("Spark", "DuckDB") for words in (a, b))
            if a == b:
                continue
            if not all(isinstance(value, int | float) for value in (a, b)):
                return float("inf"), f"{field} of {name}: {a!r} and {b!r}"
            worst = max(worst, (abs(a - b) / max(abs(a), abs(b)), f"{field} of {name}"))
    return worst


def main() -> None:
    """Print the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=0, help="0: the shipped demo")
    parser.add_argument("--fits", choices=["", "rows", "engine"], default="", help="by size")
    given = parser.parse_args()
    print(f"{given.customers:,} customers" if given.customers else "demo study", flush=True)
    with tempfile.TemporaryDirectory() as name, Cluster(Path(name)) as cluster:
        folder = Path(name)
        path = study_of(folder / "study", given.customers, given.fits)
        here = report(path, "duckdb", folder / "duckdb")
        there = report(path, cluster.address, folder / "spark")
    size, where = furthest(here, there)
    print(f"largest relative difference {size:.1e}, {where} (target: at most 1e-9)")


if __name__ == "__main__":
    main()
