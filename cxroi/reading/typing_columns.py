"""Typing: every declared column of a role table by its kind, and what is refused of any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import duckdb

from ..errors import CxroiError, DataError, attempt, raise_all
from ..study.declared import Study
from .columns.codes import outcome
from .columns.codes_for_blank import warned_of_codes
from .columns.date_bounds import commonest, far, too_far
from .columns.dates import date, whole_days
from .columns.ids import Id
from .columns.numbers import Typed, number
from .columns.probe import Probe
from .columns.scores import score
from .columns.texts import attribute, text_column, wave, weight
from .columns.units import refuse_fractions
from .money_columns import one_currency
from .order_lines import priced
from .staging import Cell, Stage

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
        away = far(typed.sql)
        odd, held = probe.ask(f"count(*) FILTER ({away})", f"count({typed.sql})")
        if odd:
            raise too_far(cell, odd, held, probe.ask(commonest(typed.sql), where=away)[0])
    return whole_days(ends[0], ends[1], f"attr_{name}")
