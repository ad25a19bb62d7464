"""Cleaning: one role table written by its types, every row kept or set aside for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import CxroiError, DataError, attempt
from ..study.declared import Study
from .columns.date_bounds import commonest, far, too_far
from .columns.numbers import Typed
from .early_ends import parts_of
from .repeated_customers import refuse_repeated
from .rows_of_role import told_by_rows
from .score_copies import refuse_copies
from .staging import Stage
from .subscription_dates import ends_after_start, refuse_reversed
from .totals import refuse_totals
from .wave_names import refuse_names
from .zones import Times


@dataclass(frozen=True)
class Clean:
    """What cleaning a table came to: ledger entries, columns of bare dates, refusals, dates."""

    entries: tuple[tuple[str, int, str], ...]
    date_only: frozenset[str]
    problems: tuple[CxroiError, ...]
    times: tuple[Times, ...] = ()


def clean(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage, columns: list[Typed]
) -> Clean:
    """Write the typed columns of a role table into ``clean_<role>``, rows at fault set aside."""
    if stage.role == "subscriptions":
        columns = ends_after_start(columns)
    parts = parts_of(stage)
    reasons = _write(connection, stage, columns, parts)
    entries = [("repaired", *mended) for column in columns for mended in column.repaired]
    entries += _set_aside(connection, stage, reasons, columns)
    checks: list[CxroiError] = list(_verify(connection, study, stage, columns))
    checks += refuse_reversed(connection, stage, entries)
    checks += refuse_totals(connection, study, stage)
    if checks:
        return Clean((), frozenset(), tuple(checks))
    told = attempt(lambda: [*told_by_rows(connection, study, stage, columns, parts)])
    if isinstance(told, CxroiError):
        return Clean((), frozenset(), (told,))
    entries += told
    warnings = [warning for column in columns for warning in column.warnings]
    entries += [("warning", *warning) for warning in (*stage.warnings, *warnings)]
    bare = _bare_dates(connection, stage, columns)
    return Clean(tuple(entries), bare, (), tuple(_times(stage, columns)))


def _times(stage: Stage, columns: list[Typed]) -> Iterator[Times]:
    """Yield the columns of dates, those that days are counted between among them."""
    staged = f"(SELECT * FROM {stage.relation} WHERE fate = 0)"
    for column in columns:
        if column.kind == "TIMESTAMP":
            called = str(stage.cells[stage.source.columns[column.name]])
            yield Times(called, column.clock, f"clean_{stage.role}", column.name)
        for end in column.ends:
            yield Times(str(stage.cells[end.name]), end.clock, staged, end.sql)


def _write(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed], beside: list[Typed]
) -> tuple[str, ...]:
    """Create ``clean_<role>``; return the reasons that the numbers in ``fate`` stand for.

    Parameters
    ----------
    beside
        Columns that are looked into once and stay out of the clean table.
    """
    faults = [fault for column in columns for fault in column.faults]
    begin = len(stage.reasons)
    cases = [f"WHEN {sql} THEN {i}" for i, (sql, _) in enumerate(faults, start=begin + 1)]
    fate = f"CASE WHEN fate > 0 THEN fate {' '.join(cases)} ELSE 0 END" if faults else "fate"
    selected = ", ".join(f"{column.sql} AS {ident(column.name)}" for column in [*columns, *beside])
    typed, shown = ident(f"typed {stage.role}"), ", ".join(ident(c.name) for c in columns)
    kind = "TABLE" if stage.stored else "VIEW"
    connection.execute(
        f"CREATE {kind} {typed} AS SELECT row, {fate} AS fate, {selected} FROM {stage.relation}"
    )
    connection.execute(
        f"CREATE VIEW clean_{stage.role} AS SELECT row, {shown} FROM {typed} WHERE fate = 0"
    )
    return (*stage.reasons, *(reason for _, reason in faults))


def _set_aside(
    connection: duckdb.DuckDBPyConnection,
    stage: Stage,
    reasons: tuple[str, ...],
    columns: list[Typed],
) -> list[tuple[str, int, str]]:
    """Count the rows set aside, and hold the cells written against those that were read.

    Raises
    ------
    DataError
        Cells that were read are not in the clean table, or more than were: a defect.
    """
    if not reasons:
        return []
    told = [column for column in columns if column.read is not None]
    counts = "".join(f", count({ident(column.name)})" for column in told)
    rows = connection.execute(
        f"SELECT fate, count(*){counts} FROM {ident(f'typed {stage.role}')} "
        "GROUP BY fate ORDER BY fate"
    ).fetchall()
    looked = [row for row in rows if row[0] == 0 or row[0] > len(stage.reasons)]
    for place, column in enumerate(told, start=2):
        written = sum(row[place] for row in looked)
        if written != column.read:
            raise DataError(
                f"column {column.name!r} of [tables.{stage.role}] was read in {column.read:,} "
                f"cells and holds {written:,}",
                "every cell that is read is kept; this is a defect of cxroi",
                "Report it, with how the column is written",
            )
    return [("set aside", int(row[1]), reasons[row[0] - 1]) for row in rows if row[0]]


def _date_columns(columns: list[Typed]) -> list[str]:
    return [column.name for column in columns if column.kind == "TIMESTAMP"]


def _verify(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage, columns: list[Typed]
) -> Iterator[DataError]:
    for name in _date_columns(columns):
        rows, away = f"FROM clean_{stage.role}", far(name)
        held, odd = one_row(connection, f"SELECT count({name}), count(*) FILTER ({away}) {rows}")
        if odd:
            (most,) = one_row(connection, f"SELECT {commonest(name)} {rows} WHERE {away}")
            yield too_far(stage.cells[stage.source.columns[name]], odd, held, most)
    if stage.role == "customers":
        yield from refuse_repeated(connection, study, stage)
    yield from refuse_names(connection, stage)
    yield from refuse_copies(connection, study, stage, columns)
    row = one_row(connection, f"SELECT count(*) FROM clean_{stage.role}")
    if not row or not row[0]:
        yield DataError(f"no row of [tables.{stage.role}] is left after reading it")


def _bare_dates(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> frozenset[str]:
    """Return columns of dates that hold some, all of them at midnight."""
    return frozenset(
        name
        for name in _date_columns(columns)
        if not _any(connection, stage, f"epoch_us({name}) % 86400000000 <> 0")
        and _any(connection, stage, f"{name} IS NOT NULL")
    )


def _any(connection: duckdb.DuckDBPyConnection, stage: Stage, condition: str) -> bool:
    """Whether a row fulfils a condition; the first that does ends the scan."""
    statement = f"SELECT 1 FROM clean_{stage.role} WHERE {condition} LIMIT 1"
    return bool(connection.execute(statement).fetchall())
