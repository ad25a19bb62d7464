"""Sensitivity: the doubly robust gap under other reasonable choices of model, tail, window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..effects.adjusted import regress_pair
from ..errors import CxroiError, ModelError
from ..models.controls import baselines
from ..panel.events import EVENTS
from ..panel.replaced import replaced
from ..panel.windows import rebuild_windows, role_of
from ..results.estimate import Estimate, tidy_table
from ..results.formats import quantity, value_and_interval
from .result import FAILED, PASSED, WARNING, Check
from .tools.premises import readable, regression_and_verdict, told_apart

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..effects.adjusted import Regression
    from ..panel.panel import Panel

STRAIGHT = "a straight line through controls and baselines"
# They hold less equal than the answer does: that they differ is told, and fails nothing.
LESSER = ("adjusted", "model")
WINDOW = " window of "
Choice = tuple[str, Callable[[], Estimate]]


@dataclass(frozen=True)
class _Result:
    choice: str
    gap: Estimate | None
    refusal: str = ""


def sensitivity_check(analysis: Analysis, outcome: str) -> Check:
    """Hold the adjusted (doubly robust) gap against other choices that an analyst might have made.

    - a straight line: least squares with controls and baselines as they are;
    - the model that describes the outcome (two parts, a logit, a Poisson), standardised;
    - for amounts, the doubly robust gap with the largest hundredth cut off (winsorised);
    - half the outcome window, for amounts and counts, the gap times the ratio of the windows
      so that it reads per full window; and half the baseline window. The same answers count.

    Returns
    -------
    Check
        ``failed`` where a choice has the opposite sign and its interval leaves zero out (the
        straight line and the describing model aside, which hold less equal).
        ``warning`` where one

        - has the opposite sign of an adjusted gap that is told apart from zero, or lies outside
          its 95 % interval and farther from it than the smallest gap that matters;
        - holds zero in its interval where the adjusted gap does not (other windows aside, which
          know more or less than the model does);
        - is under the smallest gap that matters where the adjusted gap is not;
        - is over half of the adjusted gap away from it (of one that may be zero: and farther
          than the smallest that matters, as half of next to nothing is nothing);
        - could not be fitted.

        ``passed`` otherwise. The estimate is the gap under the choice farthest from the adjusted
        one, in the outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no adjusted gap, or no other choice could be fitted.
    """
    regression, verdict = regression_and_verdict(analysis, outcome)
    adjusted, matters = regression.contrast, verdict.matters or 0.0
    choices = [partial(_try, *choice) for choice in _choices(analysis.panel, regression)]
    results = analysis.panel.rows.together(choices)
    gaps = {result.choice: result.gap for result in results if result.gap is not None}
    if not gaps:
        raise ModelError(f"no other choice of model or window could be fitted for {outcome!r}")
    farthest = max(gaps, key=lambda choice: abs(_value(gaps[choice]) - _value(adjusted)))
    against = [
        choice for choice, gap in gaps.items() if gap.rung not in LESSER and _against(gap, adjusted)
    ]
    outside = [choice for choice, gap in gaps.items() if _outside(gap, adjusted, matters)]
    away = abs(_value(gaps[farthest]) - _value(adjusted))
    currency = analysis.panel.study.currency
    weaker = dict(_weaker(gaps, adjusted, matters, currency))
    refused = [result.choice for result in results if result.gap is None]
    if against or outside:
        meaning = _dependent(against, outside, away, matters, adjusted.unit, currency)
    else:
        meaning = _alike(gaps, adjusted, weaker, currency)
    return Check(
        name="sensitivity",
        outcome=outcome,
        verdict=FAILED if against else WARNING if outside or weaker or refused else PASSED,
        sentence=" ".join(
            [
                _numbers(analysis, adjusted, gaps, farthest),
                meaning,
                *([f"Could not be fitted: {', '.join(refused)}."] if refused else []),
            ]
        ),
        estimate=_farthest(outcome, gaps, farthest),
        table=_table(adjusted, results),
    )


def _farthest(outcome: str, gaps: dict[str, Estimate], choice: str) -> Estimate:
    gap, name = gaps[choice], f"check.sensitivity.{outcome}"
    method = f"{gap.method}; {choice}: the farthest of {len(gaps)} other choices"
    return replace(gap, name=name, term=choice, method=method)


def _try(choice: str, fit: Callable[[], Estimate]) -> _Result:
    try:
        return _Result(choice, fit())
    except CxroiError as refusal:
        return _Result(choice, None, str(refusal))


def _choices(panel: Panel, regression: Regression) -> Iterator[Choice]:
    yield from _models(regression)
    if panel.study.dated and panel.tables is not None:
        yield from _windows(panel, regression.outcome)


def _models(regression: Regression) -> Iterator[Choice]:
    """Yield the other models: a straight line, the one that describes, the largest values cut."""
    yield STRAIGHT, partial(replace, regression.adjusted)
    for beside in regression.beside:
        yield beside.term, partial(replace, beside)


def _windows(panel: Panel, outcome: str) -> Iterator[Choice]:
    study = panel.study
    ahead, past = study.outcome_days // 2, study.baseline_days // 2
    name, known = f"{outcome}_after", baselines(panel.rows.names)
    counted = bool(role_of(outcome))
    if not ((counted and ahead) or (known and past)):
        return
    halved = rebuild_windows(
        panel,
        outcome_days=max(ahead, 1),
        baseline_days=max(past, 1),
        roles=[role for role in EVENTS if role in study.sources],
    )
    if counted and ahead:
        scale = study.outcome_days / ahead
        later = replaced(panel, {name: scale * halved.values(name)})
        label = f"outcome window of {ahead} days, times {scale:.3g}"
        yield label, lambda: regress_pair(later, outcome)
    if known and past:
        earlier = replaced(panel, {column: halved.values(column) for column in known})
        label = f"baseline window of {past} days"
        yield label, lambda: regress_pair(earlier, outcome)


def _value(gap: Estimate) -> float:
    return gap.estimate or 0.0


def _weaker(
    gaps: dict[str, Estimate], adjusted: Estimate, matters: float, currency: str
) -> Iterator[tuple[str, str]]:
    """Yield each choice that says less than the adjusted gap does, or far more, and why."""
    size, found = abs(_value(adjusted)), told_apart(adjusted)
    far = size / 2 if found else max(size / 2, matters)
    least = quantity(matters, adjusted.unit, currency, gap=True)
    for name, gap in gaps.items():
        if found and not told_apart(gap) and WINDOW not in name:
            yield name, "which may be zero"
        elif abs(_value(gap)) < matters <= size:
            yield name, f"under {least}, the smallest that matters"
        elif abs(_value(gap) - _value(adjusted)) > far:
            yield name, "over half of the adjusted gap away from it"


def _against(gap: Estimate, adjusted: Estimate) -> bool:
    return _value(gap) * _value(adjusted) < 0 and told_apart(gap)


def _outside(gap: Estimate, adjusted: Estimate, matters: float) -> bool:
    if _value(gap) * _value(adjusted) < 0 and told_apart(adjusted):
        return True
    within = (adjusted.conf_low or 0.0) <= _value(gap) <= (adjusted.conf_high or 0.0)
    return not within and abs(_value(gap) - _value(adjusted)) >= matters


def _numbers(
    analysis: Analysis, adjusted: Estimate, gaps: dict[str, Estimate], farthest: str
) -> str:
    currency = analysis.panel.study.currency
    ends = min(gaps.values(), key=_value), max(gaps.values(), key=_value)
    low, high = (quantity(_value(e), adjusted.unit, currency, gap=True) for e in ends)
    outcome = readable(adjusted.outcome)
    shown, away = (value_and_interval(gap, currency) for gap in (adjusted, gaps[farthest]))
    others = (
        f"{low} to {high} under {len(gaps)} other choices of model and window; farthest away: "
        f"{farthest}, {away}."
        if len(gaps) > 1
        else f"under the one other choice, {farthest}, {away}."
    )
    return f"The adjusted gap in {outcome} is {shown}, n = {adjusted.n:,}; {others}"


def _dependent(
    against: list[str], outside: list[str], away: float, matters: float, unit: str, currency: str
) -> str:
    if against:
        return f"The sign depends on the choice: {_some(against)} gives the opposite one."
    size = quantity(matters, unit, currency, gap=True)
    if away < matters:
        return f"The sign depends on the choice, within {size}, the smallest that matters."
    return f"It depends on the choice by over {size}, the smallest that matters."


def _alike(
    gaps: dict[str, Estimate], adjusted: Estimate, weaker: dict[str, str], currency: str
) -> str:
    """Say that the choices point the same way, and which of them says less all the same."""
    same = all(_value(gap) * _value(adjusted) >= 0 for gap in gaps.values())
    way = (
        "All choices point the same way"
        if same
        else "The gap may be zero, and its sign varies with the choice"
    )
    if not weaker:
        return f"{way} and stay close." if same else f"{way}; all stay close."
    choice, why = next(iter(weaker.items()))
    more = f" (and {len(weaker) - 1} more)" if len(weaker) > 1 else ""
    shown = quantity(_value(gaps[choice]), adjusted.unit, currency, gap=True)
    return f"{way}; under {choice} the gap is {shown}, {why}{more}."


def _some(choices: list[str]) -> str:
    more = f" and {len(choices) - 1} more" if len(choices) > 1 else ""
    return f"{choices[0]}{more}"


def _table(adjusted: Estimate, results: list[_Result]) -> pd.DataFrame:
    rows = [replace(adjusted, term="as in the answer")]
    for result in results:
        empty = Estimate("", None, None, None, None, adjusted.unit, 0, "refused")
        rows.append(replace(result.gap or empty, term=result.choice))
    return tidy_table(rows).assign(note=["", *(result.refusal for result in results)])
