"""Typing at the boundary: attributes, texts and survey weights."""

from __future__ import annotations

from dataclasses import replace

from ...engine.quoting import texts, trimmed
from ...errors import DataError, nearest
from ...study.journey_tables import STAGES
from ..filters import SHORT
from ..staging import Cell
from .blanks import blank
from .measures import in_days, measured
from .numbers import DATES, Typed, fast_number, number, without
from .probe import Probe, quoted
from .separators import points, repair, unsettled
from .shares import share

_NUMERIC, _ENOUGH = 0.95, 20  # share and least count of numbers that make a column numeric
_GROUPS = 10  # of so many different numbers at most it does no harm to be taken as groups
_DOMINANT = 1000  # times the median weight


def attribute(probe: Probe, cell: Cell, name: str, categorical: bool = False) -> Typed:
    """Type an attribute: a number where the cells that are not blank are, else text.

    Numbers with a currency, separators or a unit are read too, where they are too many to be
    groups.

    Parameters
    ----------
    categorical
        Whether the study file declares it as codes; one cell that is no number makes it text.

    Raises
    ------
    DataError
        Of at least 20 cells 95 to 99 % are numbers: whether the column is one is not clear. They
        are numbers but for how they are written, and too many to be names of groups; or of
        several units.
    """
    if cell.type == "INTERVAL":
        return in_days(probe, cell, name)
    if cell.type.startswith((*DATES, "ENUM", "BOOLEAN", "UUID", "BLOB")):
        return text_column(cell, name)
    if cell.type != "VARCHAR":
        return number(probe, cell, name, needed=False)
    bare, _ = without(probe, cell, cell.source.missing)
    fast = fast_number(bare)
    odd = f"{fast} IS NULL AND NOT {blank(bare.sql)}"
    asked = (f"count({bare.sql})", f"count({fast})", *points(bare.sql))
    held, read, pointed, threes = probe.ask(*asked)
    if (
        read
        and read == held
        and bare is cell
        and (categorical or not unsettled(probe, pointed, threes))
    ):
        return Typed(name, fast, held=held, read=read)
    bad = probe.ask("count(*)", where=odd)[0] if read else held
    texts = not read or (bad and (categorical or read < _ENOUGH or read < _NUMERIC * (read + bad)))
    few = categorical or held < _ENOUGH
    fix = f"Mend those cells, or declare categorical = [{cell.column!r}] under [controls]"
    if texts and not few and (typed := measured(probe, cell, name, fix)):
        return typed
    if texts and (few or not _near_numbers(probe, cell, bare.sql)):
        return text_column(cell, name)
    return number(probe, cell, name, needed=False, fix=fix)


def _near_numbers(probe: Probe, cell: Cell, x: str) -> bool:
    """Whether texts are numbers with a currency or separators, and too many to be groups.

    Raises
    ------
    DataError
        They would be numbers with another decimal mark, or without their per cent sign.
    """
    # Asked first: to read every text as a number would take longer than all else.
    held, different = probe.ask(f"count(*) FILTER (NOT {blank(x)})", f"count(DISTINCT {x})")
    if different <= _GROUPS:
        return False
    bare = rf"regexp_replace({x}, '\s*%\s*$', '')"
    either = f"coalesce({repair(bare, '.')}, {repair(bare, ',')})"
    near, good, different, commas = probe.ask(
        f"count({either})",
        f"count({repair(x, cell.source.decimal)})",
        f"count(DISTINCT {either})",
        rf"count(*) FILTER (regexp_matches({x}, '\d,\d{{1,2}}\D*$'))",
        where=f"regexp_matches({x}, '[0-9]')",
    )
    if near < _NUMERIC * held or different <= _GROUPS:
        return False
    if good >= _NUMERIC * held:
        return True
    comma = f'Add decimal = "," to [tables.{cell.source.name}], or w' if commas else "W"
    raise DataError(
        f"{cell} holds {different:,} different texts that are numbers but for a decimal comma, a "
        f"separator, a currency or a per cent sign ({share(near, held)})",
        "an attribute is a number, or the name of a group",
        f"{comma}rite the numbers alone; if they are codes, declare "
        f"categorical = [{cell.column!r}] under [controls]",
    )


def text_column(cell: Cell, name: str) -> Typed:
    """Type a column of texts: as they stand, in Unicode NFC, null where they are blank."""
    x = cell.sql if cell.type == "VARCHAR" else f"{cell.sql}::VARCHAR"
    return Typed(name, f"nullif(nfc_normalize({trimmed(x)}), '')", kind="VARCHAR")


def stage_of(probe: Probe, cell: Cell, name: str) -> Typed:
    """Type the stage of customers: a word of `STAGES`, in any letters; blank: not known.

    Raises
    ------
    DataError
        Another word; the nearest is offered.
    """
    typed = text_column(cell, name)
    word = f"lower({typed.sql})"
    odd = f"{word} NOT IN {texts(STAGES)}"
    rows, held, bad = probe.ask("count(*)", f"count({word})", f"count(*) FILTER ({odd})")
    if bad:
        common = probe.common(typed.sql, odd, SHORT)
        named = f", {quoted(common)}" if common else ""
        raise DataError(
            f"{cell} holds words that are no stage ({share(bad, held)}){named}",
            f"a stage is {', '.join(STAGES[:-1])} or {STAGES[-1]}",
            nearest(common[0][0], STAGES) if common else "",
        )
    said = f"{cell} is blank in {share(rows - held, rows)}, which count as customers"
    told = ((rows - held, said),) if rows > held else ()
    return replace(typed, sql=word, warnings=told)


def wave(cell: Cell, name: str) -> Typed:
    """Type names of waves: whole numbers without a point; a row without one is set aside."""
    typed = text_column(cell, name)
    if cell.type in ("DOUBLE", "FLOAT"):
        x = cell.sql
        whole = f"CASE WHEN {x} = floor({x}) THEN try_cast({x} AS BIGINT)::VARCHAR END"
        whole = f"CASE WHEN NOT isnan({x}) THEN coalesce({whole}, {x}::VARCHAR) END"
        typed = replace(typed, sql=whole)
    return replace(typed, faults=((f"({typed.sql}) IS NULL", "no wave"),))


def weight(probe: Probe, cell: Cell, name: str) -> Typed:
    """Type survey weights: zero or more; a row without a weight is set aside.

    Raises
    ------
    DataError
        A weight is negative, or all are zero.
    """
    typed = number(probe, cell, name, needed=True)
    x = typed.sql
    negative, positive, median = probe.ask(
        f"count(*) FILTER ({x} < 0)", f"count(*) FILTER ({x} > 0)", f"median({x}) FILTER ({x} > 0)"
    )
    if negative:
        raise DataError(f"{cell} holds negative weights ({share(negative, typed.held)})")
    if typed.held and not positive:
        raise DataError(f"{cell} holds no weight above zero", "a weight says how much a row counts")
    if not positive:
        return typed
    high = probe.ask(f"count(*) FILTER ({x} > {_DOMINANT} * {median!r}::DOUBLE)")[0]
    many = f"weight{'' if high == 1 else 's'} of more than {_DOMINANT:,} times the median"
    return replace(typed, warnings=((high, f"{high:,} {many} in {cell}: few rows decide"),))
