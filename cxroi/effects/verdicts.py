"""Whether a score and an outcome are worth using together: useful, or not, or too little data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol

from ..errors import CxroiError, ScarceDataError
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.formats import quantity, shown_p
from ..results.multiplicity import benjamini_hochberg, holm
from .undecided import why_undecided

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study
    from ..study.outcomes import Outcome
    from .adjusted import Regression

USEFUL = "useful"
NO_DIFFERENCE = "no difference found"
TOO_SMALL = "difference too small to be useful"
TOO_LITTLE = "too little data"
WRONG_WAY = "differs the wrong way"
NOT_IDENTIFIED = "not identified"
# What the rating of the evidence makes of a verdict: see checks/rating.py.
WITHDRAWN = "withdrawn"
NOT_SHOWN = "not shown to be useful"

# What would matter where the study does not say: a tenth of the mean, or of the rarer answer.
DEFAULT_MATTERS_SHARE = 0.10
POWER = 0.80


@dataclass(frozen=True, repr=False)
class Verdict(TidyMixin):
    """What is to be made of one outcome's gap between the two groups.

    Attributes
    ----------
    kind
        ``useful`` (a corrected p value under 0.05, in the direction that is better, at least
        the size that matters), ``no difference found`` or ``difference too small to be useful``
        (the whole interval is under the size that matters), ``too little data`` (it is not),
        ``differs the wrong way``, or ``not identified`` (the regression was refused). After the
        checks also ``withdrawn`` and ``not shown to be useful``.
    contrast
        The adjusted contrast the verdict rests on; None where it was refused.
    matters, matters_declared
        Smallest gap worth acting on, and whether the study declares it.
    detectable
        Smallest gap that 80 per cent of such studies would find at the 5 per cent level.
    p_adjusted
        After Holm over the groups of the outcome and Benjamini-Hochberg over all outcomes.
    tests
        Number of tests behind the adjustment.
    reason
        Why, in a sentence.
    """

    metric: str
    outcome: str
    kind: str
    contrast: Estimate | None
    matters: float | None
    matters_declared: bool
    detectable: float | None
    p_adjusted: float | None
    tests: int
    reason: str

    @property
    def responses_factor(self) -> float | None:
        """How many times as many responses would make the smallest useful gap detectable."""
        if self.detectable is None or not self.matters:
            return None
        return (self.detectable / self.matters) ** 2

    @property
    def estimate(self) -> Estimate:
        """The verdict as an entry of results: the contrast, with the verdict in its note."""
        name, note = f"verdict.{self.metric}.{self.outcome}", f"{self.kind}: {self.reason}"
        base = self.contrast
        if base is None:
            return Estimate(name, None, None, None, None, "", 0, "none", note)
        return Estimate(
            name,
            base.estimate,
            base.conf_low,
            base.conf_high,
            base.std_error,
            base.unit,
            base.n,
            f"{base.method}; Holm over groups, Benjamini-Hochberg over outcomes, "
            f"{self.tests} tests",
            note,
            term=self.outcome,
            contrast=base.contrast,
            p_value=self.p_adjusted,
        )

    def tidy(self) -> pd.DataFrame:
        """Return one row: the contrast, the verdict, what matters, what is detectable."""
        return tidy_table([self.estimate]).assign(
            verdict=self.kind, matters=self.matters, detectable=self.detectable
        )


def judge(
    study: Study,
    regressions: Mapping[str, Regression],
    refusals: Mapping[str, CxroiError],
) -> tuple[Verdict, ...]:
    """Give each outcome of a study its verdict, with all tests corrected together.

    Within an outcome the contrasts of all groups are adjusted by Holm (1979); over the outcomes
    the pair's adjusted p values by Benjamini and Hochberg (1995). Outcomes that are one event
    under two names (churned and retained) are one test.
    """
    [verdicts] = judge_together([(study, regressions, refusals)])
    return verdicts


class Compared(Protocol):
    """What a verdict rests on, of a `Regression` or a part of one."""

    @property
    def contrast(self) -> Estimate:
        """The contrast that carries the money."""
        ...

    @property
    def contrasts(self) -> tuple[Estimate, ...]:
        """Those of every other group against the `from` group, `contrast` among them."""
        ...

    @property
    def mean_from(self) -> Estimate:
        """Mean outcome of the `from` group."""
        ...


def judge_together(
    scores: Sequence[tuple[Study, Mapping[str, Compared], Mapping[str, CxroiError]]],
) -> list[tuple[Verdict, ...]]:
    """Give each outcome under each of several scores its verdict, corrected over all of them.

    Parameters
    ----------
    scores
        Of each score the study, the regressions and the refusals, as `judge` takes them.
    """
    tested = {
        (place, event_of(study, name)): regression
        for place, (study, regressions, _) in enumerate(scores)
        for name, regression in regressions.items()
    }
    within = [_holm(r.contrasts, r.contrast.contrast) for r in tested.values()]
    over = benjamini_hochberg(within).tolist() if within else []
    by_event = dict(zip(tested, over, strict=True))
    tests = sum(len(r.contrasts) for r in tested.values())
    return [
        tuple(
            _judged(study, outcome, regressions, refusals, by_event.get(key), tests)
            for outcome in study.outcomes
            if outcome.name in (regressions.keys() | refusals.keys())
            for key in [(place, event_of(study, outcome.name))]
        )
        for place, (study, regressions, refusals) in enumerate(scores)
    ]


def _judged(
    study: Study,
    outcome: Outcome,
    regressions: Mapping[str, Compared],
    refusals: Mapping[str, CxroiError],
    p_value: float | None,
    tests: int,
) -> Verdict:
    if outcome.name in regressions and p_value is not None:
        return _verdict(study, outcome, regressions[outcome.name], p_value, tests)
    refusal = refusals[outcome.name]
    return Verdict(
        study.scale.metric,
        outcome.name,
        TOO_LITTLE if isinstance(refusal, ScarceDataError) else NOT_IDENTIFIED,
        None,
        outcome.matters,
        outcome.matters is not None,
        None,
        None,
        tests,
        str(refusal),
    )


def smallest_detectable(std_error: float, power: float = POWER) -> float:
    """Return the gap found with the given power at the two-sided 5 per cent level.

    The sum of two normal quantiles times the standard error: 2.80 standard errors for a power
    of 80 per cent (Bloom, Evaluation Review 19 (1995), 547-556).
    """
    from scipy.special import ndtri

    return float((ndtri(0.5 + CONF_LEVEL / 2) + ndtri(power)) * std_error)


def event_of(study: Study, outcome: str) -> str:
    """Return the event that an outcome of a dated study tells of, under one name."""
    same = {"churned"}
    if study.churn == "no_purchase" and study.churn_days == study.outcome_days:
        same.add("repeat_purchase")
    return "retained" if study.dated and outcome in same else outcome


def _holm(contrasts: Sequence[Estimate], pair: str) -> float:
    adjusted = holm([1.0 if c.p_value is None else c.p_value for c in contrasts])
    return float(next(p for c, p in zip(contrasts, adjusted, strict=True) if c.contrast == pair))


def _verdict(
    study: Study, outcome: Outcome, regression: Compared, p_value: float, tests: int
) -> Verdict:
    contrast, base = regression.contrast, regression.mean_from.estimate or 0.0
    rarer = min(base, 1 - base) if outcome.kind == "yes_no" else abs(base)
    matters = outcome.matters or DEFAULT_MATTERS_SHARE * rarer
    detectable = smallest_detectable(contrast.std_error or 0.0)
    kind = _kind(contrast, matters, p_value, outcome.better)
    return Verdict(
        study.scale.metric,
        outcome.name,
        kind,
        contrast,
        matters,
        outcome.matters is not None,
        detectable,
        p_value,
        tests,
        _reason(kind, matters, p_value, contrast, outcome, study.currency, detectable, tests),
    )


def _kind(contrast: Estimate, matters: float, p_value: float, better: str) -> str:
    """Decide by the corrected p value, the direction, and how far the interval reaches."""
    gap = contrast.estimate or 0.0
    reach = max(abs(contrast.conf_low or 0.0), abs(contrast.conf_high or 0.0))
    if p_value < 1 - CONF_LEVEL:
        if (gap > 0) != (better == "higher"):
            return WRONG_WAY
        if abs(gap) >= matters:
            return USEFUL
        return TOO_SMALL if reach < matters else TOO_LITTLE
    return NO_DIFFERENCE if reach < matters else TOO_LITTLE


def _reason(
    kind: str,
    matters: float,
    p_value: float,
    contrast: Estimate,
    outcome: Outcome,
    currency: str,
    detectable: float,
    tests: int,
) -> str:
    shown = quantity(matters, contrast.unit, currency, gap=True)
    threshold = shown if outcome.matters is not None else f"{shown} (assumed: a tenth)"
    found = f"p {shown_p(p_value)} after correction"
    if kind == TOO_LITTLE:
        factor = (detectable / matters) ** 2 if matters else inf
        why = why_undecided(contrast, factor, p_value, threshold, tests, currency)
        return f"{found}, and {why}"
    return {
        USEFUL: f"{found}, and the gap is at least {threshold}, the smallest that matters",
        WRONG_WAY: f"{found}, but {outcome.better} would be better",
        TOO_SMALL: f"{found}, but the whole interval is under {threshold}, the smallest that "
        "matters",
        NO_DIFFERENCE: f"{found}, and the whole interval is under {threshold}, the smallest that "
        "matters",
    }[kind]
