from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from journey_tables import stand
from statsmodels.stats.proportion import proportion_confint

from cxroi.errors import ModelError
from cxroi.journeys.asked import ASKED, keep_asked
from cxroi.journeys.asking import when_to_ask
from cxroi.journeys.not_asking import whom_not_to_ask
from cxroi.study.declared import Source

START = pd.Timestamp("2026-01-01")


def days(numbers):
    return START + pd.to_timedelta(np.asarray(numbers, dtype=float), unit="D")


def test_answers_of_dates_alone_do_not_move_when_one_was_asked(tmp_path):
    """Asked at three o'clock about two o'clock, that is an hour, whatever is known of answers."""
    asked = pd.DataFrame({"row": [0], "customer": ["a"], "invited_at": days([10.625])})
    asked["event_at"] = days([10 + 14 / 24])
    answers = {"customer": ["a", "b"], "answered_at": days([10, 90]), "score": 9.0}
    made = stand(tmp_path, {"invitations": asked, "responses": pd.DataFrame(answers)})
    made = replace(made, date_only=frozenset({("responses", "answered_at")}))
    keep_asked(made, 30)
    assert made.engine.fetch(f"SELECT delay, replied FROM {ASKED}") == [(3600, 1)]


@pytest.fixture
def tables(tmp_path):
    """40 customers asked on day 10, 36 again on day 40; answers by the rule in the comments."""
    first = pd.DataFrame({"customer": [f"c{k:02}" for k in range(40)], "day": 10.0})
    again = first.head(36).assign(day=40.0)
    late = pd.DataFrame({"customer": ["z"] * 5, "day": 195.0})  # not over when the last came
    asked = pd.concat([first, again, late], ignore_index=True)
    invitations = pd.DataFrame(
        {
            "row": range(len(asked)),
            "customer": asked["customer"],
            "invited_at": days(asked["day"]),
            "touchpoint": np.where(asked["day"] < 20, "chat", "export"),
            # half an hour, two days
            "event_at": days(np.where(asked["day"] < 20, asked["day"] - 1 / 48, asked["day"] - 2)),
            "questions": np.where(asked["day"] < 20, 3, 12),
        }
    )
    # 20 of the first round answer; 9 of the second, one of them twice, which is one reply.
    replies = [(f"c{k:02}", 11) for k in range(20)] + [(f"c{k:02}", 45) for k in range(9)]
    replies += [("c00", 50), ("y", 200)]
    answers = pd.DataFrame(replies, columns=["customer", "day"])
    responses = pd.DataFrame(
        {"customer": answers["customer"], "answered_at": days(answers["day"]), "score": 9.0}
    )
    used = [f"c{k:02}" for k in range(30)]  # of them, c00 to c04 only on day 100
    use = pd.DataFrame(
        {
            "customer": used,
            "feature": "export",
            "used_at": days([100 if k < 5 else 1 for k in range(30)]),
        }
    )
    return stand(tmp_path, {"invitations": invitations, "responses": responses, "feature_use": use})


def by(found, title):
    return {one.term: one for one in found.rates if one.group == title}


def test_rates_by_hand(tables):
    found = when_to_ask(tables)
    assert (found.overall.estimate, found.overall.n) == (29 / 76, 76)
    assert found.notes == (
        "Invitations not over yet, left out: 5.",
        "By channel: [tables.invitations] has no channel.",
    )
    for title, labels in {
        "touchpoint": ("chat", "export"),
        "time since what is asked about": ("within an hour", "1 to 3 days"),
        "times asked in the 90 days before": ("not asked before", "asked once"),
        "questions asked": ("1 to 3", "11 to 20"),
    }.items():
        rates = by(found, title)
        assert tuple(rates) == labels
        first, second = rates.values()
        assert (first.estimate, second.estimate) == (20 / 40, 9 / 36)
        # 40 customers, one invitation each: Wilson's interval with 39 of 40 (the variance)
        low, high = proportion_confint(19.5, 39, method="wilson")
        assert (first.conf_low, first.conf_high) == pytest.approx((low, high))


def test_the_test_of_two_parts_accounts_for_the_same_customers(tables):
    found = when_to_ask(tables)
    first = np.r_[np.ones(20), np.zeros(20)]
    second = np.r_[np.ones(9), np.zeros(27)]
    influence = -(first - 0.5) / 40
    influence[:36] += (second - 0.25) / 36
    z = -0.25 / np.sqrt((influence**2).sum() * 40 / 39)
    test = found.differs[0]
    assert test.statistic == pytest.approx(z**2)
    assert "all of 2 parts" in test.method


def test_whom_not_to_ask_by_hand(tables):
    found = whom_not_to_ask(tables, most=1)
    table = found.tidy().set_index("reason")
    # once in the 90 days before: the 36 of the second round
    often = table.loc["asked 1 times or more in 90 days"]
    assert (often["invitations"], often["customers"], often["share"]) == (36, 36, 36 / 76)
    assert often["response_rate"] == 9 / 36
    # export never used by then: c00 to c04 (used later) and c30 to c35
    never = table.loc["asked about a feature never used"]
    assert (never["invitations"], never["share"]) == (11, 11 / 76)
    assert np.isnan(never["response_rate"]) or never["response_rate"] is None
    assert dict(found.next_time) == {
        "asked 1 times or more in the last 90 days": 1,
        "never used export": 41 - 30,
    }


def test_a_customer_without_a_stage_is_active(tables):
    """Of 41 customers 30 used export; z0 is a prospect, c39 and c38 have no stage."""
    people = pd.DataFrame({"customer": [f"c{k:02}" for k in range(40)] + ["z0"], "stage": "Active"})
    people.loc[38:, "stage"] = [None, None, "prospect"]
    tables.engine.connection.register("clean_customers", people)
    source = Source("customers", {"customer": "customer", "stage": "stage"})
    study = replace(tables.study, sources={**tables.study.sources, "customers": source})
    found = whom_not_to_ask(replace(tables, study=study), most=1)
    assert dict(found.next_time)["never used export"] == 10


def test_dates_without_times_are_banded_by_days(tables):
    """Half an hour before midnight is the day before."""
    dated = replace(tables, date_only=frozenset({("invitations", "event_at")}))
    rates = by(when_to_ask(dated), "time since what is asked about")
    assert {label: one.n for label, one in rates.items()} == {"1 to 3 days": 76}


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(ModelError, match=r"no \[tables.invitations\]"):
        when_to_ask(stand(tmp_path, {"responses": pd.DataFrame({"customer": ["a"]})}))
