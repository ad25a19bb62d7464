"""Metrics of the tables of a study, each with its interval; what is missing for the rest."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import ParameterError, nearest
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .bands import against_band, band_of
from .catalogue import CATALOGUE
from .kinds import KINDS, Found, Sums, function_of
from .metric import Metric
from .needs import formula_of, missing_of, option_of, roles_of
from .own import declared_metrics
from .period import Period, coverage_of, period_of, waves_of
from .relations import scores_of
from .sums import Cell, ends_of, medians_of, rows_of, sums_of

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables
    from ..study.declared import Study

BY_QUARTER = "quarter"
MOST_PARTS = 50
NUMBERED = ("contact_volume_by_weekday", "response_by_delay")  # parts begin with their place
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

    @property
    def shown_part(self) -> str:
        """The part without the digit that it is sorted by."""
        return self.part[2:] if self.metric in NUMBERED and self.part[:1].isdigit() else self.part

    @property
    def full_title(self) -> str:
        """The title with the part."""
        return f"{self.title}: {self.shown_part}" if self.part else self.title


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
    waves
        Of ``by="quarter"``: in their order, those that the tables cover as a whole and in which
        at least 30 gave the main score.
    """

    measured: tuple[Measured, ...]
    missing: Mapping[str, str]
    by: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)
    waves: tuple[str, ...] = ()

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
    >>> from cxroi.metrics import compute
    >>> compute(tables, ["nps", "churn"], by="segment")  # doctest: +SKIP
    """
    known = {**CATALOGUE, **declared_metrics(tables.study, CATALOGUE)}
    chosen = [_named(name, known) for name in dict.fromkeys(names)] or list(known.values())
    if by and by != BY_QUARTER and by not in tables.study.attributes:
        fix = nearest(by, [*tables.study.attributes, BY_QUARTER])
        raise ParameterError(f"there is no attribute {by!r}", fix=fix)
    waves = waves_of(tables) if by == BY_QUARTER and not quarter else (quarter,)
    attribute = "" if by == BY_QUARTER else by
    coverage = coverage_of(tables)
    if by == BY_QUARTER and not quarter:
        waves = tuple(w for w in waves if period_of(tables, w, (), coverage).whole)
    measured: list[Measured] = []
    missing: dict[str, str] = {}
    for metric in chosen:
        if said := missing_of(metric, tables.study, attribute, tables.date_only):
            missing[metric.name] = said
            continue
        roles = roles_of(metric, tables.study)
        found = [
            one
            for wave in waves
            for one in _measure(metric, tables, period_of(tables, wave, roles, coverage), attribute)
        ]
        measured += found
        if not found:
            missing[metric.name] = "rows in the time that is looked at: its tables have none there"
    enough = waves_of(tables, MINIMUM_GROUP) if by == BY_QUARTER else ()
    return Metrics(tuple(measured), missing, by, waves=tuple(w for w in enough if w in waves))


def _named(name: str, known: Mapping[str, Metric]) -> Metric:
    if name not in known:
        raise ParameterError(f"there is no metric {name!r}", fix=nearest(name, known))
    return known[name]


def _measure(metric: Metric, tables: Tables, period: Period, by: str) -> list[Measured]:
    if period.start >= period.end or not (period.dated or metric.weighted):
        return []
    chosen = option_of(metric, tables.study)
    rows = rows_of(
        metric, tables, period, by, metric.options[chosen[0]][chosen[1]] if chosen else ""
    )
    if metric.kind == "median":
        sums, middles = medians_of(rows)
        kept, note = _most(sums)
        found = ends_of(rows, sums, middles, kept)
    else:
        kind = (
            function_of(metric.value, metric.columns, metric.counted)
            if metric.value
            else KINDS[metric.kind]
        )
        sums = sums_of(rows, kind.columns, kind.known)
        kept, note = _most(sums)
        found = {cell: kind.make(sums[cell]) for cell in kept}
    titles = {score.name: score.title for score in scores_of(tables.study)}
    measured = []
    for part, group in kept:
        banded = replace(metric, band=band_of(metric, str(part), tables.study))
        about = (metric.name, metric.title, metric.section, banded.band.said if banded.band else "")
        one, cell = found[part, group], (part, group)
        said = titles.get(str(part), part) if metric.parts == OF_SCORES else part
        where = (
            _said(said) if metric.parts else "",
            _said(group) if by else "",
            period.name,
        )
        estimate = _estimate(banded, tables, period, by, where, sums[cell], one)
        if note:
            estimate = replace(estimate, note=". ".join(filter(None, (estimate.note, note))))
        measured.append(Measured(*about, estimate, *where))
    return measured


def _most(sums: Mapping[Cell, Sums]) -> tuple[list[Cell], str]:
    """Return the parts with the most rows, of the groups with the most, and how many there are."""
    kept, said = list(sums), []
    for place, what in enumerate(("parts", "groups")):
        rows: Counter[object] = Counter()
        for cell, one in sums.items():
            rows[cell[place]] += one.rows
        if len(rows) > MOST_PARTS:
            most = {value for value, _ in rows.most_common(MOST_PARTS)}
            kept = [cell for cell in kept if cell[place] in most]
            said.append(f"the {MOST_PARTS} {what} with the most rows are shown, of {len(rows):,}")
    return kept, ". ".join(said)


def _said(value: object) -> str:
    return "not known" if value in (None, "") else str(value)


def _estimate(
    metric: Metric,
    tables: Tables,
    period: Period,
    by: str,
    where: tuple[str, str, str],
    sums: Sums,
    found: Found,
) -> Estimate:
    part, group, quarter = map(_escaped, where)
    words = (part, f"{by}={group}" if by else "", quarter and f"quarter={quarter}")
    return found.told(
        ".".join(["metric", _escaped(metric.name), *(word for word in words if word)]),
        _unit(metric, tables.study, period),
        sums.rows if found.n is None else found.n,
        f"{formula_of(metric, tables.study)}; {found.how}",
        note=against_band(metric, found),
        term=metric.title,
    )


def _unit(metric: Metric, study: Study, period: Period) -> str:
    """Return the unit with the currency and the length of the period in their places."""
    (_, later), (_, alike) = period.previous(), period.like()
    lengths = {"{days}": period.days, "{now_days}": _days(later), "{like_days}": _days(alike)}
    unit = metric.unit.replace("{currency}", study.currency or "money")
    for place, days in lengths.items():
        unit = unit.replace(place, f"{days:.0f}")
    return unit


def _days(span: tuple[dt.datetime, dt.datetime]) -> float:
    return (span[1] - span[0]) / dt.timedelta(days=1)


def _escaped(word: str) -> str:
    """Return a word without dots, which tell apart the words of a name."""
    return word.replace("%", "%25").replace(".", "%2E")
