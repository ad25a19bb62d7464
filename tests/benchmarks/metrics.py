"""All metrics of a company of so many customers, fifty events each, and what each costs.

    /usr/bin/time -v python tests/benchmarks/metrics.py --customers 100000
    python tests/benchmarks/metrics.py --customers 1000000 --slowest 15

Makes the tables as Parquet, reads them in a process of its own and computes every metric of the
catalogue that they allow. Prints rows, seconds, seconds of the processor and the peak of memory
for the reading and for the metrics, and the slowest metrics.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import duckdb

import cxroi as cx
from cxroi.metrics import CATALOGUE
from cxroi.metrics.compute import compute
from cxroi.metrics.reading import read_for_metrics

# Rows a customer, and the columns beside the customer and the first time.
TABLES = {
    "responses": (1, "answered_at", "score floor(random() * 11)::INT"),
    "orders": (6, "ordered_at", "amount round(1 + 80 * random(), 2)"),
    "contacts": (
        3,
        "opened_at",
        "channel ['phone', 'chat', 'email'][1 + floor(random() * 3)::INT], "
        "minutes floor(random() * 20)::INT, complaint (random() < 0.1)::INT",
    ),
    "invitations": (
        3,
        "invited_at",
        "touchpoint ['purchase', 'support', 'app'][1 + floor(random() * 3)::INT], "
        "questions 1 + floor(random() * 14)::INT",
    ),
    "ratings": (
        2,
        "answered_at",
        "channel ['web', 'shop'][1 + floor(random() * 2)::INT], "
        "product 'P' || floor(random() * 12)::INT, csat 1 + floor(random() * 5)::INT, "
        "ces 1 + floor(random() * 7)::INT",
    ),
    "events": (12, "happened_at", "event 'click'"),
    "page_views": (
        12,
        "viewed_at",
        "page 'page ' || floor(random() * 40)::INT, seconds floor(random() * 200)::INT, "
        "scroll random(), kind ['home', 'product', 'contact'][1 + floor(random() * 3)::INT]",
    ),
    "feature_use": (5, "used_at", "feature 'F' || floor(random() * 8)::INT"),
    "calls": (
        2,
        "called_at",
        "waited_seconds floor(random() * 200)::INT, abandoned (random() < 0.2)::INT, "
        "resolved (random() < 0.8)::INT, minutes floor(random() * 20)::INT, "
        "issue 'I' || floor(random() * 4)::INT",
    ),
    "tickets": (
        2,
        "opened_at",
        "channel 'email', issue 'I' || floor(random() * 4)::INT, "
        "complaint (random() < 0.1)::INT, transfers floor(random() * 3)::INT",
    ),
    "carts": (1, "created_at", "bought_at NULL::TIMESTAMP, reason 'price'"),
    "referrals": (0.2, "referred_at", "referred 'K' || floor(random() * {n})::BIGINT"),
}
AT = "TIMESTAMP '2025-01-01' + INTERVAL (floor(random() * 63072000)::BIGINT) SECOND"


def make_study(folder: Path, customers: int) -> tuple[Path, int]:
    """Write the tables and the study file; return the path of the latter and how many rows."""
    con = duckdb.connect()
    con.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false")
    con.execute("SELECT setseed(0.5)")
    who = f"'K' || floor(random() * {customers})::BIGINT AS customer"
    declared = [
        '[study]\nname = "Benchmark"\ncurrency = "EUR"\ncomplete_from = 2025-01-01\n'
        'complete_until = 2026-12-31\nmemory_limit = "1.2GB"\n[windows]\nbaseline_days = 90\n'
        'outcome_days = 90\n[scores.csat]\nkind = "csat"\n[scores.ces]\nkind = "ces"\n'
        'better = "higher"'
    ]

    def write(name: str, select: str) -> int:
        path = folder / f"{name}.parquet"
        con.execute(f"COPY ({select}) TO '{path}'")
        described = con.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        keys = "\n".join(f'{key} = "{key}"' for key, *_ in described if key not in ("csat", "ces"))
        declared.append(f'[tables.{name}]\npath = "{path.name}"\n{keys}')
        return con.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]

    rows = write("customers", f"SELECT 'K' || i AS customer FROM range({customers}) AS t(i)")
    rows += write(
        "subscriptions",
        "SELECT customer, started_at, CASE WHEN random() < 0.3 THEN started_at + INTERVAL "
        "(30 + floor(random() * 700)::INT) DAY END AS cancelled_at, amount FROM (SELECT 'K' || i "
        "AS customer, TIMESTAMP '2023-01-01' + INTERVAL (floor(random() * 1300)::INT) DAY AS "
        f"started_at, 10 + floor(random() * 90) AS amount FROM range({customers}) AS t(i))",
    )
    for name, (each, at, beside) in TABLES.items():
        columns = ", ".join(
            f"{sql} AS {key}"
            for key, sql in (part.strip().split(" ", 1) for part in _parts(beside))
        ).replace("{n}", str(customers))
        rows += write(
            name, f"SELECT {who}, {AT} AS {at}, {columns} FROM range({int(each * customers)})"
        )
    path = folder / "study.toml"
    path.write_text("\n".join(declared))
    return path, rows


def _parts(columns: str) -> list[str]:
    """Return columns that are parted by commas outside of brackets."""
    parts, depth = [""], 0
    for sign in columns:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def measure(path: Path, slowest: int) -> None:
    """Read the tables, compute all metrics, and print what it took."""

    def spent() -> tuple[float, float]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return time.perf_counter(), used.ru_utime + used.ru_stime

    def say(what: str, begin: tuple[float, float]) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        wall, cpu = (b - a for a, b in zip(begin, spent(), strict=True))
        print(
            f"{what}: {wall:.1f} s, {cpu:.1f} s of the processor, peak {peak:.2f} GiB", flush=True
        )

    begin = spent()
    tables, _ = read_for_metrics(cx.load_study(path))[:2]
    say("reading", begin)
    begin, took = spent(), {}
    for name in CATALOGUE:
        one = spent()
        found = compute(tables, [name])
        took[name] = (spent()[1] - one[1], len(found.measured))
    say(f"{sum(bool(n) for _, n in took.values())} metrics", begin)
    for name in sorted(took, key=lambda n: -took[n][0])[:slowest]:
        print(f"  {took[name][0]:6.2f} {name}")


def main() -> None:
    """Make the study and measure in a process that has nothing else in its memory."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=100_000)
    options.add_argument("--slowest", type=int, default=10)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, rows = make_study(Path(folder), given.customers)
        print(f"{given.customers:,} customers, {rows:,} rows", flush=True)
        process = multiprocessing.get_context("spawn").Process(
            target=measure, args=(path, given.slowest)
        )
        process.start()
        process.join()


if __name__ == "__main__":
    main()
