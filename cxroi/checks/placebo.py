"""Placebo: whether the score knows what customers did before all that is held equal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..effects.adjusted import regress_pair
from ..errors import CxroiError, ModelError, attempt
from ..moments.order_statistics import where_known
from ..panel.events import EVENTS
from ..panel.replaced import replaced
from ..panel.windows import rebuild_windows
from ..results.estimate import Estimate, tidy_table
from ..results.formats import interval, quantity, value_and_interval
from .result import FAILED, PASSED, WARNING, Check
from .tools.baseline_gap import baseline_gap, baseline_of, events_of
from .tools.premises import (
    distinct_outcomes,
    half_width,
    readable,
    regression_and_verdict,
    require_interval,
    told_apart,
)

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..arrays import Vector
    from ..panel.panel import Panel
    from ..study.declared import Study

# From this share of the adjusted gap on a placebo gap is no longer small.
SMALL = 0.5
# From this share on it is more than satisfaction that lasts leaves by itself.
LARGE = 2 / 3
LITTLE = 1 / 3
# How much wider than the gap's own interval the placebo's may be and still say something.
WIDEST = 1.5
LASTING = (
    "something that lasted and is not held equal: a trait the controls miss, or satisfaction itself"
)


def placebo_check(analysis: Analysis, outcome: str) -> Check:
    """Ask whether the score knows what customers did before the baseline.

    With an answer at t and a baseline [t - w, t) that the adjusted gap holds equal, the outcome
    in [t - 2w, t - w) takes the outcome's place in the same regression: same controls, same
    baselines. Given the baseline, an answer cannot change it and should not know it. Where it
    does, something that lasted drives both and is not held equal, and a trait that does drives
    the adjusted gap as well (a negative control outcome: Lipsitch, Tchetgen Tchetgen and Cohen,
    Epidemiology 21 (2010), 383-388).

    That something may be satisfaction itself: who is content now was often content before, and
    what that did then is no error of the gap. With a correlation of 0.7 between waves it leaves
    a placebo gap of about half of the effect. So only one of at least two thirds of the adjusted
    gap fails; a smaller one does not show that the gap is wrong.

    Answers take part whose earlier window begins after `complete_from` or, where that is not
    declared, after the first event of the table: it is then taken for granted that the table
    reaches back so far for every customer.

    Beside it, for information: the gap in the baseline itself, with the baselines of the same
    event table out of the controls, so that it is not held equal to itself. Where two windows
    cannot be had (undated studies, tables that reach back too short a time, under 30 answers a
    group) that gap is all there is. It is held equal in the adjusted gap, so that it is a
    warning at worst.

    Returns
    -------
    Check
        Of two windows: ``failed`` where the placebo gap is at least two thirds of the adjusted
        one and at least the smallest that matters, and told apart from zero at a level corrected
        by Bonferroni for the study's distinct outcomes. ``passed`` where its interval of 95 per
        cent holds zero and is at most 1.5 times as wide as that of the adjusted gap, and it is
        under half of that gap or under the smallest that matters. ``warning`` otherwise. Of one:
        ``failed`` where it is at least two thirds of the gap after the answer held equal alike
        and the smallest that matters, told apart from zero, and under a third of the latter is
        left once the baseline is held equal: no baseline is measured so well that such a rest
        could not be what it misses. ``passed`` by the same rule as of two; ``warning``
        otherwise. The estimate is that gap, in the outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline, its regression was refused, or that of the baseline is, or
        one of the two gaps has no interval.
    """
    regression, verdict = regression_and_verdict(analysis, outcome)
    panel, adjusted = analysis.panel, replace(regression.contrast, term="after the answer")
    baseline_of(panel, outcome)  # refuses outcomes without one
    require_interval(adjusted, f"the adjusted gap in {readable(outcome)}")
    tasks: list[Callable[[], Any]] = [
        partial(attempt, partial(_before_baseline, panel, outcome)),
        partial(_for_information, panel, outcome),
    ]
    earlier, before = panel.rows.together(tasks)
    if isinstance(earlier, ModelError):
        return _of_one_window(panel, adjusted, verdict.matters or 0.0, earlier)
    if isinstance(earlier, CxroiError):
        raise earlier
    require_interval(earlier, f"the gap in {readable(outcome)} before the baseline")
    matters, tests = verdict.matters or 0.0, distinct_outcomes(panel.study)
    found = _verdict(earlier, adjusted, matters, tests)
    return Check(
        name="placebo",
        outcome=outcome,
        verdict=found,
        sentence=" ".join(
            [
                _numbers(panel, earlier, adjusted, outcome),
                _meaning(found, earlier, adjusted, matters, panel.study),
                *(_in_the_baseline(panel, gap) for gap in before),
            ]
        ),
        estimate=replace(earlier, name=f"check.placebo.{outcome}"),
        table=tidy_table((earlier, *before, adjusted)),
    )


def _before_baseline(panel: Panel, outcome: str) -> Estimate:
    """Return the adjusted gap of the outcome in the window before the baseline."""
    study, days = panel.study, panel.study.baseline_days
    role = events_of(outcome)
    if not study.dated or panel.tables is None or not role:
        raise ModelError("there is one window before the answer")
    known = _reaches_back(panel, role)
    if known.sum() == 0:
        raise ModelError("the tables do not reach back two windows")
    windows = rebuild_windows(
        panel, outcome_days=study.outcome_days, baseline_days=days, earlier=days, roles=[role]
    )
    values = where_known(baseline_of(panel, outcome, windows), known)
    gap = regress_pair(replaced(panel, {f"{outcome}_after": values}), outcome)
    method = f"{gap.method}; the window before the baseline in place of the outcome"
    return replace(gap, method=method, term="before the baseline")


def _reaches_back(panel: Panel, role: str) -> Vector:
    """Mark the answers whose second window before lies in the time that the table covers."""
    study = panel.study
    first: dt.date | None = study.complete_from
    if first is None:
        query = f"SELECT min({EVENTS[role][0]}) FROM {panel.tables.relation(role)}"
        [(first,)] = panel.tables.engine.fetch(query)
    days = 2 * study.baseline_days
    return panel.rows.from_day_on("answered_at", first, days)


def _verdict(earlier: Estimate, adjusted: Estimate, matters: float, tests: int) -> str:
    size = abs(earlier.estimate or 0.0)
    large = size >= max(LARGE * abs(adjusted.estimate or 0.0), matters)
    if large and told_apart(earlier, tests):
        return FAILED
    return PASSED if _small(earlier, adjusted, matters) else WARNING


def _small(earlier: Estimate, later: Estimate, matters: float) -> bool:
    """Whether a gap before is not told apart, small against the one after, and known as well."""
    if told_apart(earlier) or half_width(earlier) > WIDEST * half_width(later):
        return False
    size = abs(earlier.estimate or 0.0)
    return size < SMALL * abs(later.estimate or 0.0) or size < matters


def _numbers(panel: Panel, earlier: Estimate, adjusted: Estimate, outcome: str) -> str:
    study, days = panel.study, panel.study.baseline_days
    shown = quantity(earlier.estimate, earlier.unit, study.currency, gap=True)
    whole = quantity(adjusted.estimate, adjusted.unit, study.currency, gap=True)
    granted = "" if study.complete_from else "; if tables reach back so far"
    return (
        f"{2 * days} to {days} days before the answer the gap in {readable(outcome)} "
        f"between '{study.target}' and '{study.origin}' was {shown} "
        f"({interval(earlier, study.currency)}; n = {earlier.n:,}{granted}), against {whole} "
        "adjusted, with the same held equal."
    )


def _meaning(
    verdict: str, earlier: Estimate, adjusted: Estimate, matters: float, study: Study
) -> str:
    size, whole = abs(earlier.estimate or 0.0), abs(adjusted.estimate or 0.0)
    if verdict == PASSED:
        return "Nothing that lasted without being held equal shows."
    if verdict == FAILED:
        return f"At least two thirds as large, it points to {LASTING}."
    if not told_apart(earlier):
        reach = max(abs(earlier.conf_low or 0.0), abs(earlier.conf_high or 0.0))
        less = (
            "one as large as the adjusted gap is not excluded"
            if reach >= whole
            else f"the interval is over {WIDEST:g} times as wide as that of the adjusted gap"
        )
        return f"Not told apart from zero, but {less}."
    if size < LARGE * whole:
        return f"Under two thirds as large, it points to {LASTING}."
    if size < matters:
        least = quantity(matters, earlier.unit, study.currency, gap=True)
        return f"Under {least}, the smallest that matters, it points to {LASTING}."
    tests = distinct_outcomes(study)
    return (
        f"Told apart from zero, though not after correction for {tests} outcomes, it may point to "
        f"{LASTING}."
    )


def _for_information(panel: Panel, outcome: str) -> tuple[Estimate, ...]:
    """Return the gap in the baseline; nothing where its regression is refused."""
    try:
        return baseline_gap(panel, outcome)[:1]
    except ModelError:
        return ()


def _in_the_baseline(panel: Panel, before: Estimate) -> str:
    shown = quantity(before.estimate, before.unit, panel.study.currency, gap=True)
    return f"In the baseline itself the gap was {shown}; the adjusted gap holds that equal."


def _of_one_window(panel: Panel, adjusted: Estimate, matters: float, refusal: ModelError) -> Check:
    """Look at the baseline alone, which the adjusted gap holds equal."""
    outcome = adjusted.outcome
    before, after = baseline_gap(panel, outcome)
    for gap, when in ((before, "before"), (after, "after")):
        require_interval(gap, f"the gap in {readable(outcome)} {when} the answer")
    tests = distinct_outcomes(panel.study)
    found = _verdict_of_one(before, after, adjusted, matters, tests)
    method = f"{before.method}; no window before it: {refusal.found}"
    return Check(
        name="placebo",
        outcome=outcome,
        verdict=found,
        sentence=f"{_numbers_of_one(panel, before, adjusted)} {_meaning_of_one(found, before)}",
        estimate=replace(before, name=f"check.placebo.{outcome}", method=method),
        table=tidy_table((before, after, adjusted)),
    )


def _verdict_of_one(
    before: Estimate, after: Estimate, adjusted: Estimate, matters: float, tests: int
) -> str:
    """Judge the gap in the baseline, against that after the answer held equal alike."""
    size, later = abs(before.estimate or 0.0), abs(after.estimate or 0.0)
    there_before = size >= max(LARGE * later, matters) and told_apart(before, tests)
    if there_before and abs(adjusted.estimate or 0.0) < LITTLE * later:
        return FAILED
    return PASSED if _small(before, after, matters) else WARNING


def _numbers_of_one(panel: Panel, before: Estimate, adjusted: Estimate) -> str:
    study = panel.study
    when = (
        f"In the {study.baseline_days} days before they answered"
        if study.dated
        else "Before they answered"
    )
    shown, whole = (value_and_interval(gap, study.currency) for gap in (before, adjusted))
    outcome = readable(adjusted.outcome)
    return (
        f"{when}, '{study.target}' and '{study.origin}' differed in {outcome} by {shown}, "
        f"n = {before.n:,}; the adjusted gap, {whole}, holds that equal."
    )


def _meaning_of_one(verdict: str, before: Estimate) -> str:
    if verdict == PASSED:
        return "They are not told apart before the answer."
    if verdict == FAILED:
        return (
            "It was there before they answered, nearly as large as after, and under a third is "
            "left once that is held equal: the gap is not shown to be an effect of anything that "
            "the score measures."
        )
    if not told_apart(before):
        return "The data do not tell whether they differed before."
    return (
        "So this alone does not make it wrong; whether something lasting is behind it cannot be "
        "told from one window."
    )
