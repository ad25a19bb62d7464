"""Inputs: controls and baselines one by one, and the folds in which categories learn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...engine.quoting import ident
from ...models.controls import baselines
from ...moments.rows import MISSING
from ...moments.units import count_distinct
from ...panel.in_engine import PanelEngineRows
from ...panel.rows import MOST_CELLS
from .strength import FOLDS

if TYPE_CHECKING:
    from ...arrays import Integers, Vector
    from ...models.sample import Sample
    from ...panel.panel import Panel

_DIGITS = 8  # hexadecimal, of a hash
_ENDS = tuple(f"{16**_DIGITS // FOLDS * (fold + 1):0{_DIGITS}x}" for fold in range(FOLDS - 1))


@dataclass(frozen=True)
class Input:
    """A control or a baseline, row by row.

    Attributes
    ----------
    values
        Numbers, or a category: codes from zero on if an array, its labels if a column. NaN or
        NULL where a number is not known.
    levels
        Whether it is a category.
    declared
        Whether it is a declared control.
    """

    name: str
    values: Vector
    levels: bool
    declared: bool


def list_inputs(panel: Panel, sample: Sample) -> Iterator[Input]:
    """Yield every control, whether it is missing, and every baseline."""
    rows, large = sample.rows, too_many_levels(panel)
    for name in panel.study.controls:
        column = f"attr_{name}"
        if name in panel.study.categorical or not rows.is_number(column):
            if name not in large:
                yield Input(name, rows.category(column), True, True)
            continue
        yield Input(name, rows.values(column), False, True)
        missing = rows.number(column)[1]
        if missing is not None:
            yield Input(f"{name} = {MISSING}", 1.0 * missing, False, True)
    for title in baselines(rows.names):
        yield Input(_titled(title), rows.values(title), False, False)


def too_many_levels(panel: Panel) -> tuple[str, ...]:
    """Name the categories in an engine that have too many levels to be brought into memory."""
    rows, study = panel.rows, panel.study
    if not isinstance(rows, PanelEngineRows):
        return ()
    titles = {name: f"attr_{name}" for name in study.controls}
    names = [n for n, t in titles.items() if n in study.categorical or not rows.is_number(t)]
    wide = [name for name in names if titles[name] not in rows.cells]
    counts = (count_distinct(rows.column(ident(titles[name]))) for name in wide)
    return tuple(name for name, n in zip(wide, counts, strict=True) if n > MOST_CELLS)


def _titled(column: str) -> str:
    return f"{column.removesuffix('_before').replace('_', ' ')} before"


def deal(panel: Panel, sample: Sample) -> Vector:
    """Deal whole customers or clusters into folds, by a hash of their name and of the seed."""
    seed = panel.study.seed
    if isinstance(sample.rows, PanelEngineRows):
        return sample.rows.column(_dealt_sql(seed))
    return sample.own(panel.store.get("folds", lambda: _folds_of(panel)))


def _folds_of(panel: Panel) -> Integers:
    codes, names = panel.frame["cluster"].factorize()
    folds: Integers = _dealt(names, panel.study.seed)[codes]
    return folds


def _dealt(names: Iterable[object], seed: int) -> Integers:
    keys = (f"{seed} {name}".encode() for name in names)
    hashes = [hashlib.md5(k, usedforsecurity=False).hexdigest()[:_DIGITS] for k in keys]
    return np.searchsorted(np.array(_ENDS), np.array(hashes), side="left").astype(np.int64)


def _dealt_sql(seed: int) -> str:
    """Return the SQL of the same folds."""
    key = f"substr(md5('{seed} ' || CAST(cluster AS VARCHAR)), 1, {_DIGITS})"
    return " + ".join(f"(CASE WHEN {key} > '{end}' THEN 1 ELSE 0 END)" for end in _ENDS)
