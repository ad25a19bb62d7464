"""Cleaning: one role table, every column typed, every row kept or set aside for a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import duckdb

from ..errors import CxroiError, DataError
from ..study import Study
from .ids import Id
from .sql import ident, one_row, trimmed
from .staging import Cell, Stage
from .typing_codes import outcome, score
from .typing_dates import date, whole_days
from .typing_sql import Probe, Typed, attribute, number, share, text_column, weight

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
# Role columns of dates -> whether a row without one is set aside, per role.
_DATES = {
    "answered_at": ("responses",),
    "ordered_at": ("orders",),
    "opened_at": ("contacts",),
    "returned_at": ("returns",),
    "started_at": ("subscriptions",),
    "cancelled_at": (),
    "invited_at": (),
}
_TEXTS = ("cluster", "id", "comment")


@dataclass(frozen=True)
class Clean:
    """What cleaning a table came to: ledger entries, columns of bare dates, refusals."""

    entries: tuple[tuple[str, int, str], ...]
    date_only: frozenset[str]
    problems: tuple[CxroiError, ...]


def clean(connection: duckdb.DuckDBPyConnection, study: Study, one: Id) -> Clean:
    """Type every declared column of a role table into ``clean_<role>``.

    Parameters
    ----------
    one
        The ids of the table, which lead to its stage.
    """
    stage, problems = one.stage, []
    probe = Probe(connection, stage)
    columns = [one.typed()]
    for step in _steps(study, stage, probe):
        try:
            columns.append(step())
        except CxroiError as problem:
            problems.append(problem)
    try:
        _one_currency(study, stage, probe)
    except DataError as problem:
        problems.append(problem)
    if problems:
        return Clean((), frozenset(), tuple(problems))
    reasons = _write(connection, stage, columns)
    entries = [("repaired", *mended) for column in columns for mended in column.repaired]
    entries += _set_aside(connection, stage, reasons)
    checks: list[CxroiError] = list(_verify(connection, stage, columns))
    if stage.role == "orders" and "id" in stage.source.columns:
        entries += _join_lines(connection, columns)
    return Clean(tuple(entries), _bare_dates(connection, stage, columns), tuple(checks))


def _steps(study: Study, stage: Stage, probe: Probe) -> Iterator[Callable[[], Typed]]:
    cells = stage.cells
    for key, column in stage.source.columns.items():
        step = _role_step(study, stage.role, probe, key, cells.get(column))
        if step is not None:
            yield step
    for name in stage.source.attributes:
        yield partial(attribute, probe, cells[name], f"attr_{name}")
    for name, ends in stage.source.derive.items():
        yield partial(_derived, probe, cells[ends["from"]], cells[ends["to"]], name)
    if stage.role == "customers":
        for declared in study.outcomes:
            for side, column in (("after", declared.column), ("before", declared.baseline)):
                if column:
                    name = f"{declared.name}_{side}"
                    yield partial(outcome, probe, cells[column], name, declared)


def _role_step(
    study: Study, role: str, probe: Probe, key: str, cell: Cell | None
) -> Callable[[], Typed] | None:
    if cell is None:
        return None
    if key == "score":
        return partial(score, probe, cell, key, study.scale, study.answers == "mean")
    if key in _DATES:
        return partial(date, probe, cell, key, role in _DATES[key])
    if key == "amount":
        return partial(number, probe, cell, key, role == "orders")
    if key == "weight":
        return partial(weight, probe, cell, key)
    return partial(text_column, cell, key) if key in _TEXTS else None


def _derived(probe: Probe, begin: Cell, end: Cell, name: str) -> Typed:
    """Whole days between two dates; null where either is blank."""
    ends = [date(probe, cell, cell.column, needed=False) for cell in (begin, end)]
    return whole_days(ends[0], ends[1], f"attr_{name}")


def _write(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> tuple[str, ...]:
    """Create ``clean_<role>``; return the reasons that the numbers in ``fate`` stand for."""
    faults = [fault for column in columns for fault in column.faults]
    begin = len(stage.reasons)
    cases = [f"WHEN {sql} THEN {i}" for i, (sql, _) in enumerate(faults, start=begin + 1)]
    fate = f"CASE WHEN fate > 0 THEN fate {' '.join(cases)} ELSE 0 END" if faults else "fate"
    selected = ", ".join(f"{column.sql} AS {ident(column.name)}" for column in columns)
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
    connection: duckdb.DuckDBPyConnection, stage: Stage, reasons: tuple[str, ...]
) -> list[tuple[str, int, str]]:
    if not reasons:
        return []
    rows = connection.execute(
        f"SELECT fate, count(*) FROM {ident(f'typed {stage.role}')} "
        "WHERE fate > 0 GROUP BY fate ORDER BY fate"
    ).fetchall()
    return [("set aside", int(n), reasons[fate - 1]) for fate, n in rows]


def _date_columns(columns: list[Typed]) -> list[str]:
    return [column.name for column in columns if column.kind == "TIMESTAMP"]


def _verify(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> Iterator[DataError]:
    for name in _date_columns(columns):
        row = one_row(
            connection,
            f"SELECT count({name}), count_if({name} < DATE '{EARLIEST}' OR {name} >= "
            f"DATE '{LATEST}' + INTERVAL 1 DAY) FROM clean_{stage.role}",
        )
        held, odd = row or (0, 0)
        if odd:
            yield DataError(
                f"{stage.cells[stage.source.columns[name]]} holds dates before {EARLIEST.year} or "
                f"after {LATEST.year} ({share(odd, held)})",
                f"dates lie from {EARLIEST} to {LATEST}; a date that is not known is blank",
            )
    if stage.role == "customers":
        row = one_row(connection, "SELECT count(*) - count(DISTINCT customer) FROM clean_customers")
        if row and row[0]:
            yield DataError(
                f"{stage.cells[stage.source.columns['customer']]} holds {row[0]:,} rows more than "
                "different ids",
                "the customers table has one row for each customer, or every join doubles rows",
                "Keep one row each; answers and orders belong into tables of their own",
            )
    row = one_row(connection, f"SELECT count(*) FROM clean_{stage.role}")
    if not row or not row[0]:
        yield DataError(f"no row of [tables.{stage.role}] is left after reading it")


def _join_lines(
    connection: duckdb.DuckDBPyConnection, columns: list[Typed]
) -> list[tuple[str, int, str]]:
    """Add up the lines of one order; orders without a number stand alone."""
    row = one_row(
        connection,
        "SELECT count(id), count(DISTINCT hash(id)) FILTER (id IS NOT NULL) FROM clean_orders",
    )
    if not row or row[0] == row[1]:
        return []
    before = one_row(connection, "SELECT count(*) FROM clean_orders")
    others = [c.name for c in columns if c.name not in ("customer", "id", "amount", "ordered_at")]
    rest = "".join(f", first({ident(name)} ORDER BY row) AS {ident(name)}" for name in others)
    connection.execute(
        f"CREATE TABLE joined_orders AS SELECT min(row) AS row, customer, any_value(id) AS id, "
        f"sum(amount) AS amount, min(ordered_at) AS ordered_at{rest} FROM clean_orders "
        "GROUP BY customer, coalesce(id, 'row ' || row)"
    )
    connection.execute("CREATE OR REPLACE VIEW clean_orders AS SELECT * FROM joined_orders")
    after = one_row(connection, "SELECT count(*) FROM joined_orders")
    lines = (before[0] if before else 0) - (after[0] if after else 0)
    return [("set aside", lines, "further lines of an order, added up into its first")]


def _bare_dates(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> frozenset[str]:
    names = _date_columns(columns)
    if not names:
        return frozenset()
    midnight = ", ".join(
        f"coalesce(bool_and(epoch_us({name}) % 86400000000 = 0), false)" for name in names
    )
    row = one_row(connection, f"SELECT {midnight} FROM clean_{stage.role}")
    return frozenset(name for name, bare in zip(names, row or (), strict=False) if bare)


def _one_currency(study: Study, stage: Stage, probe: Probe) -> None:
    column = stage.source.columns.get("currency")
    if column is None:
        return
    cell = stage.cells[column]
    code = f"nullif(upper({trimmed(f'{cell.sql}::VARCHAR')}), '')"
    codes = sorted(probe.ask(f"coalesce(list(DISTINCT {code}) FILTER ({code} IS NOT NULL), [])")[0])
    if len(codes) > 1:
        raise DataError(
            f"{cell} holds {len(codes)} currencies: {', '.join(codes[:6])}",
            "amounts are in one currency",
            f"Convert them, or keep one: keep = {{{column} = [...]}}",
        )
    declared = study.currency.strip().upper()
    if codes and len(declared) == 3 == len(codes[0]) and codes[0] != declared:
        raise DataError(f"{cell} says {codes[0]}, [study] currency says {declared}")
