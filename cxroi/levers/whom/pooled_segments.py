"""Gaps, moves and ROI of each segment beside what they are once segments inform one another.

Each segment is analysed alone (`value.segments`); a small one then differs from the rest by chance
most of all. `random_effects` draws the figures of an attribute's values towards one another as far
as they are alike, and says how far they are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...effects.adjusted import Regression
from ...errors import CxroiError, attempt
from ...respondents.moves import count_moves
from ...results.display import TidyMixin
from ...results.estimate import CONF_LEVEL, Estimate, tidy_table
from ...value.basis import Basis, basis_of
from ...value.scenarios import returns_of
from ...value.segments import regressed_part
from .random_effects import Drawn, draw_together

if TYPE_CHECKING:
    import pandas as pd

    from ...analysis import Analysis
    from ...study.declared import Study
    from ...value.segments import Segment

FEWEST = 2
METHOD = "drawn towards the other values of {column} as far as they are alike (random effects)"
LOGIT, ODDS = "made on log odds", "log odds"
SHARE = "share of answers, Wilson's interval or one from influence values"


@dataclass(frozen=True)
class Pooled:
    """One figure of the values of one attribute.

    Attributes
    ----------
    column, figure
        The attribute; the figure, such as ``contrast.spend`` or ``moves.passive.promoter``.
    levels, alone, pooled
        The values that have it, each alone and drawn together.
    differ
        ``segment.<column>.heterogeneity.<outcome>``, of moves ``.<figure>``: Cochran's Q with its
        p value; None of a ROI, whose gaps are drawn together and not itself.
    spread
        ``segment.<column>.spread.<figure>``: standard deviation of the true figures.
    """

    column: str
    figure: str
    levels: tuple[str, ...]
    alone: tuple[Estimate, ...]
    pooled: tuple[Estimate, ...]
    differ: Estimate | None = None
    spread: Estimate | None = None


@dataclass(frozen=True, repr=False)
class PooledSegments(TidyMixin):
    """Segments that inform one another.

    Attributes
    ----------
    figures
        Of each attribute that ``by`` names and that has two or more values to show.
    refusals
        Why there are no moves, or no ROI, by attribute and figure.
    """

    study: Study
    figures: tuple[Pooled, ...]
    refusals: Mapping[str, CxroiError]

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """What is drawn together and how far figures differ, but for what an analysis names.

        So of gaps and ROI the pooled ones, of moves ``segment.<column>.<value>.moves.<from>.<to>``
        too, each value alone, and whether they differ.
        """
        found: list[Estimate | None] = []
        for one in self.figures:
            if one.figure.startswith("moves."):
                found += [*one.alone, one.differ]
            found += [*one.pooled, one.spread]
        return tuple(e for e in found if e is not None)

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure."""
        return tidy_table(self.estimates)


def pooled_segments(analysis: Analysis) -> PooledSegments:
    """Draw gaps, moves and ROI of segments towards one another as far as they are alike.

    Gaps are drawn together, and the ROI of each segment is made again with the gaps that come of
    that; shares that move of themselves on the scale of their log odds. A value of under 30
    answers, or one that was refused, takes no part.

    Parameters
    ----------
    analysis
        Of a study whose ``by`` names attributes.

    Examples
    --------
    >>> run = cx.open_run("study.toml")  # doctest: +SKIP
    >>> cx.pooled_segments(run.analysis).tidy()  # doctest: +SKIP
    """
    figures: list[Pooled] = []
    refusals: dict[str, CxroiError] = {}
    for column in dict.fromkeys(segment.column for segment in analysis.segments):
        segments = [s for s in analysis.segments if s.column == column and s.level]
        figures += _gaps(analysis, column, segments)
        for what, make in (("moves", _moves), ("roi", _returns)):
            made = attempt(partial(make, analysis, column, segments))
            if isinstance(made, CxroiError):
                refusals[f"{column}.{what}"] = made
            elif made is not None:
                figures.append(made)
    return PooledSegments(analysis.study, tuple(figures), refusals)


def _gaps(analysis: Analysis, column: str, segments: Sequence[Segment]) -> Iterator[Pooled]:
    for outcome in analysis.regressions:
        found = {s.level: s.find(f"contrast.{outcome}.doubly_robust") for s in segments}
        known = {k: e for k, e in found.items() if e and e.estimate is not None and e.std_error}
        if len(known) >= FEWEST:
            yield _drawn(column, f"contrast.{outcome}", known)


def _moves(analysis: Analysis, column: str, segments: Sequence[Segment]) -> Pooled | None:
    """Draw the shares together that move of themselves; refuses as `count_moves`."""
    from scipy.special import expit, logit

    study = analysis.study
    figure, shown = f"moves.{study.origin}.{study.target}", {s.level for s in segments if s.n}
    alone = {
        level: replace(e, name=f"segment.{column}.{level}.{figure}")
        for level, e in _shares(analysis, column).items()
        if level in shown
    }
    if len(alone) < FEWEST:
        return None
    odds = {}
    for level, e in alone.items():
        value, low, high = (float(logit(v)) for v in (e.estimate, e.conf_low, e.conf_high))
        odds[level] = replace(e, estimate=value, std_error=_error_of(low, high))
    made = _drawn(column, figure, odds)
    pooled = tuple(
        replace(
            e,
            estimate=float(expit(e.estimate)),
            conf_low=float(expit(e.conf_low)),
            conf_high=float(expit(e.conf_high)),
            std_error=None,
            method=f"{e.method}, {LOGIT}",
        )
        for e in made.pooled
    )
    spread = made.spread and replace(made.spread, unit=ODDS)
    return replace(made, alone=tuple(alone.values()), pooled=pooled, spread=spread)


def _shares(analysis: Analysis, column: str) -> dict[str, Estimate]:
    """Return by value of an attribute the share that moves of itself; where all or none, not."""
    table = count_moves(analysis.panel, column).by_segment
    rows = [] if table is None else table.to_dict("records")
    return {
        row["segment"]: Estimate(
            "", row["share"], row["conf_low"], row["conf_high"], None, "share", row["n"], SHARE
        )
        for row in rows
        if row["to"] == analysis.study.target and 0 < row["share"] < 1
    }


def _error_of(low: float, high: float) -> float:
    """Return the standard error that a normal interval of 95 % has been made of."""
    from scipy.special import ndtri

    return (high - low) / (2 * float(ndtri(0.5 + CONF_LEVEL / 2)))


def _drawn(column: str, figure: str, known: Mapping[str, Estimate]) -> Pooled:
    """Draw the figures of an attribute's values towards one another."""
    alone = list(known.values())
    found = draw_together([e.estimate or 0.0 for e in alone], [e.std_error or 0.0 for e in alone])
    how = METHOD.format(column=column.replace("_", " "))
    pooled = tuple(
        replace(
            e,
            name=f"segment.{column}.{level}.{figure}.pooled",
            estimate=float(found.values[k]),
            conf_low=float(found.lows[k]),
            conf_high=float(found.highs[k]),
            std_error=float(found.errors[k]),
            method=f"{how}; alone: {e.method}",
            statistic=None,
            p_value=None,
        )
        for k, (level, e) in enumerate(known.items())
    )
    differ, spread = _spread(column, figure, alone, found)
    return Pooled(column, figure, tuple(known), tuple(alone), pooled, differ, spread)


def _spread(
    column: str, figure: str, alone: Sequence[Estimate], found: Drawn
) -> tuple[Estimate, Estimate]:
    n, unit, outcome = sum(e.n for e in alone), alone[0].unit, alone[0].outcome
    own, dof = f"segment.{column}", len(alone) - 1
    differ = Estimate(
        f"{own}.heterogeneity.{figure.removeprefix('contrast.')}", found.q, None, None, None,
        "Cochran's Q", n, f"chi-squared, {dof} degrees of freedom", p_value=found.p_value,
        outcome=outcome,
    )  # fmt: skip
    spread = Estimate(
        f"{own}.spread.{figure}", found.spread, found.spread_low, found.spread_high,
        None, unit, n, "standard deviation of the true figures: Paule and Mandel, interval from "
        "the same equation (Viechtbauer 2007)", outcome=outcome, contrast=alone[0].contrast,
    )  # fmt: skip
    return differ, spread


def _returns(analysis: Analysis, column: str, segments: Sequence[Segment]) -> Pooled | None:
    """Return the ROI of each segment with its gaps drawn towards those of the others."""
    alone = {s.level: e for s in segments if (e := s.find("roi.ratio")) is not None}
    if len(alone) < FEWEST:
        return None
    bases = {level: _basis(analysis, column, level) for level in alone}
    values, errors = _pooled_gaps(bases)
    made = {}
    for level, basis in bases.items():
        own = basis.evidence
        spread = np.sqrt(np.diag(own.covariance))
        ratio = np.where(spread > 0, errors[level] / np.where(spread > 0, spread, 1.0), 1.0)
        moved = replace(
            own,
            values=values[level],
            covariance=own.covariance * np.outer(ratio, ratio),
        )
        basis = basis.with_evidence(moved)
        ratio_of = returns_of(basis, basis.central, basis.draws())[0]
        name = f"segment.{column}.{level}.{ratio_of.name}.pooled"
        how = METHOD.format(column=column.replace("_", " "))
        made[level] = replace(ratio_of, name=name, method=f"gaps {how}; {ratio_of.method}")
    return Pooled(column, "roi.ratio", tuple(made), tuple(alone.values()), tuple(made.values()))


def _basis(analysis: Analysis, column: str, level: str) -> Basis:
    part, tried = regressed_part(analysis.panel, column, level)
    return basis_of(part, {n: r for n, r in tried.items() if isinstance(r, Regression)})


def _pooled_gaps(bases: Mapping[str, Basis]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return means and gaps of each segment, and their errors, gaps drawn together by outcome."""
    values = {level: basis.evidence.values.copy() for level, basis in bases.items()}
    errors = {k: np.sqrt(np.diag(basis.evidence.covariance)) for k, basis in bases.items()}
    for outcome in dict.fromkeys(n for basis in bases.values() for n in basis.evidence.names):
        at = {
            level: 2 * basis.evidence.names.index(outcome) + 1
            for level, basis in bases.items()
            if outcome in basis.evidence.names
        }
        at = {level: place for level, place in at.items() if errors[level][place] > 0}
        if len(at) < FEWEST:
            continue
        found = draw_together(
            [values[k][place] for k, place in at.items()],
            [errors[k][place] for k, place in at.items()],
        )
        for k, (level, place) in enumerate(at.items()):
            values[level][place] = found.values[k]
            errors[level][place] = found.errors[k]
    return values, errors
