"""How strong a confounder nobody measured must be to explain a gap away: the formulas.

The algebra of an omitted variable is Cinelli and Hazlett, Journal of the Royal Statistical
Society B 82 (2020), 39-67: a confounder is described by the share of the residual variance that
it explains, of belonging to the group and of the outcome, once the controls are held equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

ALPHA = 0.05


@dataclass(frozen=True)
class Gap:
    """A gap estimated by least squares, as the formulas need it.

    Attributes
    ----------
    estimate, std_error
        The coefficient of the group, and its classical standard error, in the outcome's unit.
    dof
        Residual degrees of freedom of the regression, in rows.
    inflation
        Robust or clustered standard error over the classical one. Intervals are widened by it.
        The algebra itself holds for the classical error alone, which stands for the residual
        variances; that a confounder would leave the ratio of the two as it is, is assumed.
    """

    estimate: float
    std_error: float
    dof: float
    inflation: float = 1.0

    @property
    def t(self) -> float:
        """The classical t value."""
        return self.estimate / self.std_error


@dataclass(frozen=True)
class Benchmark:
    """A control to measure confounders by.

    Attributes
    ----------
    name
        As a reader knows it, such as ``tenure months``.
    r2_group, r2_outcome
        Partial R2 of the control (of all its columns together) with the group given the other
        controls, and with the outcome given the group and the other controls.
    """

    name: str
    r2_group: float
    r2_outcome: float


@dataclass(frozen=True)
class Bound:
    """What is left of a gap if a confounder of a given strength were hidden.

    Attributes
    ----------
    name, times
        The benchmark, and how many times as strong the confounder is.
    r2_group, r2_outcome
        The most of the residual variance of group and outcome that such a confounder explains;
        NaN where none can be that strong.
    bias
        By how much it could shift the gap; infinite where none can be that strong, as weaker
        ones already shift it without limit.
    estimate, std_error, conf_low, conf_high
        The gap with that bias taken off towards zero, with its 95 per cent interval; NaN where
        no confounder can be that strong.
    """

    name: str
    times: float
    r2_group: float
    r2_outcome: float
    bias: float
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float

    def reaches_zero(self, gap: Gap) -> bool:
        """Whether the confounder could bring the gap itself to zero."""
        return self.bias >= abs(gap.estimate)

    def includes_zero(self, gap: Gap) -> bool:
        """Whether the interval could reach zero."""
        return self.reaches_zero(gap) or self.conf_low <= 0 <= self.conf_high


def partial_r2(t: float, dof: float) -> float:
    """Return the share of residual variance that a column explains, from its classical t value.

    It is t^2 / (t^2 + dof): Cinelli and Hazlett (2020).
    """
    return t * t / (t * t + dof)


def robustness_value(
    t: float, dof: float, q: float = 1.0, alpha: float | None = None, inflation: float = 1.0
) -> float:
    """Return how much of both residual variances a confounder must explain to undo a result.

    One that explains less, of the group and of the outcome alike, cannot take the share `q` off
    the estimate (without `alpha`), nor make the interval of what is left include zero (with it).

    Parameters
    ----------
    t, dof
        Classical t value and residual degrees of freedom.
    q
        The share of the estimate that is to be explained away.
    alpha
        Level of the test, such as 0.05; None for the point estimate.
    inflation
        Robust standard error over the classical one, see `Gap`.

    Returns
    -------
    float
        A share of residual variance, 0 to 1; zero where nothing is needed.

    Notes
    -----
    The formula of Cinelli and Hazlett (2020). Where |t| times the critical value exceeds `dof`,
    the weakest confounder explains less of the outcome than of the group, and the formula gives
    too much; the second case is then the share of the group that undoes the result.
    """
    f = q * abs(t) / sqrt(dof)
    critical = 0.0 if alpha is None else _critical(dof, alpha) * inflation / sqrt(dof - 1)
    left = f - critical
    if left <= 0:
        return 0.0
    if f * critical > 1:
        return (f * f - critical * critical) / (1 + f * f)
    return (sqrt(left**4 + 4 * left**2) - left**2) / 2


def bias_of(r2_outcome: float, r2_group: float, std_error: float, dof: float) -> float:
    """Return the size of the bias from leaving a confounder out, in the outcome's unit.

    An identity: the estimate without the confounder differs by exactly this from the one with
    it. Source: Cinelli and Hazlett (2020), omitted variable bias in terms of partial R2.

    Parameters
    ----------
    r2_outcome
        Partial R2 of the confounder with the outcome, given group and controls.
    r2_group
        Partial R2 of the confounder with the group, given controls.
    std_error, dof
        Of the regression without the confounder.
    """
    if r2_group >= 1:
        return inf
    return sqrt(r2_outcome * r2_group / (1 - r2_group)) * std_error * sqrt(dof)


def confounder_bound(gap: Gap, benchmark: Benchmark, times: float = 1.0) -> Bound:
    """Return what is left of a gap under a confounder `times` as strong as a control.

    That strong means: given the other controls it explains `times` the share that the control
    explains, of the group, and of the outcome given the group. The shares returned are the most
    that such a confounder can explain once the control is held equal too. Source: Cinelli and
    Hazlett (2020), bounds by benchmark covariates.
    """
    r2_group, r2_outcome = strength(benchmark, times)
    if r2_group != r2_group:
        return Bound(benchmark.name, times, nan, nan, inf, nan, nan, nan, nan)
    bias = bias_of(r2_outcome, r2_group, gap.std_error, gap.dof)
    error = (
        gap.inflation
        * gap.std_error
        * sqrt((1 - r2_outcome) / (1 - r2_group) * gap.dof / (gap.dof - 1))
    )
    estimate = gap.estimate - bias if gap.estimate >= 0 else gap.estimate + bias
    half = _critical(gap.dof, ALPHA) * error
    return Bound(
        name=benchmark.name,
        times=times,
        r2_group=r2_group,
        r2_outcome=r2_outcome,
        bias=bias,
        estimate=estimate,
        std_error=error,
        conf_low=estimate - half,
        conf_high=estimate + half,
    )


def strength(benchmark: Benchmark, times: float) -> tuple[float, float]:
    """Return the most of group and outcome that a confounder `times` as strong explains.

    NaN twice where no confounder can be that strong: it would explain the whole group. The
    share of the outcome ends at one.
    """
    r2_group, r2_outcome = _unbounded(benchmark, times)
    return r2_group, min(r2_outcome, 1.0) if r2_outcome == r2_outcome else nan


def _unbounded(benchmark: Benchmark, times: float) -> tuple[float, float]:
    own = benchmark.r2_group
    r2_group = times * own / (1 - own) if own < 1 else inf
    if r2_group >= 1:
        return nan, nan
    shared = times * own * own / ((1 - times * own) * (1 - own))
    if shared >= 1:
        return nan, nan
    eta = (sqrt(times) + sqrt(shared)) / sqrt(1 - shared)
    return r2_group, eta * eta * benchmark.r2_outcome / (1 - benchmark.r2_outcome)


def times_to_explain(gap: Gap, benchmark: Benchmark, q: float = 1.0) -> float | None:
    """Return how many times as strong as a control explains away the share `q` of a gap.

    Returns
    -------
    float or None
        The smallest such multiple; None where none does: the control has nothing to do with the
        group or with the outcome, or one that strong in both would explain more than all there
        is of either.
    """
    from scipy.optimize import brentq

    own, wanted = benchmark.r2_group, q * abs(gap.estimate)
    if wanted <= 0:
        return 0.0
    if own <= 0 or benchmark.r2_outcome <= 0:
        return None

    def missing(times: float) -> float:
        r2_group, r2_outcome = strength(benchmark, times)
        return bias_of(r2_outcome, r2_group, gap.std_error, gap.dof) - wanted

    def above_all(times: float) -> float:
        return _unbounded(benchmark, times)[1] - 1

    # Towards this multiple all of the group is explained, and all of the outcome before it.
    most = (1 - own) / own * (1 - 1e-9)
    if above_all(most) > 0:
        most = brentq(above_all, 0.0, most)
    return float(brentq(missing, 0.0, most)) if missing(most) > 0 else None


def _critical(dof: float, alpha: float) -> float:
    """Critical t value of the regression with the confounder in it: one degree less."""
    from scipy.special import stdtrit

    return float(stdtrit(dof - 1, 1 - alpha / 2))
