"""The whole scale: an outcome at each answer, what one more point goes with, where cuts would be.

Groups of a score throw away what lies between their answers. Here every answer has a point of its
own, with controls and baselines held equal; everything is association, as the gaps of groups are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import CxroiError, attempt
from ...models.sample import take_sample
from ...moments import influence
from ...results.display import TidyMixin
from ...results.estimate import CONF_LEVEL, Estimate, tidy_table
from .answer_curve import Curve, fit_curve
from .answer_cuts import Cuts, best_cuts
from .answer_levels import Level, answer_levels
from .asymmetry import POINT, Asymmetry, asymmetry
from .jointly import all_zero, alone, corrected, critical, largest

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Floats
    from ...panel.panel import Panel
    from ...study.declared import Study

HOW = "least squares on the answers, controls and baselines held equal as curves"
INTERVAL = "Student interval with the fewest customers or clusters of a point"


@dataclass(frozen=True)
class Point:
    """The outcome at one answer, or at neighbouring answers that few gave.

    Attributes
    ----------
    estimate
        ``scale.<outcome>.at_<answer>``: mean outcome had every customer given that answer.
    band
        Ends of an interval at this point; those of all points hold the whole curve in 95 %.
    monotone
        The value and its band where the curve may not turn back; None where it runs the other way.
    """

    level: Level
    estimate: Estimate
    band: tuple[float, float]
    monotone: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class OneMore:
    """What one point more goes with, between two neighbouring points of the curve.

    Attributes
    ----------
    estimate
        ``scale.<outcome>.one_more_from_<answer>``: difference a point of the score.
    p_corrected
        Its p value corrected for the number of steps.
    """

    lower: Level
    upper: Level
    estimate: Estimate
    p_corrected: float


@dataclass(frozen=True, repr=False)
class WholeScale(TidyMixin):
    """One outcome over the whole scale.

    Attributes
    ----------
    points, steps
        The curve, lowest answer first, and the value of one more point along it.
    differs
        ``scale.<outcome>.flat``: test that the curve is flat.
    bends
        ``scale.<outcome>.straight``: test that one more point is worth the same everywhere; None
        of two points.
    cuts, asymmetry
        Where the data would cut; rises against falls. `missing` says why one is not there.
    """

    study: Study = field(repr=False, compare=False)
    outcome: str
    points: tuple[Point, ...]
    steps: tuple[OneMore, ...]
    differs: Estimate
    bends: Estimate | None
    cuts: Cuts | None
    asymmetry: Asymmetry
    missing: Mapping[str, CxroiError] = field(compare=False)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure, named as in `results.json`, and of those that are missing why."""
        found = [p.estimate for p in self.points] + [s.estimate for s in self.steps]
        found += [self.differs] + ([self.bends] if self.bends else [])
        found += [self.cuts.gain, *self.cuts.places] if self.cuts else []
        found += self.asymmetry.estimates
        names = {"cuts": "best_cuts", "within": "asymmetry", "across": "kink"}
        return (*found, *(self._refused(names[key], why) for key, why in self.missing.items()))

    def _refused(self, name: str, why: CxroiError) -> Estimate:
        full, n = f"scale.{self.outcome}.{name}", self.differs.n
        none = Estimate(full, None, None, None, None, "", n, "refused", str(why))
        return replace(none, outcome=self.outcome, rung=name.replace("_", " "))

    def tidy(self) -> pd.DataFrame:
        """Return the points and the steps, one row each."""
        return tidy_table([*(p.estimate for p in self.points), *(s.estimate for s in self.steps)])


def whole_scale(panel: Panel, outcome: str, *, weighted: bool | None = None) -> WholeScale:
    """Estimate an outcome over the whole scale of the score.

    Parameters
    ----------
    weighted
        Use the survey weights; by default wherever the study declares them.

    Returns
    -------
    WholeScale
        Points in the outcome's unit, steps in that a point of the score.

    Raises
    ------
    StudyError
        Unknown outcome.
    ScarceDataError
        Fewer than two answers, or neighbouring answers together, were given by 30 customers (or
        declared clusters) with 5 of the outcome.
    ModelError
        The outcome is known for nobody or the same for everybody, or a control cannot be held
        equal.

    Examples
    --------
    >>> import cxroi as cx
    >>> found = cx.whole_scale(cx.open_run(study).panel, "spend")  # doctest: +SKIP
    >>> [step.estimate.estimate for step in found.steps]  # doctest: +SKIP
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    curve = fit_curve(panel, sample, answer_levels(sample))
    scale = panel.study.scale
    rises = (scale.better == "higher") == (sample.outcome.better == "higher")
    cuts, turned = attempt(partial(best_cuts, curve)), asymmetry(panel, curve)
    missing = {"cuts": cuts} if isinstance(cuts, CxroiError) else {}
    return WholeScale(
        panel.study,
        outcome,
        _points(curve, rises),
        _steps(curve),
        _flat(curve),
        _straight(curve) if len(curve.levels) > 2 else None,
        None if isinstance(cuts, CxroiError) else cuts,
        turned,
        {**missing, **turned.missing},
    )


def _points(curve: Curve, rises: bool) -> tuple[Point, ...]:
    errors = np.sqrt(np.diag(curve.covariance))
    reach = critical(largest(curve.covariance), CONF_LEVEL, curve.dof)
    low, high = _ends(curve, errors, reach)
    inner = _ends(curve, errors, alone(CONF_LEVEL, curve.dof))
    monotone = _monotone(curve, (curve.values, low, high), rises)
    found = []
    for n, level in enumerate(curve.levels):
        name = f"at_{level.slug}"
        one = _estimate(curve, name, float(curve.values[n]), float(errors[n]), curve.dof[n])
        ends = float(inner[0][n]), float(inner[1][n])
        one = replace(one, conf_low=ends[0], conf_high=ends[1], statistic=None, p_value=None)
        one = replace(one, unit=curve.sample.outcome.unit, n=level.n, term=level.label)
        turned = None
        if monotone is not None:
            value, least, most = (float(line[n]) for line in monotone)
            turned = (value, least, most)
        found.append(Point(level, one, (float(low[n]), float(high[n])), turned))
    return tuple(found)


def _ends(curve: Curve, errors: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Return the ends of intervals that reach so many errors; of yes/no ones on the log odds."""
    from scipy.special import expit, logit

    values = curve.values
    low, high = values - reach * errors, values + reach * errors
    if curve.sample.outcome.kind == "yes_no":
        inside = (values > 0) & (values < 1)
        share = np.where(inside, values, 0.5)
        half = reach * errors / (share * (1 - share))
        low = np.where(inside, expit(logit(share) - half), low)
        high = np.where(inside, expit(logit(share) + half), high)
    return low, high


def _monotone(curve: Curve, lines: tuple[Floats, ...], rises: bool) -> tuple[Floats, ...] | None:
    """Return curve and band as they would be if the curve did not turn back.

    By pooling of adjacent violators, each point counting by its precision (Barlow, Bartholomew,
    Bremner and Brunk, Statistical Inference under Order Restrictions (1972)). Ends of a band that
    holds a monotone curve still hold it afterwards.
    """
    from scipy.optimize import isotonic_regression

    trend = np.polyfit(curve.scores, curve.values, 1, w=np.sqrt(curve.shares))[0]
    if (trend < 0) == rises:
        return None
    weights = 1.0 / np.clip(np.diag(curve.covariance), 1e-300, None)
    made = [isotonic_regression(line, weights=weights, increasing=rises).x for line in lines]
    return tuple(np.asarray(one) for one in made)


def _steps(curve: Curve) -> tuple[OneMore, ...]:
    values, covariance = curve.steps @ curve.values, curve.steps @ curve.covariance @ curve.steps.T
    errors, dof = np.sqrt(np.diag(covariance)), np.minimum(curve.dof[1:], curve.dof[:-1])
    made = []
    for n, (lower, upper) in enumerate(zip(curve.levels, curve.levels[1:], strict=False)):
        one = _estimate(
            curve, f"one_more_from_{lower.slug}", float(values[n]), float(errors[n]), dof[n]
        )
        unit, term = f"{curve.sample.outcome.unit} {POINT}", f"{lower.label} to {upper.label}"
        one = replace(one, unit=unit, n=lower.n + upper.n, term=term)
        made.append(replace(one, contrast="one point more"))
    p_values = corrected(np.array([one.p_value for one in made]), largest(covariance))
    pairs = zip(curve.levels, curve.levels[1:], strict=False)
    found = zip(pairs, made, p_values, strict=True)
    return tuple(OneMore(*pair, one, float(p)) for pair, one, p in found)


def _estimate(curve: Curve, name: str, value: float, error: float, dof: float) -> Estimate:
    """Return a value with its Student interval."""
    sample = curve.sample
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    weighted = ", survey-weighted" if sample.weighted else ""
    return Estimate(
        f"scale.{sample.outcome.name}.{name}",
        value,
        low,
        high,
        error,
        "",
        0,
        f"{HOW}, {INTERVAL}{weighted}, {sample.where}",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=sample.outcome.name,
        rung="whole scale",
    )


def _flat(curve: Curve) -> Estimate:
    steps = np.diff(np.eye(len(curve.levels)), axis=0)
    return _test(curve, "flat", steps, "the outcome is the same at every answer")


def _straight(curve: Curve) -> Estimate:
    bends = np.diff(curve.steps, axis=0)
    return _test(curve, "straight", bends, "one more point goes with the same everywhere")


def _test(curve: Curve, name: str, loads: Floats, what: str) -> Estimate:
    """Test that some combinations of the points are all zero."""
    sample = curve.sample
    statistic, below, p_value = all_zero(loads, curve.values, curve.covariance, curve.dof)
    return Estimate(
        f"scale.{sample.outcome.name}.{name}",
        statistic,
        None,
        None,
        None,
        "test statistic",
        len(sample.values),
        f"Johansen's test that {what}, {len(loads)} and {below:,.0f} degrees of freedom",
        statistic=statistic,
        p_value=p_value,
        outcome=sample.outcome.name,
        rung="whole scale",
    )
