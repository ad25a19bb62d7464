"""Drift alarms: data spoilt on purpose raise the rule they should, ordinary quarters none."""

import copy
import json
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from cxroi.errors import DataError, StudyError
from cxroi.reading.profile import profile
from cxroi.reading.tables import read_tables
from cxroi.runs.drift import drift, recorded, refuse_drift
from cxroi.runs.record import definitions
from cxroi.simulate.simulate import simulate
from cxroi.study.drift_rules import DRIFT_RULES, STOPS
from cxroi.study.loading import load_study

NEXT = ("2026Q1", "2026Q2", "2026Q3", "2026Q4")


def record_of(path, **frames):
    study = load_study(path)
    found = profile(read_tables(study, frames=frames))
    record = {"started": "2026-10-01T04:00:00+00:00", "definitions": definitions(study)}
    return study, json.loads(json.dumps(record | {"profile": found}))


@pytest.fixture(scope="module")
def last(tmp_path_factory):
    """A company of 400 as the last run saw it, and its tables."""
    path = simulate(tmp_path_factory.mktemp("drift") / "company", 400, 1)
    study, record = record_of(path)
    tables = {
        name: pd.read_csv(path.with_name(f"{name}.csv"), dtype=str, keep_default_na=False)
        for name in ("orders", "customers", "responses")
    }
    return SimpleNamespace(path=path, study=study, record=record, **tables)


def found(last, **frames):
    study, now = record_of(last.path, **frames)
    return drift(study, now["profile"], last.record)


def levels(drifts):
    return {(one.rule, one.table, one.level) for one in drifts}


def test_a_repeated_run_raises_none(last):
    assert found(last) == ()


def test_the_next_regular_quarter_raises_none(last, tmp_path):
    study, now = record_of(simulate(tmp_path / "next", 400, 1, waves=NEXT))
    assert now["profile"]["orders"]["rows"] > last.record["profile"]["orders"]["rows"] * 1.1
    assert drift(study, now["profile"], last.record) == ()


def test_deleted_orders_stop(last):
    kept = last.orders.sample(frac=0.2, random_state=1)
    [one] = found(last, orders=kept)
    assert (one.rule, one.table, one.level) == ("rows_halved", "orders", "stop")
    assert one.found <= len(kept)
    assert "80 % fewer" in one.sentence


def test_cents_for_units_stop(last):
    cents = (last.orders["amount"].astype(float) * 100).round().astype(int).astype(str)
    [one] = found(last, orders=last.orders.assign(amount=cents))
    assert (one.rule, one.column, one.level) == ("unit", "amount", "stop")
    assert one.found == pytest.approx(100 * one.was)
    assert "100 times as large" in one.sentence


def test_a_new_category_and_a_lost_one_are_told(last):
    segment = last.customers["segment"].replace("Business", "B2B")
    told = found(last, customers=last.customers.assign(segment=segment))
    assert levels(told) == {
        ("new_category", "customers", "warning"),
        ("lost_category", "customers", "warning"),
        ("shares", "customers", "warning"),
    }
    assert "'B2B' in column 'segment' of customers was not there" in told[0].sentence


def test_a_renamed_column_is_refused_on_reading_and_told_where_the_study_follows(last, tmp_path):
    orders = last.orders.rename(columns={"amount": "amount_net"})
    with pytest.raises(DataError, match="Did you mean 'amount_net'"):
        found(last, orders=orders)
    text = last.path.read_text().replace('amount = "amount"', 'amount = "amount_net"')
    assert "amount_net" in text
    path = last.path.with_name("renamed.toml")
    path.write_text(text)
    study, now = record_of(path, orders=orders)
    [one] = drift(study, now["profile"], last.record)
    assert (one.rule, one.found, one.was) == ("columns", "amount_net", "amount")


def test_a_shifted_range_and_a_table_that_ends_early_stop(last):
    days = pd.to_datetime(last.orders["ordered_at"], format="ISO8601")
    shifted = (days - pd.Timedelta(days=92)).dt.strftime("%Y-%m-%d")
    told = levels(found(last, orders=last.orders.assign(ordered_at=shifted)))
    assert ("ends_early", "orders", "stop") in told
    assert ("dates_shifted", "orders", "warning") in told
    assert ("rows_halved", "orders", "stop") in told
    short = levels(found(last, orders=last.orders[days < "2026-10-15"]))
    assert ("ends_early", "orders", "stop") in short


def test_orders_have_to_go_on_until_the_last_complete_day_but_a_survey_need_not(last):
    later = replace(last.study, complete_until=last.study.complete_until + timedelta(days=120))
    both = {role: last.record["profile"][role] for role in ("responses", "orders")}
    told = levels(drift(later, both, last.record | {"profile": both}))
    assert ("ends_early", "orders", "stop") in told
    assert {table for _, table, _ in told} == {"orders"}


@pytest.mark.parametrize(
    ("rows", "rules"), [(60, ["new_period"]), (250, []), (2000, ["new_period"])]
)
def test_a_newest_quarter_is_held_against_those_before_it(last, rows, rules):
    orders = copy.deepcopy(last.record["profile"]["orders"])
    days = orders["columns"]["ordered_at"]
    before = sorted(days["quarters"].values())[-4:]
    assert 180 < min(before) <= max(before) < 600  # so that 60 are less than a third
    days["quarters"]["2027Q1"], days["last"] = rows, "2027-03-31"
    later = replace(last.study, complete_until=date(2027, 3, 31))
    record = last.record | {"profile": {"orders": last.record["profile"]["orders"]}}
    assert [one.rule for one in drift(later, {"orders": orders}, record)] == rules


def test_answers_that_turned_round_are_told(last):
    turned = (10 - last.responses["score"].astype(int)).astype(str)
    told = found(last, responses=last.responses.assign(score=turned))
    assert levels(told) == {("shares", "responses", "warning")}


def number(n, blank=0.0, **values):
    column = {"header": "x", "kind": "number", "blank": blank, **values}
    return {"customers": {"rows": n, "columns": {"attr_x": column}}}


SPREAD = {"min": 0.0, "q05": 10.0, "median": 100.0, "mean": 120.0, "q95": 400.0, "max": 900.0}


@pytest.mark.parametrize(
    ("n", "change", "rules"),
    [
        (1000, {}, []),
        (1000, {"median": 140.0, "mean": 165.0}, []),  # by less than half
        (1000, {"median": 160.0, "mean": 185.0}, ["values"]),
        (1000, {"median": 160.0, "mean": 100.0}, []),  # not the same way
        (20, {"median": 160.0, "mean": 185.0}, []),  # too few to say
        (1000, {"median": 1e5, "mean": 1.2e5, "q95": 4e5}, ["unit"]),
        (1000, {"median": 0.1, "mean": 0.12, "q95": 0.4}, ["unit"]),
        (1000, {"blank": 0.09}, []),
        (1000, {"blank": 0.12}, ["blank"]),
        (20, {"blank": 0.12}, []),
        (1150, {}, []),
        (1250, {}, ["rows_changed"]),
        (2100, {}, ["rows_halved"]),
    ],
)
def test_the_bounds_of_numbers_blanks_and_rows(last, n, change, rules):
    before = {**last.record, "profile": number(20 if n == 20 else 1000, **SPREAD)}
    told = drift(last.study, number(n, **SPREAD | change), before)
    assert [one.rule for one in told] == rules


def words(n, **levels):
    column = {"header": "x", "kind": "category", "blank": 0.0, "distinct": len(levels)}
    column |= {"levels": levels, "pooled": 0.0}
    return {"customers": {"rows": n, "columns": {"attr_x": column}}}


@pytest.mark.parametrize(
    ("n", "share", "rules"),
    [(10_000, 0.58, []), (10_000, 0.62, ["shares"]), (60, 0.62, []), (60, 0.95, ["shares"])],
)
def test_shares_move_beyond_a_tenth_and_beyond_chance(last, n, share, rules):
    before = {**last.record, "profile": words(n, a=0.5, b=0.5)}
    told = drift(last.study, words(n, a=share, b=1 - share), before)
    assert [one.rule for one in told] == rules


def test_the_study_file_says_what_stops_and_what_is_off(last):
    def told(**section):
        document = {
            "study": {"name": "Flat"},
            "tables": {"customers": {"customer": "id", "score": "nps", "path": "flat.csv"}},
            "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
            "drift": section,
        }
        before = {**last.record, "profile": number(1000, **SPREAD)}
        now = number(2100, **SPREAD | {"blank": 0.3})
        return [(o.rule, o.level) for o in drift(load_study(document), now, before)]

    assert told() == [("rows_halved", "stop"), ("blank", "warning")]
    assert told(stop=["blank"]) == [("blank", "stop"), ("rows_halved", "warning")]
    assert told(off=["rows_halved"]) == [("blank", "warning")]
    with pytest.raises(StudyError, match="Did you mean 'blank'"):
        told(off=["blanks"])


def test_a_table_that_is_gone_is_told_and_a_refusal_says_how_to_go_on(last):
    profiles = {role: table for role, table in last.record["profile"].items() if role != "returns"}
    [one] = drift(last.study, profiles, last.record)
    assert (one.rule, one.table, one.sentence) == (
        "columns",
        "returns",
        "The table returns of last time is not there.",
    )
    refuse_drift((one,), "2026-10-01T04:00:00+00:00")  # a warning refuses nothing
    stops = drift(last.study, number(10, **SPREAD), {**last.record, "profile": number(1000)})
    with pytest.raises(DataError, match=r"(?s)of 2026-10-01:\n  - \[rows_halved\].*--against none"):
        refuse_drift(stops, "2026-10-01T04:00:00+00:00")
    assert recorded((one,), last.record)["against"]["started"] == "2026-10-01T04:00:00+00:00"
    assert recorded((), None) == {"against": None, "found": []}


def test_every_rule_is_known_by_its_name():
    assert set(STOPS) == {"rows_halved", "unit", "ends_early"}
    assert set(STOPS) < set(DRIFT_RULES)
