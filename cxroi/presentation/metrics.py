"""Metrics for readers: the catalogue, what was measured, and what is missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..metrics.catalogue import CATALOGUE
from ..metrics.compute import Measured, Metrics, good_of
from ..metrics.metric import Metric
from ..results.display import Table, Text, significant
from ..results.formats import aligned

if TYPE_CHECKING:
    import pandas as pd

_SECTIONS = {
    "attitude": "What they say",
    "behaviour": "What they do",
    "service": "How they are served",
    "outcome": "What they buy and whether they stay",
    "own": "The study's own",
}


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
            "good": good_of(metric),
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
            parts.append(f"a score of kind {kind}" if kind else "a score")
        elif role == "asked":
            parts.append(f"invitations ({', '.join(columns)}) and answers")
        elif role != "people":
            parts.append(f"{role} ({', '.join(columns)})" if columns else role)
    return "; ".join(parts)


def table(found: Metrics, section: str = "") -> Table:
    """Return what was measured: a row a metric and part, with interval, n and what is good.

    Parameters
    ----------
    section
        Of which metrics alone: one of `SECTIONS`, or ``own``; all when empty.
    """
    import pandas as pd

    chosen = [m for m in found.measured if section in ("", m.section)]
    rows = [_row(one) for one in chosen]
    frame = pd.DataFrame(rows, columns=["", "of", "estimate", "95 % interval", "unit", "n", "good"])
    return Table(frame if frame["of"].any() else frame.drop(columns="of"))


def _row(one: Measured) -> dict[str, object]:
    e = one.estimate
    shown = _shown(e.unit, [e.estimate, e.conf_low, e.conf_high])
    interval = f"{shown[1]} to {shown[2]}" if e.conf_low is not None else "–"
    of = ", ".join(word for word in (one.part, one.group, one.quarter) if word)
    unit = "%" + e.unit.removeprefix("share") if e.unit.startswith("share") else e.unit
    return {
        "": one.title,
        "of": of,
        "estimate": shown[0],
        "95 % interval": interval,
        "unit": unit,
        "n": e.n,
        "good": one.good,
    }


def _shown(unit: str, values: list[float | None]) -> list[str]:
    if unit.startswith("share"):
        return [significant(None) if v is None else f"{100 * v:.1f}" for v in values]
    return aligned(values)


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
