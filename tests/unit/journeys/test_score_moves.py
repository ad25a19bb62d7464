"""A score around company events, and since the last wave."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from journey_tables import stand

from cxroi.errors import ModelError, StudyError
from cxroi.journeys.company_events import around_events
from cxroi.journeys.last_wave import since_last_wave
from cxroi.journeys.scores import score_named, value_of
from cxroi.study.declared import Source
from cxroi.study.scales import make_scale
from cxroi.study.scores import DeclaredScore

START = pd.Timestamp("2026-01-01")
EFFORT = DeclaredScore("ces", "ces", "responses", make_scale({"kind": "ces", "better": "lower"}))


def answers(n, days, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": [f"c{k % (n * 2 // 3)}" for k in range(n)],
            "answered_at": START + pd.to_timedelta(rng.integers(0, days, n), unit="D"),
            "score": rng.integers(0, 11, n).astype(float),
            "score_ces": rng.integers(1, 6, n).astype(float),
        }
    )


@pytest.fixture
def around(tmp_path):
    frame = answers(600, 300)
    event = START + pd.Timedelta(days=150)
    frame.loc[frame["answered_at"] >= event, "score_ces"] += 2
    events = pd.DataFrame(
        {"happened_at": [event, START + pd.Timedelta(days=5)], "event": ["outage", "early"]}
    )
    tables = stand(tmp_path, {"responses": frame, "company_events": events})
    return frame, event, around_events(tables, EFFORT)


def test_the_step_and_its_error_are_those_of_a_clustered_regression(around):
    frame, event, found = around
    near = frame[(frame["answered_at"] - event).dt.days.between(-45, 44)]
    near = near.assign(after=(near["answered_at"] >= event).astype(int))
    groups = near["customer"].astype("category").cat.codes
    fit = smf.ols("score_ces ~ after", near).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    g = groups.nunique()
    (step,) = found.steps
    assert step.estimate == pytest.approx(fit.params["after"])
    assert step.std_error == pytest.approx(fit.bse["after"] * np.sqrt(g / (g - 1)))
    assert (step.term, step.n) == ("outage (2026-05-31)", len(near))


def test_an_event_that_shifts_the_score_stands_out_among_dates(around):
    found = around[2]
    assert found.steps[0].p_value < 0.05
    assert found.placebos[0].low < 0.5 < found.steps[0].estimate
    assert found.notes == ("early (2026-01-06): fewer than 30 answers in 45 days before or after.",)


def test_days_around_an_event_end_where_another_lies(tmp_path):
    """Two events 20 days apart; two more on one day, which are one."""
    frame = answers(900, 300)
    dates = START + pd.to_timedelta([100, 120, 200, 200], unit="D")
    events = pd.DataFrame({"happened_at": dates, "event": ["a", "b", "d", "c"]})
    found = around_events(stand(tmp_path, {"responses": frame, "company_events": events}), EFFORT)
    assert [one.term.split(" (")[0] for one in found.steps] == ["a", "b", "c and d"]
    assert ["in the 20 days from" in one.method for one in found.steps] == [True, True, False]
    day = (frame["answered_at"] - dates[1]).dt.days
    assert found.steps[1].n == day.between(-20, 19).sum()


def waves(tmp_path, frame, **more):
    tables = stand(tmp_path, {"responses": frame, **more})
    if "customers" in more:
        sources = dict(tables.study.sources)
        columns = {"customer": "customer"}
        sources["customers"] = Source("customers", columns, attributes=("segment",))
        object.__setattr__(tables.study, "sources", sources)
    return tables


@pytest.fixture
def mixed(tmp_path):
    """Segments a and b in two quarters; c has three answers, in the second alone."""
    frame = answers(400, 90)
    later = answers(300, 90, seed=2).assign(
        answered_at=lambda d: d["answered_at"] + pd.Timedelta(days=90)
    )
    both = pd.concat([frame, later], ignore_index=True)
    both["answered_at"] = both["answered_at"].clip(START, START + pd.Timedelta(days=179))
    names = sorted(both["customer"].unique())
    segment = {name: "ab"[k % 3 == 0] for k, name in enumerate(names)}
    people = pd.DataFrame({"customer": names, "attr_segment": [segment[n] for n in names]})
    few = pd.DataFrame(
        {
            "customer": ["x1", "x2", "x3"],
            "answered_at": START + pd.Timedelta(days=170),
            "score": 5.0,
            "score_ces": 3.0,
        }
    )
    people = pd.concat([people, pd.DataFrame({"customer": few["customer"], "attr_segment": "c"})])
    frame = pd.concat([both, few], ignore_index=True)
    tables = waves(tmp_path, frame, customers=people)
    return frame.merge(people, on="customer"), since_last_wave(tables, EFFORT, by="segment")


def sums_by_customer(table):
    """Answers and their sum of each customer, by wave and segment; c goes with the smaller."""
    table = table.assign(
        later=table["answered_at"].dt.quarter == 2, s=table["attr_segment"].replace({"c": "b"})
    )
    cells = table.groupby(["customer", "later", "s"])["score_ces"].agg(["count", "sum"])
    return cells.unstack(["later", "s"], fill_value=0).sort_index(axis=1).to_numpy()


def by_hand(sums):
    """The change and its three parts, of sums of all customers."""
    (n0, n1), (t0, t1) = np.asarray(sums, dtype=float).reshape(2, 2, 2)
    m0, m1, p0, p1 = t0 / n0, t1 / n1, n0 / n0.sum(), n1 / n1.sum()
    return [p1 @ m1 - p0 @ m0, (p1 - p0) @ m0, p0 @ (m1 - m0), (p1 - p0) @ (m1 - m0)]


def test_three_parts_add_up_and_are_those_of_pandas(mixed):
    table, found = mixed
    expected = by_hand(sums_by_customer(table).sum(axis=0))
    values = [found.change.estimate, *(one.estimate for one in found.parts)]
    assert values == pytest.approx(expected)
    assert sum(values[1:]) == pytest.approx(values[0], abs=1e-12)
    assert found.waves == ("2026Q1", "2026Q2")
    assert found.notes == ("Taken together, each with under 10 answers in a wave: b, c.",)
    assert {one.term for one in found.segments} == {"a", "(few)"}


def test_errors_are_those_of_leaving_out_each_customer(mixed):
    """The jackknife over customers: an independent way to the same errors."""
    table, found = mixed
    each = sums_by_customer(table)
    left, n = np.array([by_hand(each.sum(axis=0) - one) for one in each]), len(each)
    errors = np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    found_errors = [found.change.std_error, *(one.std_error for one in found.parts)]
    assert found_errors == pytest.approx(errors, rel=0.03)


def test_without_segments_the_change_alone(tmp_path):
    frame = answers(300, 180)
    found = since_last_wave(waves(tmp_path, frame), score_named(waves(tmp_path, frame)))
    value = np.where(frame["score"] >= 9, 100, np.where(frame["score"] < 7, -100, 0))
    later = frame["answered_at"].dt.quarter == 2
    assert found.change.estimate == pytest.approx(value[later].mean() - value[~later].mean())
    assert [one.estimate for one in found.levels] == pytest.approx(
        [value[~later].mean(), value[later].mean()]
    )
    assert (found.parts, found.segments) == ((), ())


def test_one_wave_and_unknown_attributes_are_refused(tmp_path):
    with pytest.raises(ModelError, match="1 of 1 waves have 30 answers; a change needs two"):
        since_last_wave(waves(tmp_path, answers(50, 30)), EFFORT)
    people = pd.DataFrame({"customer": ["c1"], "attr_segment": ["a"]})
    tables = waves(tmp_path, answers(50, 30), customers=people)
    with pytest.raises(ModelError, match="Did you mean 'segment'"):
        since_last_wave(tables, EFFORT, by="segmnt")


def test_values_of_scores():
    assert EFFORT.scale.score_unit == "scale points"
    scale = make_scale({"kind": "csat"})
    assert value_of(scale, "s") == "(CASE WHEN s >= 4.0000000000000000e+00 THEN 100e0 ELSE 0e0 END)"


def test_a_score_is_had_by_name(tmp_path):
    tables = waves(tmp_path, answers(50, 30))
    assert score_named(tables).name == score_named(tables, "nps").name == "nps"
    with pytest.raises(StudyError, match="Did you mean 'nps'"):
        score_named(tables, "np")


def test_accounts_are_what_is_independent(tmp_path):
    """Two customers of one account: the errors of one customer with both their answers."""
    frame = answers(300, 180)
    account = "a" + (frame["customer"].str[1:].astype(int) // 2).astype(str)
    declared = waves(tmp_path, frame.assign(cluster=account))
    merged = waves(tmp_path, frame.assign(customer=account))
    found, expected = (since_last_wave(tables, EFFORT).change for tables in (declared, merged))
    assert found.std_error == pytest.approx(expected.std_error)
    assert found.std_error != since_last_wave(waves(tmp_path, frame), EFFORT).change.std_error


def test_weights_and_named_waves_without_dates(tmp_path):
    """An answer of weight two is two answers; waves are in the order of their names."""
    frame = answers(200, 90).drop(columns="answered_at")
    frame["wave"] = np.where(np.arange(200) < 110, "2024", "2025")
    double = np.arange(200) % 3 == 0
    weighted = waves(tmp_path, frame.assign(weight=1.0 + double))
    twice = waves(tmp_path, pd.concat([frame, frame[double]], ignore_index=True))
    found, expected = (since_last_wave(tables, EFFORT) for tables in (weighted, twice))
    assert found.waves == ("2024", "2025")
    assert found.change.estimate == pytest.approx(expected.change.estimate)
    assert found.change.std_error == pytest.approx(expected.change.std_error)
    assert (found.change.n, expected.change.n) == (200, 267)


def test_answers_without_a_weight_count_by_that_of_their_customer(tmp_path):
    frame = answers(300, 180)
    people = frame[["customer"]].drop_duplicates().iloc[:50].reset_index(drop=True)
    people["weight"] = np.where(np.arange(50) % 2 == 0, 3.0, 0.5)
    weight = frame["customer"].map(people.set_index("customer")["weight"]).fillna(1.0)
    of_answers = since_last_wave(waves(tmp_path, frame.assign(weight=weight)), EFFORT).change
    tables = stand(tmp_path, {"responses": frame, "customers": people})
    of_people = since_last_wave(tables, EFFORT).change
    assert weight.nunique() == 3
    assert of_people.estimate == pytest.approx(of_answers.estimate)
    assert of_people.std_error == pytest.approx(of_answers.std_error)
