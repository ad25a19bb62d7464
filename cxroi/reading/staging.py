"""Staging: the declared columns of a role table side by side, looked up where they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import duckdb

from ..engine.quoting import ident, one_row, trimmed
from ..errors import CxroiError, DataError, nearest
from ..study.declared import Source, Study
from ..study.table_schema import ROLES
from .filters import filters, preview_columns, previews, repeats, unmatched
from .sources.csv import MissingColumnError
from .sources.scan import Scan, SourceColumn

T = TypeVar("T")
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


@dataclass(frozen=True)
class Cell:
    """A column of a staged table as it came: where it is, and what the study file calls it."""

    source: Source
    column: str
    sql: str
    type: str
    zone: str = ""

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
    scan
        Where its own rows come from.
    warnings
        (1, sentence) for each value of keep and drop that its column does not hold.
    """

    role: str
    source: Source
    relation: str
    cells: Mapping[str, Cell]
    reasons: tuple[str, ...]
    kind: str
    stored: bool
    scan: Scan
    warnings: tuple[tuple[int, str], ...] = ()


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
    study: Study, scans: Mapping[str, Scan], problems: list[CxroiError]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the columns to read of each open table, and the roles of which none is missing.

    Parameters
    ----------
    problems
        Receives the columns that are missing.
    """
    wanted, sound = _wanted_anyway(study, scans, problems), list[str]()
    for role, source in study.sources.items():
        if role not in ROLES or not {role, *source.lookups} <= scans.keys():
            continue
        before = len(problems)
        for column, _ in preview_columns(role, scans[role]):
            if _try(problems, scans[role].column, column) is not None:
                wanted[role].append(column)
        for place in _places(study, role, scans, problems):
            wanted[place[0]].append(place[1])
        if len(problems) == before:
            sound.append(role)
    return {name: list(dict.fromkeys(columns)) for name, columns in wanted.items()}, sound


def _wanted_anyway(
    study: Study, scans: Mapping[str, Scan], problems: list[CxroiError]
) -> dict[str, list[str]]:
    """Return the columns that filters of lookups need, and all where repeats are dropped."""
    wanted: dict[str, list[str]] = {}
    for name, source in ((name, study.sources[name]) for name in scans):
        wanted[name] = list(scans[name].columns) if source.duplicates == "drop" else []
        for column in (*source.keep, *source.drop):
            if name not in ROLES and _try(problems, scans[name].column, column) is not None:
                wanted[name].append(column)
    return wanted


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
    path = [role, *(key[1] for key in keys)]
    position = {name: path.index(name) for name in path}
    places = {name: _place(name, path, scans) for name in wanted_columns(study, role)}
    filtered = {name: _place(name, path, scans) for name in (*source.keep, *source.drop)}

    def locate(name: str) -> str:
        table, column = filtered[name]
        return f"t{position[table]}.{column.sql}"

    joins, reasons = [], [*repeats(connection, source, scan)]
    reasons += [*filters(source, locate), *previews(role, scan)]
    for index, (left, lookup, column) in enumerate(keys, start=1):
        read = (*places.values(), *filtered.values())
        used = {place[1].sql for place in read if place[0] == lookup}
        used |= {scans[lookup].column(key[2]).sql for key in keys if key[0] == lookup}
        on = _lookup(connection, study, scans[lookup], column, used, (role, index), duplicates)
        left_key = _key(scans[left].column(column), f"t{position[left]}")
        joins.append(f"LEFT JOIN {on} AS t{index} ON t{index}.key = {left_key}")
        reasons.append((f"t{index}.key IS NULL", f"no row of {lookup} has its {column}"))
    staged = _create(connection, study, role, scan, places, position, joins, reasons)
    warnings = unmatched(connection, source, lambda name: scans[_place(name, path, scans)[0]])
    return replace(staged, warnings=tuple(warnings))


def _create(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    role: str,
    scan: Scan,
    places: Mapping[str, tuple[str, SourceColumn]],
    position: Mapping[str, int],
    joins: list[str],
    reasons: list[tuple[str, str]],
) -> Stage:
    relation = ident(f"stage {role}")
    cells = {
        name: Cell(study.sources[place[0]], name, f"v{i}", place[1].type, place[1].zone)
        for i, (name, place) in enumerate(places.items())
    }
    _refuse_nested(cells)
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
    return Stage(role, study.sources[role], relation, cells, words, kind, not in_place, scan)


def _refuse_nested(cells: Mapping[str, Cell]) -> None:
    for cell in cells.values():
        if cell.type.startswith(_NESTED) or cell.type.endswith("]"):
            kind = "LIST" if cell.type.endswith("]") else cell.type.partition("(")[0]
            raise DataError(
                f"{cell} is of type {kind}",
                "a cell is a text, a number, true or false, a date or blank",
                "Make columns of its parts",
            )


def _places(
    study: Study, role: str, scans: Mapping[str, Scan], problems: list[CxroiError]
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
    source = study.sources[role]
    for name in (*wanted_columns(study, role), *source.keep, *source.drop):
        place = _try(problems, _place, name, path, scans)
        if place:
            yield place[0], name


def _try(problems: list[CxroiError], step: Callable[..., T], *args: Any) -> T | None:
    try:
        return step(*args)
    except DataError as problem:
        problems.append(problem)
        return None


def _place(name: str, path: list[str], scans: Mapping[str, Scan]) -> tuple[str, SourceColumn]:
    """Return the first table on the path that has a column, and the column."""
    for table in path:
        try:
            return table, scans[table].column(name)
        except MissingColumnError:
            continue
    names = [column for table in path for column in scans[table].columns]
    where = " or ".join(f"[tables.{table}]" for table in path)
    notes = (scans[table].note for table in path)
    fix = " ".join(filter(None, (nearest(name, names), *notes)))
    raise DataError(f"{where} has no column {name!r}", fix=fix)


def _via_keys(study: Study, role: str, scans: Mapping[str, Scan]) -> Iterator[tuple[str, str, str]]:
    """Yield (table on the left, lookup table, key column) for each step."""
    path = [role]
    for step in study.sources[role].via:
        lookup, _, column = step.partition(".")
        yield _place(column, path[::-1], scans)[0], lookup, column
        path.append(lookup)


def _key(column: SourceColumn, table: str) -> str:
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
    declared = filters(source, lambda name: f"t0.{scan.column(name).sql}")
    conditions = [f"NOT ({sql})" for sql, _ in declared]
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
