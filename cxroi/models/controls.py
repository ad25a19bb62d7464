"""Controls of a regression as numbers: dummies, standardised quantities, baselines.

The matrix is built from arrays, never from a formula: a formula would execute what a column
is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..moments.influence import sums
from ..moments.order_statistics import median_above_zero
from ..moments.rows import MISSING, centred_gram
from .waves import wave_columns

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers, Vector
    from ..moments.design import Design
    from ..moments.rows import Rows
    from ..panel.panel import Panel
    from ..study.declared import Study
    from .sample import Sample

# Columns by name, and what is to be said of them.
_Columns = tuple[list[tuple[str, "Vector"]], list[str]]

OTHER = "(other)"
SMALLEST_LEVEL = 30
MOST_NAMED = 5
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

    matrix: Design
    names: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.names)

    def with_groups(self, sample: Sample, labels: Sequence[str]) -> Design:
        """Return intercept, group dummies and controls side by side."""
        names = ["intercept", *(f"group = {label}" for label in labels), *self.names]
        positions = [sample.labels.index(label) for label in labels]
        return self.matrix.behind_groups(sample.groups, positions, names)


def build_controls(
    panel: Panel, sample: Sample, *, straight: bool = False, waves: bool = True
) -> Controls:
    """Turn the declared controls and every baseline into columns, as `lay_out` does.

    Parameters
    ----------
    straight
        Leave baselines as they are, for a straight line.
    waves
        Hold the wave of the answer equal too, where there are several.

    Raises
    ------
    ModelError
        A declared control that does not vary, has too many levels, repeats others, or is the
        score under another name.
    """
    source = sample.rows
    numbers = [name for name in panel.study.controls if source.is_number(f"attr_{name}")]
    source.together([partial(_refuse_score, name, source) for name in numbers])
    make = partial(
        lay_out, source, panel.study.controls, panel.study, straight=straight, waves=waves
    )
    return sample.shared(("controls", straight, waves, panel.study.controls), make)


def lay_out(
    source: Rows,
    controls: Sequence[str],
    study: Study,
    *,
    straight: bool = False,
    waves: bool = False,
) -> Controls:
    """Turn attributes (``attr_<name>``) and every baseline (``<outcome>_before``) into columns.

    Categories become dummies against the most frequent level, levels under 30 rows are merged;
    missing quantities take the mean, with a column that says so; baselines enter as arcsinh,
    which reads like a logarithm and allows zero and negative amounts. An amount is taken in
    hundredths of its median above zero, so that the currency it is in makes no difference.

    Parameters
    ----------
    straight
        Leave baselines as they are, for a straight line.
    waves
        Hold the wave of the answer equal too, where there are several.

    Raises
    ------
    ModelError
        A declared control that does not vary, has too many levels, or repeats others.
    """
    numbers = [n not in study.categorical and source.is_number(f"attr_{n}") for n in controls]
    amounts = {f"{o.name}_before" for o in study.outcomes if o.kind == "amount"} | {"spend_before"}
    tasks: list[Callable[[], _Columns]] = [
        partial(_quantity if number else category_columns, name, source)
        for name, number in zip(controls, numbers, strict=True)
    ]
    tasks += [
        partial(_baseline, n, source, None if straight else n in amounts)
        for n in baselines(source.names)
    ]
    tasks += [partial(wave_columns, source)] if waves else []
    made = source.together(tasks)
    columns = [column for found, _ in made for column in found]
    notes = [note for _, told in made for note in told]
    declared = sum(len(found) for found, _ in made[: len(controls)])
    names = [name for name, _ in columns]
    matrix = source.matrix([column for _, column in columns], names)
    keep = independent(centred_gram(matrix), names, declared, notes)
    kept = [pair for pair, stays in zip(columns, keep, strict=True) if stays]
    names = [name for name, _ in kept]
    matrix = source.matrix([column for _, column in kept], names)
    return Controls(matrix, tuple(names), tuple(notes))


def quantity_name(attribute: str) -> str:
    """Return what the column of a quantity is called, such as ``tenure (per SD)``."""
    return f"{attribute} (per SD)"


def baseline_name(column: str, *, straight: bool = False) -> str:
    """Return what the column made of ``spend_before`` is called."""
    bent = "" if straight else "arcsinh, "
    return f"{column.removesuffix('_before').replace('_', ' ')} before ({bent}per SD)"


def baselines(names: Iterable[str]) -> list[str]:
    """Return those columns of a panel that hold an outcome before the answer."""
    return [name for name in names if name.endswith("_before") and not name.startswith("attr_")]


def _refuse_score(name: str, source: Rows) -> None:
    """Refuse a control that is the score under another name."""
    values, missing = source.number(f"attr_{name}")
    scores, _ = source.number("score")
    known = 1.0 - (0.0 * values if missing is None else 1.0 * missing)
    (n,) = sums(known)
    if n < 3:
        return
    mean_x, mean_y = sums(known * values, known * scores) / n
    dx, dy = known * (values - float(mean_x)), known * (scores - float(mean_y))
    cross, square, other = sums(dx * dy, dx * dx, dy * dy)
    if square > 0 and other > 0 and abs(cross) > SAME_AS_SCORE * np.sqrt(square * other):
        raise ModelError(
            f"control {name!r} is (nearly) the score itself",
            f"a control's correlation with the score is at most {SAME_AS_SCORE:g}",
            "Leave it out of [controls] columns",
        )


def category_columns(name: str, source: Rows) -> _Columns:
    """Return a dummy for each level of a category but the most frequent, and what is to be said.

    Raises
    ------
    ModelError
        It has too many levels, or one.
    """
    column, notes = f"attr_{name}", []
    counts = dict(source.levels(column))
    sizes = list(counts.values())
    if len(counts) > 10 * MOST_LEVELS or (len(counts) > MOST_LEVELS and sizes[1] < 2):
        raise ModelError(
            f"control {name!r} has {len(counts)} different values",
            f"a category has at most {MOST_LEVELS} that occur often",
            "Group them before, or leave the control out",
        )
    levels = {label: {label} for label, size in counts.items() if size >= SMALLEST_LEVEL}
    small = set(counts) - set(levels)
    if small:
        levels[OTHER] = levels.get(OTHER, set()) | small
        notes.append(_merged(name, sorted(small, key=lambda label: (-counts[label], label))))
    if len(levels) < 2:
        raise _constant(name)
    base = max(levels, key=lambda label: sum(counts[level] for level in levels[label]))
    dummies = sorted(set(levels) - {base})
    return [(f"{name} = {one}", source.member(column, levels[one])) for one in dummies], notes


def _merged(name: str, small: Sequence[str]) -> str:
    """Say which levels of a category are behind "(other)", up to five of them by name."""
    shown = ", ".join(repr(label) for label in small[:MOST_NAMED])
    more = f" and {len(small) - MOST_NAMED:,} more" if len(small) > MOST_NAMED else ""
    levels = "level" if len(small) == 1 else "levels"
    return (
        f"{name}: {len(small)} {levels} under {SMALLEST_LEVEL} rows merged as {OTHER}: "
        f"{shown}{more}."
    )


def _quantity(name: str, source: Rows) -> _Columns:
    notes = []
    values, missing = source.number(f"attr_{name}")
    values, lost = filled(values, missing, source.count)
    if lost == source.count or values.min() == values.max():
        raise _constant(name)
    columns = [(quantity_name(name), _standardised(values))]
    if missing is not None:
        columns.append((f"{name} = {MISSING}", missing))
        notes.append(f"{name}: {lost:,} missing values set to the mean and marked.")
    return columns, notes


def _baseline(column: str, source: Rows, amount: bool | None) -> _Columns:
    """Return a baseline as arcsinh, of an amount in a unit of its own; as it is where None."""
    name = baseline_name(column, straight=amount is None)
    values, missing = source.number(column)
    unit = _unit(values) if amount else 1.0
    bent, _ = filled(values / unit, missing, source.count)
    if amount is not None:
        bent = np.arcsinh(bent)
    if bent.min() == bent.max():
        unknown = missing is not None and missing.sum() == source.count
        why = "it is known for nobody" if unknown else "it is the same for everybody"
        return [], [f"{name}: left out, {why}."]
    extra = [] if missing is None else [(f"{name} = {MISSING}", missing)]
    return [(name, _standardised(bent)), *extra], []


def filled(values: Vector, missing: Vector | None, count: int) -> tuple[Vector, int]:
    """Set missing values, which are zero, to the mean of the rest; return how many there are."""
    if missing is None:
        return values, 0
    total, lost = map(float, sums(values, 1.0 * missing))
    mean = total / (count - lost) if lost < count else 0.0
    return values + mean * missing, int(lost)


def _unit(amounts: Vector) -> float:
    """Return a hundredth of the median amount, zeros and signs aside."""
    middle = median_above_zero(np.absolute(amounts))
    return middle / 100 if middle > 0 else 1.0


def _standardised(values: Vector) -> Vector:
    return (values - values.mean()) / values.std()


def _constant(name: str) -> ModelError:
    return ModelError(
        f"control {name!r} is the same for every response",
        "a control that does not vary explains nothing",
        "Leave it out of [controls] columns",
    )


def independent(gram: Floats, names: Sequence[str], declared: int, notes: list[str]) -> Flags:
    """Mark columns that add to those before them; a declared one that does not is refused.

    Several controls are often missing for the same customers: the mark is then kept once.

    Parameters
    ----------
    gram
        Cross-products of the columns less their means.
    declared
        How many of them, the first, are of declared controls.
    """
    keep = np.ones(len(names), dtype=bool)
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


def _partners(gram: Floats, earlier: Integers, position: int, names: Sequence[str]) -> str:
    cross = gram[earlier, position]
    solution = np.linalg.lstsq(gram[np.ix_(earlier, earlier)], cross, rcond=1e-12)[0]
    share = np.abs(solution) * np.sqrt(np.diag(gram)[earlier] / gram[position, position])
    return " and ".join(repr(names[earlier[i]]) for i in np.flatnonzero(share > 1e-6)) or "others"
