"""Inputs: controls and baselines one by one, and the folds in which categories learn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...engine.literals import constant
from ...engine.quoting import ident
from ...models.controls import baselines
from ...moments.columns import Column
from ...moments.covariates import MISSING
from ...panel.rows import MOST_CELLS
from .strength import FOLDS

if TYPE_CHECKING:
    from ...arrays import Integers, Vector
    from ...models.sample import Sample
    from ...moments.columns import Rows
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
    if isinstance(sample.values, Column):
        yield from _of_columns(panel, sample.values.rows)
        return
    frame = panel.frame.iloc[sample.rows]
    for name in panel.study.controls:
        column = frame[f"attr_{name}"]
        if name in panel.study.categorical or column.dtype.kind not in "fiu":
            codes = column.astype(object).where(column.notna(), MISSING).map(str).factorize()[0]
            yield Input(name, np.asarray(codes, dtype=np.int64), True, True)
            continue
        values = column.to_numpy(dtype=float)
        yield Input(name, values, False, True)
        if not np.isfinite(values).all():
            yield Input(f"{name} = {MISSING}", (~np.isfinite(values)).astype(float), False, True)
    for title in baselines(frame.columns):
        yield Input(_titled(title), frame[title].to_numpy(dtype=float), False, False)


def _of_columns(panel: Panel, rows: Rows) -> Iterator[Input]:
    large = too_many_levels(panel)
    for name in panel.study.controls:
        column = ident(f"attr_{name}")
        if _is_category(panel, rows, name):
            if name not in large:
                level = f"coalesce(CAST({column} AS VARCHAR), {constant(MISSING)})"
                yield Input(name, rows.column(level), True, True)
            continue
        yield Input(name, rows.column(f"CAST({column} AS DOUBLE)"), False, True)
        missing = rows.flag(f"({column} IS NULL)")
        if missing.sum():
            yield Input(f"{name} = {MISSING}", missing, False, True)
    for title in baselines(rows.types):
        yield Input(_titled(title), rows.column(f"CAST({ident(title)} AS DOUBLE)"), False, False)


def too_many_levels(panel: Panel) -> tuple[str, ...]:
    """Name the categories in an engine that have too many levels to be brought into memory."""
    rows = panel.rows
    if rows is None:
        return ()
    names = [name for name in panel.study.controls if _is_category(panel, rows, name)]
    wide = [name for name in names if f"attr_{name}" not in rows.cells]
    columns = (rows.column(ident(f"attr_{name}")) for name in wide)
    counts = [rows.fetch(["count(DISTINCT v)"], {"v": column})[0][0] for column in columns]
    return tuple(name for name, n in zip(wide, counts, strict=True) if n > MOST_CELLS)


def _is_category(panel: Panel, rows: Rows, name: str) -> bool:
    return name in panel.study.categorical or rows.types[f"attr_{name}"] != "number"


def _titled(column: str) -> str:
    return f"{column.removesuffix('_before').replace('_', ' ')} before"


def deal(panel: Panel, sample: Sample) -> Vector:
    """Deal whole customers or clusters into folds, by a hash of their name and of the seed."""
    seed = panel.study.seed
    if isinstance(sample.values, Column):
        return sample.values.rows.column(_dealt_sql(seed))
    return panel.store.get("folds", lambda: _folds_of(panel))[sample.rows]


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
