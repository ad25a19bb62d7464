"""Leakage: the score or an input almost determines the outcome, or came after the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..effects.adjusted import regress_pair
from ..errors import CxroiError, ModelError
from ..models.sample import take_sample
from ..moments.rows import MISSING
from ..panel.rows import MOST_CELLS
from ..results.estimate import Estimate
from ..results.formats import value_and_interval
from .result import FAILED, PASSED, WARNING, Check
from .tools.baseline_gap import baseline_of
from .tools.inputs import deal, list_inputs, too_many_levels
from .tools.one_answer import groups_of_one_answer
from .tools.premises import readable, told_apart
from .tools.strength import Strength, strength_of

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..arrays import Vector
    from ..models.sample import Sample
    from ..panel.panel import Panel
    from ..study.outcomes import Outcome

NEARLY_DETERMINES = 0.9
VERY_STRONG = 0.7
LARGEST_MOVE = 0.5
LARGEST_EXCESS = 0.2
EXCESS_ERRORS = 3.0
SCORE = "the score"
ITSELF = "the score nearly determines it"
CLOSE = "the score goes with it more than scores do"
LEAK = "nearly determines it"
PAST = "nearly determines it, but is dated before the answer"
STRONG = "goes with it more than most things do that are known before an answer"
MOVES = "moves the adjusted gap by over half of what it would be"
LATER = "knows the time after the answer better than the time before"
GIVES_AWAY = (ITSELF, LEAK)
ADVICE = {  # the worst first
    ITSELF: "It is the score under another name, or was made from it: declare what customers did, "
    "in a column of its own.",
    LEAK: "It is the outcome under another name, or was measured after the answer: leave it out of "
    "[controls], or of the baselines.",
    MOVES: "{moved}: measured after the answer, it may hide part of the gap. Check when it was "
    "measured.",
    LATER: "With {name} before the answer it is {before}: check when it was measured.",
    CLOSE: "Few scores go with {name} so closely: check that it was not made from the score.",
    STRONG: "Few things known before an answer go with {name} so closely: check when it was "
    "measured.",
    PAST: "It is dated before the answer, so no leak, but little is left for the score to add.",
}


@dataclass(frozen=True)
class _Row:
    """An input with its strength after and before the answer, and what was found of it."""

    name: str
    after: Strength
    before: Strength | None
    finding: str
    declared: bool


def leakage_check(analysis: Analysis, outcome: str) -> Check:
    """Look at score and inputs for the outcome under another name, and for what came after.

    The score, every declared control and every baseline are held against the outcome after the
    answer: absolute rank correlation (Spearman) with amounts and counts; with yes/no outcomes
    Somers' D of the ranks, twice the area under the ROC curve less one. Levels of a category are
    ordered by the outcome in other customers (cross-fitted), so that many levels alone show
    nothing; that a quantity is missing is held against the outcome as well. Where the outcome
    has a baseline, a control known before the answer should go with both windows alike.

    A group of the pair in which everybody gave the same answer to a yes/no outcome, or nobody
    has anything of another, gives it away too, where that is no chance (`groups_of_one_answer`).

    Errors: Bonett and Wright, Psychometrika 65 (2000), 23-28, on Fisher's z for rank
    correlations; Hanley and McNeil, Radiology 143 (1982), 29-36, for areas; survey weights
    play no part. Whether a derived date lies after the answer is not looked at: the panel holds
    the days between two dates, not the dates.

    Returns
    -------
    Check
        ``failed`` where the score or an input reaches 0.9, or a group of the pair has one answer
        throughout. ``warning`` where score or control reaches 0.7; where a control goes with the
        outcome after the answer more than with the baseline, by over 0.2 and over 3 standard
        errors (those of two independent samples); where the strongest control moves the
        adjusted gap by over half of what the gap is without it, that one told apart from
        zero; or where a baseline counted from dates before the answer reaches 0.9. The
        estimate is the largest strength, from 0 to 1.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is known for nobody or does not vary, or there is neither an input nor a
        score that varies to look at.
    """
    panel = analysis.panel
    sample = take_sample(panel, outcome)
    rows = list(_rows(panel, sample))
    moved = ""
    if not rows:
        raise ModelError(
            f"neither score, controls nor baselines vary for {readable(outcome)!r}",
            "leakage is looked for among them",
            "Declare [controls] columns",
        )
    rows.sort(key=lambda row: -row.after.estimate)
    declared = next((row for row in rows if row.declared), None)
    if declared is not None and declared.finding in ("", STRONG):
        moved = _moved(analysis, outcome, declared.name.removesuffix(f" = {MISSING}"))
        if moved:
            rows[rows.index(declared)] = replace(declared, finding=MOVES)
    found = {row.finding for row in rows}
    alike = groups_of_one_answer(sample, (panel.study.origin, panel.study.target))
    said = alike or _sentence(sample.outcome, rows, moved)
    return Check(
        name="leakage",
        outcome=outcome,
        verdict=FAILED if alike or found & {*GIVES_AWAY} else WARNING if found - {""} else PASSED,
        sentence=said + _left_out(too_many_levels(panel)),
        estimate=_estimate(rows[0], sample),
        table=_table(rows),
    )


def _rows(panel: Panel, sample: Sample) -> Iterator[_Row]:
    yes_no = sample.outcome.kind == "yes_no"
    earlier = _earlier(panel, sample)
    fold = deal(panel, sample)
    score = strength_of(
        sample.rows.values("score"),
        sample.values,
        clusters=sample.clusters,
        fold=fold,
        levels=False,
        yes_no=yes_no,
    )
    if score is not None:
        yield _Row(SCORE, score, None, _of_score(score), False)
    for item in list_inputs(panel, sample):
        known = partial(
            strength_of,
            item.values,
            clusters=sample.clusters,
            fold=fold,
            levels=item.levels,
            yes_no=yes_no,
        )
        after = known(sample.values)
        if after is None:
            continue
        before = None
        if item.declared and earlier is not None:
            before = known(earlier)
        finding = _finding(after, before, item.declared, panel.study.dated)
        yield _Row(item.name, after, before, finding, item.declared)


def _of_score(score: Strength) -> str:
    """Name what speaks against the score."""
    if score.estimate >= NEARLY_DETERMINES:
        return ITSELF
    return CLOSE if score.estimate >= VERY_STRONG else ""


def _finding(after: Strength, before: Strength | None, declared: bool, dated: bool) -> str:
    """Name what speaks against an input; only the panel's own baselines are dated."""
    if after.estimate >= NEARLY_DETERMINES:
        return LEAK if declared or not dated else PAST
    if before is not None:
        excess = after.estimate - before.estimate
        error = float(np.hypot(after.std_error, before.std_error))
        if excess > max(LARGEST_EXCESS, EXCESS_ERRORS * error):
            return LATER
    return STRONG if declared and after.estimate >= VERY_STRONG else ""


def _moved(analysis: Analysis, outcome: str, control: str) -> str:
    """Say how far leaving a control out moves the adjusted gap, where that is far."""
    panel = analysis.panel
    if outcome not in analysis.regressions:
        return ""
    left = tuple(name for name in panel.study.controls if name != control)
    try:
        other = replace(panel, study=replace(panel.study, controls=left))
        without = regress_pair(other, outcome)
    except CxroiError:
        return ""
    adjusted = analysis.regressions[outcome].contrast
    gap, plainer = adjusted.estimate or 0.0, without.estimate or 0.0
    if not told_apart(without) or abs(gap - plainer) <= LARGEST_MOVE * abs(plainer):
        return ""
    held, free = (value_and_interval(e, panel.study.currency) for e in (adjusted, without))
    return f"With it the adjusted gap is {held}, without it {free}"


def _earlier(panel: Panel, sample: Sample) -> Vector | None:
    try:
        earlier = baseline_of(panel, sample.outcome.name)
    except ModelError:
        return None
    return sample.own(earlier)


def _estimate(row: _Row, sample: Sample) -> Estimate:
    measure = "absolute rank correlation (Spearman), interval by Fisher's z"
    if sample.outcome.kind == "yes_no":
        measure = "Somers' D, twice the area under the ROC curve less one, Hanley-McNeil interval"
    return Estimate(
        name=f"check.leakage.{sample.outcome.name}",
        **asdict(row.after),
        unit="strength from 0 to 1",
        method=f"strongest of score and inputs: {measure}; categories cross-fitted",
        term=row.name,
    )


def _sentence(outcome: Outcome, rows: Sequence[_Row], moved: str) -> str:
    """Say what is worst; what else was found is in the table."""
    yes_no, name = outcome.kind == "yes_no", readable(outcome.name)
    for kind, advice in ADVICE.items():
        found = [row for row in rows if row.finding == kind]
        if found:
            row, more = found[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            before = f"{row.before.estimate:.2f}" if row.before else "none"
            return f"{_titled(row)}{more}: {_worded(row.after, yes_no)} with {name}. " + (
                advice.format(name=name, before=before, moved=moved)
            )
    return (
        f"Neither the score nor an input nearly determines {name} ({len(rows)} looked at). "
        f"The strongest is {_titled(rows[0])}: "
        f"{_worded(rows[0].after, yes_no)}; {NEARLY_DETERMINES:g} would be a leak."
    )


def _titled(row: _Row) -> str:
    return SCORE if row.name == SCORE and not row.declared else f"'{row.name}'"


def _left_out(names: Sequence[str]) -> str:
    """Say which categories could not be looked at."""
    if not names:
        return ""
    listed = ", ".join(f"'{name}'" for name in names)
    return f" Not looked at for having over {MOST_CELLS:,} different values: {listed}."


def _worded(found: Strength, yes_no: bool) -> str:
    """Say what the number is, and what 1 would be."""
    measure = "Gini of a yes/no" if yes_no else "rank correlation"
    whole = "1 tells every yes from every no" if yes_no else "1 gives the whole order"
    span = f"{found.conf_low:.2f} to {found.conf_high:.2f}"
    return f"{measure} {found.estimate:.2f} ({span}, n = {found.n:,}; {whole})"


def _table(rows: Sequence[_Row]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame([{"term": row.name, **asdict(row.after)} for row in rows])
    before = [row.before.estimate if row.before else np.nan for row in rows]
    return table.assign(with_baseline=before, finding=[row.finding for row in rows])
