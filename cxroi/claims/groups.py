"""Claims that customers with a better experience do more, or less, of something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..results.estimate import Estimate
from .claim import MORE, Claim, Said
from .evidence import DAYS, Evidence, Needs, apart, more_than
from .like_with_like import like_with_like, panel_of

SLIGHT = Said(least=0.02)  # of shares near one a tenth would be much
_RAW = "nothing held equal"
_ANSWER = "s.customer, s.seen_at, s.good, s.weight, s.wave, s.answer, s.home"


def outcome_of(
    names: tuple[str, ...], *, of_worst: bool = False, kind: str = ""
) -> Callable[[Evidence], Estimate]:
    """Return what finds how much more of an outcome one end of a score has than the other.

    Parameters
    ----------
    names
        Of outcomes; the first that the study has.
    of_worst
        How much more the worst group has than the best; else the other way round.
    kind
        Of the score, such as ``csat``; that of ``[scale]`` when empty.
    """

    def find(evidence: Evidence) -> Estimate:
        known = {outcome.name for outcome in evidence.study.outcomes}
        panel = panel_of(evidence, kind) if kind else evidence.panel
        outcome = next(name for name in names if name in known)
        return like_with_like(panel, outcome, of_worst=of_worst)

    return find


def _after(table: str, at: str, value: str, score: str, where: str = "") -> str:
    """Return the SQL of what followed each answer within 90 days, which all data must cover."""
    return (
        f"SELECT {_ANSWER}, {value} AS y FROM (SELECT * FROM {{scores}} WHERE {score} AND good "
        f"IS NOT NULL AND seen_at + INTERVAL {DAYS} DAY <= {{until}}) AS s LEFT JOIN {{{table}}} "
        f"AS e ON e.customer = s.customer AND e.{at} > s.seen_at AND e.{at} <= s.seen_at + "
        f"INTERVAL {DAYS} DAY{where} GROUP BY {_ANSWER}"
    )


def _gap(evidence: Evidence, rows: str, needs: Needs, *, of_worst: bool, what: str) -> Estimate:
    best, worst = "good = 1", "good = -1"
    first, second = (worst, best) if of_worst else (best, worst)
    sums = evidence.sums(apart(rows, first, second, answers=True), needs, 4, weighted=True)
    other = "best" if of_worst else "worst"
    found = more_than(sums, f"share of the mean of the {other} group", f"{what}, {_RAW}")
    return replace(found, note=_RAW)


def _tickets(evidence: Evidence) -> Estimate:
    """Return it of the outcome contacts, like with like; without it of tickets as they are."""
    if any(outcome.name == "contacts" for outcome in evidence.study.outcomes):
        return like_with_like(evidence.panel, "contacts", of_worst=True)
    tables = [("tickets", "opened_at"), ("contacts", "opened_at")]
    table, at = next(t for t in tables if t[0] in evidence.study.sources)
    rows = _after(table, at, f"count(e.{at})", "main = 1")
    what = f"{table} in the {DAYS} days after an answer"
    return _gap(evidence, rows, {table: (at,)}, of_worst=True, what=what)


def _complaints(evidence: Evidence) -> Estimate:
    sources = evidence.study.sources
    tables = [t for t in ("tickets", "contacts") if t in sources]
    table = next(t for t in tables if "complaint" in sources[t].columns)
    rows = _after(table, "opened_at", "count(e.opened_at)", "main = 1", " AND e.complaint = 1")
    what = f"complaints in the {DAYS} days after an answer"
    return _gap(evidence, rows, {table: ("opened_at",)}, of_worst=True, what=what)


_ANSWERS = {"responses": ("answered_at",), "scores:": ()}

GROUPS = (
    Claim(
        "best_spend_more",
        "Customers with the best experience spend 140 % more afterwards than those with the "
        "poorest, other factors accounted for",
        "140 % more",
        ("A1",),
        "one company with sales by transaction, spend of the year after; of its second figure, "
        "members, print and arithmetic disagree (over six years of membership against one was "
        "printed; 74 % and 43 % still there after a year give 3.8 and 1.8 years)",
        "spend of the best against the worst group of the score, controls and spend before held "
        "equal",
        Said(1.4, 1.4),
        outcome_of(("spend",)),
        {"outcome:spend": ()},
    ),
    Claim(
        "experience_and_repeat",
        "A good experience and repeat business go together",
        "more",
        ("A1",),
        "surveys of several industries, which ask what people intend to do",
        "how much more often the best group of the score buys again, or stays, than the worst",
        SLIGHT,
        outcome_of(("repeat_purchase", "retained")),
        {"outcome:repeat_purchase|outcome:retained": ()},
    ),
    Claim(
        "satisfaction_and_revenue",
        "More satisfaction means more revenue",
        "more",
        ("A2",),
        "a general statement without a figure",
        "how much more those satisfied spend afterwards than those dissatisfied",
        MORE,
        outcome_of(("spend",), kind="csat"),
        {"outcome:spend": (), "scores:csat": ()},
    ),
    Claim(
        "less_effort_and_loyalty",
        "Less effort for the customer creates loyalty",
        "more",
        ("A2",),
        "what customers say they intend after a contact with service; intentions are not behaviour",
        "how much more often those buy again who found it easy than those who found it hard",
        SLIGHT,
        outcome_of(("repeat_purchase", "retained"), kind="ces"),
        {"outcome:repeat_purchase|outcome:retained": (), "scores:ces": ()},
    ),
    Claim(
        "unhappy_return_more",
        "Unhappy customers return more goods",
        "more",
        ("A1",),
        "a general statement without a figure",
        "how many more returns the worst group of the score has than the best",
        MORE,
        outcome_of(("returns",), of_worst=True),
        {"outcome:returns": ()},
    ),
    Claim(
        "unhappy_open_more_tickets",
        "Unhappy customers open more tickets",
        "more",
        ("A1",),
        "a general statement without a figure",
        "how many more tickets or contacts follow answers of the worst group than of the best",
        MORE,
        _tickets,
        {"outcome:contacts|tickets|contacts": ()},
    ),
    Claim(
        "unhappy_complain_more",
        "Unhappy customers complain more",
        "more",
        ("A1",),
        "a general statement without a figure",
        "how many more complaints follow answers of the worst group than of the best",
        MORE,
        _complaints,
        {**_ANSWERS, "tickets|contacts": ("complaint",)},
    ),
)
