"""Gap and ROI of each group of customers apart, as a table; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.display import Table, Text
from ..results.estimate import CONF_LEVEL
from ..results.formats import percent, shown_p, value_and_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..results.estimate import Estimate


def by_segment(analysis: Analysis, outcome: str = "spend") -> Table | Text:
    """Return the gap and the ROI for each value of the attributes that ``by`` names.

    Parameters
    ----------
    outcome
        Whose gap is shown; the first that was compared where it is not among the outcomes.

    Returns
    -------
    Table or Text
        Columns: attribute, value, answers, doubly robust gap (95 per cent interval), ROI
        (interval of 90 per cent of the draws), chance that it pays, and why something is missing.
        A sentence where the study names no attribute.

    Examples
    --------
    >>> run = cx.open_run("study.toml")  # doctest: +SKIP
    >>> cx.tables.by_segment(run.analysis)  # doctest: +SKIP
    """
    import pandas as pd

    if not analysis.segments:
        return Text(("The study file names no attribute by which groups are shown apart.",))
    names = list(analysis.regressions)
    shown = outcome if outcome in names or not names else names[0]
    currency, rows = analysis.study.currency, []
    for one in analysis.segments:
        gap, ratio, chance = (
            one.find(name)
            for name in (
                f"contrast.{shown}.doubly_robust",
                "roi.ratio",
                "roi.probability_positive",
            )
        )
        rows.append(
            (
                one.column.replace("_", " "),
                one.level or "–",
                f"{one.n:,}" if one.n else "–",
                _said(gap, currency),
                _said(ratio, currency),
                percent(chance.estimate) if chance else "–",
                str(one.refusal or ""),
            )
        )
    gap_of = f"gap in {shown.replace('_', ' ')} (95 % interval)"
    columns = ["by", "value", "answers", gap_of, "ROI (90 % interval)", "chance that it pays", ""]
    return Table(pd.DataFrame(rows, columns=columns))


def segments_differ(analysis: Analysis) -> Text:
    """Say whether groups of customers differ in their gap by more than chance."""
    return Text(tuple(_differ(analysis)), "list")


def _differ(analysis: Analysis) -> Iterator[str]:
    for e in analysis.heterogeneity:
        column, p = e.name.split(".")[1].replace("_", " "), e.p_value or 0.0
        more = "by more than" if p < 1 - CONF_LEVEL else "by no more than"
        yield (
            f"The gaps in {e.outcome.replace('_', ' ')} differ by {column} {more} chance "
            f"(p {shown_p(p)}, Cochran's Q)."
        )


def _said(e: Estimate | None, currency: str) -> str:
    return value_and_interval(e, currency) if e else "–"
