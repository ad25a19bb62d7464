"""Every score against every outcome, with one correction over all of it.

A cell holds what an analysis of that score and outcome alone would say: the raw and the doubly
robust gap between the score's best group and the one before it, the trend over all answers, the
verdict. Groups of one score may be wider than those of another, so gaps are set beside one
another in standard deviations of the outcome, and the correlation, which knows no groups, stands
beside them. Over the cells the false discovery rate is held (Benjamini and Hochberg, JRSS B 57
(1995), 289-300), within each over its groups by Holm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..effects.adjusted import regress_outcome
from ..effects.slopes import spreads
from ..effects.trend import Trend, score_trend
from ..effects.verdicts import Verdict, judge_together
from ..errors import CxroiError, attempt
from ..models.sample import take_sample
from ..panel.panel import FITS_BYTES
from ..panel.store import Store
from ..results.display import TidyMixin
from ..results.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..study.declared import Study
    from ..study.outcomes import Outcome
    from .panels import ScorePanels

DEVIATIONS = "standard deviations of the outcome"
# Of a cell, and the last part of their names in results.
FIGURES = {
    "raw": "raw",
    "contrast": "doubly_robust",
    "standardised": "standardised",
    "trend": "trend",
    "correlation": "correlation",
}


@dataclass(frozen=True, repr=False)
class GridCell(TidyMixin):
    """One score against one outcome.

    Attributes
    ----------
    metric, outcome
        Names of the score and of the outcome.
    better
        ``higher`` or ``lower``: which way the outcome is better.
    raw, contrast
        Gap between the score's best group and the one before it: as the groups are, and doubly
        robust. In the outcome's unit; None where it was refused.
    standardised
        `contrast` in standard deviations of the outcome (means of waves removed), which are
        taken as known.
    trend
        Change of the outcome with each point of the score over all answers, controls and
        baselines held equal in straight lines; the raw one where that was refused.
    correlation
        Of score and outcome over all answers, means of waves removed.
    verdict
        After the correction over the whole grid; None where the score was refused.
    refusal
        Why there is no contrast.
    """

    metric: str
    outcome: str
    better: str
    raw: Estimate | None = None
    contrast: Estimate | None = None
    standardised: Estimate | None = None
    trend: Estimate | None = None
    correlation: Estimate | None = None
    verdict: Verdict | None = None
    refusal: CxroiError | None = field(default=None, compare=False)

    @property
    def towards_better(self) -> float | None:
        """The standardised gap, above zero where the better group has the better outcome."""
        if self.standardised is None or self.standardised.estimate is None:
            return None
        return self.standardised.estimate * (1 if self.better == "higher" else -1)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Its figures as ``grid.<metric>.<outcome>.<figure>``, and its verdict."""
        name = f"grid.{self.metric}.{self.outcome}"
        found = [(last, getattr(self, figure)) for figure, last in FIGURES.items()]
        made = [e.named(f"{name}.{last}") for last, e in found if e is not None]
        if self.verdict is not None:
            over = self.verdict.estimate.method.replace("over outcomes", "over the grid")
            made.append(replace(self.verdict.estimate, name=f"{name}.verdict", method=over))
        elif self.refusal is not None:
            none = Estimate(name, None, None, None, None, "", 0, "refused", str(self.refusal))
            made.append(none.named(f"{name}.verdict"))
        return tuple(made)

    def tidy(self) -> pd.DataFrame:
        """Return one row."""
        import pandas as pd

        return pd.DataFrame([self.row])

    @property
    def row(self) -> dict[str, object]:
        """What `tidy` shows of it."""
        contrast, verdict = self.contrast, self.verdict
        return {
            "metric": self.metric,
            "outcome": self.outcome,
            "contrast": contrast.contrast if contrast else "",
            "raw": _value(self.raw),
            "estimate": _value(contrast),
            "conf_low": contrast.conf_low if contrast else None,
            "conf_high": contrast.conf_high if contrast else None,
            "unit": contrast.unit if contrast else "",
            "n": contrast.n if contrast else 0,
            "standardised": _value(self.standardised),
            "trend": _value(self.trend),
            "correlation": _value(self.correlation),
            "p_adjusted": verdict.p_adjusted if verdict else None,
            "verdict": verdict.kind if verdict else "refused",
            "reason": verdict.reason if verdict else str(self.refusal),
        }


@dataclass(frozen=True, repr=False)
class Grid(TidyMixin):
    """Every score of a study against every outcome.

    Attributes
    ----------
    study
        With all its scores.
    titles
        What a reader calls each score, by name.
    cells
        By score and outcome, in the order of the study.
    tests
        How many tests the verdicts are corrected for.
    """

    study: Study
    titles: Mapping[str, str]
    cells: Mapping[tuple[str, str], GridCell]
    tests: int

    def __getitem__(self, key: tuple[str, str]) -> GridCell:
        return self.cells[key]

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure of every cell under its stable name."""
        return tuple(e for cell in self.cells.values() for e in cell.estimates)

    def tidy(self) -> pd.DataFrame:
        """Return one row a score and outcome."""
        import pandas as pd

        return pd.DataFrame([cell.row for cell in self.cells.values()])


def score_grid(panels: ScorePanels) -> Grid:
    """Set every score against every outcome.

    What a score or a cell refuses is kept with its reason and stops no other.

    Examples
    --------
    >>> grid = score_grid(score_panels(study))  # doctest: +SKIP
    >>> grid["csat", "spend"].verdict.kind  # doctest: +SKIP
    'useful'
    """
    made = {name: _of_score(panel) for name, panel in panels.panels.items()}
    judged = judge_together([(panels.panels[n].study, *_split(of)) for n, of in made.items()])
    by_cell = {
        (name, verdict.outcome): verdict
        for name, verdicts in zip(made, judged, strict=True)
        for verdict in verdicts
    }
    found = {
        (name, outcome.name): _cell(name, outcome, panels, made, by_cell)
        for name in panels.names
        for outcome in panels.study.outcomes
    }
    tests = max((verdict.tests for verdict in by_cell.values()), default=0)
    return Grid(panels.study, panels.titles, found, tests)


@dataclass(frozen=True)
class _Gap:
    """What is kept of a regression, which holds a copy of the rows."""

    raw: Estimate
    contrast: Estimate
    contrasts: tuple[Estimate, ...]
    mean_from: Estimate


@dataclass(frozen=True)
class _Fitted:
    """What one outcome of one score gave, or why it did not."""

    gap: _Gap | CxroiError
    trend: Trend | CxroiError
    spreads: tuple[float, float] | CxroiError


def _of_score(panel: Panel) -> dict[str, _Fitted]:
    # Fits of its own: those of many scores would stay in memory together.
    own = replace(panel, fits=Store(FITS_BYTES))
    names = [outcome.name for outcome in panel.study.outcomes]
    makes = (_gap, score_trend, _spreads)
    todo = [partial(attempt, partial(make, own, name)) for name in names for make in makes]
    found: Iterator[Any] = iter(own.rows.together(todo, "Scores against outcomes"))
    return {name: _Fitted(*(next(found) for _ in makes)) for name in names}


def _gap(panel: Panel, name: str) -> _Gap:
    made = regress_outcome(panel, name)
    return _Gap(made.raw, made.contrast, made.contrasts, made.mean_from)


def _spreads(panel: Panel, name: str) -> tuple[float, float]:
    return spreads(panel, take_sample(panel, name))


def _split(made: Mapping[str, _Fitted]) -> tuple[dict[str, _Gap], dict[str, CxroiError]]:
    found, refused = {}, {}
    for name, one in made.items():
        if isinstance(one.gap, CxroiError):
            refused[name] = one.gap
        else:
            found[name] = one.gap
    return found, refused


def _cell(
    name: str,
    outcome: Outcome,
    panels: ScorePanels,
    made: Mapping[str, Mapping[str, _Fitted]],
    verdicts: Mapping[tuple[str, str], Verdict],
) -> GridCell:
    cell = GridCell(name, outcome.name, outcome.better, refusal=panels.refusals.get(name))
    if name not in made:
        return cell
    one = made[name][outcome.name]
    cell = replace(cell, verdict=verdicts.get((name, outcome.name)))
    trends = one.trend.slopes if isinstance(one.trend, Trend) else {}
    if isinstance(one.trend, Trend) and not isinstance(one.spreads, CxroiError):
        score, values = one.spreads
        raw = trends.get("raw")
        correlation = _in(raw, score / values, "correlation") if raw and values else None
        cell = replace(cell, trend=one.trend.best, correlation=correlation)
    if isinstance(one.gap, CxroiError):
        return replace(cell, refusal=one.gap)
    deviations = None
    if not isinstance(one.spreads, CxroiError) and one.spreads[1]:
        deviations = _in(one.gap.contrast, 1 / one.spreads[1], DEVIATIONS)
    return replace(cell, raw=one.gap.raw, contrast=one.gap.contrast, standardised=deviations)


def _in(estimate: Estimate, factor: float, unit: str) -> Estimate:
    """Return an estimate times a factor that is taken as known, in another unit."""
    scaled = (
        None if value is None else value * factor
        for value in (
            estimate.estimate,
            estimate.conf_low,
            estimate.conf_high,
            estimate.std_error,
        )
    )
    value, low, high, error = scaled
    how = f"{estimate.method}; standard deviations, means of waves removed, taken as known"
    return replace(
        estimate,
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=unit,
        method=how,
    )


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.estimate
