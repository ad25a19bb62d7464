"""Metrics for readers: the catalogue, what was measured, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from ..metrics.catalogue import CATALOGUE
from ..metrics.changes import Changes
from ..metrics.compute import Measured, Metrics
from ..metrics.linked import Linked, LinkedTable
from ..metrics.metric import Metric
from ..metrics.unions import UNIONS
from ..reading.whose import OF_VISITORS
from ..results.display import Table, Text
from ..results.formats import percent, without_unit
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.ledger import Ledger
    from ..results.estimate import Estimate

# Those that a reader looks for first.
MAIN = (
    *("nps", "csat", "ces", "response_rate", "first_response_time", "call_abandonment"),
    *("cart_abandonment", "churn", "repeat_purchase", "purchase_amount", "clv", "conversion"),
    *("net_revenue_retention", "referrals_per_customer", "employee_nps"),
)
NOT_COVERED = "what is not complete, or was asked otherwise, is not covered"


def catalogue(names: Collection[str] = ()) -> pd.DataFrame:
    """Return every metric: what it asks, how it is computed, what it needs, what is called good."""
    import pandas as pd

    chosen = [m for m in CATALOGUE.values() if not names or m.name in names]
    rows = [
        {
            "metric": metric.name,
            "question": metric.question,
            "formula": metric.formula,
            "needs": needs(metric),
            "good": f"{metric.band.said} ({metric.band.article})" if metric.band else "",
        }
        for metric in chosen
    ]
    return pd.DataFrame(rows)


def needs(metric: Metric) -> str:
    """Return the tables and columns that a metric needs, in a line."""
    parts = []
    for need, columns in metric.needs.items():
        role, _, kind = need.partition(":")
        if role == "scores":
            beside = f" with its {', '.join(columns)}" if columns else ""
            parts.append((f"a score of kind {kind}" if kind else "a score") + beside)
        elif role in UNIONS:
            ways = UNIONS[role].parts.items()
            parts.append(" or ".join(f"{one} ({', '.join(way.columns)})" for one, way in ways))
        elif role == "asked":
            parts.append(f"invitations ({', '.join(columns)}) and answers")
        elif role != "people":
            parts.append(f"{role} ({', '.join(columns)})" if columns else role)
    return "; ".join(parts)


def main(found: Metrics) -> Table:
    """Return the metrics that a reader looks for first, without what each tells apart."""
    chosen = [one for name in MAIN for one in found.of(name) if one.estimate.n >= MINIMUM_GROUP]
    return _table(chosen)


def table(found: Metrics, section: str = "") -> Table:
    """Return what was measured: a row a metric and part, with interval, n and what is good.

    What rests on under 30 observations is a dash with their number.

    Parameters
    ----------
    section
        Of which metrics alone: one of `SECTIONS`, or ``own``; all when empty.
    """
    return _table([m for m in found.measured if section in ("", m.section)])


def _table(chosen: Sequence[Measured]) -> Table:
    import pandas as pd

    rows = [_row(one) for one in chosen]
    frame = pd.DataFrame(
        rows, columns=["metric", "of", "estimate", "95 % interval", "unit", "n", "good"]
    )
    return Table(frame if frame["of"].any() else frame.drop(columns="of"))


def _row(one: Measured) -> dict[str, object]:
    e = one.estimate
    few = e.n < MINIMUM_GROUP
    shown = without_unit([None] if few else [e.estimate, e.conf_low, e.conf_high], e.unit)
    interval = "–" if few or e.conf_low is None else f"{shown[1]} to {shown[2]}"
    of = ", ".join(word for word in (one.shown_part, one.group, one.quarter) if word)
    unit = "%" + e.unit.removeprefix("share") if e.unit.startswith("share") else e.unit
    return {
        "metric": one.title,
        "of": of,
        "estimate": shown[0],
        "95 % interval": interval,
        "unit": unit,
        "n": e.n,
        "good": one.good,
    }


def changed(found: Changes | None) -> Text:
    """Say which metrics changed since the wave before, beyond what chance explains."""
    if found is None:
        return Text(("There are no two whole waves with enough answers to compare.",))
    said = [_moved(e) for e in found.beyond_chance]
    tested = len(found.estimates)
    if not said:
        return Text(
            (
                f"Of {tested} metrics none changed beyond chance from {found.before} to "
                f"{found.after}; {NOT_COVERED}.",
            )
        )
    first = (
        f"Of {tested} metrics {len(said)} changed beyond chance from {found.before} to "
        f"{found.after}; at most about one in twenty of such findings is chance; "
        f"{NOT_COVERED}."
    )
    return Text((first, *said), "list")


def _moved(change: Estimate) -> str:
    """Say by how much a metric rose or fell, with both ends of the interval as they are."""
    rose = (change.estimate or 0.0) > 0
    ends = [change.estimate, change.conf_low, change.conf_high]
    ends = ends if rose else [-v for v in ends if v is not None]
    size, low, high = without_unit(ends, change.unit)
    low, high = (low, high) if rose else (high, low)
    share = change.unit.startswith("share")
    unit = "points" + change.unit.removeprefix("share") if share else change.unit
    return f"{change.term} {'rose' if rose else 'fell'} by {size} {unit} ({low} to {high})."


def missing(found: Metrics) -> Text:
    """Return what the rest would need, a sentence for each lack, and what could not be read."""
    by_lack: dict[str, list[str]] = {}
    for name, lack in found.missing.items():
        metric = CATALOGUE.get(name)
        by_lack.setdefault(lack, []).append(metric.title if metric else name)
    said = [f"{', '.join(titles)}: needs {lack}." for lack, titles in by_lack.items()]
    for name, why in found.unread.items():
        said.append(f"The table {name} could not be read, so its metrics are missing: {why}")
    return Text(tuple(said), "list")


def linked(found: Linked) -> Table:
    """Return whose rows each table holds: people, and where else they are known from."""
    import pandas as pd

    names = {
        "rows": "rows",
        "people": "people",
        "customers": "customers",
        "prospects": "prospects",
        "elsewhere": "in other tables only",
        "strangers": "in no other table",
        "nobody": "rows of nobody",
        "unmatched": "rows that fit nobody",
        "ambiguous": "rows that fit several",
    }
    rows = [
        {"table": one.table} | {said: f"{getattr(one, name):,}" for name, said in names.items()}
        for one in found.tables
    ]
    return Table(pd.DataFrame(rows, columns=["table", *names.values()]))


def strangers(found: Linked) -> Text:
    """Say of which tables people or rows are not those of anybody whom the study knows."""
    said = [sentence for one in found.tables for sentence in _strange(one)]
    known = "Everybody in each table is in the customers table, a prospect, or in another table."
    return Text(tuple(said), "list") if said else Text((known,))


def _strange(one: LinkedTable) -> Iterator[str]:
    if one.strangers:
        about = "visitors" if one.table in OF_VISITORS else "people"
        share = percent(one.strangers / one.people)
        need = ", and need not be" if about == "visitors" else ""
        yield (
            f"{one.table}: {one.strangers:,} of {one.people:,} {about} ({share}) are in no other "
            f"table{need}."
        )
    if one.unmatched:
        rows = "1 row fits" if one.unmatched == 1 else f"{one.unmatched:,} rows fit"
        yield f"{one.table}: {rows} nobody, and this counts in no metric."
    if one.ambiguous:
        rows = "1 row fits" if one.ambiguous == 1 else f"{one.ambiguous:,} rows fit"
        yield f"{one.table}: {rows} several people, which is never guessed and counts in no metric."


def left_out(ledger: Ledger) -> Text:
    """Return which rows were read and set aside, and what else a reader should know of them."""
    said = [
        f"Rows of {entry.table} set aside: {entry.rows:,}, {entry.reason}."
        for entry in ledger.entries
        if entry.action == "set aside"
    ]
    return Text((*said, *ledger.warnings), "list")
