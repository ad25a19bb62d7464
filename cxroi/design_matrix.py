"""Controls of a regression as numbers: dummies, standardised quantities, baselines.

The matrix is built from arrays, never from a formula: a formula would execute what a column
is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats, Integers
    from .panel import Panel
    from .sample import Sample
    from .study import Study

MISSING = "(missing)"
OTHER = "(other)"
SMALLEST_LEVEL = 30
MOST_LEVELS = 50
SAME_AS_SCORE = 0.95


@dataclass(frozen=True)
class Controls:
    """Columns held equal between groups.

    Attributes
    ----------
    matrix
        Rows by columns; quantities have mean zero and standard deviation one.
    names
        Column names, such as ``tenure_months (per SD)`` or ``region = north``.
    notes
        What was merged, filled in or left out, in sentences.
    """

    matrix: Floats
    names: tuple[str, ...]
    notes: tuple[str, ...]

    def with_groups(self, groups: Floats, labels: tuple[str, ...]) -> tuple[Floats, list[str]]:
        """Return intercept, group dummies and controls side by side, with their names."""
        names = ["intercept", *(f"group = {label}" for label in labels), *self.names]
        intercept = np.ones((len(self.matrix), 1))
        return np.hstack([intercept, groups, self.matrix]), names


def build_controls(panel: Panel, sample: Sample) -> Controls:
    """Turn the declared controls and every baseline into columns, as `lay_out` does.

    Raises
    ------
    ModelError
        A declared control that does not vary, has too many levels, repeats others, or is the
        score under another name.
    """
    frame = panel.frame.iloc[sample.rows]
    for name in panel.study.controls:
        values = frame[f"attr_{name}"]
        if values.dtype.kind in "fiu":
            _refuse_score(name, values, frame["score"])
    return lay_out(frame, panel.study.controls, panel.study)


def lay_out(frame: pd.DataFrame, controls: Sequence[str], study: Study) -> Controls:
    """Turn attributes (``attr_<name>``) and every baseline (``<outcome>_before``) into columns.

    Categories become dummies against the most frequent level, levels under 30 rows are merged;
    missing quantities take the mean, with a column that says so; baselines enter as arcsinh,
    which reads like a logarithm and allows zero and negative amounts. An amount is taken in
    hundredths of its median above zero, so that the currency it is in makes no difference.

    Raises
    ------
    ModelError
        A declared control that does not vary, has too many levels, or repeats others.
    """
    columns: list[tuple[str, Floats]] = []
    notes: list[str] = []
    for name in controls:
        values = frame[f"attr_{name}"]
        is_category = name in study.categorical or values.dtype.kind not in "fiu"
        columns += (_dummies if is_category else _quantity)(name, values, notes)
    declared = len(columns)
    amounts = {f"{o.name}_before" for o in study.outcomes if o.kind == "amount"}
    for column in baselines(frame):
        before = frame[column].to_numpy(dtype=float)
        unit = _unit(before) if column in amounts | {"spend_before"} else 1.0
        columns += _baseline(column, before / unit, notes)
    matrix = np.column_stack([c for _, c in columns]) if columns else np.empty((len(frame), 0))
    keep = independent(matrix, [name for name, _ in columns], declared, notes)
    names = tuple(name for (name, _), kept in zip(columns, keep, strict=True) if kept)
    return Controls(matrix[:, keep], names, tuple(notes))


def quantity_name(attribute: str) -> str:
    """Return what the column of a quantity is called, such as ``tenure (per SD)``."""
    return f"{attribute} (per SD)"


def baseline_name(column: str) -> str:
    """Return what the column made of ``spend_before`` is called."""
    return f"{column.removesuffix('_before').replace('_', ' ')} before (arcsinh, per SD)"


def baselines(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a panel that hold an outcome before the answer."""
    return [c for c in frame.columns if c.endswith("_before") and not c.startswith("attr_")]


def _refuse_score(name: str, values: pd.Series, scores: pd.Series) -> None:
    """Refuse a control that is the score under another name."""
    known = values.notna()
    varies = known.sum() > 2 and values[known].std() > 0 and scores[known].std() > 0
    if varies and abs(values[known].astype(float).corr(scores[known])) > SAME_AS_SCORE:
        raise ModelError(
            f"control {name!r} is (nearly) the score itself",
            f"a control's correlation with the score is at most {SAME_AS_SCORE:g}",
            "Leave it out of [controls] columns",
        )


def _dummies(name: str, values: pd.Series, notes: list[str]) -> list[tuple[str, Floats]]:
    import pandas as pd

    position, found = values.factorize(use_na_sentinel=True)
    labels = np.array([*map(_label, found), MISSING], dtype=object)  # a missing one is at -1
    codes, levels = pd.factorize(labels)
    codes = codes[position]
    counts = pd.Series(np.bincount(codes, minlength=len(levels)), index=levels)
    counts = counts[counts > 0].sort_values(ascending=False, kind="stable")
    if len(counts) > 10 * MOST_LEVELS or (len(counts) > MOST_LEVELS and counts.iloc[1] < 2):
        raise ModelError(
            f"control {name!r} has {len(counts)} different values",
            f"a category has at most {MOST_LEVELS} that occur often",
            "Group them before, or leave the control out",
        )
    small = counts[counts < SMALLEST_LEVEL].index
    if len(small):
        levels = np.where(np.isin(levels, small), OTHER, levels)
        counts = counts.groupby(counts.index.where(~counts.index.isin(small), OTHER)).sum()
        counts = counts.sort_values(ascending=False, kind="stable")
        notes.append(f"{name}: {len(small)} levels under {SMALLEST_LEVEL} rows merged as {OTHER}.")
    if len(counts) < 2:
        raise _constant(name)
    return [
        (f"{name} = {level}", np.isin(codes, np.flatnonzero(levels == level)).astype(float))
        for level in sorted(counts.index[1:])
    ]


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quantity(name: str, values: pd.Series, notes: list[str]) -> list[tuple[str, Floats]]:
    numbers = values.to_numpy(dtype=float)
    missing = ~np.isfinite(numbers)
    known = numbers[~missing]
    if len(known) == 0 or np.ptp(known) == 0:
        raise _constant(name)
    columns = [(quantity_name(name), _standardised(np.where(missing, known.mean(), numbers)))]
    if missing.any():
        columns.append((f"{name} = {MISSING}", missing.astype(float)))
        notes.append(f"{name}: {int(missing.sum()):,} missing values set to the mean and marked.")
    return columns


def _baseline(column: str, values: Floats, notes: list[str]) -> list[tuple[str, Floats]]:
    name = baseline_name(column)
    missing = ~np.isfinite(values)
    filled = np.arcsinh(np.where(missing, np.nanmean(values) if not missing.all() else 0, values))
    if np.ptp(filled) == 0:
        notes.append(f"{name}: left out, it is the same for everybody.")
        return []
    extra = [(f"{name} = {MISSING}", missing.astype(float))] if missing.any() else []
    return [(name, _standardised(filled)), *extra]


def _unit(amounts: Floats) -> float:
    """Return a hundredth of the median amount, zeros and signs aside."""
    sizes = np.abs(amounts[np.isfinite(amounts) & (amounts != 0)])
    return float(np.median(sizes) / 100) if len(sizes) else 1.0


def _standardised(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())


def _constant(name: str) -> ModelError:
    return ModelError(
        f"control {name!r} is the same for every response",
        "a control that does not vary explains nothing",
        "Leave it out of [controls] columns",
    )


def independent(matrix: Floats, names: list[str], declared: int, notes: list[str]) -> Flags:
    """Mark columns that add to those before them; a declared one that does not is refused.

    Several controls are often missing for the same customers: the mark is then kept once.
    """
    keep = np.ones(len(names), dtype=bool)
    centred = matrix - matrix.mean(axis=0) if len(names) else matrix
    gram = centred.T @ centred
    for position in range(len(names)):
        earlier = np.flatnonzero(keep[:position])
        left = _unexplained(gram, earlier, position)
        if left > 1e-8:
            continue
        if position < declared and not names[position].endswith((f"= {MISSING}", f"= {OTHER}")):
            raise ModelError(
                f"control {names[position]!r} is determined by "
                f"{_partners(gram, earlier, position, names)}",
                "controls must not repeat one another",
                "Leave one of them out of [controls] columns",
            )
        keep[position] = False
        notes.append(f"{names[position]}: left out, other controls determine it.")
    return keep


def _unexplained(gram: Floats, earlier: Integers, position: int) -> float:
    """Share of a column's variance that the columns before it leave unexplained."""
    if len(earlier) == 0:
        return 1.0
    cross = gram[earlier, position]
    solution = np.linalg.lstsq(gram[np.ix_(earlier, earlier)], cross, rcond=1e-12)[0]
    return float(1 - cross @ solution / gram[position, position])


def _partners(gram: Floats, earlier: Integers, position: int, names: list[str]) -> str:
    cross = gram[earlier, position]
    solution = np.linalg.lstsq(gram[np.ix_(earlier, earlier)], cross, rcond=1e-12)[0]
    share = np.abs(solution) * np.sqrt(np.diag(gram)[earlier] / gram[position, position])
    return " and ".join(repr(names[earlier[i]]) for i in np.flatnonzero(share > 1e-6)) or "others"
