"""Claims that customers with a better experience do more, or less, of something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..effects.adjusted import regress_outcome
from ..effects.gaps import relative_gap
from ..engine.quoting import text
from ..errors import ScarceDataError
from ..metrics.intervals import critical
from ..metrics.relations import scores_of
from ..models.sample import take_sample
from ..moments import influence
from ..results.estimate import Estimate
from .claim import MORE, Claim, Said
from .evidence import Evidence, Needs, apart, more_than

DAYS = 90
SLIGHT = Said(least=0.02)  # of shares near one a tenth would be much
_RAW = "nothing held equal"


def outcome_of(names: tuple[str, ...], *, of_worst: bool) -> Callable[[Evidence], Estimate]:
    """Return what finds how much more of an outcome one end of the score has than the other.

    Parameters
    ----------
    names
        Of outcomes; the first that the study has.
    of_worst
        How much more the worst group has than the best; else the other way round.
    """

    def find(evidence: Evidence) -> Estimate:
        panel, known = evidence.panel, {o.name for o in evidence.study.outcomes}
        sample = take_sample(panel, next(name for name in names if name in known))
        ends = sample.labels[0], sample.labels[-1]
        for label in ends:
            sample.require(label)
        less, more = reversed(ends) if of_worst else ends
        found = relative_gap(sample, less, more)
        if found.estimate is None:
            raise ScarceDataError(found.note)
        return replace(found, method=f"{sample.outcome.unit}: {found.method}, {_RAW}")

    return find


def _after(table: str, at: str, value: str, score: str, where: str = "") -> str:
    """Return the SQL of what followed each answer within 90 days, which all data must cover."""
    return (
        f"SELECT s.customer, s.seen_at, s.good, s.weight, s.wave, {value} AS y FROM (SELECT "
        "customer, seen_at, good, weight, wave FROM {scores} WHERE " + score + " AND good IS NOT "
        f"NULL AND seen_at + INTERVAL {DAYS} DAY <= {{until}}) AS s LEFT JOIN {{{table}}} AS e ON "
        f"e.customer = s.customer AND e.{at} > s.seen_at AND e.{at} <= s.seen_at + INTERVAL "
        f"{DAYS} DAY{where} GROUP BY s.customer, s.seen_at, s.good, s.weight, s.wave"
    )


def _gap(evidence: Evidence, rows: str, needs: Needs, *, of_worst: bool, what: str) -> Estimate:
    best, worst = "good = 1", "good = -1"
    first, second = (worst, best) if of_worst else (best, worst)
    sums = evidence.sums(apart(rows, first, second), needs, 4, weighted=True)
    other = "best" if of_worst else "worst"
    return more_than(sums, f"share of the mean of the {other} group", f"{what}, {_RAW}")


def _tickets(evidence: Evidence) -> Estimate:
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


def _by_kind(kind: str, value: str) -> Callable[[Evidence], Estimate]:
    """Return what finds how much more follows the best answers to a score of a kind."""

    def find(evidence: Evidence) -> Estimate:
        name = score_named(evidence, kind)
        rows = _after("orders", "ordered_at", value, f"name = {text(name)}", " AND e.amount > 0")
        what = f"orders in the {DAYS} days after an answer to {name}"
        needs = {"orders": ("ordered_at", "amount")}
        return _gap(evidence, rows, needs, of_worst=False, what=what)

    return find


def score_named(evidence: Evidence, kind: str) -> str:
    """Return the name of the first score of a kind: the main one, or the first declared."""
    names = [score.name for score in scores_of(evidence.study) if score.scale.kind == kind]
    return names[0]


def _best_spend(evidence: Evidence) -> Estimate:
    """Return how much more the best group spends than the poorest, like compared with like.

    The doubly robust contrast of the best group among customers of the poorest, over the mean of
    these; both from influence values.
    """
    panel = evidence.panel
    labels = panel.study.scale.labels
    study = replace(panel.study, origin=labels[0], target=labels[-1])
    found = regress_outcome(replace(panel, study=study), "spend")
    was, gap = found.mean_from, found.contrast
    if not was.estimate or was.estimate <= 0 or gap.estimate is None:
        raise ScarceDataError(f"the mean spend of {labels[0]} is not above zero")
    value = gap.estimate / was.estimate
    psi_was, psi_gap = found.influence
    error = influence.std_error((psi_gap - value * psi_was) / was.estimate, panel.clusters)
    half = critical() * error
    return Estimate(
        "",
        value,
        value - half,
        value + half,
        error,
        f"share of what {labels[0]} spend",
        gap.n,
        f"{gap.method}, over the mean of that group; interval from influence values",
        note=f"held equal: {_held(evidence)}",
    )


def _held(evidence: Evidence) -> str:
    names = [name.replace("_", " ") for name in evidence.study.controls]
    return ", ".join([*names, "and what came before the answer"])


_ORDERS = {"orders": ("ordered_at", "amount")}
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
        _best_spend,
        {"outcome:spend": ()},
    ),
    Claim(
        "experience_and_repeat",
        "A good experience and repeat business go together",
        "more",
        ("A1",),
        "surveys of several industries, which ask what people intend to do",
        "how much more often the best group of the score buys again, or stays, than the worst"
        ", nothing else held equal",
        SLIGHT,
        outcome_of(("repeat_purchase", "retained"), of_worst=False),
        {"outcome:repeat_purchase|outcome:retained": ()},
    ),
    Claim(
        "satisfaction_and_revenue",
        "More satisfaction means more revenue",
        "more",
        ("A2",),
        "a general statement without a figure",
        "how much more those satisfied spend afterwards than those dissatisfied"
        ", nothing else held equal",
        MORE,
        _by_kind("csat", "coalesce(sum(e.amount), 0)"),
        {**_ORDERS, "scores:csat": ()},
    ),
    Claim(
        "less_effort_and_loyalty",
        "Less effort for the customer creates loyalty",
        "more",
        ("A2",),
        "what customers say they intend after a contact with service; intentions are not behaviour",
        "how much more often those buy again who found it easy than those who found it hard"
        ", nothing else held equal",
        SLIGHT,
        _by_kind("ces", "CASE WHEN count(e.amount) > 0 THEN 1.0 ELSE 0.0 END"),
        {**_ORDERS, "scores:ces": ()},
    ),
    Claim(
        "unhappy_return_more",
        "Unhappy customers return more goods",
        "more",
        ("A1",),
        "a general statement without a figure",
        "how many more returns the worst group of the score has than the best"
        ", nothing else held equal",
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
        "how many more tickets or contacts follow answers of the worst group than of the best"
        ", nothing else held equal",
        MORE,
        _tickets,
        {**_ANSWERS, "tickets|contacts": ()},
    ),
    Claim(
        "unhappy_complain_more",
        "Unhappy customers complain more",
        "more",
        ("A1",),
        "a general statement without a figure",
        "how many more complaints follow answers of the worst group than of the best"
        ", nothing else held equal",
        MORE,
        _complaints,
        {**_ANSWERS, "tickets|contacts": ("complaint",)},
    ),
)
