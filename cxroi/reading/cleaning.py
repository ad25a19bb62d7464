"""Cleaning: one role table, every column typed, every row kept or set aside for a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import CxroiError, DataError, attempt, raise_all
from ..study.declared import Study
from .columns.codes import outcome
from .columns.codes_for_blank import warned_of_codes
from .columns.date_texts import in_a_year
from .columns.dates import EARLIEST, LATEST, date, whole_days
from .columns.ids import Id
from .columns.numbers import Typed, number
from .columns.probe import Probe
from .columns.scores import score
from .columns.shares import share
from .columns.texts import attribute, text_column, wave, weight
from .columns.units import refuse_fractions
from .early_ends import parts_of
from .money_columns import one_currency
from .order_lines import priced
from .repeated_customers import refuse_repeated
from .rows_of_role import told_by_rows
from .score_copies import refuse_copies
from .staging import Cell, Stage
from .subscription_dates import ends_after_start, refuse_reversed
from .wave_names import refuse_names
from .zones import Times

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
    """What cleaning a table came to: ledger entries, columns of bare dates, refusals, dates."""

    entries: tuple[tuple[str, int, str], ...]
    date_only: frozenset[str]
    problems: tuple[CxroiError, ...]
    times: tuple[Times, ...] = ()


def type_columns(connection: duckdb.DuckDBPyConnection, study: Study, one: Id) -> list[Typed]:
    """Type every declared column of a role table, times still apart from those of other tables.

    Parameters
    ----------
    one
        The ids of the table, which lead to its stage.

    Raises
    ------
    DataError, Problems
        What its columns must not hold, all of it together.
    """
    probe = Probe(connection, one.stage)
    if not probe.ask("count(*)")[0]:
        raise _nothing_left(connection, one.stage)
    columns, problems = _typed(study, one, probe)
    raise_all(problems)
    return columns


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


def _typed(study: Study, one: Id, probe: Probe) -> tuple[list[Typed], list[CxroiError]]:
    """Type the columns of a table; return them with what is refused of any."""
    columns, problems = [one.typed()], list[CxroiError]()
    for step in _steps(study, one.stage, probe):
        done = attempt(step)
        if isinstance(done, CxroiError):
            problems.append(done)
        else:
            columns.append(done)
    problems += one_currency(study, one.stage, probe, columns)
    if one.stage.role != "orders" or problems:
        return columns, problems
    worth = attempt(lambda: priced(probe, one.stage, columns, study.currency))
    return (columns, [worth]) if isinstance(worth, CxroiError) else (worth, problems)


def _nothing_left(connection: duckdb.DuckDBPyConnection, stage: Stage) -> DataError:
    rows = connection.execute(f"SELECT DISTINCT fate FROM {stage.relation} ORDER BY fate")
    why = " and ".join(stage.reasons[fate - 1] for (fate,) in rows.fetchall())
    return DataError(
        f"no row of [tables.{stage.role}] is left after {why}",
        "some rows are kept",
        " ".join(reason for _, reason in stage.warnings),
    )


def _times(stage: Stage, columns: list[Typed]) -> Iterator[Times]:
    """Yield the columns of dates, those that days are counted between among them."""
    staged = f"(SELECT * FROM {stage.relation} WHERE fate = 0)"
    for column in columns:
        if column.kind == "TIMESTAMP":
            called = str(stage.cells[stage.source.columns[column.name]])
            yield Times(called, column.clock, f"clean_{stage.role}", column.name)
        for end in column.ends:
            yield Times(str(stage.cells[end.name]), end.clock, staged, end.sql)


def _steps(study: Study, stage: Stage, probe: Probe) -> Iterator[Callable[[], Typed]]:
    cells = stage.cells
    for key, column in stage.source.columns.items():
        step = _role_step(study, stage.role, probe, key, cells.get(column))
        if step is not None:
            yield step
    for name in stage.source.attributes:
        codes = name in study.categorical
        yield partial(_attribute, probe, cells[name], name, codes)
    for name, ends in stage.source.derive.items():
        yield partial(_derived, probe, cells[ends["from"]], cells[ends["to"]], name)
    if stage.role == "customers":
        for declared in study.outcomes:
            for side, column in (("after", declared.column), ("before", declared.baseline)):
                if column:
                    name = f"{declared.name}_{side}"
                    yield partial(outcome, probe, cells[column], name, declared, study.currency)


def _attribute(probe: Probe, cell: Cell, name: str, codes: bool) -> Typed:
    typed = attribute(probe, cell, f"attr_{name}", codes)
    where = f"in [tables.{cell.source.name}]"
    return typed if codes else warned_of_codes(probe, cell, typed, where)


def _role_step(
    study: Study, role: str, probe: Probe, key: str, cell: Cell | None
) -> Callable[[], Typed] | None:
    if cell is None:
        return None
    if key == "score":
        return partial(score, probe, cell, key, study.scale)
    if key in _DATES:
        return partial(date, probe, cell, key, role in _DATES[key])
    if key == "amount":
        return partial(_amount, probe, cell)
    if key == "quantity":
        return partial(number, probe, cell, key, needed=True)
    if key == "weight":
        return partial(weight, probe, cell, key)
    if key == "wave":
        return partial(wave, cell, key)
    return partial(text_column, cell, key) if key in _TEXTS else None


def _amount(probe: Probe, cell: Cell) -> Typed:
    typed = number(probe, cell, "amount", needed=True)
    return refuse_fractions(probe, cell, typed, cell.source.amount_in)


def _derived(probe: Probe, begin: Cell, end: Cell, name: str) -> Typed:
    """Whole days between two dates; null where either is blank."""
    ends = [date(probe, cell, cell.column, needed=False) for cell in (begin, end)]
    for cell, typed in zip((begin, end), ends, strict=True):
        far = _far(typed.sql)
        odd, held = probe.ask(f"count_if({far})", f"count({typed.sql})")
        if odd:
            raise _too_far(cell, odd, held, probe.ask(_most(typed.sql), where=far)[0])
    return whole_days(ends[0], ends[1], f"attr_{name}")


def _far(sql: str) -> str:
    return f"({sql} < DATE '{EARLIEST}' OR {sql} >= DATE '{LATEST}' + INTERVAL 1 DAY)"


def _most(sql: str) -> str:
    """Return the aggregate that names the commonest date, as `missing` takes it.

    Of the few that are too far: over all rows it would take longer than reading them.
    """
    known = f"CASE WHEN {in_a_year(sql)} THEN {sql} ELSE TIMESTAMP 'infinity' END"
    return f"replace(mode({known})::VARCHAR, ' 00:00:00', '')"


def _too_far(cell: Cell, odd: int, held: int, most: str) -> DataError:
    form = cell.source.format_of(cell.column)
    fix = f'If such a date says that there is none, declare it for the table: missing = ["{most}"]'
    if "%Y" in form and most.startswith("00"):
        fix = f'Years of two digits are %y: date_format = "{form.replace("%Y", "%y")}"'
    return DataError(
        f"{cell} holds dates before {EARLIEST.year} or after {LATEST.year} ({share(odd, held)})",
        f"dates lie from {EARLIEST} to {LATEST}; a date that is not known is blank",
        fix,
    )


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
        rows, far = f"FROM clean_{stage.role}", _far(name)
        held, odd = one_row(connection, f"SELECT count({name}), count_if({far}) {rows}")
        if odd:
            (most,) = one_row(connection, f"SELECT {_most(name)} {rows} WHERE {far}")
            yield _too_far(stage.cells[stage.source.columns[name]], odd, held, most)
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
