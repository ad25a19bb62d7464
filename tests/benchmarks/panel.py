"""Panel building beside the same query written by hand in DuckDB, in one run.

    python tests/benchmarks/panel.py --customers 1000000 --orders 10000000

    python tests/benchmarks/panel.py --customers 10000000 --orders 100000000 --runs 1

Prints the median seconds of each and the ratio of pairs taken in turn. Both start from Parquet
files and end with a table in DuckDB; cxroi also types and checks the tables, keeps the ledger,
fingerprints the files and numbers groups and cells.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import cxroi as cx

STUDY = """
[study]
name = "Benchmark"
currency = "EUR"
complete_until = 2026-12-31
[tables.customers]
path = "customers.parquet"
customer = "customer_id"
attributes = ["segment", "tenure_months"]
[tables.responses]
path = "responses.parquet"
customer = "customer_id"
score = "score"
answered_at = "answered_at"
[tables.orders]
path = "orders.parquet"
customer = "customer_id"
ordered_at = "ordered_at"
amount = "amount"
[controls]
columns = ["segment", "tenure_months"]
[windows]
baseline_days = 90
outcome_days = 90
"""

BY_HAND = """
WITH valid AS (
    SELECT * FROM 'responses.parquet'
    WHERE answered_at + INTERVAL 90 DAY <= TIMESTAMP '2027-01-01'
), latest AS (
    SELECT *, strftime(answered_at, '%Y') || 'Q' || quarter(answered_at) AS wave FROM valid
    QUALIFY row_number() OVER (PARTITION BY customer_id, wave ORDER BY answered_at DESC) = 1
), windows AS (
    SELECT r.customer_id, r.answered_at,
           sum(amount) FILTER (ordered_at > answered_at) AS spend_after,
           sum(amount) FILTER (ordered_at < answered_at) AS spend_before,
           count(*) FILTER (ordered_at > answered_at) AS orders_after,
           count(*) FILTER (ordered_at < answered_at) AS orders_before
    FROM latest AS r JOIN 'orders.parquet' AS o
      ON o.customer_id = r.customer_id
     AND ordered_at >= answered_at - INTERVAL 90 DAY
     AND ordered_at <= answered_at + INTERVAL 90 DAY
    GROUP BY ALL
)
SELECT l.customer_id, l.wave, l.answered_at, l.score, segment, tenure_months,
       coalesce(spend_after, 0) AS spend_after, coalesce(spend_before, 0) AS spend_before,
       coalesce(orders_after, 0) AS orders_after, coalesce(orders_before, 0) AS orders_before,
       coalesce(orders_after, 0) = 0 AS churned_after
FROM latest AS l LEFT JOIN windows USING (customer_id, answered_at)
LEFT JOIN 'customers.parquet' USING (customer_id)
ORDER BY l.customer_id, l.answered_at
"""


def make_files(folder: Path, customers: int, orders: int) -> None:
    """Write customers, one response each, and orders spread over a year."""
    con = duckdb.connect()
    con.execute("SELECT setseed(0.5)")
    ids = "'C' || lpad({}::VARCHAR, 9, '0')"
    tables = {
        "customers": f"SELECT {ids.format('i')} AS customer_id, "
        "['Private', 'Family', 'Business'][1 + i % 3] AS segment, i % 120 AS tenure_months "
        f"FROM range({customers}) AS t(i)",
        "responses": f"SELECT {ids.format('i')} AS customer_id, (random() * 10)::INT AS score, "
        "TIMESTAMP '2026-04-01' + to_seconds((random() * 86400 * 180)::INT) AS answered_at "
        f"FROM range({customers}) AS t(i)",
        "orders": f"SELECT {ids.format(f'(random() * {customers - 1})::INT')} AS customer_id, "
        "TIMESTAMP '2026-01-01' + to_seconds((random() * 86400 * 365)::INT) AS ordered_at, "
        f"round(random() * 100, 2) AS amount FROM range({orders})",
    }
    for name, query in tables.items():
        con.execute(f"COPY ({query}) TO '{folder / name}.parquet'")
    (folder / "study.toml").write_text(STUDY)


def seconds(step: Callable[[], float]) -> tuple[float, float]:
    """Return how long a step took, and what it returned."""
    begin = time.perf_counter()
    result = step()
    return time.perf_counter() - begin, result


def by_hand(folder: Path) -> float:
    """Run the query written by hand; return the sum of spend, to hold the two together."""
    query = BY_HAND
    for name in ("responses", "orders", "customers"):
        query = query.replace(f"'{name}.parquet'", f"'{folder / name}.parquet'")
    con = duckdb.connect()
    con.execute(f"CREATE TABLE panel AS {query}")
    return float(con.execute("SELECT sum(spend_after) FROM panel").fetchall()[0][0])


def by_cxroi(folder: Path) -> float:
    """Build the panel; return the sum of spend."""
    tables = cx.read_tables(cx.load_study(folder / "study.toml"))
    panel = cx.build_panel(tables, fits="engine")
    return float(panel.rows.column("spend_after").sum())


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    os.environ["CXROI_CACHE"] = "off"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder, given.customers, given.orders)
        by_hand(folder)
        pairs = []
        for _ in range(given.runs):
            hand, one = seconds(lambda: by_hand(folder))
            ours, two = seconds(lambda: by_cxroi(folder))
            if abs(one - two) > 1e-6 * abs(one):
                raise SystemExit(f"the two disagree: {one} and {two}")
            pairs.append((ours, hand))
    ours, hand = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{given.customers:,} customers, {given.orders:,} orders")
    print(f"cxroi {ours:.2f} s, by hand {hand:.2f} s, ratio {ratio:.2f} (target: at most 2)")


if __name__ == "__main__":
    main()
