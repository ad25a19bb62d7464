"""Answers before their invitation, before the first order, and sent twice."""

import datetime as dt

import pandas as pd
import pytest
from customer_files import SOME, tables_of

import cxroi as cx

IDS = [f"c{i}" for i in range(60)]
DAYS = pd.date_range("2026-01-10 12:00", periods=60, freq="13h")  # to 11 February
ANSWERS = pd.DataFrame({"id": IDS, "nps": [7, 9] * 30, "day": DAYS})
ORDERS = pd.DataFrame(
    {"id": IDS * 3, "day": pd.date_range("2025-12-01", "2026-04-05", 180), "amount": range(1, 181)}
)


def ledger_of(folder, frames, kind="frame", **parts):
    frames = {"responses": ANSWERS, "orders": ORDERS} | frames
    return cx.build_panel(tables_of(folder, frames, kind, **parts)).ledger


def said(ledger, words, action="warning"):
    return [(e.rows, e.reason) for e in ledger.entries if e.action == action and words in e.reason]


def invited(folder, moments, kind="frame", answers=ANSWERS):
    asked = pd.DataFrame({"id": answers["id"], "when": moments})
    declared = {"invitations": {"customer": "id", "invited_at": "when"}}
    frames = {"responses": answers, "invitations": asked}
    return said(ledger_of(folder, frames, kind, tables=declared), "before the invitation")


@pytest.mark.parametrize("kind", SOME)
def test_answers_before_their_invitation_are_told_of(kind, tmp_path):
    late = DAYS + pd.to_timedelta([2 * (i < 15) - 1 for i in range(60)], "D")
    [(rows, reason)] = invited(tmp_path, late, kind)
    assert rows == 15
    assert reason.startswith("15 of 60 answers (25.0 %) by customers who were invited were given")


@pytest.mark.parametrize(
    "moments",
    [
        DAYS - pd.Timedelta("3h"),
        DAYS.normalize(),  # days alone: asked and answered on one
        DAYS + pd.Timedelta("30D"),  # the next wave's
        DAYS + pd.to_timedelta([(i < 5) - 0.5 for i in range(60)], "D"),  # five by accident
    ],
)
def test_ordinary_invitations_are_not_worth_a_word(moments, tmp_path):
    assert invited(tmp_path, moments) == []


def test_a_reminder_after_the_answer_is_no_invitation(tmp_path):
    twice = pd.concat([ANSWERS, ANSWERS.assign(id=IDS)])
    moments = [*(DAYS - pd.Timedelta("2D")), *(DAYS + pd.Timedelta("2D"))]
    asked = pd.DataFrame({"id": twice["id"], "when": moments})
    declared = {"invitations": {"customer": "id", "invited_at": "when"}}
    ledger = ledger_of(tmp_path, {"invitations": asked}, tables=declared)
    assert said(ledger, "before the invitation") == []


@pytest.mark.parametrize("role", ["orders", "contacts"])
@pytest.mark.parametrize("baseline", [0, 30])
def test_answers_before_the_first_event_are_told_of(role, baseline, tmp_path):
    first = pd.Timestamp("2026-02-10 12:00")
    late = ORDERS[ORDERS["day"] >= first]
    day = late["day"].min().date()
    early = sum(moment.date() < day - dt.timedelta(days=7) for moment in DAYS)
    wholly = sum(moment.date() < day - dt.timedelta(days=30) for moment in DAYS)
    ledger = ledger_of(tmp_path, {role: late}, windows={"baseline_days": baseline})
    [(rows, reason)] = said(ledger, "were given before the first of")
    assert rows == early > wholly
    assert f"{early} of 60 answers were given before the first of {role}" in reason
    assert f"{day}, {wholly} of them more than 30 days before" in reason


@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("several", ["latest", "mean"])
def test_answers_that_were_sent_twice_are_counted(several, kind, tmp_path):
    again = ANSWERS.head(20).assign(day=DAYS[:20] + pd.Timedelta("4min"))
    other = ANSWERS.tail(10).assign(day=DAYS[-10:] + pd.Timedelta("4min"), nps=2)
    later = ANSWERS[20:25].assign(day=DAYS[20:25] + pd.Timedelta("2h"))
    frames = {"responses": pd.concat([ANSWERS, again, other, later])}
    ledger = ledger_of(tmp_path, frames, kind, scale={"several": several})
    told = said(ledger, "20 answers repeat the score of the same customer within 10 minutes")
    assert [rows for rows, _ in told] == ([20] if several == "mean" else [])  # else one counts
    assert [n for n, _ in said(ledger, "another answer by the same", "set aside")] == [35]


def test_the_same_answer_on_one_day_is_not_known_to_be_of_minutes(tmp_path):
    frames = {"responses": pd.concat([ANSWERS, ANSWERS.head(20)]).assign(day="2026-01-20")}
    ledger = ledger_of(tmp_path, frames, scale={"several": "mean"})
    assert said(ledger, "within 10 minutes") == []
    assert [n for n, _ in said(ledger, "another answer by the same", "set aside")] == [20]
