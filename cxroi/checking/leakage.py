"""Leakage: an input that almost determines the outcome, or was measured after the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..design_matrix import baselines
from ..errors import ModelError
from ..estimate import CONF_LEVEL, Estimate
from ..influence import normal_interval
from ..sample import take_sample
from .past import baseline_of
from .result import FAILED, PASSED, WARNING, Check

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..influence import Floats, Integers
    from ..outcomes import Outcome
    from ..panel import Panel
    from ..sample import Sample

NEARLY_DETERMINES = 0.9
LARGEST_EXCESS = 0.2
EXCESS_ERRORS = 3.0
FOLDS = 5
FEWEST = 30
MISSING = "(missing)"
LEAK = "nearly determines it"
PAST = "nearly determines it, but is dated before the answer"
LATER = "knows the time after the answer better than the time before"
ADVICE = {  # the worst first
    LEAK: "It is the outcome under another name, or was measured after the answer: leave it out of "
    "[controls], or of the baselines.",
    LATER: "With {name} before the answer it is {before}: check when it was measured.",
    PAST: "It is dated before the answer, so no leak, but little is left for the score to add.",
}


@dataclass(frozen=True)
class _Input:
    """A column as numbers, or as levels coded from zero; NaN and -1 where it is not known."""

    name: str
    values: Floats | Integers
    levels: bool
    declared: bool


@dataclass(frozen=True)
class _Strength:
    """How strongly a column goes with an outcome, from 0 (not at all) to 1 (determines it)."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    n: int


@dataclass(frozen=True)
class _Row:
    """An input with its strength after and before the answer, and what was found of it."""

    name: str
    after: _Strength
    before: _Strength | None
    finding: str


def leakage_check(analysis: Analysis, outcome: str) -> Check:
    """Look among the inputs for the outcome under another name, and for what came after.

    Every declared control and every baseline is held against the outcome after the answer:
    absolute rank correlation (Spearman) with amounts and counts; with yes/no outcomes Somers' D
    of the ranks, twice the area under the ROC curve less one. Levels of a category are ordered
    by the outcome in other customers (cross-fitted), so that many levels alone show nothing;
    that a quantity is missing is held against the outcome as well. Where the outcome has a
    baseline, a control known before the answer should go with both windows alike.

    Errors: Bonett and Wright, Psychometrika 65 (2000), 23-28, on Fisher's z for rank
    correlations; Hanley and McNeil, Radiology 143 (1982), 29-36, for areas; survey weights
    play no part. Whether a derived date lies after the answer is not looked at: the panel holds
    the days between two dates, not the dates.

    Returns
    -------
    Check
        ``failed`` where an input reaches 0.9; ``warning`` where a control goes with the outcome
        after the answer more than with the baseline, by over 0.2 and over 3 standard errors
        (those of two independent samples), or where a baseline counted from dates before the
        answer reaches 0.9. The estimate is the largest strength, from 0 to 1.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is known for nobody or does not vary, or there is no input to look at.
    """
    panel = analysis.panel
    sample = take_sample(panel, outcome)
    rows = list(_rows(panel, sample))
    if not rows:
        raise ModelError(
            f"the study has neither controls nor baselines that vary for {outcome!r}",
            "leakage is looked for among them",
            "Declare [controls] columns",
        )
    rows.sort(key=lambda row: -row.after.estimate)
    found = {row.finding for row in rows}
    return Check(
        name="leakage",
        outcome=outcome,
        verdict=FAILED if LEAK in found else WARNING if found & {LATER, PAST} else PASSED,
        sentence=_sentence(sample.outcome, rows),
        estimate=_estimate(rows[0], sample),
        table=_table(rows),
    )


def _rows(panel: Panel, sample: Sample) -> Iterator[_Row]:
    yes_no = sample.outcome.kind == "yes_no"
    earlier = _earlier(panel, sample)
    fold = _folds(sample, panel.study.seed)
    for item in _inputs(panel, sample):
        after = _strength(item, sample.values, sample.clusters, fold, yes_no)
        if after is None:
            continue
        before = None
        if item.declared and earlier is not None:
            before = _strength(item, earlier, sample.clusters, fold, yes_no)
        finding = _finding(after, before, item.declared or not panel.study.dated)
        yield _Row(item.name, after, before, finding)


def _finding(after: _Strength, before: _Strength | None, undated: bool) -> str:
    """Name what speaks against an input, which only the panel's own baselines are dated for."""
    if after.estimate >= NEARLY_DETERMINES:
        return LEAK if undated else PAST
    if before is None:
        return ""
    excess = after.estimate - before.estimate
    error = float(np.hypot(after.std_error, before.std_error))
    return LATER if excess > max(LARGEST_EXCESS, EXCESS_ERRORS * error) else ""


def _earlier(panel: Panel, sample: Sample) -> Floats | None:
    try:
        return baseline_of(panel, sample.outcome.name)[sample.rows]
    except ModelError:
        return None


def _folds(sample: Sample, seed: int) -> Integers:
    """Deal whole customers or clusters into folds."""
    dealt = np.arange(sample.clusters.max() + 1) % FOLDS
    return np.asarray(np.random.default_rng(seed).permutation(dealt)[sample.clusters])


def _inputs(panel: Panel, sample: Sample) -> Iterator[_Input]:
    frame = panel.frame.iloc[sample.rows]
    for name in panel.study.controls:
        column = frame[f"attr_{name}"]
        if name in panel.study.categorical or column.dtype.kind not in "fiu":
            codes = column.astype(object).where(column.notna(), MISSING).map(str).factorize()[0]
            yield _Input(name, np.asarray(codes, dtype=np.int64), True, True)
            continue
        values = column.to_numpy(dtype=float)
        yield _Input(name, values, False, True)
        if not np.isfinite(values).all():
            yield _Input(f"{name} = {MISSING}", (~np.isfinite(values)).astype(float), False, True)
    for title in baselines(frame):
        name = f"{title.removesuffix('_before').replace('_', ' ')} before"
        yield _Input(name, frame[title].to_numpy(dtype=float), False, False)


def _strength(
    item: _Input, outcome: Floats, clusters: Integers, fold: Integers, yes_no: bool
) -> _Strength | None:
    """Return how strongly an input goes with an outcome; None where one of them is constant."""
    known = np.isfinite(outcome) & np.isfinite(item.values.astype(float))
    values, target = item.values[known], outcome[known]
    if len(target) < FEWEST or np.ptp(values) == 0 or np.ptp(target) == 0:
        return None
    if item.levels:
        value = max(0.0, _of_levels(values, target, fold[known], yes_no))
    else:
        value = abs(_signed(values, target, yes_no))
    units = len(np.unique(clusters[known]))
    if yes_no:
        return _with_area_error(value, target, units)
    return _with_rank_error(value, units, len(target))


def _signed(values: Floats, target: Floats, yes_no: bool) -> float:
    """Somers' D of a yes/no outcome, Spearman's correlation of any other."""
    from scipy.stats import rankdata

    ranks = rankdata(values)
    if not yes_no:
        return float(np.corrcoef(ranks, rankdata(target))[0, 1])
    yes = int(target.sum())
    area = (ranks[target == 1].sum() - yes * (yes + 1) / 2) / (yes * (len(target) - yes))
    return float(2 * area - 1)


def _of_levels(codes: Integers, target: Floats, fold: Integers, yes_no: bool) -> float:
    """Order the levels by the outcome in the other folds; average over folds."""
    from scipy.stats import rankdata

    scale = target if yes_no else rankdata(target)
    found, sizes = [], []
    for part in range(FOLDS):
        held = fold == part
        if not held.any() or held.all():
            continue
        counts = np.bincount(codes[~held], minlength=codes.max() + 1)
        sums = np.bincount(codes[~held], scale[~held], minlength=codes.max() + 1)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), scale[~held].mean())[codes[held]]
        if np.ptp(target[held]) > 0:
            found.append(_signed(means, target[held], yes_no) if np.ptp(means) > 0 else 0.0)
            sizes.append(int(held.sum()))
    return float(np.average(found, weights=sizes)) if found else 0.0


def _with_rank_error(value: float, units: int, n: int) -> _Strength:
    value = min(value, 1 - 1e-12)
    on_z = float(np.sqrt((1 + value**2 / 2) / max(units - 3, 1)))
    low, high = np.tanh(normal_interval(float(np.arctanh(value)), on_z, CONF_LEVEL))
    return _Strength(value, (1 - value**2) * on_z, max(float(low), 0.0), float(high), n)


def _with_area_error(value: float, target: Floats, units: int) -> _Strength:
    """Hanley and McNeil's error of an area, rows counted as independent units."""
    share, area = units / len(target), (value + 1) / 2
    yes = target.sum() * share
    no = len(target) * share - yes
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (yes - 1) * (one - area**2) + (no - 1) * (two - area**2)
    error = float(2 * np.sqrt(max(spread, 0.0) / (yes * no)))
    low, high = normal_interval(value, error, CONF_LEVEL)
    return _Strength(value, error, max(low, 0.0), min(high, 1.0), len(target))


def _estimate(row: _Row, sample: Sample) -> Estimate:
    measure = "absolute rank correlation (Spearman), interval by Fisher's z"
    if sample.outcome.kind == "yes_no":
        measure = "Somers' D, twice the area under the ROC curve less one, Hanley-McNeil interval"
    return Estimate(
        name=f"check.leakage.{sample.outcome.name}",
        **asdict(row.after),
        unit="strength from 0 to 1",
        method=f"strongest of all inputs: {measure}; categories cross-fitted",
        term=row.name,
    )


def _sentence(outcome: Outcome, rows: Sequence[_Row]) -> str:
    """Say what is worst; what else was found is in the table."""
    yes_no, name = outcome.kind == "yes_no", outcome.name.replace("_", " ")
    for kind, advice in ADVICE.items():
        found = [row for row in rows if row.finding == kind]
        if found:
            row, more = found[0], f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            before = f"{row.before.estimate:.2f}" if row.before else "none"
            return f"'{row.name}'{more}: {_worded(row.after, yes_no)} with {name}. " + (
                advice.format(name=name, before=before)
            )
    return (
        f"None of {len(rows)} inputs nearly determines {name}. The strongest is '{rows[0].name}': "
        f"{_worded(rows[0].after, yes_no)}; {NEARLY_DETERMINES:g} would be a leak."
    )


def _worded(found: _Strength, yes_no: bool) -> str:
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
