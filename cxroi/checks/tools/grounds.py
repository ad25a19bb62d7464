"""Grounds: what of a study, its data and its gaps bears on how its answer is rated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ModelError
from ...moments.order_statistics import among, extremes, is_known
from ...reading.ledger import NO_CUSTOMER, NO_OTHER_TABLE, NOT_CHOSEN
from ...results.formats import percent
from ...value.money import MONEY_OUTCOMES
from ...value.notes import WORTH
from .baseline_gap import baseline_of
from .premises import told_apart

if TYPE_CHECKING:
    from ...analysis import Analysis
    from ...effects.verdicts import Verdict
    from ...panel.panel import Panel
    from ...reading.ledger import Ledger
    from ...study.declared import Study

# Of the rows of a table, or of the answers: from here on what is lost may decide the answer.
MANY_LOST, MOST_LOST = 0.10, 0.50
# Rows that are set aside because of what is asked, not because they are faulty.
_BY_DESIGN = (
    NOT_CHOSEN,
    "outside ",
    "another answer by the same customer",
    "no answer",
    "keep = ",
    "drop = ",
    "a preview or test answer",
    "given after the customer",
    "given before the subscription",
    "its baseline of",
)
_IMMATURE = "immature"
# Only those who are still customers answer, so nobody had left before.
_NEVER_BEFORE = ("retained", "churned")


@dataclass(frozen=True)
class Doubt:
    """Something about the data that lowers the rating.

    Attributes
    ----------
    reason
        A clause, without a full stop; ``{}`` stands for the outcomes.
    levels
        By how many levels, once for all outcomes together.
    outcomes
        Those it is about; empty for whatever is rated.
    """

    reason: str
    levels: int = 1
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grounds:
    """What a rating rests on beside the checks.

    Attributes
    ----------
    money
        Outcomes that carry money in the scenario; without a scenario all of them.
    doubts
        Time order, baselines, rows lost.
    agreeing
        Outcomes whose change within customers is told apart from zero and points the way of
        the gap between groups.
    verdicts
        Those of the analysis, before any check.
    unasked
        Names of the checks that were not run.
    """

    money: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    agreeing: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    unasked: tuple[str, ...] = ()


def grounds_of(analysis: Analysis, unasked: tuple[str, ...] = ()) -> Grounds:
    """Collect what bears on the rating of an analysis beside its checks."""
    panel = analysis.panel
    doubts = (*_undated(panel.study), *_baselines(panel), *_lost(panel), *_unknown(analysis))
    return Grounds(
        money=money_outcomes(panel.study),
        doubts=doubts,
        agreeing=tuple(_agreeing(analysis)),
        verdicts=analysis.verdicts,
        unasked=unasked,
    )


def money_outcomes(study: Study) -> tuple[str, ...]:
    """Return the outcomes that carry money in the scenario; without a scenario all of them."""
    names = [outcome.name for outcome in study.outcomes]
    if study.scenario is None:
        mirrored = study.dated and "retained" in names
        return tuple(name for name in names if not (mirrored and name == "churned"))
    cost = WORTH
    ranges, used = study.scenario.ranges, list(MONEY_OUTCOMES)
    if not study.dated and "retained" not in names:
        used.append("churned")
    if study.churn == "no_purchase":  # who buys nothing for a while may come back
        used.remove("retained")
    return tuple(
        name for name in used if name in names and (name not in cost or ranges[cost[name]].high > 0)
    )


def _undated(study: Study) -> Iterator[Doubt]:
    if not study.dated:
        yield Doubt(
            "the outcomes have no dates, so whether they came after the answers is not known"
        )


def _baselines(panel: Panel) -> Iterator[Doubt]:
    """Name the outcomes of which nothing before the answers is held equal."""
    names = [outcome.name for outcome in panel.study.outcomes if outcome.name not in _NEVER_BEFORE]
    known = {name: _known_before(panel, name) for name in names}
    without = tuple(name for name, share in known.items() if share == 0)
    if without:
        yield Doubt("no {} before the answers is known that could be held equal", 1, without)
    few = tuple(name for name, share in known.items() if 0 < share < 1 - MOST_LOST)
    if few:
        yield Doubt("{} before the answers is known for under half of them", 1, few)


def _known_before(panel: Panel, outcome: str) -> float:
    """Return for which share of the answers a baseline is known; 0 where it is all the same."""
    try:
        before = baseline_of(panel, outcome)
    except ModelError:
        return 0.0
    known = is_known(before)
    count = float((1.0 * known).sum())
    if not count:
        return 0.0
    low, high = extremes(among(before, known), among(known, known))
    return count / panel.size if low < high else 0.0


def _lost(panel: Panel) -> Iterator[Doubt]:
    """Say which tables lost many of their rows, or hold many that belong to nobody."""
    ledger = panel.ledger
    for table in dict.fromkeys(entry.table for entry in ledger.entries):
        whole = ledger.rows(table, "read")
        read = whole - _not_chosen(ledger, table)
        if table == "invitations" or not read:
            continue
        faulty, immature = _set_aside(ledger, table)
        if faulty > MANY_LOST * read:
            share = f"{percent(faulty / read)} of the rows of {table} were set aside"
            yield Doubt(share, 2 if faulty > MOST_LOST * read else 1)
        if immature > MOST_LOST * read:
            yield Doubt(
                f"{percent(immature / read)} of the rows of {table} are too recent to count"
            )
        # Whether ids match is seen in the whole tables, of which the study may be about a part.
        part = table != "responses" or panel.study.only
        answered = whole if part else panel.coverage.answered
        strangers = sum(e.rows for e in ledger.entries if e.table == table and _stranger(e.reason))
        if answered and strangers > MANY_LOST * answered:
            what = "customers who answered" if table == "responses" else f"rows of {table}"
            yield Doubt(f"{percent(strangers / answered)} of the {what} match no customer")


def _set_aside(ledger: Ledger, table: str) -> tuple[int, int]:
    """Return how many rows were set aside as faulty, and as immature."""
    aside = [e for e in ledger.entries if e.table == table and e.action == "set aside"]
    immature = sum(e.rows for e in aside if e.reason.startswith(_IMMATURE))
    faulty = sum(e.rows for e in aside if not e.reason.startswith((*_BY_DESIGN, _IMMATURE)))
    return faulty, immature


def _not_chosen(ledger: Ledger, table: str) -> int:
    """Return how many rows are of others than those whom the study is about."""
    entries = (e for e in ledger.entries if (e.table, e.action) == (table, "set aside"))
    return sum(e.rows for e in entries if e.reason.startswith(NOT_CHOSEN))


def _stranger(reason: str) -> bool:
    return NO_CUSTOMER in reason or NO_OTHER_TABLE in reason


def _unknown(analysis: Analysis) -> Iterator[Doubt]:
    """Name the outcomes that are not known for many of the answers."""
    size = analysis.panel.size
    lost = {name: 1 - r.adjusted.n / size for name, r in analysis.regressions.items()}
    most = tuple(name for name, share in lost.items() if share > MOST_LOST)
    many = tuple(name for name, share in lost.items() if MANY_LOST < share <= MOST_LOST)
    if most:
        yield Doubt(f"for over {percent(MOST_LOST)} of the answers {{}} is not known", 2, most)
    if many:
        yield Doubt(f"for over {percent(MANY_LOST)} of the answers {{}} is not known", 1, many)


def _agreeing(analysis: Analysis) -> Iterator[str]:
    for name, regression in analysis.regressions.items():
        within = analysis.within.get(name)
        if within is not None and told_apart(within.estimate):
            change, gap = within.estimate.estimate or 0.0, regression.contrast.estimate or 0.0
            if change * gap > 0:
                yield name
