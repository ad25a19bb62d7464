"""What moves the score: every declared input, how much goes with it, and what a high score needs.

Association, not cause: an input goes with the score, whatever made both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ...moments.influence import normal_interval, normal_p_value
from ...results.display import TidyMixin, significant
from ...results.estimate import CONF_LEVEL, Estimate
from .directions import direction, performance, ratings_of
from .driver_columns import lay_out_drivers
from .driver_finding import DriverFinding
from .group_odds import Odds, group_odds
from .must_haves import must_haves
from .weighing import DRIVER, weigh

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Floats
    from ...study.declared import Study
    from ..driver_table import DriverTable
    from .driver_columns import DriverColumns, Input
    from .halo import Halo
    from .weighing import Weighed


@dataclass(frozen=True, repr=False, eq=False)
class Drivers(TidyMixin):
    """What moves the score.

    Attributes
    ----------
    answers, clusters, unit
        Answers used, independent units among them, and what these are called.
    findings
        By input, in the order of the table.
    groups
        By declared group of inputs: its importance, its inputs entering and leaving together.
    r_squared
        Share of the score's variance that all inputs together go with.
    odds
        Of the groups of the score, by input.
    halo
        What the ratings among the inputs have in common; None of fewer than three.
    refused
        Inputs that take no part, and why.
    weighted
        Whether answers have survey weights of their own, which all but must-haves use.
    """

    study: Study
    answers: int
    clusters: int
    unit: str
    findings: Mapping[str, DriverFinding]
    groups: Mapping[str, Mapping[str, Estimate]]
    r_squared: Estimate
    odds: Odds
    halo: Halo | None
    refused: Mapping[str, str]
    notes: tuple[str, ...]
    weighted: bool = False

    def __getitem__(self, name: str) -> DriverFinding:
        return self.findings[name]

    @property
    def ranked(self) -> tuple[DriverFinding, ...]:
        """The findings, the most important first."""
        return tuple(sorted(self.findings.values(), key=_least_important_last))

    @property
    def found(self) -> tuple[DriverFinding, ...]:
        """Those that go with the score beyond all others, the most important first."""
        return tuple(one for one in self.ranked if one.kind == DRIVER)

    @property
    def usual(self) -> tuple[float, float] | None:
        """Mean performance and mean share of what is explained, of inputs that stand somewhere."""
        placed = [one for one in self.findings.values() if one.performance is not None]
        if not placed:
            return None
        stands = [one.performance.estimate or 0.0 for one in placed if one.performance]
        shares = [one.importance["lmg_share"].estimate or 0.0 for one in placed]
        return sum(stands) / len(placed), sum(shares) / len(placed)

    @property
    def priorities(self) -> tuple[DriverFinding, ...]:
        """Drivers that are more important, and stand worse, than the mean of `usual`."""
        if self.usual is None:
            return ()
        stand, share = self.usual
        return tuple(
            one
            for one in self.found
            if one.performance is not None
            and (one.performance.estimate or 0.0) < stand
            and (one.importance["lmg_share"].estimate or 0.0) > share
        )

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure under its stable name, which ends in ``weighted`` where weights are used."""
        odds = self.odds
        by_input = (odds.steps, odds.ends, odds.rather)
        made = (
            self.r_squared,
            *(e for one in self.findings.values() for e in one.estimates),
            *(e for figures in self.groups.values() for e in figures.values()),
            *(e for found in by_input for own in found.values() for e in own),
            *((odds.whole,) if odds.whole else ()),
            *_halo_estimates(self),
        )
        if not self.weighted:
            return made
        needed = [one.must_have for one in self.findings.values() if one.must_have]
        plain = {estimate.name for one in needed for estimate in one.estimates}
        return tuple(e if e.name in plain else e.weighted("weighted") for e in made)

    def tidy(self) -> pd.DataFrame:
        """Return one row an input, the most important first."""
        import pandas as pd

        return pd.DataFrame([one.row for one in self.ranked])


def find_drivers(table: DriverTable) -> Drivers:
    """Find what moves the score: how much of it goes with each input, and what a high one needs.

    Parameters
    ----------
    table
        Answers with their inputs, known at the time of the answer.

    Returns
    -------
    Drivers
        Importance (LMG, Johnson's weights, first, last) with intervals by cluster, slopes, odds of
        the groups, must-haves, and how each input stands. Means of waves are removed.

    Raises
    ------
    ScarceDataError
        Too few answers or independent units, or no input that varies.

    Examples
    --------
    >>> found = find_drivers(table)  # doctest: +SKIP
    >>> found["days_late"].kind, found["days_late"].importance["lmg"].estimate  # doctest: +SKIP
    ('driver', 0.14)
    """
    study, columns = table.study, lay_out_drivers(table)
    unit = "clusters" if study.clustered else "customers"
    weighed = weigh(columns, ratings_of(columns, study), unit, study.seed)
    odds = group_odds(columns, weighed.slopes.kept, study.origin)
    groups = {
        name.removeprefix("group."): figures
        for name, figures in weighed.figures.items()
        if name.startswith("group.")
    }
    return Drivers(
        study,
        len(columns.score),
        columns.clusters,
        unit,
        _findings(table, columns, weighed),
        groups,
        weighed.r_squared,
        odds,
        weighed.halo,
        columns.refused,
        (*columns.notes, *weighed.notes, *odds.notes),
        bool(np.ptp(columns.weight) > 0),
    )


def _findings(
    table: DriverTable, columns: DriverColumns, weighed: Weighed
) -> dict[str, DriverFinding]:
    study = table.study
    ways = {one.driver.name: direction(one, weighed, study) for one in columns.inputs}
    placed = {
        one.driver.name: (one, _values(one, columns, table), ways[one.driver.name].sign)
        for one in columns.inputs
        if ways[one.driver.name].sign and not one.levels
    }
    needed = must_haves(columns, placed, study.seed)
    stands = {name: performance(*own, columns, study) for name, own in placed.items()}
    return {
        name: DriverFinding(
            one.driver,
            weighed.kinds[name],
            ways[name],
            weighed.figures[name],
            _slope(one, columns, weighed),
            weighed.p_last[name],
            one.deviation,
            one.missing,
            needed.get(name),
            stands.get(name),
        )
        for name, one in ((one.driver.name, one) for one in columns.inputs)
    }


def _values(one: Input, columns: DriverColumns, table: DriverTable) -> Floats:
    """Return a quantity in its own unit, NaN where unknown."""
    return table.frame[f"x_{one.driver.name}"].to_numpy(dtype=float)[columns.rows]


def _slope(one: Input, columns: DriverColumns, weighed: Weighed) -> Estimate | None:
    column, slopes = one.columns[0], weighed.slopes
    if one.levels or slopes.repeats[column]:
        return None
    value, error = float(slopes.params[column]), sqrt(slopes.covariance[column, column])
    size = f"{significant(one.deviation, 3)} {one.driver.unit}".strip()
    return Estimate(
        f"driver.{one.driver.name}.slope",
        value,
        *normal_interval(value, error, CONF_LEVEL, slopes.freedom),
        error,
        "points of the score towards better, for each standard deviation more",
        len(columns.score),
        "least squares, all inputs and waves held equal; errors by cluster",
        f"One standard deviation is {size}.",
        p_value=normal_p_value(value, error, slopes.freedom),
    )


def _halo_estimates(drivers: Drivers) -> tuple[Estimate, ...]:
    halo = drivers.halo
    if halo is None:
        return ()
    none, n = "A share of what ratings have in common, told without interval.", drivers.answers
    how = "of correlations of ratings, each two where both are known"
    share = f"share that the first component carries; {how}"
    return (
        Estimate("drivers.halo", halo.share, None, None, None, "share of variance", n, share, none),
        Estimate(
            "drivers.halo.mean_correlation",
            halo.mean_correlation,
            None,
            None,
            None,
            "correlation",
            n,
            f"mean {how}",
            none,
        ),
    )


def _least_important_last(one: DriverFinding) -> float:
    return -(one.importance["lmg"].estimate or 0.0)
