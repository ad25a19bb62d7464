"""Metrics of the tables of a study, each with its interval; what is missing for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ParameterError, nearest
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from .catalogue import CATALOGUE
from .kinds import KINDS, Found, Sums, function_of
from .metric import Metric
from .own import declared_metrics
from .period import Period, period_of, waves_of
from .relations import scores_of
from .sums import medians_of, rows_of, sums_of

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables
    from ..study.declared import Study

BY_QUARTER = "quarter"
MOST_PARTS = 30
OF_SCORES = "score"  # parts that are the names of scores


@dataclass(frozen=True)
class Measured:
    """One metric of one part of the customers in one period.

    Attributes
    ----------
    metric, title, section
        Name of the metric, for readers, and the section of the catalogue; ``own`` of the study's.
    good
        What an article calls good; empty where none does.
    part, group, quarter
        Of what the metric itself tells apart, such as a reason; the value of the attribute asked
        for; the wave. Empty for all.
    """

    metric: str
    title: str
    section: str
    good: str
    estimate: Estimate
    part: str = ""
    group: str = ""
    quarter: str = ""


@dataclass(frozen=True, repr=False)
class Metrics(TidyMixin):
    """What was measured, and what is missing for the rest.

    Attributes
    ----------
    missing
        Metric -> what it needs and the study does not have.
    by
        What the customers were told apart by.
    unread
        Table -> why it could not be read.
    """

    measured: tuple[Measured, ...]
    missing: Mapping[str, str]
    by: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)

    def tidy(self) -> pd.DataFrame:
        """Return one row an estimate: metric, part, group, quarter, estimate, interval, unit, n."""
        import pandas as pd

        rows = [
            {
                "metric": m.metric,
                "part": m.part,
                "group": m.group,
                "quarter": m.quarter,
                "estimate": m.estimate.estimate,
                "conf_low": m.estimate.conf_low,
                "conf_high": m.estimate.conf_high,
                "unit": m.estimate.unit,
                "n": m.estimate.n,
                "good": m.good,
                "method": m.estimate.method,
            }
            for m in self.measured
        ]
        return pd.DataFrame(rows)

    def of(self, name: str) -> tuple[Measured, ...]:
        """Return what was measured of a metric."""
        return tuple(m for m in self.measured if m.metric == name)


def compute(
    tables: Tables,
    names: Sequence[str] = (),
    *,
    by: str = "",
    quarter: str = "",
) -> Metrics:
    """Compute metrics of the catalogue and of the study's own.

    Parameters
    ----------
    tables
        Read with ``every=True``.
    names
        Which; all when empty.
    by
        An attribute whose values are told apart, or ``quarter``: each wave by itself, of those
        that the tables cover as a whole.
    quarter
        The wave whose observations count; all when empty.

    Raises
    ------
    ParameterError
        A name that there is not, or an attribute that the study does not have.

    Examples
    --------
    >>> cx.metrics.compute(tables, ["nps", "churn"], by="segment")  # doctest: +SKIP
    """
    known = {**CATALOGUE, **declared_metrics(tables.study, CATALOGUE)}
    chosen = [_named(name, known) for name in names] or list(known.values())
    if by and by != BY_QUARTER and by not in tables.study.attributes:
        fix = nearest(by, [*tables.study.attributes, BY_QUARTER])
        raise ParameterError(f"there is no attribute {by!r}", fix=fix)
    missing = {m.name: said for m in chosen if (said := missing_of(m, tables.study))}
    measured: list[Measured] = []
    if by == BY_QUARTER:
        periods = [p for p in (period_of(tables, w) for w in waves_of(tables)) if p.whole]
    else:
        periods = [period_of(tables, quarter)]
    for metric in chosen:
        if metric.name not in missing:
            for period in periods:
                measured += _measure(metric, tables, period, "" if by == BY_QUARTER else by)
    return Metrics(tuple(measured), missing, by)


def _named(name: str, known: Mapping[str, Metric]) -> Metric:
    if name not in known:
        raise ParameterError(f"there is no metric {name!r}", fix=nearest(name, known))
    return known[name]


def missing_of(metric: Metric, study: Study) -> str:
    """Return what a metric needs and a study does not declare, in words; empty where it has all."""
    return lacking_of(metric.needs, study)


def lacking_of(needs: Mapping[str, tuple[str, ...]], study: Study) -> str:
    """Return which of the tables, columns and scores needed a study does not declare, in words."""
    lacking = []
    for need, columns in needs.items():
        role, _, kind = need.partition(":")
        if role == "people":
            continue
        if role == "scores":
            if kind and not any(score.scale.kind == kind for score in scores_of(study)):
                lacking.append(f"a score of kind {kind} ([scores.{kind}])")
        elif role == "asked":
            if not any(set(columns) <= set(held) for held in _asked(study)):
                lacking.append(f"{', '.join(columns)} of [tables.invitations] and their answers")
        elif role not in study.sources:
            with_columns = f" with {', '.join(columns)}" if columns else ""
            lacking.append(f"[tables.{role}]{with_columns}")
        elif absent := [key for key in columns if key not in study.sources[role].columns]:
            lacking.append(f"{', '.join(absent)} of [tables.{role}]")
    return " and ".join(lacking)


def _asked(study: Study) -> list[Mapping[str, str]]:
    """Return the columns of the tables of invitations whose answers are declared too."""
    pairs = (("invitations", "responses"), ("rating_invitations", "ratings"))
    return [study.sources[i].columns for i, a in pairs if {i, a} <= set(study.sources)]


def _measure(metric: Metric, tables: Tables, period: Period, by: str) -> list[Measured]:
    declared = tables.study.metrics.get(metric.name, {})
    rows = rows_of(metric, tables, period, by, _option(metric, declared))
    if metric.kind == "median":
        cells = medians_of(rows)
    else:
        kind = function_of(metric.value, metric.columns) if metric.value else KINDS[metric.kind]
        sums = sums_of(rows, kind.columns, "x1 IS NOT NULL" if metric.value else "x IS NOT NULL")
        cells = {cell: (one, kind.make(one)) for cell, one in sums.items()}
    most = sorted(cells, key=lambda cell: -cells[cell][0].rows)[:MOST_PARTS]
    titles = {score.name: score.title for score in scores_of(tables.study)}
    measured = []
    for (part, group), (one, found) in cells.items():
        if (part, group) in most:
            part = titles.get(part, part) if metric.parts == OF_SCORES else part
            where = (_said(part), _said(group) if by else "", period.name)
            estimate = _estimate(metric, tables.study, period, one, found, where)
            about = (metric.name, metric.title, metric.section, good_of(metric))
            measured.append(Measured(*about, estimate, *where))
    return measured


def good_of(metric: Metric) -> str:
    """Return what an article calls good of a metric; empty where none does."""
    return metric.band.said if metric.band else ""


def _said(value: object) -> str:
    return "not known" if value is None else str(value)


def _option(metric: Metric, declared: Mapping[str, object]) -> str:
    """Return the SQL of the definition that the study chose, or of the default."""
    for name, values in metric.options.items():
        chosen = str(declared.get(name, next(iter(values))))
        if chosen not in values:
            raise ParameterError(
                f"[metrics.{metric.name}] {name} is {chosen!r}", fix=nearest(chosen, values)
            )
        return values[chosen]
    return ""


def _estimate(
    metric: Metric, study: Study, period: Period, sums: Sums, found: Found, where: tuple[str, ...]
) -> Estimate:
    return Estimate(
        name=".".join(["metric", metric.name, *(word for word in where if word)]),
        estimate=found.estimate,
        conf_low=found.low,
        conf_high=found.high,
        std_error=found.error,
        unit=metric.unit.format(currency=study.currency or "money", days=f"{period.days:.0f}"),
        n=sums.rows,
        method=f"{metric.formula}; {found.how}",
        note=_against_band(metric, found),
        term=metric.title,
    )


def _against_band(metric: Metric, found: Found) -> str:
    """Say where an estimate lies beside what an article calls good."""
    band = metric.band
    if band is None or found.estimate is None:
        return ""
    if band.low is band.high is None:
        return f"{band.article} names {band.said}"
    low = float("-inf") if band.low is None else band.low
    high = float("inf") if band.high is None else band.high
    outside = "below" if found.estimate < low else "above"
    place = "inside" if low <= found.estimate <= high else outside
    return f"{place} what {band.article} calls good: {band.said}"
