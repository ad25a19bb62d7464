"""Typing at the boundary: SQL that turns one column into numbers, and what it had to mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...engine.quoting import text
from ...errors import DataError
from ..staging import Cell
from .blanks import blank, blank_words, code_in, taken_as_blank
from .clocks import Clock
from .currencies import SIGN
from .labels import LONGEST, dated, doubted, doubtful, labelled, made_dates
from .probe import Probe
from .separators import OTHER_MARK, core_of, points, refuse_marks, refuse_points, repair, unsettled
from .shares import LIMIT, share

if TYPE_CHECKING:
    from ...study.scales import Scale

LARGEST = 1e50  # sums of fourth powers of so many still are numbers


_MEND = (
    "Mend the file, declare what stands for a blank in missing = [...], or leave those rows out "
    "with drop = {...}"
)
_FLOATS = ("DOUBLE", "FLOAT")
DATES = ("DATE", "TIMESTAMP", "TIME", "INTERVAL")


@dataclass(frozen=True)
class Typed:
    """How a column reads, and what became of the cells that did not read as they stood.

    Attributes
    ----------
    name
        Name in the clean table.
    sql
        Expression over the staged table; NULL where the cell is blank or unusable.
    faults
        (SQL condition, reason) of rows to set aside.
    repaired
        (cells, reason) mended or set to missing without losing the row.
    held
        Cells that are not blank.
    read
        Cells that became a value, as counted while the column was looked into; None where
        nobody counted. `cxroi.reading.cleaning` holds the written column against it.
    warnings
        (rows, sentence) that a reader should know of.
    zone
        The zone whose clock times of day are of: that of a frame's column, UTC for other instants
        and for texts with a UTC offset, empty where none is known.
    clock
        By which clock its times were written, where that is known.
    ends
        The two dates that whole days are counted between.
    signs
        Signs and codes of currencies in its cells, in capitals.
    """

    name: str
    sql: str
    faults: tuple[tuple[str, str], ...] = ()
    repaired: tuple[tuple[int, str], ...] = ()
    kind: str = "DOUBLE"
    held: int = 0
    read: int | None = None
    warnings: tuple[tuple[int, str], ...] = ()
    zone: str = ""
    clock: Clock | None = None
    ends: tuple[Typed, ...] = ()
    signs: tuple[str, ...] = ()


def without(
    probe: Probe, cell: Cell, codes: Iterable[object]
) -> tuple[Cell, tuple[tuple[int, str], ...]]:
    """Return the cell with declared codes for a missing value blanked, and how many those are."""
    codes = tuple(codes)
    if not codes or cell.type.startswith(("BOOL", *DATES)):
        return cell, ()
    held = code_in(cell.sql if cell.type == "VARCHAR" else f"{cell.sql}::VARCHAR", codes)
    count = probe.ask(f"count(*) FILTER ({held})")[0]
    sql = f"CASE WHEN NOT coalesce({held}, false) THEN {cell.sql} END"
    entry = (count, f"{cell.column}: declared as missing, taken as blank")
    return replace(cell, sql=sql), (entry,)


def number(
    probe: Probe,
    cell: Cell,
    name: str,
    needed: bool,
    *,
    labels: Scale | None = None,
    fix: str = _MEND,
    missing: tuple[object, ...] = (),
) -> Typed:
    """Type a column of numbers.

    Parameters
    ----------
    needed
        Whether a row without the number is set aside.
    labels
        The scale of answers, of which ``10 - Extremely likely`` is a 10; None for other numbers.
    fix
        What to do about too many cells that are no numbers.
    missing
        Codes for a missing value, beside those of the table.

    Raises
    ------
    DataError
        The wrong decimal mark, several currencies, or more than 1 % of cells that are no numbers.
    """
    cell, said = without(probe, cell, (*cell.source.missing, *missing))
    if cell.type != "VARCHAR":
        typed = typed_number(probe, cell, name, needed)
        return replace(typed, repaired=(*said, *typed.repaired))
    x, fast = cell.sql, fast_number(cell)
    asked = (f"count({x})", f"count({fast})", _beyond(fast), *points(x))
    held, read, beyond, pointed, threes = probe.ask(*asked)
    _refuse_beyond(cell, beyond, held)
    unsure = not (labels or cell.source.decimal_declared)  # answers are held against their scale
    if unsure and held == read and unsettled(probe, pointed, threes):
        refuse_points(probe, cell, x, held)
    if held == read:
        faults = ((f"{fast} IS NULL", f"no {name}"),) if needed else ()
        return Typed(name, fast, faults, said, held=held, read=read)
    typed = _mended(probe, cell, name, needed, labels, (held, read), fix)
    return replace(typed, repaired=(*said, *typed.repaired))


def typed_number(probe: Probe, cell: Cell, name: str, needed: bool) -> Typed:
    """Type a column whose source says that it holds numbers."""
    if cell.type.startswith(DATES) or cell.type in ("BOOLEAN", "BLOB", "UUID"):
        raise DataError(f"{cell} is of type {cell.type}", f"{name} is a number")
    x = cell.sql
    sql = f"{x}::DOUBLE" if cell.type != "DOUBLE" else x
    if cell.type in _FLOATS:
        held, finite, beyond = probe.ask(
            f"count({x}) - count(*) FILTER (isnan({x}))",
            f"count(*) FILTER (isfinite({x}))",
            _beyond(x),
        )
        total = probe.ask("count(*)")[0] if needed else 0
        if held != finite:
            raise DataError(f"{cell} holds infinite numbers ({share(held - finite, held)})")
        _refuse_beyond(cell, beyond, held)
        sql = sql if held == total else f"CASE WHEN isfinite({x}) THEN {sql} END"
    else:
        held = probe.ask(f"count({x})")[0]
    faults = ((f"{sql} IS NULL", f"no {name}"),) if needed else ()
    return Typed(name, sql, faults, held=held, read=held)


def _beyond(x: str) -> str:
    return f"count(*) FILTER (abs({x}) > {LARGEST} AND NOT isnan({x}))"


def _refuse_beyond(cell: Cell, beyond: int, held: int) -> None:
    """Refuse numbers that no amount or count can be, and whose squares overflow."""
    if beyond:
        raise DataError(
            f"{cell} holds numbers beyond {LARGEST} ({share(beyond, held)})",
            "amounts and counts are far smaller",
            "Are they marks of missing values? Blank them",
        )


def fast_number(cell: Cell) -> str:
    """Return the SQL that reads plain numbers with the declared decimal mark, else NULL."""
    x = cell.sql
    if cell.source.decimal == ",":
        parsed = (
            f"CASE WHEN NOT contains({x}, '.') THEN try_cast(replace({x}, ',', '.') AS DOUBLE) END"
        )
    else:
        parsed = f"try_cast({x} AS DOUBLE)"
    return f"CASE WHEN isfinite({parsed}) THEN {parsed} END"


def _mended(
    probe: Probe,
    cell: Cell,
    name: str,
    needed: bool,
    labels: Scale | None,
    counts: tuple[int, int],
    fix: str,
) -> Typed:
    """Type a column of which some cells are no plain numbers, given cells held and plain ones."""
    (held, plain), x = counts, cell.sql
    fast, decimal = fast_number(cell), cell.source.decimal
    mended = repair(x, decimal)
    if labels:
        mended = f"coalesce({labelled(x, labels)}, {mended})"
    odd = f"{fast} IS NULL AND NOT {blank(x)}"
    wrong_mark = f"regexp_full_match({core_of(x)}, {text(OTHER_MARK[decimal])})"
    doubt = f"{mended} IS NULL AND {doubtful(x)}" if labels else "false"
    failing, good, in_doubt, other, signs = probe.ask(
        "count(*)",
        f"count({mended})",
        f"count(*) FILTER ({doubt})",
        f"count(*) FILTER ({wrong_mark})",
        f"list(DISTINCT upper(array_to_string(regexp_extract_all({x}, {text(SIGN)}), ' '))) "
        f"FILTER (regexp_matches({x}, {text(SIGN)}))",
        where=odd,
    )
    signs = tuple(sorted({sign for held in signs or () for sign in held.split()}))
    blanks, words = probe.ask("count(*)", blank_words(x), where=f"{x} IS NOT NULL AND {blank(x)}")
    held -= blanks
    refuse_marks(probe, cell, odd, held, (good, other, signs))
    if not (labels or cell.source.decimal_declared):
        refuse_points(probe, cell, core_of(x), held)
    if in_doubt:
        _refuse_doubtful(probe, cell, (odd, doubt), in_doubt, held)
    sql = f"coalesce({fast}, {mended})" if good else fast
    bad = failing - good
    unusable = f"{sql} IS NULL AND NOT {blank(x)}"
    if bad > LIMIT * held:
        longest = LONGEST if labels else 0
        raise DataError(
            f"{cell} holds cells that are not numbers ({share(bad, held)}), "
            f"{probe.examples(x, unusable, longest)}",
            "at most 1 % of the cells may be unusable",
            fix,
        )
    what = "an answer with its label" if labels else "currency, brackets or separators"
    typed = _outcome(cell, name, needed, sql, (held, good, bad), what)
    repaired = (*taken_as_blank(cell, words), *typed.repaired)
    return replace(typed, repaired=repaired, read=plain + good, signs=signs)


def _refuse_doubtful(
    probe: Probe, cell: Cell, conditions: tuple[str, str], rows: int, held: int
) -> None:
    """Refuse labels of which the number is not plain, dates among them apart."""
    odd, doubt = conditions
    dates = f"{odd} AND {dated(cell.sql)}"
    days = probe.ask(f"count(*) FILTER ({dates})")[0]
    if days:
        raise made_dates(cell, share(days, held), probe.examples(cell.sql, dates, LONGEST))
    found = probe.examples(cell.sql, f"{odd} AND {doubt}", LONGEST)
    raise doubted(cell, share(rows, held), found)


def _outcome(
    cell: Cell, name: str, needed: bool, sql: str, counts: tuple[int, int, int], what: str
) -> Typed:
    """Type a column whose cells have been looked into: held, mended and unusable ones."""
    (held, good, bad), x = counts, cell.sql
    repaired = [(good, f"{cell.column}: {what} read as a number")]
    faults = [(f"{sql} IS NULL AND {blank(x)}", f"no {name}")] if needed else []
    if bad and needed:
        faults.append((f"{sql} IS NULL AND NOT {blank(x)}", f"{name} is not a number"))
    elif bad:
        repaired.append((bad, f"{cell.column}: not a number, taken as missing"))
    return Typed(name, sql, tuple(faults), tuple(repaired), held=held)
