"""Spark on a cluster of two workers gives what DuckDB gives."""

import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from metric_company import declaration, frames

import cxroi as cx
from cxroi.engine.engines import DuckDB, open_engine
from cxroi.files.locked import own_folder
from cxroi.metrics.compute import compute
from cxroi.models.lifetime.histories import buying_histories, contract_periods
from cxroi.panel import steps as panel_sql
from cxroi.panel.events import EVENTS
from cxroi.reading.tables import read_tables
from cxroi.study.table_schema import ROLES

DATA = Path(__file__).parents[2] / "data"
# Bare dates, renewals, unknown customers, weights and clusters beside the customers, mean answers.
CLUB = """
[study]
name = "Club"
complete_from = 2025-10-01
complete_until = 2026-12-31
[tables.customers]
path = "customers.csv"
customer = "id"
weight = "weight"
cluster = "account"
attributes = ["region", "tenure"]
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "at"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[tables.subscriptions]
path = "subscriptions.csv"
customer = "id"
started_at = "from"
cancelled_at = "to"
[scale]
answers = "{answers}"
[churn]
definition = "{churn}"
[windows]
baseline_days = 60
outcome_days = 90
"""


def build(tables, engine):
    """Run the statements of a panel on an engine."""
    study = tables.study
    engine.execute(panel_sql.one_per_wave(tables, ""))
    if not study.dated:
        return engine.frame("SELECT * EXCLUDE (answers) FROM answered ORDER BY response")
    if study.churn == "cancelled":
        engine.execute(panel_sql.continued(tables))
    for statement in panel_sql.after_answers(tables):
        engine.execute(statement)
    for role in EVENTS:
        if role in study.sources:
            engine.execute(panel_sql.windowed(tables, role))
    return engine.frame(f"SELECT * FROM ({panel_sql.panel_select(tables)}) AS p ORDER BY response")


def reasons(engine):
    return engine.fetch(
        "SELECT reason, count(*) FROM judged WHERE reason <> '' GROUP BY ALL ORDER BY ALL"
    )


def assert_same(found, expected):
    assert len(expected) > 100
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12, atol=0)


def relations(tables):
    return [tables.relation(role) for role in tables.study.sources if role in ROLES]


@pytest.fixture(scope="module")
def demo():
    return cx.read_tables(cx.load_study(DATA / "demo" / "study.toml"))


@pytest.fixture(scope="module")
def spark(cluster, demo):
    """Spark on the cluster, which has adopted the tables of the demo study."""
    shared = own_folder() / "o'brien [1] %20 *"  # the tables' connection writes to no other
    shared.mkdir()
    engine = open_engine(cluster.address, demo.connection, shared)
    engine.adopt(demo.connection, relations(demo))
    yield engine
    engine.session.sparkContext.stop()


@pytest.fixture
def club(tmp_path):
    """Read a made-up club; (answers, churn) -> tables."""
    rng = np.random.default_rng(5)
    ids = np.array([f"K{i}'ü" for i in range(400)])
    day = pd.Timestamp("2025-09-01")

    def days(low, high, size):
        found = day + pd.to_timedelta(rng.integers(low, high, size), unit="D")
        return found.strftime("%Y-%m-%d")

    def write(name, **columns):
        pd.DataFrame(columns).to_csv(tmp_path / f"{name}.csv", index=False)

    known = ids[:380]
    accounts = np.where(np.arange(380) % 3 == 0, None, [f"A{i % 50}" for i in range(380)])
    write(
        "customers",
        id=known,
        weight=rng.uniform(0.5, 2, 380),
        account=accounts,
        region=rng.choice(["north", "south"], 380),
        tenure=rng.integers(1, 90, 380),
    )
    write(
        "responses", id=rng.choice(ids, 1500), nps=rng.integers(0, 11, 1500), at=days(0, 480, 1500)
    )
    write(
        "orders", id=rng.choice(known, 9000), at=days(0, 480, 9000),
        amount=rng.gamma(2, 20, 9000).round(2),
    )  # fmt: skip
    starts, lasts = rng.integers(0, 300, 700), rng.integers(20, 200, 700)
    ends = pd.Series((day + pd.to_timedelta(starts + lasts, unit="D")).strftime("%Y-%m-%d"))
    begun = (day + pd.to_timedelta(starts, unit="D")).strftime("%Y-%m-%d")
    ends[rng.random(700) < 0.3] = None
    write("subscriptions", **{"id": rng.choice(known, 700), "from": begun, "to": ends})

    def read(answers, churn):
        (tmp_path / "study.toml").write_text(CLUB.format(answers=answers, churn=churn))
        return cx.read_tables(cx.load_study(tmp_path / "study.toml"))

    return read


def test_the_panel_of_the_demo_study(spark, demo):
    here = DuckDB(demo.connection).own_session()
    assert_same(build(demo, spark), build(demo, here))
    assert reasons(spark) == reasons(here) != []
    assert spark.name == "Spark"


@pytest.mark.parametrize(("answers", "churn"), [("mean", "cancelled"), ("first", "no_purchase")])
def test_the_panel_of_a_club_with_bare_dates_and_renewals(spark, club, answers, churn):
    tables = club(answers, churn)
    assert tables.date_only
    engine = spark.own_session()
    engine.adopt(tables.connection, relations(tables))
    here = DuckDB(tables.connection)
    found, expected = build(tables, engine), build(tables, here)
    assert_same(found, expected)
    assert reasons(engine) == reasons(here)
    assert len(reasons(here)) >= 3
    assert expected["churned_after"].nunique() == 2
    assert expected["cluster"].nunique() < expected["customer"].nunique()
    if churn == "cancelled":
        one = "SELECT count(*), count(cancelled_at), max(cancelled_at) FROM spells"
        assert engine.fetch(one) == here.fetch(one)
        assert here.fetch(one)[0][0] < 700


def test_histories_of_purchases_and_contracts_of_the_demo_study(spark, demo):
    there = replace(demo, engine=spark)
    found, expected = (asdict(buying_histories(tables)) for tables in (there, demo))
    assert expected["customers"] > 3000
    found_contracts, expected_contracts = (asdict(contract_periods(t, 1)) for t in (there, demo))
    for one, other in ((found, expected), (found_contracts, expected_contracts)):
        for name, values in other.items():
            assert np.array_equal(one[name], values), name


def test_the_panel_of_a_flat_study(spark):
    tables = cx.read_tables(cx.load_study(DATA / "sfo" / "study.toml"))
    engine = spark.own_session()
    engine.adopt(tables.connection, relations(tables))
    assert_same(build(tables, engine), build(tables, DuckDB(tables.connection)))


# A metric of each form of statement; computed once, all 155 figures of the company were the same.
OF_EACH_FORM = (
    "contact_volume_by_weekday",
    "employee_nps_after",
    "session_length",
    "survey_fatigue",
    "touchpoints_per_purchase",
    "user_activity_rate",
)


def test_metrics_of_a_small_company(spark):
    tables = read_tables(cx.load_study(declaration()), frames=frames(), every=True)
    engine = spark.own_session()
    engine.adopt(tables.connection, relations(tables))
    expected = compute(tables, OF_EACH_FORM).tidy()
    found = compute(replace(tables, engine=engine), OF_EACH_FORM).tidy()
    assert set(expected["metric"]) == set(OF_EACH_FORM)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9)


def test_tables_of_one_session_are_not_seen_in_another(spark):
    one, other = spark.own_session(), spark.own_session()
    one.execute("CREATE OR REPLACE TEMP TABLE mine AS SELECT 1 AS a")
    other.execute("CREATE OR REPLACE TEMP TABLE mine AS SELECT 2 AS a")
    one.execute("CREATE OR REPLACE TEMP TABLE mine AS SELECT a + 10 AS a FROM mine")
    assert (one.fetch("SELECT a FROM mine"), other.fetch("SELECT a FROM mine")) == ([(11,)], [(2,)])
    assert len(list(one.folder.glob("mine-*"))) == 2  # one each, the first is gone
    one.execute("DROP TABLE mine")
    assert len(list(one.folder.glob("mine-*"))) == 1
    with pytest.raises(Exception, match="TABLE_OR_VIEW_NOT_FOUND"):
        one.fetch("SELECT a FROM mine")


MADE = """
CREATE TABLE t AS
SELECT i AS row, i % 3 AS g, CASE WHEN i % 2 = 0 THEN 'North' ELSE 'South' END AS region,
       (3 * sin(i))::DOUBLE AS a, CASE WHEN i % 7 <> 0 THEN 100 * cos(i) END AS x,
       1 + (i % 5) * 0.25::DOUBLE AS w, CASE WHEN i % 11 <> 0 THEN i % 4 END AS k, i % 2 = 0 AS b,
       TIMESTAMP '2026-01-01 00:00:00.123456' + INTERVAL (i * 7919) SECOND AS came,
       TIMESTAMP '2026-03-01 05:00:00.9' + INTERVAL (i * 104729) MINUTE AS went,
       'it''s \\ ' || (i % 5) || ' ü' AS s
FROM range(500) AS r(i)"""
CELLS = "(VALUES (0, 'North', 0.1), (1, 'South', -1.2345678901234567e-05)) AS cells(g, region, o)"
FORMS = {
    "cells": "SELECT g, region, count(*), sum(w * a * a), sum(w * exp(0.1 * a + o)) "
    f"FROM (SELECT g, region, w, a FROM t) AS u JOIN {CELLS} USING (g, region) "
    "GROUP BY ALL ORDER BY ALL",
    "functions": 'SELECT "row", 1 / (1 + exp(-a)), ln(w), asinh(1e8 * x), asinh(-1e-9 * a), '
    "greatest(a, x), least(a, x), sqrt(abs(a)), pow(a, 2), exp(800.0 * w), round(a, 2) "
    'FROM t ORDER BY "row"',
    "cases": "SELECT sum((k = 3)::DOUBLE), sum(CASE WHEN k IS NULL THEN 1.5 WHEN k > 1 THEN 0.1 "
    "ELSE 0.2 END * a), count(*) FILTER (k IS NOT DISTINCT FROM 2), count(DISTINCT k), count(k), "
    "bool_or(k = 9), count(*) FILTER (k IS DISTINCT FROM NULL) FROM t",
    "quantiles": "SELECT g, quantile_cont(x, 0.9), median(x), median(abs(a)) FILTER (a > 0), "
    "min(x), max(x), avg(x), stddev(x), corr(a, x), max_by(k, a) FROM t GROUP BY g ORDER BY g",
    "literals": "SELECT 1.2345678901234567e-05 * sum(a), 123456.78901234567 * sum(a), "
    "sum(a * 0.1), sum(0.1), 1.5e0 * 3, sum(1.0), 0.1 * 0.00001 FROM t",
    "whole numbers": 'SELECT "row" // 3, "row" / 3, "row" % 3, -"row" // 3 FROM t ORDER BY "row"',
    "times": "SELECT date_diff('second', came, went), date_diff('day', came, went), "
    "date_diff('minute', went, came), strftime(came, '%Y') || 'Q' || quarter(came), "
    "date_trunc('day', came), date_trunc('month', came), came + INTERVAL 3 DAY, came::DATE, "
    "came::DATE + 90 > DATE '2026-04-01', came - INTERVAL 90 DAY < DATE '2025-10-03' "
    'FROM t ORDER BY "row"',
    "nulls last": 'SELECT k, "row" FROM t ORDER BY k, "row"',
    "nulls last downwards": 'SELECT k, "row" FROM t ORDER BY k DESC, "row"',
    "texts": "SELECT s, length(s), s = 'it''s \\ 1 ü', s || 'x', lower(region) FROM t "
    'ORDER BY s DESC, "row"',
    "windows": 'SELECT row_number() OVER (PARTITION BY g ORDER BY x, "row"), '
    'dense_rank() OVER (ORDER BY k), lag(a) OVER (PARTITION BY g ORDER BY "row"), '
    'sum(a) OVER same FROM t WINDOW same AS (PARTITION BY g) ORDER BY "row"',
    "qualify": 'SELECT "row", x FROM t QUALIFY row_number() OVER (PARTITION BY g ORDER BY x) = 1 '
    'ORDER BY "row"',
    "exclude": 'SELECT * EXCLUDE (came, went) FROM t ORDER BY "row"',
}


@pytest.fixture(scope="module")
def made(spark):
    connection = duckdb.connect()
    connection.execute(MADE)
    engine = spark.own_session()
    engine.adopt(connection, ["t"])
    return DuckDB(connection), engine


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_sql_means_the_same(made, form):
    here, there = made
    expected, found = here.fetch(FORMS[form]), there.fetch(FORMS[form])
    assert expected
    assert [_exact(row) for row in found] == [_exact(row) for row in expected]
    numbers = [[v for v in row if isinstance(v, float)] for row in expected]
    assert [[v for v in row if isinstance(v, float)] for row in found] == [
        pytest.approx(row, rel=1e-12, abs=0) for row in numbers
    ]


def _exact(row):
    """Keep all but the floats of a row, in place."""
    return [(type(v), None if isinstance(v, float) else v) for v in row]


def test_a_table_of_no_rows_or_with_odd_names_is_kept(made):
    for engine in made:
        engine.execute('CREATE TEMP TABLE odd AS SELECT x AS "a b(=;)ü", k FROM t WHERE k > 99')
        assert engine.fetch('SELECT count(*), sum("a b(=;)ü") FROM odd') == [(0, None)]
        engine.execute("DROP TABLE odd")


def test_frames_have_the_same_types(made):
    sql = (
        'SELECT "row", k, b, CASE WHEN k = 1 THEN b END AS bn, came, came::DATE AS day, 1 AS one, '
        "s, nullif(s, s) AS none, x, 0.5 AS half, count(*) OVER () AS n, year(came) AS year "
        'FROM t ORDER BY "row"'
    )
    here, there = (engine.frame(sql) for engine in made)
    pd.testing.assert_frame_equal(there, here)
    assert here["one"].dtype == here["year"].dtype == "int64"


def test_workers_that_do_not_find_the_files_are_named(spark, made, monkeypatch):
    engine = replace(spark.own_session(), folder=spark.folder)
    monkeypatch.setattr(type(engine.session.read), "parquet", lambda *_: _raise())
    with pytest.raises(cx.CxroiError, match="workers of Spark do not find the tables"):
        engine.adopt(made[0].connection, ["t"])


def _raise():
    from pyspark.errors import PySparkException

    raise PySparkException("no such file")


def test_another_address_beside_a_running_application_is_refused(spark, demo):
    with pytest.raises(cx.CxroiError, match="a process has one Spark application"):
        open_engine("local[2]", demo.connection)


def test_a_worker_killed_in_the_middle_of_a_run_changes_nothing(cluster, spark, demo):
    """What it was computing is computed again on the other one."""
    kept = (
        "CREATE OR REPLACE TEMP TABLE paid AS SELECT customer, ordered_at, "
        "round(100 * amount)::BIGINT AS cents, dense_rank() OVER (PARTITION BY customer "
        'ORDER BY ordered_at, id) AS place, "row" % 40 AS cell FROM clean_orders'
    )
    long = (
        "SELECT count(*), sum(abs(a.cents - b.cents))::BIGINT, max(a.ordered_at) "
        "FROM paid AS a JOIN paid AS b ON a.cell = b.cell AND a.cents < b.cents + 100000"
    )
    here = DuckDB(demo.connection).own_session()
    times = {}

    def kill():
        times["killed"] = time.monotonic()
        cluster.kill_worker()

    for engine in (here, spark):
        engine.execute(kept)
        assert engine.fetch("SELECT count(*) FROM paid") == [(21094,)]
    cluster.wait_for(2)
    timer = threading.Timer(1.0, kill)
    timer.start()
    found = spark.fetch(long)
    finished = time.monotonic()
    timer.join()
    assert times["killed"] < finished - 0.5
    cluster.wait_for(1)
    assert found == here.fetch(long)
    assert found[0][0] > 1e7
