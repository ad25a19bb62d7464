"""Parts of an event table, a shop or one of several files, whose rows end before the others'."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from itertools import accumulate

import duckdb

from ..engine.quoting import ident
from .columns.numbers import Typed
from .columns.texts import text_column
from .staging import Stage
from .status_columns import told

AT = {
    "orders": "ordered_at",
    "contacts": "opened_at",
    "returns": "returned_at",
    "referrals": "referred_at",
}
_LONG, _EXPECTED = 14, 20  # days after a part's last row, and rows that would lie in them
_PARTS, _SHOWN = 200, 40  # most parts of a table, and characters of their names

Parts = Mapping[str, tuple[int, dt.date, dt.date]]


def parts_of(stage: Stage) -> list[Typed]:
    """Return the undeclared columns of an event table that tell where its rows come from."""
    columns = [text_column(stage.cells[name], f"part {name}") for name in told(stage, "part")]
    of_files = stage.role in (*AT, "responses")
    files = list(accumulate(file.rows for file in stage.scan.files)) if of_files else []
    if files:
        whens = " ".join(f"WHEN row < {end} THEN {i}" for i, end in enumerate(files))
        columns.append(Typed("part file", f"(CASE {whens} END)::VARCHAR", kind="VARCHAR"))
    return columns


def warn_of_early_ends(
    connection: duckdb.DuckDBPyConnection, stage: Stage, parts: list[Typed], until: dt.date | None
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning of each part that ends early, and that no other takes over from."""
    if stage.role not in AT:
        return
    at, typed = AT[stage.role], ident(f"typed {stage.role}")
    inside = f" AND {at}::DATE <= DATE '{until}'" if until else ""
    for part in parts:
        rows = connection.execute(
            f"SELECT {ident(part.name)} AS part, count(*), min({at})::DATE, max({at})::DATE "
            f"FROM {typed} WHERE fate = 0 AND part IS NOT NULL{inside} GROUP BY part "
            f"ORDER BY part LIMIT {_PARTS + 1}"
        ).fetchall()
        if len(rows) <= _PARTS:
            yield from _early(stage, part, {name: (n, a, b) for name, n, a, b in rows})


def _early(stage: Stage, part: Typed, held: Parts) -> Iterator[tuple[str, int, str]]:
    end = max((last for _, _, last in held.values()), default=None)
    for name, (rows, first, last) in held.items():
        late = (end - last).days if end else 0
        expected = rows * late / ((last - first).days + 1)
        taken_over = any(
            abs((begin - last).days) <= _LONG
            for other, (_, begin, _) in held.items()
            if other != name
        )
        if late > _LONG and expected >= _EXPECTED and not taken_over:
            reason = (
                f"The {rows:,} rows of {called(stage, part, name)} end on {last}, those of others "
                f"on {end}, by when about {expected:,.0f} more would lie at their pace: is a part "
                "of the export missing? What is missing is taken for zero"
            )
            yield "warning", rows, reason


def called(stage: Stage, part: Typed, name: str) -> str:
    """Return what a part is called: its file, or its column and value."""
    if part.name == "part file":
        return f"{stage.scan.files[int(name)].where} ([tables.{stage.role}])"
    column = part.name.removeprefix("part ")
    value = json.dumps(name, ensure_ascii=False) if len(name) <= _SHOWN else "a long value"
    return f"[tables.{stage.role}] with {column!r} = {value}"
