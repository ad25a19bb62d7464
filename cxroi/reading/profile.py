"""Profile: what each clean table looks like in a few numbers, so that a later run can compare.

It goes into a file that is kept and passed on, so it holds nothing of a single customer: no ids,
no comments, of categories no level with fewer than 5 rows, of those with over 50 levels none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..engine.engines import DuckDB
from ..engine.quoting import ident
from ..study.declared import Study
from ..study.table_schema import ROLES
from .tables import Tables

NUMBER, DATE, CATEGORY, ID, TEXT = "number", "date", "category", "id", "text"
MOST_LEVELS, FEWEST_ROWS = 50, 5
EXACT_ROWS = 5_000_000  # of larger tables quantiles and distinct values are approximate
QUANTILES = (0.05, 0.5, 0.95)
_IDS, _TEXTS = ("customer", "id", "cluster"), ("comment",)


@dataclass(frozen=True)
class _Column:
    """A declared column of a clean table: its name there and in the file, and its kind."""

    name: str
    header: str
    kind: str

    @property
    def sql(self) -> str:
        return ident(self.name)

    @property
    def levelled(self) -> bool:
        """Whether its values are told apart: the score is a number with few values."""
        return self.kind == CATEGORY or self.name == "score"


def profile(tables: Tables) -> dict[str, Any]:
    """Return the profile of every table of a study, as plain JSON.

    Two statements a table, each one pass over its clean rows; none of them is fetched. DuckDB
    takes both, also where Spark runs the steps after reading.

    Returns
    -------
    dict
        Role -> ``rows`` and ``columns``; of each declared column, under its name here
        (``attr_segment``, ``amount``): ``header`` in the file, ``kind``, ``blank`` (share of the
        rows, 0 to 1), and of a number ``min``, ``max``, ``mean``, ``median``, ``q05``, ``q95``; of
        a date ``first``, ``last`` (ISO 8601) and rows by ``quarters`` of the calendar; of a
        category and the score ``distinct``, ``levels`` (share of the rows that are not blank) and
        ``pooled`` (share of levels with fewer than 5 rows); of an id ``distinct``.

    Examples
    --------
    >>> profile(read_tables(study))["orders"]["rows"]  # doctest: +SKIP
    20426
    """
    read = {source.table: source.rows for source in tables.sources}
    engine = DuckDB(tables.connection)
    roles = [role for role in tables.study.sources if role in ROLES]
    return {
        role: _table(engine, role, list(_columns(engine, tables.study, role)), read.get(role, 0))
        for role in roles
    }


def _columns(engine: DuckDB, study: Study, role: str) -> Iterator[_Column]:
    headers = _headers(study, role)
    for name, kind, *_ in engine.fetch(f"DESCRIBE clean_{role}"):
        if name in headers:
            yield _Column(name, headers[name], _kind(name, str(kind)))


def _headers(study: Study, role: str) -> dict[str, str]:
    """Return the declared columns by their names in the clean table, with those of the file."""
    source = study.sources[role]
    headers = dict(source.columns)
    headers |= {f"attr_{name}": name for name in (*source.attributes, *source.derive)}
    if role == "customers":
        headers |= {f"{o.name}_after": o.column for o in study.outcomes if o.column}
        headers |= {f"{o.name}_before": o.baseline for o in study.outcomes if o.baseline}
    return headers


def _kind(name: str, stored: str) -> str:
    if name in _IDS:
        return ID
    if name in _TEXTS:
        return TEXT
    if stored.startswith(("TIMESTAMP", "DATE")):
        return DATE
    return CATEGORY if stored == "VARCHAR" else NUMBER


def _table(engine: DuckDB, role: str, columns: list[_Column], read: int) -> dict[str, Any]:
    asked = [(column, list(_asked(column, read <= EXACT_ROWS))) for column in columns]
    sql = ", ".join(part for _, parts in asked for part in parts)
    rows, *answers = engine.fetch(f"SELECT count(*){sql and ', ' + sql} FROM clean_{role}")[0]
    left = iter(answers)
    found = {c.name: _described(c, rows, [next(left) for _ in parts]) for c, parts in asked}
    few = [c for c in columns if c.levelled and 0 < found[c.name]["distinct"] <= MOST_LEVELS]
    if few:
        maps = ", ".join(f"histogram({column.sql})" for column in few)
        [counts] = engine.fetch(f"SELECT {maps} FROM clean_{role}")
        for column, counted in zip(few, counts, strict=True):
            found[column.name] |= _levels(counted)
    return {"rows": rows, "columns": found}


def _asked(column: _Column, exact: bool) -> Iterator[str]:
    """Yield what is asked of a column, in the order in which `_described` reads it."""
    x = column.sql
    distinct = f"count(DISTINCT {x})" if exact else f"approx_count_distinct({x})"
    yield f"count({x})"
    if column.kind == NUMBER:
        quantile = "quantile_cont" if exact else "approx_quantile"
        points = f"[{', '.join(str(q) for q in QUANTILES)}]"
        value = f"CAST({x} AS DOUBLE)"
        yield from (f"min({value})", f"max({value})", f"avg({value})")
        yield f"{quantile}({value}, {points})"
    if column.kind == DATE:
        yield from (f"min({x})", f"max({x})", f"histogram(4 * year({x}) + quarter({x}) - 1)")
    if column.levelled or column.kind == ID:
        yield distinct


def _described(column: _Column, rows: int, answers: list[Any]) -> dict[str, Any]:
    known, *others = answers
    found: dict[str, Any] = {"header": column.header, "kind": column.kind}
    found["blank"] = 1 - known / rows if rows else None
    if column.kind == NUMBER:
        low, high, mean, quantiles = others[:4]
        q05, median, q95 = quantiles or (None,) * len(QUANTILES)
        numbers = {"min": low, "max": high, "mean": mean, "median": median, "q05": q05, "q95": q95}
        found |= {name: _finite(value) for name, value in numbers.items()}
    if column.kind == DATE:
        first, last, quarters = others[:3]
        found |= {"first": _iso(first), "last": _iso(last), "quarters": _quarters(quarters or {})}
    if column.levelled or column.kind == ID:
        found["distinct"] = others[-1]
    return found


def _finite(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)


def _iso(value: dt.datetime | dt.date | None) -> str | None:
    return value.isoformat()[:10] if value else None


def _quarters(counts: Mapping[int, int]) -> dict[str, int]:
    return {f"{n // 4}Q{n % 4 + 1}": rows for n, rows in sorted(counts.items())}


def _levels(counts: Mapping[str | float, int]) -> dict[str, Any]:
    known = sum(counts.values())
    shown = {level: rows for level, rows in sorted(counts.items()) if rows >= FEWEST_ROWS}
    return {
        "levels": {_called(level): rows / known for level, rows in shown.items()},
        "pooled": 1 - sum(shown.values()) / known,
    }


def _called(level: str | float) -> str:
    return level if isinstance(level, str) else f"{level:g}"
