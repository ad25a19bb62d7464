"""A flat study of many customers in one Parquet file, for the benchmarks."""

from __future__ import annotations

from pathlib import Path

import duckdb

STUDY = """
[study]
name = "Benchmark"
currency = "EUR"
[tables.customers]
path = "customers.parquet"
customer = "customer_id"
score = "score"
attributes = ["region", "segment", "tenure"]
[controls]
columns = ["region", "segment", "tenure"]
[outcomes.columns.spend]
column = "spend"
kind = "amount"
baseline = "spend_before"
[outcomes.columns.retained]
column = "retained"
kind = "yes_no"
yes = [1]
no = [0]
[outcomes.columns.contacts]
column = "contacts"
kind = "count"
[windows]
outcome_days = 90
[scenario]
from = "passive"
to = "promoter"
share_moved = [0.05, 0.1, 0.2]
cost_per_moved = 10.0
gross_margin = 0.5
causal_share = [0.3, 0.5, 0.8]
horizon_months = 12
"""


def make_study(folder: Path, customers: int) -> Path:
    """Write the customers and the study file; return the path of the latter."""
    con = duckdb.connect()
    con.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false")
    con.execute("SELECT setseed(0.5)")
    con.execute(f"""
        COPY (
            WITH drawn AS (
                SELECT i AS customer_id, floor(random() * 11)::TINYINT AS score,
                       ['East', 'Middle', 'North', 'South'][1 + floor(random() * 4)::INT] AS region,
                       ['Business', 'Family', 'Private'][1 + floor(random() * 3)::INT] AS segment,
                       floor(random() * 120)::SMALLINT AS tenure,
                       round(exp(5 * random()), 2) AS spend_before,
                       random() AS u, random() AS v, random() AS w, random() AS x
                FROM range({customers}) AS t(i)
            ), known AS (
                SELECT *, 1 / (1 + exp(0.8 - 0.12 * score - 0.004 * tenure)) AS p FROM drawn
            )
            SELECT customer_id, score, region, segment, tenure, spend_before,
                   CASE WHEN u < p THEN round(-ln(v + 1e-12) * exp(
                       2.5 + 0.05 * score + 0.002 * spend_before), 2) ELSE 0 END AS spend,
                   (w < p)::TINYINT AS retained,
                   floor(-ln(x + 1e-12) * (1.2 - 0.06 * score))::SMALLINT AS contacts
            FROM known
        ) TO '{folder / "customers.parquet"}'""")
    path = folder / "study.toml"
    path.write_text(STUDY)
    return path
