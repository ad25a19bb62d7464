"""Typing: every declared column of a role table by its kind, and what is refused of any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import duckdb

from ..errors import CxroiError, DataError, attempt, raise_all
from ..study.declared import Study
from ..study.journey_tables import NO_CUSTOMER
from ..study.table_schema import TABLES
from .columns.codes import outcome, yes_or_no
from .columns.codes_for_blank import warned_of_codes
from .columns.date_bounds import commonest, far, too_far
from .columns.dates import date, whole_days
from .columns.ids import Id
from .columns.numbers import Typed, number
from .columns.probe import Probe
from .columns.scores import score, score_beside
from .columns.sizes import size
from .columns.texts import attribute, text_column, wave, weight
from .columns.units import in_units, refuse_fractions
from .money_columns import one_currency
from .order_lines import priced
from .staging import Cell, Stage


def type_columns(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage, one: Id | None
) -> list[Typed]:
    """Type every declared column of a role table, times still apart from those of other tables.

    Parameters
    ----------
    one
        The ids of the table; None of a table that is of no customers.

    Raises
    ------
    DataError, Problems
        What its columns must not hold, all of it together.
    """
    probe = Probe(connection, stage)
    if not probe.ask("count(*)")[0]:
        raise _nothing_left(connection, stage)
    columns, problems = _typed(study, stage, one, probe)
    raise_all(problems)
    return columns


def _typed(
    study: Study, stage: Stage, one: Id | None, probe: Probe
) -> tuple[list[Typed], list[CxroiError]]:
    """Type the columns of a table; return them with what is refused of any."""
    columns, problems = list[Typed](), list[CxroiError]()
    if one is not None:
        nobody = stage.role in NO_CUSTOMER  # whose rows need not be of a customer
        columns.append(replace(one.typed(), faults=()) if nobody else one.typed())
    for step in _steps(study, stage, probe):
        done = attempt(step)
        if isinstance(done, CxroiError):
            problems.append(done)
        else:
            columns.append(done)
    problems += one_currency(study, stage, probe, columns)
    if stage.role != "orders" or problems:
        return columns, problems
    worth = attempt(lambda: priced(probe, stage, columns, study.currency))
    return (columns, [worth]) if isinstance(worth, CxroiError) else (worth, problems)


def _nothing_left(connection: duckdb.DuckDBPyConnection, stage: Stage) -> DataError:
    rows = connection.execute(f"SELECT DISTINCT fate FROM {stage.relation} ORDER BY fate")
    why = " and ".join(stage.reasons[fate - 1] for (fate,) in rows.fetchall())
    return DataError(
        f"no row of [tables.{stage.role}] is left after {why}",
        "some rows are kept",
        " ".join(reason for _, reason in stage.warnings),
    )


def _steps(study: Study, stage: Stage, probe: Probe) -> Iterator[Callable[[], Typed]]:
    cells = stage.cells
    for key, column in stage.source.columns.items():
        step = _role_step(study, stage.role, probe, key, cells.get(column))
        if step is not None:
            yield step
    for beside in study.scores.values():
        if beside.table == stage.role:
            yield partial(score_beside, probe, cells[beside.column], beside)
    for name in stage.source.attributes:
        codes = name in study.categorical
        yield partial(_attribute, probe, cells[name], name, codes)
    for name, ends in stage.source.derive.items():
        yield partial(_derived, probe, cells[ends["from"]], cells[ends["to"]], name)
    if stage.role == "customers":
        yield from _outcomes(study, cells, probe)


def _outcomes(
    study: Study, cells: Mapping[str, Cell], probe: Probe
) -> Iterator[Callable[[], Typed]]:
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
    known = TABLES[role].keys[key]
    needed = not known.blank
    readers: dict[str, Callable[[], Typed]] = {
        "score": partial(score, probe, cell, key, study.scale),
        "time": partial(date, probe, cell, key, needed),
        "amount": partial(_amount, probe, cell, key, needed, study.currency),
        "number": partial(number, probe, cell, key, needed=needed),
        "size": partial(size, probe, cell, key),
        "weight": partial(weight, probe, cell, key),
        "wave": partial(wave, cell, key),
        "text": partial(_text, cell, key, needed),
        "yes_no": partial(_yes_no, probe, cell, key, needed),
        "key": partial(_hashed, cell, key),
    }
    return readers.get(known.cells)


def _text(cell: Cell, key: str, needed: bool) -> Typed:
    typed = text_column(cell, key)
    return replace(typed, faults=((f"{typed.sql} IS NULL", f"no {key}"),)) if needed else typed


def _yes_no(probe: Probe, cell: Cell, key: str, needed: bool) -> Typed:
    typed = yes_or_no(probe, cell, key)
    return replace(typed, faults=((f"{typed.sql} IS NULL", f"no {key}"),)) if needed else typed


def _hashed(cell: Cell, key: str) -> Typed:
    """Type addresses: their SHA-256, small letters and no spaces around them."""
    typed = text_column(cell, key)
    return replace(typed, sql=f"sha256(lower({typed.sql}))")


def _amount(probe: Probe, cell: Cell, key: str, needed: bool, currency: str) -> Typed:
    typed = number(probe, cell, key, needed=needed)
    typed = refuse_fractions(probe, cell, typed, cell.source.amount_in)
    if cell.source.name == "orders":  # lines and prices come first
        return typed
    return in_units(typed, cell.column, cell.source.amount_in, currency)


def _derived(probe: Probe, begin: Cell, end: Cell, name: str) -> Typed:
    """Whole days between two dates; null where either is blank."""
    ends = [date(probe, cell, cell.column, needed=False) for cell in (begin, end)]
    for cell, typed in zip((begin, end), ends, strict=True):
        away = far(typed.sql)
        odd, held = probe.ask(f"count(*) FILTER ({away})", f"count({typed.sql})")
        if odd:
            raise too_far(cell, odd, held, probe.ask(commonest(typed.sql), where=away)[0])
    return whole_days(ends[0], ends[1], f"attr_{name}")
