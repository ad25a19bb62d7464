"""Columns that are the score under another name, and would go with it perfectly."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from ..study.declared import Study
from .columns.numbers import Typed
from .staging import Stage

_ENOUGH = 10  # rows in which a perfect line is no chance
_PERFECT = 1 - 1e-12  # correlation of a copy, give or take the last digit


def refuse_copies(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage, typed: list[Typed]
) -> Iterator[DataError]:
    """Refuse outcomes, baselines and controls that are the score's values, or a line of them.

    A correlation of 1 or -1 is a copy, also one times ten, in per cent or counted from the other
    end. What follows the score less closely is left to the check of leakage.
    """
    numbers = {column.name for column in typed if column.kind == "DOUBLE"}
    columns = {name: what for name, what in _beside(study, stage) if name in numbers}
    if "score" not in stage.source.columns or not columns:
        return
    asked = [f"regr_count({n}, score), corr({n}, score)" for n in map(ident, columns)]
    held = one_row(connection, f"SELECT {', '.join(asked)} FROM clean_{stage.role}")
    score = stage.source.columns["score"]
    for (what, column), rows, line in zip(columns.values(), held[::2], held[1::2], strict=True):
        if rows >= _ENOUGH and line is not None and abs(line) >= _PERFECT:
            yield DataError(
                f"{stage.cells[column]}, {what}, is the score {score!r} in another column: each "
                f"tells the other exactly ({rows:,} rows)",
                "outcomes, baselines and controls are what customers did or are, not what they "
                "answered",
                "Declare another column, or leave it out",
            )


def _beside(study: Study, stage: Stage) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield columns of numbers beside the score: name, and what and where each is."""
    if stage.role == "customers":
        for outcome in study.outcomes:
            yield f"{outcome.name}_after", (f"the outcome {outcome.name!r}", outcome.column)
            if outcome.baseline:
                where = (f"the baseline of {outcome.name!r}", outcome.baseline)
                yield f"{outcome.name}_before", where
    for name in stage.source.attributes:
        if name in study.controls:
            yield f"attr_{name}", ("a control", name)
