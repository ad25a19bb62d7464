"""Staging: the declared columns of a role table side by side, looked up where they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import duckdb

from ..engine.quoting import ident
from ..errors import CxroiError, DataError, nearest
from ..study.declared import Source, Step, Study
from ..study.scores import columns_of_scores
from ..study.table_schema import ROLES
from .filters import filters, preview_columns, previews, repeats, unmatched
from .ledger import NO_ROW, SEVERAL_ROWS
from .lookups import key_of, lookup_table, refuse_own_id, unmatched_steps
from .sources.csv import MissingColumnError
from .sources.scan import Scan, SourceColumn, is_nested
from .undeclared import undeclared

T = TypeVar("T")


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
    undeclared
        Columns of `cells` that the study file does not name -> what they tell of money.
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
    undeclared: Mapping[str, str] = field(default_factory=dict)


def wanted_columns(study: Study, role: str) -> list[str]:
    """Return the columns that a role table needs, as the study file names them."""
    source = study.sources[role]
    names = [source.columns[key] for key in ("customer", *ROLES[role]) if key in source.columns]
    names += columns_of_scores(study.scores.values(), role)
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
        wanted[role] += undeclared(study, role, scans[role])
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
        for column in () if isinstance(source.date_format, str) else source.date_format:
            _try(problems, scans[name].column, column)
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
    path = [role, *(step.table for _, step in keys)]
    position = {name: path.index(name) for name in path}
    telling = undeclared(study, role, scan)
    places = {n: _place(n, path, scans) for n in (*wanted_columns(study, role), *telling)}
    filtered = {name: _place(name, path, scans) for name in (*source.keep, *source.drop)}

    def locate(name: str) -> str:
        table, column = filtered[name]
        return f"t{position[table]}.{column.sql}"

    joins, lookups, reasons = [], [], [*repeats(connection, source, scan)]
    reasons += [*filters(source, locate), *previews(role, scan)]
    for index, (left, step) in enumerate(keys, start=1):
        lookup = step.table
        refuse_own_id(connection, source, scans[left], step)
        read = (*places.values(), *filtered.values())
        used = {place[1].sql for place in read if place[0] == lookup}
        used |= {scans[lookup].column(key.left).sql for table, key in keys if table == lookup}
        on = lookup_table(
            connection, study, scans[lookup], step.right, used, (role, index), duplicates
        )
        left_key = key_of(scans[left].column(step.left), f"t{position[left]}")
        lookups.append(on)
        joins.append(f"LEFT JOIN {on} AS t{index} ON t{index}.key = {left_key}")
        # A blank key has no partner for another reason than one that is not found.
        reasons += [
            (f"{left_key} IS NULL", f"no {step.left}, by which {lookup} is looked up"),
            (f"t{index}.key IS NULL", f"{NO_ROW}{lookup} has its {step.left}"),
            (f"t{index}.several", f"{SEVERAL_ROWS}{lookup} have its {step.left}"),
        ]
    staged = _create(connection, study, role, scan, places, position, joins, reasons)
    for table in lookups:  # keys such as addresses are kept no longer than they are needed
        connection.execute(f"DROP TABLE {table}")
    steps = [step for _, step in keys]
    warnings = [*unmatched(connection, source, lambda name: scans[_place(name, path, scans)[0]])]
    warnings += unmatched_steps(connection, role, staged.relation, len(staged.reasons), steps)
    return replace(staged, warnings=tuple(warnings), undeclared=telling)


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
    kinds = {name: "VARCHAR" if _coded(at) else at.type for name, (_, at) in places.items()}
    cells = {
        name: Cell(study.sources[table], name, f"v{i}", kinds[name], column.zone)
        for i, (name, (table, column)) in enumerate(places.items())
    }
    _refuse_nested(cells)
    selected = [
        f"t{position[table]}.{column.sql}{'::VARCHAR' if _coded(column) else ''} AS v{i}"
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


def _coded(column: SourceColumn) -> bool:
    """Whether a column holds texts by another name, which are read as the texts they are."""
    return column.type.startswith(("ENUM", "JSON"))


def _refuse_nested(cells: Mapping[str, Cell]) -> None:
    for cell in cells.values():
        if is_nested(cell.type):
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
    for step in study.sources[role].steps:
        left = _try(problems, _place, step.left, path[::-1], scans)
        right = _try(problems, scans[step.table].column, step.right)
        if left is None or right is None:
            return
        yield left[0], step.left
        yield step.table, step.right
        path.append(step.table)
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


def _via_keys(study: Study, role: str, scans: Mapping[str, Scan]) -> Iterator[tuple[str, Step]]:
    """Yield (table on the left, step) for each step."""
    path = [role]
    for step in study.sources[role].steps:
        yield _place(step.left, path[::-1], scans)[0], step
        path.append(step.table)
