"""Points and commas in numbers: decimal marks, thousands, and where it is not plain which."""

from __future__ import annotations

from ...engine.quoting import text, trimmed
from ...errors import DataError
from ..staging import Cell
from .currencies import SIGN, agree
from .probe import Probe
from .shares import share

_GROUPED = {
    ".": r"[1-9]\d{0,2}(?:[ \x{a0}\x{202f}\x{2009}'’,]\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\."
    r"|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d*)?",  # lakhs: 12,34,567.50
    ",": r"[1-9]\d{0,2}(?:[ \x{a0}\x{202f}\x{2009}'’.]\d{3})+(?:,\d*)?|\d*,?\d+|\d+,",
}
# Cells that can only be read with the other decimal mark.
OTHER_MARK = {
    ".": r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d+|(?:0|\d{4,}),\d+",
    ",": r"\d+\.\d{1,2}|\d{1,3}(?:,\d{3})+\.\d+|(?:0|\d{4,})\.\d+",
}
_THREE = r"[1-9]\d{0,2},\d{3}"  # thousands, or a decimal comma and three decimals
_POINTED = r"[1-9]\d{0,2}(?:\.\d{3})+"


def core_of(x: str) -> str:
    """Digits, separators and decimal mark of a cell, without currency, sign and brackets."""
    bare = trimmed(f"regexp_replace({trimmed(x)}, {text(SIGN)}, '', 'g')")
    return trimmed(rf"regexp_replace({bare}, '^[(+\-−]|[)\-−]$', '', 'g')")


def repair(x: str, decimal: str) -> str:
    """Return the SQL that reads ``$3,400.50``, ``(500)`` and ``1 234.5``; NULL where it cannot."""
    core = core_of(x)
    negative = rf"regexp_matches({trimmed(x)}, '^\(.*\)$|^[^\d]*[-−]\s*\D{{0,4}}\d|\d\s*[-−]$')"
    digits = f"regexp_replace({core}, '[^0-9{decimal}]', '', 'g')"
    parsed = f"try_cast(replace({digits}, '{decimal}', '.') AS DOUBLE)"
    return (
        f"CASE WHEN regexp_full_match({core}, {text(_GROUPED[decimal])}) "
        f"THEN CASE WHEN {negative} THEN -1 ELSE 1 END * {parsed} END"
    )


def points(x: str) -> tuple[str, str]:
    """Return the aggregates that count texts with a point, and with one before the last three."""
    place = f"strpos({x}, '.')"
    counted = "count(*) FILTER ({})"
    last = f"{place} > 0 AND {place} = strlen({x}) - 3"
    return counted.format(f"{place} > 0"), counted.format(last)


def unsettled(probe: Probe, pointed: int, threes: int) -> bool:
    """Whether texts with a point before the last three may be thousands, in one file at least."""
    return threes > 0 and (threes == pointed or len(probe.stage.scan.files) > 1)


def refuse_points(probe: Probe, cell: Cell, core: str, held: int) -> None:
    """Refuse a column that says ``1.234`` or ``1.234.567`` wherever a file of it holds a point.

    Parameters
    ----------
    core
        SQL of the digits and separators of a cell.

    Raises
    ------
    DataError
        No cell says by its decimals what the point means, and the study does not either.
    """
    threes = f"regexp_full_match({core}, {text(_POINTED)})"
    settled = f"contains({core}, '.') AND NOT {threes}"
    counted = (f"count(*) FILTER ({threes})", f"count(*) FILTER ({settled})")
    for file, counts in probe.by_file(*counted):
        if counts[0] and not counts[1]:
            raise DataError(
                f"{cell} holds a point and three digits wherever it holds a point "
                f"({counts[0]:,} of {held:,} rows), first in "
                + probe.first_rows(f"{file} AND {threes}"),
                "what the point means is declared, and the same in all files",
                f'Add decimal = "," to [tables.{cell.source.name}] to read it as thousands, '
                'decimal = "." to read it as decimals',
            )


def refuse_marks(
    probe: Probe, cell: Cell, odd: str, held: int, counts: tuple[int, int, tuple[str, ...]]
) -> None:
    """Refuse by what was found in odd cells: mended ones, other marks, signs of currencies."""
    good, other, signs = counts
    if other:
        _refuse_mark(probe, cell, other, held)
    if good and not cell.source.decimal_declared:
        _refuse_ambiguous(probe, cell, odd, held)
    if not agree(signs):
        raise DataError(
            f"{cell} mixes currencies: {', '.join(signs)}",
            "amounts are in one currency",
            "Convert them, or keep one currency with keep = {...}",
        )


def _refuse_ambiguous(probe: Probe, cell: Cell, odd: str, held: int) -> None:
    """Refuse a column in which ``1,234`` may be a thousand or a little more than one."""
    x, core = cell.sql, core_of(cell.sql)
    threes = f"regexp_full_match({core}, {text(_THREE)})"
    settled = f"contains({x}, '.') OR regexp_matches({x}, {text(SIGN)})"
    settled += f" OR regexp_full_match({core}, '[1-9]\\d{{0,2}}(?:,\\d{{3}}){{2,}}')"
    if not probe.ask(f"count(*) FILTER ({threes})", where=odd)[0]:
        return
    counted = (f"count(*) FILTER ({odd} AND {threes})", f"count(*) FILTER ({settled})")
    for file, counts in probe.by_file(*counted):
        if counts[0] and not counts[1]:
            raise DataError(
                f"{cell} holds a comma and three digits wherever it holds a separator "
                f"({share(counts[0], held)}), first in "
                + probe.first_rows(f"{file} AND {odd} AND {threes}"),
                "what the comma means is declared, and the same in all files",
                f'Add decimal = "," to [tables.{cell.source.name}] to read it as decimals, '
                'decimal = "." to read it as thousands',
            )


def _refuse_mark(probe: Probe, cell: Cell, rows: int, held: int) -> None:
    used, other = cell.source.decimal, "," if cell.source.decimal == "." else "."
    word = {".": "point", ",": "comma"}
    own = f"regexp_full_match({core_of(cell.sql)}, {text(OTHER_MARK[other])})"
    [both] = probe.ask(f"count(*) FILTER ({own})")
    found = f"{cell} holds numbers written with a decimal {word[other]} ({share(rows, held)})"
    if both:
        raise DataError(
            f"{found} and others with a {word[used]} ({share(both, held)}), first in "
            + probe.first_rows(own),
            "a column has one decimal mark",
            "Export it again with one, or mend the cells",
        )
    raise DataError(
        found,
        f"the decimal mark of [tables.{cell.source.name}] is {used!r}",
        f'Add decimal = "{other}" to [tables.{cell.source.name}]'
        if other == ","
        else f'Drop decimal = "," from [tables.{cell.source.name}]',
    )
