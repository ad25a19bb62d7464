"""Staging: the declared columns of a role table side by side, looked up where they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

from ..errors import DataError, nearest
from ..study import Source, Study
from ..study_schema import ROLES
from .sources import Column, Scan
from .sql import ident, one_row, texts, trimmed

T = TypeVar("T")

# Answers that a survey tool marks as no real ones (Qualtrics: words, or codes in its exports).
_PREVIEWS = ("survey preview", "survey test", "survey preview spam", "offline survey preview")
_PREVIEW_CODES = ("1", "2", "9", "17")


@dataclass(frozen=True)
class Cell:
    """A column of a staged table as it came: where it is, and what the study file calls it."""

    source: Source
    column: str
    sql: str
    type: str

    def __str__(self) -> str:
        return f"column {self.column!r} of [tables.{self.source.name}]"


@dataclass(frozen=True)
class Stage:
    """A role table with its declared columns side by side, nothing typed yet.

    Attributes
    ----------
    relation
        Table or view with ``row``, ``fate`` (0, or the number of the reason in `reasons` for
        which a row is set aside) and the columns of `cells`.
    cells
        Column as the study file names it -> where it is.
    kind
        ``TABLE`` or ``VIEW``.
    stored
        Whether it should be stored when typed: texts are parsed once, Parquet is read in place.
    """

    role: str
    source: Source
    relation: str
    cells: Mapping[str, Cell]
    reasons: tuple[str, ...]
    kind: str
    stored: bool


def wanted_columns(study: Study, role: str) -> list[str]:
    """Return the columns that a role table needs, as the study file names them."""
    source = study.sources[role]
    names = [source.columns[key] for key in ("customer", *ROLES[role]) if key in source.columns]
    names += source.attributes
    names += [column for item in source.derive.values() for column in item.values()]
    if role == "customers":
        for outcome in study.outcomes:
            names += [name for name in (outcome.column, outcome.baseline) if name]
    return list(dict.fromkeys(names))


def wanted_by_table(
    study: Study, scans: Mapping[str, Scan], problems: list[DataError]
) -> dict[str, list[str]]:
    """Return the columns to read of each table, lookups included; add what is missing."""
    wanted: dict[str, list[str]] = {name: [] for name in scans}
    for name, source in study.sources.items():
        wanted[name] += [*source.keep, *source.drop]
        for column in (*source.keep, *source.drop):
            _try(problems, scans[name].column, column)
    for role in study.sources:
        if role not in ROLES:
            continue
        wanted[role] += [column for column, _ in _preview_columns(role, scans[role])]
        for place in _places(study, role, scans, problems):
            wanted[place[0]].append(place[1])
    return {name: list(dict.fromkeys(columns)) for name, columns in wanted.items()}


def stage(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    role: str,
    scans: Mapping[str, Scan],
    duplicates: list[tuple[str, int]],
) -> Stage:
    """Put the declared columns of a role table side by side.

    Parameters
    ----------
    duplicates
        Receives (lookup table, exact duplicate rows merged).

    Raises
    ------
    DataError
        A lookup key is not unique, so that rows would double.
    """
    source, scan = study.sources[role], scans[role]
    keys = list(_via_keys(study, role, scans))
    places = {
        name: _place(name, [role, *(key[1] for key in keys)], scans)
        for name in wanted_columns(study, role)
    }
    joins, reasons = [], list(_filters(source, scan))
    reasons += _previews(role, scan)
    for index, (left, lookup, column) in enumerate(keys, start=1):
        used = {place[1].sql for place in places.values() if place[0] == lookup}
        used |= {scans[lookup].column(key[2]).sql for key in keys if key[0] == lookup}
        on = _lookup(connection, study, scans[lookup], column, used, (role, index), duplicates)
        previous = 0 if left == role else [key[1] for key in keys].index(left) + 1
        left_key = _key(scans[left].column(column), f"t{previous}")
        joins.append(f"LEFT JOIN {on} AS t{index} ON t{index}.key = {left_key}")
        reasons.append((f"t{index}.key IS NULL", f"no row of {lookup} has its {column}"))
    position = {role: 0, **{key[1]: i for i, key in enumerate(keys, start=1)}}
    return _create(connection, study, role, scan, places, position, joins, reasons)


def _create(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    role: str,
    scan: Scan,
    places: Mapping[str, tuple[str, Column]],
    position: Mapping[str, int],
    joins: list[str],
    reasons: list[tuple[str, str]],
) -> Stage:
    relation = ident(f"stage {role}")
    cells = {
        name: Cell(study.sources[place[0]], name, f"v{i}", place[1].type)
        for i, (name, place) in enumerate(places.items())
    }
    selected = [
        f"t{position[table]}.{column.sql} AS v{i}"
        for i, (table, column) in enumerate(places.values())
    ]
    cases = " ".join(f"WHEN {sql} THEN {i}" for i, (sql, _) in enumerate(reasons, start=1))
    fate = f"CASE {cases} ELSE 0 END" if cases else "0"
    below = f"WHERE t0.{scan.row} >= {scan.headers}" if scan.headers else ""
    kind = "TABLE" if joins else "VIEW"
    connection.execute(
        f"CREATE {kind} {relation} AS SELECT t0.{scan.row} - {scan.headers} AS row, "
        f"({fate})::INTEGER AS fate, {', '.join(selected)} "
        f"FROM {scan.relation} AS t0 {' '.join(joins)} {below}"
    )
    words = tuple(reason for _, reason in reasons)
    in_place = scan.in_place and not joins
    return Stage(role, study.sources[role], relation, cells, words, kind, not in_place)


def _places(
    study: Study, role: str, scans: Mapping[str, Scan], problems: list[DataError]
) -> Iterator[tuple[str, str]]:
    path = [role]
    for step in study.sources[role].via:
        lookup, _, column = step.partition(".")
        left = _try(problems, _place, column, path[::-1], scans)
        right = _try(problems, scans[lookup].column, column)
        if left is None or right is None:
            return
        yield left[0], column
        yield lookup, column
        path.append(lookup)
    for name in wanted_columns(study, role):
        place = _try(problems, _place, name, path, scans)
        if place:
            yield place[0], name


def _try(problems: list[DataError], step: Callable[..., T], *args: Any) -> T | None:
    try:
        return step(*args)
    except DataError as problem:
        if str(problem) not in map(str, problems):
            problems.append(problem)
        return None


def _place(name: str, path: list[str], scans: Mapping[str, Scan]) -> tuple[str, Column]:
    """Return the first table on the path that has a column, and the column."""
    for table in path:
        try:
            return table, scans[table].column(name)
        except DataError:
            continue
    names = [column for table in path for column in scans[table].columns]
    where = " or ".join(f"[tables.{table}]" for table in path)
    raise DataError(f"{where} has no column {name!r}", fix=nearest(name, names))


def _via_keys(study: Study, role: str, scans: Mapping[str, Scan]) -> Iterator[tuple[str, str, str]]:
    """Yield (table on the left, lookup table, key column) for each step."""
    path = [role]
    for step in study.sources[role].via:
        lookup, _, column = step.partition(".")
        yield _place(column, path[::-1], scans)[0], lookup, column
        path.append(lookup)


def _key(column: Column, table: str) -> str:
    sql = f"{table}.{column.sql}"
    if column.type == "VARCHAR":
        return f"nullif({trimmed(sql)}, '')"
    whole = column.type in ("DOUBLE", "FLOAT")
    return f"{sql}::BIGINT::VARCHAR" if whole else f"{sql}::VARCHAR"


def _lookup(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    scan: Scan,
    column: str,
    used: set[str],
    name: tuple[str, int],
    duplicates: list[tuple[str, int]],
) -> str:
    table = ident(f"lookup {name[0]} {name[1]}")
    columns = used | {scan.column(column).sql}
    source = study.sources[scan.name]
    conditions = [f"NOT ({sql})" for sql, _ in _filters(source, scan)]
    key = _key(scan.column(column), "t0")
    conditions += [f"{key} IS NOT NULL"]
    if scan.headers:
        conditions.append(f"t0.{scan.row} >= {scan.headers}")
    chosen = ", ".join(f"t0.{sql}" for sql in sorted(columns))
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {key} AS key, {chosen}, count(*) AS copies "
        f"FROM {scan.relation} AS t0 WHERE {' AND '.join(conditions)} GROUP BY ALL"
    )
    row = one_row(connection, f"SELECT count(*), count(DISTINCT key), sum(copies) FROM {table}")
    kept, keys, read = row or (0, 0, 0)
    if kept > keys:
        raise DataError(
            f"[tables.{scan.name}] holds {kept - keys} rows more than it has different {column!r}",
            "a lookup table has one row for each key, or rows would double",
            "Drop the other rows with keep or drop, or look up through another table",
        )
    duplicates.append((scan.name, int(read or 0) - int(kept)))
    return table


def _filters(source: Source, scan: Scan) -> Iterator[tuple[str, str]]:
    """Yield the condition under which a row is set aside, and the reason in words."""
    for word, filters in (("keep", source.keep), ("drop", source.drop)):
        for name, values in filters.items():
            shown = f"t0.{scan.column(name).sql}"
            held = f"coalesce({trimmed(f'{shown}::VARCHAR')}, '')"
            among = f"{held} IN {texts(map(_value, values))}" if values else "false"
            reason = f"{word} = {{{name} = [...]}} in the study file"
            yield (f"NOT ({among})" if word == "keep" else among), reason


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _preview_columns(role: str, scan: Scan) -> Iterator[tuple[str, str]]:
    if role not in ("responses", "customers"):
        return
    for name, column in scan.columns.items():
        if name.strip().casefold() in ("status", "distributionchannel"):
            yield name, column.sql


def _previews(role: str, scan: Scan) -> Iterator[tuple[str, str]]:
    for name, sql in _preview_columns(role, scan):
        held = f"lower({trimmed(f't0.{sql}::VARCHAR')})"
        codes: tuple[str, ...] = ("preview", "test")
        if name.strip().casefold() == "status":
            codes = (*_PREVIEWS, *_PREVIEW_CODES) if scan.headers else _PREVIEWS
        elif not scan.headers and "status" not in map(str.casefold, scan.columns):
            continue
        yield f"{held} IN {texts(codes)}", f"a preview or test answer by its {name}"
