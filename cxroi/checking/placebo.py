"""Placebo: whether the score knows what customers did before all that is held equal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..estimate import Estimate, tidy_table
from ..formats import interval, quantity, value_and_interval
from ..panel_sql import EVENTS
from ..reading.sql import one_row
from ..regress import regress_outcome
from .judged import judged
from .past import baseline_gap, baseline_of, events_of
from .result import FAILED, PASSED, WARNING, Check
from .windows import rebuild_windows

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..influence import Flags
    from ..panel import Panel

# A placebo gap of this share of the gap itself, and something else is most of the story.
LARGEST_SHARE = 0.5
# How much wider than the gap's own interval the placebo's may be and still say something.
WIDEST = 1.5


def placebo_check(analysis: Analysis, outcome: str) -> Check:
    """Ask whether the score knows what customers did before the baseline.

    With an answer at t and a baseline [t - w, t) that the adjusted gap holds equal, the outcome
    in [t - 2w, t - w) takes the outcome's place in the same regression: same controls, same
    baselines. Given the baseline, an answer cannot change it and should not know it. Where it
    does, something lasting drives both that is not measured, or that the model does not hold
    equal as it should, and it drives the adjusted gap as well (a negative control outcome:
    Lipsitch, Tchetgen Tchetgen and Cohen, Epidemiology 21 (2010), 383-388).

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
        Of two windows: ``failed`` where the placebo gap is told apart from zero and at least
        half of the adjusted gap; ``warning`` where it is told apart but smaller, or where its
        interval reaches the size of the adjusted gap and is over 1.5 times as wide; ``passed``
        otherwise. Of one: ``passed`` where the gap in the baseline is not told apart and is
        under half of the gap after, held equal alike, or under the smallest that matters;
        ``warning`` otherwise. The estimate is that gap, in the outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline, its regression was refused, or that of the baseline is.
    """
    regression, verdict = judged(analysis, outcome)
    panel, adjusted = analysis.panel, replace(regression.adjusted, term="after the answer")
    baseline_of(panel, outcome)  # refuses outcomes without one
    try:
        earlier = _before_baseline(panel, outcome)
    except ModelError as refusal:
        return _of_one_window(panel, adjusted, verdict.matters or 0.0, refusal)
    found = _verdict(earlier, adjusted)
    before = _for_information(panel, outcome)
    return Check(
        name="placebo",
        outcome=outcome,
        verdict=found,
        sentence=" ".join(
            [
                _numbers(panel, earlier, adjusted, outcome),
                _meaning(found, earlier),
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
    if not known.any():
        raise ModelError("the tables do not reach back two windows")
    windows = rebuild_windows(
        panel, outcome_days=study.outcome_days, baseline_days=days, earlier=days, roles=[role]
    )
    values = np.where(known, baseline_of(panel, outcome, windows), np.nan)
    frame = panel.frame.assign(**{f"{outcome}_after": values})
    gap = regress_outcome(replace(panel, frame=frame), outcome).adjusted
    method = f"{gap.method}; the window before the baseline in place of the outcome"
    return replace(gap, method=method, term="before the baseline")


def _reaches_back(panel: Panel, role: str) -> Flags:
    """Mark the answers whose second window before lies in the time that the table covers."""
    study = panel.study
    first: dt.date | None = study.complete_from
    if first is None:
        query = f"SELECT min({EVENTS[role][0]}) FROM {panel.tables.relation(role)}"
        first = one_row(panel.tables.connection, query)[0]
    begins = panel.frame["answered_at"] - dt.timedelta(days=2 * study.baseline_days)
    start = np.datetime64(first) if first is not None else np.datetime64("NaT")
    return np.asarray(begins.to_numpy(dtype="datetime64[us]") >= start, dtype=bool)


def _verdict(earlier: Estimate, adjusted: Estimate) -> str:
    size, whole = abs(earlier.estimate or 0.0), abs(adjusted.estimate or 0.0)
    if _told_apart(earlier):
        return FAILED if size >= LARGEST_SHARE * whole else WARNING
    narrow = _half_width(earlier) <= WIDEST * _half_width(adjusted)
    return PASSED if narrow or _reach(earlier) < whole else WARNING


def _told_apart(gap: Estimate) -> bool:
    """Whether the interval leaves zero out."""
    return (gap.conf_low or 0.0) > 0 or (gap.conf_high or 0.0) < 0


def _half_width(gap: Estimate) -> float:
    return ((gap.conf_high or 0.0) - (gap.conf_low or 0.0)) / 2


def _reach(gap: Estimate) -> float:
    return max(abs(gap.conf_low or 0.0), abs(gap.conf_high or 0.0))


def _numbers(panel: Panel, earlier: Estimate, adjusted: Estimate, outcome: str) -> str:
    study, days = panel.study, panel.study.baseline_days
    shown = quantity(earlier.estimate, earlier.unit, study.currency, gap=True)
    whole = quantity(adjusted.estimate, adjusted.unit, study.currency, gap=True)
    granted = "" if study.complete_from else "; if tables reach back so far"
    return (
        f"{2 * days} to {days} days before the answer the gap in {outcome.replace('_', ' ')} "
        f"between '{study.target}' and '{study.origin}' was {shown} "
        f"({interval(earlier, study.currency)}; n = {earlier.n:,}{granted}), against {whole} "
        "adjusted, with the same held equal."
    )


def _meaning(verdict: str, earlier: Estimate) -> str:
    if verdict == PASSED:
        return "Nothing lasting that the controls miss shows."
    if not _told_apart(earlier):
        return "Too wide to exclude one as large as the adjusted gap."
    size = "Under half as large" if verdict == WARNING else "At least half as large"
    return f"{size}, it points to something lasting that the controls miss."


def _for_information(panel: Panel, outcome: str) -> tuple[Estimate, ...]:
    """Return the gap in the baseline; nothing where its regression is refused."""
    try:
        return baseline_gap(panel, outcome)[:1]
    except ModelError:
        return ()


def _in_the_baseline(panel: Panel, before: Estimate) -> str:
    shown = quantity(before.estimate, before.unit, panel.study.currency, gap=True)
    return f"In the baseline, held equal: {shown}."


def _of_one_window(panel: Panel, adjusted: Estimate, matters: float, refusal: ModelError) -> Check:
    """Look at the baseline alone, which the adjusted gap holds equal."""
    outcome = adjusted.name.split(".")[1]
    before, after = baseline_gap(panel, outcome)
    size = abs(before.estimate or 0.0)
    small = size < max(LARGEST_SHARE * abs(after.estimate or 0.0), matters)
    found = PASSED if small and not _told_apart(before) else WARNING
    method = f"{before.method}; no window before it: {refusal.found}"
    return Check(
        name="placebo",
        outcome=outcome,
        verdict=found,
        sentence=f"{_numbers_of_one(panel, before, adjusted)} {_meaning_of_one(found, before)}",
        estimate=replace(before, name=f"check.placebo.{outcome}", method=method),
        table=tidy_table((before, after, adjusted)),
    )


def _numbers_of_one(panel: Panel, before: Estimate, adjusted: Estimate) -> str:
    study = panel.study
    when = f"In the {study.baseline_days} days before they answered" if study.dated else "Before"
    shown, whole = (value_and_interval(gap, study.currency) for gap in (before, adjusted))
    outcome = adjusted.name.split(".")[1].replace("_", " ")
    return (
        f"{when}, '{study.target}' and '{study.origin}' differed in {outcome} by {shown}, "
        f"n = {before.n:,}; the adjusted gap, {whole}, holds that equal."
    )


def _meaning_of_one(verdict: str, before: Estimate) -> str:
    if verdict == PASSED:
        return "They are not told apart before the answer."
    if not _told_apart(before):
        return "The data do not tell whether they differed before."
    return (
        "So this alone does not make it wrong; whether something lasting is behind it cannot be "
        "told from one window."
    )
