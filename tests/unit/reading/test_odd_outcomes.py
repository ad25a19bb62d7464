"""Outcomes of a flat file, and ends of subscriptions, that are not what they are declared to be."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from customer_files import tables_of

from cxroi.reading.headers import days_of, says_transformed

PEOPLE = [f"c{n:03}" for n in range(60)]
RNG = np.random.default_rng(4)
SPENT, BEFORE = (np.round(RNG.gamma(2, 20, 60), 2) for _ in range(2))


def told(spend="spend", before="before", after=SPENT, earlier=BEFORE, kind="amount", **columns):
    """Return what is told of a flat file whose outcome and baseline are called so."""
    frame = pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 20, spend: after, before: earlier})
    tables = tables_of(
        None,
        {"customers": frame.assign(**columns)},
        study={"currency": "EUR"},
        tables={"customers": {"score": "nps"}},
        outcomes={"columns": {"spend": {"column": spend, "kind": kind, "baseline": before}}},
    )
    return list(tables.ledger.warnings)


def test_an_outcome_that_is_what_it_says_is_left_alone():
    # The window is of 30 days.
    assert told("spend_30d_after", "prior 30 days", test=0) == []
    assert told("spend before tax", "spend0 after discount") == []


@pytest.mark.parametrize(
    ("header", "days"),
    [
        *(("spend_90d", 90), ("Umsatz 12 Monate", 12 * 30.44), ("visits52w", 0), ("4 weeks", 28)),
        *(("spend_12m", 12 * 30.44), ("ca_3_mois", 3 * 30.44), ("ventas 2 años", 2 * 365.25)),
        *((h, 0) for h in ("spend", "spend_2025", "q1_spend", "top 5 items", "d30x")),
    ],
)
def test_headers_say_of_how_many_days_they_are(header, days):
    assert days_of(header) == pytest.approx(days)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        *((h, True) for h in ("log_spend", "spendDecile", "z-score spend", "Rang", "ln spend")),
        *((h, False) for h in ("spend", "logins", "spend on blogs", "orders", "franking")),
    ],
)
def test_headers_say_that_numbers_are_transformed(header, said):
    assert says_transformed(header) == said


def test_another_window_than_the_study_s_is_told_of():
    [said] = told("spend_12m")
    assert "sounds like 365 days, and outcome_days under [windows] is 30" in said


def test_the_other_side_of_the_answer_is_told_of():
    first, second = told("spend_before", "spend_after")
    assert "says 'before' by its name, and is declared as an outcome" in first
    assert "says 'after' by its name, and is declared as a baseline" in second


@pytest.mark.parametrize(
    ("after", "earlier", "words"),
    [
        (SPENT + BEFORE, BEFORE, "'spend' of [tables.customers] is nowhere below column 'before'"),
        (SPENT, SPENT + BEFORE, "'before' of [tables.customers] is nowhere below column 'spend'"),
        (SPENT, SPENT, "'spend' of [tables.customers] equals column 'before'"),
    ],
)
def test_totals_that_include_the_other_and_copies_are_told_of(after, earlier, words):
    [said] = told(after=after, earlier=earlier)
    assert words in said


def test_ranks_are_told_of():
    deciles = pd.qcut(pd.Series(SPENT).rank(), 10, labels=False) + 1
    [said] = told(after=deciles, earlier=BEFORE % 12)
    assert "seems to hold ranks, groups or transformed numbers, and is read as money" in said
    # As many customers have each number by chance alone, of which none is of a row of groups.
    assert told(after=deciles * 5, earlier=BEFORE % 60) == []


def test_test_accounts_are_told_of():
    [said] = told(is_test=[True] * 6 + [False] * 54)
    assert said.startswith("6 rows count as customers though column 'is_test'")


def ended(header, ends):
    answers = pd.DataFrame({"id": PEOPLE, "nps": 9, "day": "2026-02-01"})
    held = pd.DataFrame({"id": PEOPLE, "began": "2025-06-01", header: ends})
    tables = tables_of(
        None,
        {"responses": answers, "subscriptions": held},
        study={"complete_until": dt.date(2026, 4, 5)},
        tables={"subscriptions": {"cancelled_at": header}},
    )
    entries = tables.ledger.entries
    return [e.reason for e in entries if (e.table, e.action) == ("subscriptions", "warning")]


DAYS = [str(dt.date(2026, 2, 3) + dt.timedelta(days=n)) for n in range(60)]


def test_ends_of_paid_periods_are_told_of():
    some = [day if n % 3 == 0 else None for n, day in enumerate(DAYS)]
    assert ended("ended", some) == []
    [said] = ended("current_period_end", some)
    assert "'current_period_end' of [tables.subscriptions] sounds like the end of a period" in said
    [said] = ended("ended", DAYS)
    assert "ends every one of 60 subscriptions by complete_until, and none goes on" in said
    assert ended("ended", [*DAYS[:-1], "2026-04-06"]) == []  # one goes on
