"""Measures: attributes that are numbers with a unit, such as ``12 months``."""

from __future__ import annotations

from dataclasses import replace

from ...engine.quoting import text, trimmed
from ...errors import DataError
from ..staging import Cell
from .blanks import blank
from .numbers import Typed, number
from .probe import Probe, quoted

_UNITS = {
    "days": "d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen",
    "weeks": "w wk wks week weeks woche wochen semaine semaines semana semanas settimane weken",
    "months": "m mo mos mon mth mths month months monat monate monaten mois mes meses mesi maanden",
    "years": "y yr yrs year years jahr jahre jahren an ans année années año años anos anni jaar",
    "hours": "h hr hrs hour hours std stunde stunden heure heures hora horas ore uur",
    "minutes": "min mins minute minutes minuten minutos minuti",
    "thousands": "k tsd",
    "millions": "mn mio mln million millions",
} | {unit: unit for unit in ["g", "kg", "km", "mi", "mb", "gb", "tb"]}
_CALLED = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_NEARLY_ALL, _GROUPS = 0.95, 10  # share of such cells; different ones that may be names of groups


def measured(probe: Probe, cell: Cell, name: str, fix: str) -> Typed | None:
    """Type texts that are numbers with one unit by their numbers; None where they are no such.

    Parameters
    ----------
    fix
        What to do where some cells are no such number.

    Raises
    ------
    DataError
        They have several units, so that their numbers cannot be compared.
    """
    x = trimmed(cell.sql)
    words = "|".join(sorted(_CALLED, key=len, reverse=True))
    one = rf"\d+(?:[.,]\d+)?\s*(?:{words})\.?"
    is_one = f"regexp_full_match({x}, {text(f'(?i){one}(?:[ ,]+{one})*')})"
    bare = f"(try_cast({x} AS DOUBLE) IS NOT NULL)"
    unit = rf"trim(regexp_replace(lower({x}), '[\d.,\s]+', ' ', 'g'))"
    held, plain, different, units = probe.ask(
        f"count(*) FILTER (NOT {blank(cell.sql)})",
        f"count(*) FILTER ({bare})",
        f"count(DISTINCT {x}) FILTER ({is_one})",
        f"histogram({unit}) FILTER ({is_one})",
    )
    cells = sum((units or {}).values())
    if not cells or cells + plain < _NEARLY_ALL * held:
        return None
    meant = {tuple(_CALLED[word] for word in said.split()) for said in units}
    if plain or len(meant) > 1 or max(map(len, meant)) > 1:
        raise _several(cell, units, plain)
    if different <= _GROUPS:
        return None
    core = f"CASE WHEN {is_one} THEN regexp_extract({x}, '[0-9.,]*[0-9]') ELSE {cell.sql} END"
    typed = number(probe, replace(cell, sql=core), name, needed=False, fix=fix)
    said = " or ".join(repr(word) for word in sorted(units))
    read = (cells, f"{cell.column}: numbers with the unit {said} read as numbers of it")
    return replace(typed, repaired=(read, *typed.repaired))


def in_days(probe: Probe, cell: Cell, name: str) -> Typed:
    """Type lengths of time, such as timedeltas of pandas, as days."""
    sql = f"(epoch({cell.sql}) / 86400.0)"
    [held] = probe.ask(f"count({sql})")
    said = (held, f"{cell.column}: lengths of time read as days")
    return Typed(name, sql, repaired=(said,), held=held, read=held)


def _several(cell: Cell, units: dict[str, int], plain: int) -> DataError:
    most = sorted(units.items(), key=lambda item: (-item[1], item[0]))[:5]
    none = f" and none ({plain:,} rows)" if plain else ""
    return DataError(
        f"{cell} holds numbers with several units: {quoted(most)}{none}",
        "an attribute is a number of one unit, or the name of a group",
        "Write all of them in one unit, best as numbers alone; if they are names of groups, "
        f"declare categorical = [{cell.column!r}] under [controls]",
    )
