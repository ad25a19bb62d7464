"""Evidence: the tables of a study, its panel, and sums and rows of them that claims rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ScarceDataError
from ..metrics.compute import compute
from ..metrics.intervals import critical
from ..metrics.kinds import Found, Sums, function_of
from ..metrics.metric import Metric
from ..metrics.needs import roles_of
from ..metrics.period import Coverage, Period, coverage_of, period_of
from ..metrics.sums import rows_of, sums_of
from ..panel.building import build_panel
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_EVENTS, MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..reading.tables import Tables
    from ..study.declared import Study

Needs = Mapping[str, tuple[str, ...]]
DAYS = 90  # after an answer, or before it


@dataclass(frozen=True)
class Evidence:
    """What claims are held against."""

    tables: Tables

    @property
    def study(self) -> Study:
        """The study."""
        return self.tables.study

    @cached_property
    def coverage(self) -> Coverage:
        """What times the tables cover."""
        return coverage_of(self.tables)

    def period(self, needs: Needs) -> Period:
        """Return all that those tables cover that are counted, as of a metric."""
        roles = roles_of(_metric("", needs, False), self.study)
        return period_of(self.tables, roles=roles, coverage=self.coverage)

    @cached_property
    def panel(self) -> Panel:
        """One row a customer and wave, of all waves."""
        return build_panel(self.tables)

    def metric(self, name: str) -> Estimate:
        """Return a metric of the catalogue that has one estimate.

        Raises
        ------
        ScarceDataError
            There is none, or it has no interval.
        """
        measured = compute(self.tables, [name]).of(name)
        if not measured or measured[0].estimate.conf_low is None:
            raise ScarceDataError(f"the tables hold too little for the metric {name}")
        return measured[0].estimate

    def sums(self, rows: str, needs: Needs, columns: int, *, weighted: bool = False) -> Sums:
        """Return sums of ``x1``, ``x2`` ... of rows as of a metric, over its independent units.

        Raises
        ------
        ScarceDataError
            There is no row.
        """
        metric = _metric(rows, needs, weighted)
        wanted = tuple(f"w * x{k + 1}" for k in range(columns))
        counted = rows_of(metric, self.tables, self.period(needs), "", "")
        found = sums_of(counted, wanted, "x1 IS NOT NULL")
        if not found:
            raise ScarceDataError("the tables hold no row that the claim is about")
        return next(iter(found.values()))

    def frame(self, rows: str, needs: Needs) -> pd.DataFrame:
        """Return rows as of a metric with ``unit``, in an order that is the same every time."""
        found = rows_of(_metric(rows, needs, False), self.tables, self.period(needs), "", "")
        frame = self.tables.engine.frame(found.sql)
        return frame.sort_values(list(frame.columns), ignore_index=True)


def _metric(rows: str, needs: Needs, weighted: bool) -> Metric:
    made = Metric("claim", "", "own", "", "", "", "function", needs, rows)
    return replace(made, weighted=weighted)


def apart(rows: str, first: str, second: str, *, answers: bool = False) -> str:
    """Return the SQL of the sums of ``y`` and the number of rows in two parts.

    Parameters
    ----------
    rows
        SQL with ``customer``, ``seen_at``, ``weight``, ``wave`` and ``y``.
    first, second
        SQL that says which rows are of each part.
    answers
        Whether rows are answers, with ``answer`` and ``home``.
    """
    known = "customer, seen_at, weight, wave" + ", answer, home" * answers
    columns = ", ".join(
        f"CASE WHEN {part} THEN {what} ELSE 0.0 END AS x{k}"
        for k, (part, what) in enumerate(
            [(part, what) for part in (first, second) for what in ("CAST(y AS DOUBLE)", "1.0")],
            start=1,
        )
    )
    return f"SELECT {known}, {columns} FROM ({rows}) AS g"


def more_than(sums: Sums, unit: str, method: str) -> Estimate:
    """Return how much larger the mean of the first part is, as a share of that of the second.

    From the sums of `apart`; the interval is that of the log ratio (Katz and others, Biometrics 34
    (1978), 469-474) by the delta method over units.

    Raises
    ------
    ScarceDataError
        A part has under 30 rows, or under 10 events, or a mean that is not above zero.
    """
    s1, n1, s2, n2 = map(float, sums.totals)
    if min(n1, n2) < MINIMUM_GROUP:
        raise ScarceDataError(
            f"one of the two groups has {min(n1, n2):.0f} observations",
            f"at least {MINIMUM_GROUP} are needed in each",
        )
    if min(s1, s2) <= 0 or s1 + s2 < MINIMUM_EVENTS:
        raise ScarceDataError(
            "hardly anything of what is compared happened in one of the two groups",
            "without it there is no ratio",
        )
    found = function_of(_log_ratio, 4).make(sums)
    found = exponentiated(found, 1.0)
    return found.told(
        "",
        unit,
        round(n1 + n2),
        f"{method}; ratio of means less one, interval of the log ratio by the {found.how}",
    )


def _log_ratio(s1: Any, n1: Any, s2: Any, n2: Any) -> Any:
    return _log(s1) - _log(n1) - _log(s2) + _log(n2)


def _log(value: Any) -> Any:
    """Return the logarithm; of a complex number too, by whose step a derivative is taken."""
    return np.log(value) if isinstance(value, complex) else float(np.log(value))


def exponentiated(found: Found, less: float = 0.0) -> Found:
    """Return what was found on the log scale as a ratio, or as a ratio less one."""
    if found.estimate is None or found.low is None or found.high is None:
        raise ScarceDataError("all observations are of one customer")
    value, low, high = (float(np.exp(v)) for v in (found.estimate, found.low, found.high))
    return Found(value - less, low - less, high - less, value * (found.error or 0.0), found.how)


def ratio_of(top: Estimate, bottom: Estimate, scale: float = 1.0) -> Found:
    """Return the ratio of two estimates that rest on different rows, each above zero.

    Errors of the logarithms add up as if the two were independent.

    Raises
    ------
    ScarceDataError
        One of them is not above zero, or has no error.
    """
    a, b, se_a, se_b = top.estimate, bottom.estimate, top.std_error, bottom.std_error
    if not a or not b or a <= 0 or b <= 0 or se_a is None or se_b is None:
        raise ScarceDataError("one of the two figures is not above zero, so there is no ratio")
    error = float(np.hypot(se_a / a, se_b / b))
    middle = float(np.log(scale * a / b))
    half = critical() * error
    return exponentiated(Found(middle, middle - half, middle + half, error))
