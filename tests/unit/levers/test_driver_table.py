"""Inputs as they were known at each answer, against pandas."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import CxroiError
from cxroi.levers.driver_table import beside_outcomes, driver_table
from cxroi.reading.tables import read_tables

DAY = pd.Timedelta(days=1)
N = 120
INPUTS = {
    "wait": {"table": "tickets", "from": "opened_at", "to": "first_response_at", "unit": "hours"},
    "last_wait": {
        **{"table": "tickets", "from": "opened_at", "to": "first_response_at", "take": "last"},
        "title": "Days until the last reply",
        "better": "lower",
    },
    "tickets": {"table": "tickets", "days": 30},
    "phoned": {"table": "tickets", "take": "any", "where": {"channel": ["phone"]}},
    "minutes": {"table": "tickets", "column": "minutes", "take": "sum", "none": 0},
}
DRIVERS = {
    "inputs": [*INPUTS, "plan", "size", "csat", "rare", "code"],
    "groups": {"service": ["wait", "last_wait"]},
    "better": {"tickets": "lower"},
}


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(3)
    who = np.array([f"c{i:03}" for i in range(N)])
    at = pd.Timestamp("2026-03-01") + rng.integers(0, 4_000, N) * pd.Timedelta(minutes=37)
    responses = pd.DataFrame({"id": who, "nps": rng.integers(0, 11, N), "at": at})
    responses["csat"] = rng.integers(1, 6, N)
    responses["rare"] = [1.0, *[np.nan] * (N - 1)]
    responses["code"] = [f"k{i}" for i in range(N)]
    people = pd.DataFrame(
        {"id": who, "plan": rng.choice(["gold", "tin"], N), "size": rng.random(N)}
    )
    rows = rng.integers(0, N, 500)
    opened = at[rows] + pd.to_timedelta(rng.integers(-150_000, 30_000, 500), unit="min")
    replied = opened + pd.to_timedelta(rng.integers(10, 9_000, 500), unit="min")
    tickets = pd.DataFrame({"id": who[rows], "opened": opened, "replied": replied})
    tickets.loc[::9, "replied"] = pd.NaT
    tickets["channel"] = rng.choice(["phone", "mail"], 500)
    tickets["took"] = rng.integers(1, 60, 500).astype(float)
    orders = pd.DataFrame({"id": who, "at": at + DAY, "eur": 10.0})
    return {"responses": responses, "customers": people, "tickets": tickets, "orders": orders}


def declared(**changed):
    answers = {
        "customer": "id",
        "score": "nps",
        "answered_at": "at",
        "attributes": ["rare", "code"],
    }
    return cx.load_study(
        {
            "study": {
                "name": "Shop",
                "currency": "EUR",
                "complete_until": dt.date(2026, 12, 31),
                **changed.pop("study", {}),
            },
            "tables": {
                "responses": {**answers, "attributes": ["rare", "code"]},
                "customers": {"customer": "id", "attributes": ["plan", "size"]},
                "orders": {"customer": "id", "ordered_at": "at", "amount": "eur"},
                "tickets": {
                    **{"customer": "id", "opened_at": "opened", "first_response_at": "replied"},
                    **{"channel": "channel", "minutes": "took"},
                },
            },
            "windows": {"baseline_days": 60, "outcome_days": 90},
            "scores": {"csat": {"kind": "csat", "table": "responses"}},
            "inputs": INPUTS,
            "drivers": DRIVERS,
            **changed,
        }
    )


@pytest.fixture(scope="module")
def found(frames):
    return driver_table(read_tables(declared(), frames=frames, every=True))


def before(frames, days):
    """Return tickets in the days before the answer of their customer."""
    both = frames["tickets"].merge(frames["responses"][["id", "at"]], on="id")
    return both[(both["opened"] < both["at"]) & (both["opened"] >= both["at"] - days * DAY)]


def by_customer(found, name):
    return found.frame.set_index("customer")[f"x_{name}"]


def test_time_that_passed_counts_up_to_the_answer(frames, found):
    seen = before(frames, 60)
    ended = seen["replied"].fillna(seen["at"])
    seconds = (ended.where(ended < seen["at"], seen["at"]) - seen["opened"]).dt.total_seconds()
    mean = (seconds // 1 / 3_600).groupby(seen["id"]).mean()
    whole = by_customer(found, "wait")
    assert np.allclose(whole.dropna().sort_index(), mean.sort_index())
    assert set(whole.index[whole.isna()]) == set(frames["responses"]["id"]) - set(mean.index)
    last = seen.assign(s=seconds).sort_values("opened").groupby("id")["s"].last() / 86_400
    assert np.allclose(by_customer(found, "last_wait").dropna().sort_index(), last.sort_index())


def test_rows_are_counted_and_summed(frames, found):
    everybody = frames["responses"]["id"]
    count = before(frames, 30).groupby("id").size().reindex(everybody, fill_value=0)
    assert (by_customer(found, "tickets").loc[everybody] == count).all()
    seen = before(frames, 60)
    phoned = everybody.isin(seen.loc[seen["channel"] == "phone", "id"]).to_numpy()
    assert (by_customer(found, "phoned").loc[everybody].to_numpy() == phoned).all()
    took = seen.groupby("id")["took"].sum().reindex(everybody, fill_value=0)
    assert (by_customer(found, "minutes").loc[everybody] == took).all()


def test_attributes_and_scores_of_the_same_row_are_inputs(frames, found):
    own = frames["responses"].merge(frames["customers"], on="id").set_index("id")
    for name in ("plan", "size", "csat"):
        assert (by_customer(found, name) == own[name].loc[found.frame["customer"]]).all()
    assert (found.frame.set_index("customer")["score"] == own["nps"]).all()
    groups = np.digitize(own["nps"], [7, 9])
    assert (found.frame.set_index("customer").loc[own.index, "group"] == groups).all()
    assert found.frame["wave"].isin(["2026Q1", "2026Q2"]).all()


def test_drivers_say_what_they_are(found):
    last = found.driver("last_wait")
    assert (last.title, last.unit, last.better) == ("Days until the last reply", "days", "lower")
    assert last.source == (
        "days from opened to first response, last of the tickets in the 60 days before the answer"
    )
    assert last.group == "service"
    assert found.driver("tickets").source == "number of tickets in the 30 days before the answer"
    assert found.driver("tickets").better == "lower"
    assert (found.driver("csat").better, found.driver("csat").unit) == ("higher", "points")
    assert not found.driver("plan").is_number
    assert (found.driver("plan").source, found.driver("csat").source) == (
        "known of each customer",
        "answered in the same survey",
    )


def test_what_hardly_varies_or_is_an_id_is_refused(found):
    assert found.driver("rare") is None
    assert "fewer than 30" in found.refused["rare"]
    assert "120 values" in found.refused["code"]


def test_counts_that_begin_before_the_data_are_not_known(frames):
    early = declared(study={"complete_from": dt.date(2026, 3, 15)})
    found = driver_table(read_tables(early, frames=frames, every=True))
    at = frames["responses"].set_index("id")["at"].loc[found.frame["customer"]]
    short = (at < pd.Timestamp("2026-03-15") + 30 * DAY).to_numpy()
    assert short.any()
    assert (by_customer(found, "tickets").isna().to_numpy() == short).all()
    assert by_customer(found, "wait").notna().any()


def test_one_wave_and_a_table_that_cannot_be_read(frames):
    tables = read_tables(declared(), frames=frames, every=True)
    found = driver_table(tables, quarter="2026Q2", unread={"tickets": "no such file"})
    assert set(found.frame["wave"]) == {"2026Q2"}
    assert "no such file" in found.refused["wait"]
    assert [one.name for one in found.drivers] == ["plan", "size", "csat"]


def test_without_inputs_or_dates_nothing_is_said(frames):
    tables = read_tables(declared(inputs={}, drivers={}), frames=frames, every=True)
    with pytest.raises(CxroiError, match="declares nothing"):
        driver_table(tables)
    people = frames["responses"].merge(frames["customers"], on="id")
    flat = cx.load_study(
        {
            "study": {"name": "Flat"},
            "tables": {
                "customers": {"customer": "id", "score": "nps", "attributes": ["plan"]},
                "tickets": {"customer": "id", "opened_at": "opened"},
            },
            "inputs": {"tickets": {"table": "tickets", "days": 30}},
            "drivers": {"inputs": ["tickets", "plan"]},
            "outcomes": {"columns": {"size": {"column": "size", "kind": "amount"}}},
        }
    )
    given = {"customers": people, "tickets": frames["tickets"]}
    found = driver_table(read_tables(flat, frames=given, every=True))
    assert [one.name for one in found.drivers] == ["plan"]
    assert "no dates" in found.refused["tickets"]
    assert set(found.frame["wave"]) == {"all"}


def test_inputs_stand_beside_the_outcomes_of_the_answer_that_counts(frames):
    twice = frames["responses"].assign(at=frames["responses"]["at"] + 2 * DAY, nps=9)
    late = frames["orders"].assign(at=pd.Timestamp("2026-12-31"))
    given = {**frames, "orders": pd.concat([frames["orders"], late])}
    given["responses"] = pd.concat([frames["responses"], twice], ignore_index=True)
    for several, later in (("latest", True), ("first", False)):
        study = declared(scale={"several": several})
        tables = read_tables(study, frames=given, every=True)
        table, panel = driver_table(tables), cx.build_panel(read_tables(study, frames=given))
        both = beside_outcomes(table, panel)
        assert list(both["response"]) == list(panel.frame["response"])
        answers = table.frame.set_index("answer")
        counts = (both["wave"] == "2026Q1").to_numpy()
        same_wave = answers["wave"].iloc[:N].to_numpy() == answers["wave"].iloc[N:].to_numpy()
        chosen = answers.iloc[N:] if later else answers.iloc[:N]
        own = chosen[same_wave].set_index("customer")["x_wait"]
        seen = both.set_index("customer")["x_wait"].loc[own.index]
        assert counts.any()
        assert np.allclose(seen, own, equal_nan=True)
        assert not np.allclose(
            answers["x_wait"].iloc[:N], answers["x_wait"].iloc[N:], equal_nan=True
        )
    with pytest.raises(CxroiError, match="not among those"):
        beside_outcomes(driver_table(tables, quarter="2026Q2"), panel)


def test_what_prospects_said_moves_no_score_of_customers(frames):
    people = frames["customers"].assign(stage=["prospect"] * 20 + ["active"] * (N - 20))
    study = declared()
    source = study.sources["customers"]
    with_stage = replace(source, columns={**source.columns, "stage": "stage"})
    staged = replace(study, sources={**study.sources, "customers": with_stage})
    late = frames["orders"].assign(at=pd.Timestamp("2026-01-01"))
    given = {**frames, "customers": people, "orders": pd.concat([frames["orders"], late])}
    found = driver_table(read_tables(staged, frames=given, every=True))
    assert set(found.frame["customer"]) == set(people["id"][20:])
