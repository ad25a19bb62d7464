"""Typing at the boundary: outcomes of a flat file, yes/no codes and codes for a blank."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...engine.quoting import trimmed
from ...errors import DataError
from ...study.outcomes import Outcome, says_percent
from ..filters import SHORT
from ..staging import Cell
from .blanks import blank, blank_words, code_in, empty, taken_as_blank
from .codes_for_blank import warned_of_codes
from .numbers import Typed, number
from .probe import Probe, quoted
from .separators import repair
from .shares import LIMIT, share
from .stayed_or_left import refuse_turned, warn_of_turned
from .units import in_units, refuse_fractions

_MANY = 20  # rates of which none is above 1 %, which is no accident
_YES = ("1", "true", "yes", "y")
_NO = ("0", "false", "no", "n")
_FEW, _BLANK = 5, 0.05  # rows, and share of blanks, from which on a reader is told


def outcome(probe: Probe, cell: Cell, name: str, declared: Outcome, currency: str = "") -> Typed:
    """Type a column of a flat file that is an outcome: a number, or 1 and 0 for yes and no.

    Raises
    ------
    DataError
        More than 1 % of the cells hold no number, or a code that is not declared; counts below
        0; rates that are no shares, or no per cent where that is declared; some of them with a
        per cent sign, where nothing says what the others are; retention by a column of churn.
    """
    if declared.kind == "yes_no":
        refuse_turned(cell, declared)
        return _yes_no(probe, cell, name, declared)
    if declared.kind == "rate" and cell.type == "VARCHAR":
        bare, signed = _without_sign(probe, cell, declared)
        if signed:
            typed = number(probe, bare, name, needed=False, missing=declared.missing)
            said = (signed, f"{cell.column}: per cent signs read")
            typed = replace(typed, repaired=(said, *typed.repaired))
            return _shares(probe, cell, typed, replace(declared, percent=True))
    typed = number(probe, cell, name, needed=False, missing=declared.missing)
    if declared.kind == "count":
        _refuse_no_counts(probe, cell, typed, declared)
    if declared.kind == "rate":
        return _shares(probe, cell, typed, declared)
    typed = warned_of_codes(probe, cell, typed, f"under [outcomes.columns.{declared.name}]")
    typed = replace(typed, warnings=(*typed.warnings, *_blanks_for_zero(probe, cell, typed)))
    typed = refuse_fractions(probe, cell, typed, declared.amount_in)
    return in_units(typed, cell.column, declared.amount_in, currency)


def _refuse_no_counts(probe: Probe, cell: Cell, typed: Typed, declared: Outcome) -> None:
    """Refuse numbers below 0, and halves, which nothing that is counted has."""
    x = typed.sql
    negative, parted = probe.ask(
        f"count(*) FILTER ({x} < 0)", f"count(*) FILTER ({x} <> floor({x}))"
    )
    if negative:
        raise DataError(
            f"{cell} holds counts below 0 ({share(negative, typed.held)})",
            fix=f"If such a value means blank, declare missing for the outcome {declared.name!r}",
        )
    if parted:
        raise DataError(
            f"{cell} holds counts between whole numbers ({share(parted, typed.held)}), first in "
            + probe.first_rows(f"{x} <> floor({x})"),
            "a count is a whole number",
            "Is it the column of something else, or does a point stand for thousands (decimal = "
            '",")? Averages, and sums such as hours, are declared kind = "amount" under '
            f'[outcomes.columns.{declared.name}]; shares kind = "rate"',
        )


def _without_sign(probe: Probe, cell: Cell, declared: Outcome) -> tuple[Cell, int]:
    """Return the cell without per cent signs, and how many there are."""
    signed = f"ends_with({trimmed(cell.sql)}, '%')"
    plain = f"regexp_full_match({trimmed(cell.sql)}, '[0-9.,]+')"
    most = f"max({repair(cell.sql, cell.source.decimal)}) FILTER ({plain})"
    signs, others, most = probe.ask(
        f"count(*) FILTER ({signed})", f"count(*) FILTER ({plain})", most
    )
    if signs and others and (not declared.percent or (most is not None and most <= 1)):
        raise DataError(
            f"{cell} holds rates with a per cent sign ({signs:,} rows) beside others without one "
            f"({others:,} rows)",
            "rates are all shares or all in per cent",
            "Write them alike"
            if declared.percent
            else "If all are in per cent, declare percent = true under "
            f"[outcomes.columns.{declared.name}]; else write them alike",
        )
    bare = f"CASE WHEN {signed} THEN rtrim({trimmed(cell.sql)}, '%') ELSE {cell.sql} END"
    return replace(cell, sql=trimmed(bare)), signs


def _blanks_for_zero(probe: Probe, cell: Cell, typed: Typed) -> Iterator[tuple[int, str]]:
    """Yield a warning of many blanks in a column without any zero, as pivot tables have them."""
    x = typed.sql
    rows, held, zeros = probe.ask("count(*)", f"count({x})", f"count(*) FILTER ({x} = 0)")
    blanks = rows - held
    if held and not zeros and blanks >= max(_FEW, _BLANK * rows):
        yield (
            blanks,
            f"{cell} is blank in {share(blanks, rows)}, and 0 in none: a blank is not known and "
            "counts in no mean. If it stands for nothing, write 0 there",
        )


def _shares(probe: Probe, cell: Cell, typed: Typed, declared: Outcome) -> Typed:
    """Hold rates against their range, and take those in per cent as shares."""
    whole = 100 if declared.percent else 1
    outside = f"{typed.sql} < 0 OR {typed.sql} > {whole}"
    out, most, mean = probe.ask(
        f"count(*) FILTER ({outside})", f"max({typed.sql})", f"avg({typed.sql}) / {whole}"
    )
    if out:
        per_cent = not declared.percent and 1 < most <= 100
        raise DataError(
            f"{cell} holds rates outside 0 to {whole} ({share(out, typed.held)}, up to {most:g})",
            "a rate is a share from 0 to 1, or per cent from 0 to 100 where that is declared",
            f"If it is in per cent, declare percent = true under [outcomes.columns.{declared.name}]"
            if per_cent
            else f"If such a value means blank, declare missing for the outcome {declared.name!r}",
        )
    if declared.percent is None and says_percent(cell.column) and most and most <= 1:
        raise DataError(
            f"{cell} says per cent by its name, and holds no rate above {most:g}",
            "it is declared whether 0.8 stands for 0.8 % or for a share of 80 %",
            "Declare percent = true for 0.8 %, or percent = false for 80 %, under "
            f"[outcomes.columns.{declared.name}]",
        )
    warnings = (*typed.warnings, *warn_of_turned(cell, declared, mean, typed.held))
    if not declared.percent:
        return replace(typed, warnings=warnings)
    if typed.held >= _MANY and most is not None and 0 < most <= 1:
        said = f"{cell} holds no rate above {most:g}, and percent = true reads 1 as 1 %"
        warnings = (*warnings, (1, f"{said}: if these are shares, leave percent out"))
    return replace(typed, sql=f"({typed.sql}) / {whole}.0", warnings=warnings)


def _coded(x: str, codes: Sequence[object]) -> str:
    """Return whether a cell holds one of the codes, of which ``""`` is an empty cell."""
    blank_too = f" OR {empty(x)}" if "" in codes else ""
    return f"(coalesce({code_in(x, codes)}, false){blank_too})"


def yes_or_no(probe: Probe, cell: Cell, name: str) -> Typed:
    """Type a column of yes and no of a table of events: 1 and 0, null where it is not known.

    Raises
    ------
    DataError
        More than 1 % of the cells are neither.
    """
    declared = Outcome(name, "yes_no", "", "higher", yes=cell.source.yes, no=cell.source.no)
    return _yes_no(probe, cell, name, declared, f"[tables.{cell.source.name}]")


def _yes_no(probe: Probe, cell: Cell, name: str, declared: Outcome, where: str = "") -> Typed:
    where = where or f"[outcomes.columns.{declared.name}]"
    x = cell.sql
    if cell.type != "VARCHAR":
        nan = f"nullif({x}, 'nan')" if cell.type in ("DOUBLE", "FLOAT") else x
        x = f"({nan})::VARCHAR"
    default = not (declared.yes or declared.no)
    yes = _coded(x, _YES if default else declared.yes)
    no = _coded(x, _NO if default else declared.no)
    missing = f"coalesce({code_in(x, (*cell.source.missing, *declared.missing))}, false)"
    answer = f"NOT {missing} AND ({yes} OR {no})"
    unknown = f"NOT coalesce({missing} OR {yes} OR {no} OR {blank(x)}, false)"
    held, read, codes, words, bad, nos, blanks = probe.ask(
        f"count(*) FILTER (NOT {blank(x)})",
        f"count(*) FILTER ({answer})",
        f"count(*) FILTER ({missing} AND NOT {empty(x)})",
        blank_words(f"CASE WHEN NOT ({missing} OR {yes} OR {no}) THEN {x} END"),
        f"count(*) FILTER ({unknown})",
        f"count(*) FILTER ({answer} AND {no})",
        f"count(*) FILTER (NOT ({missing} OR {yes} OR {no}) AND {blank(x)})",
    )
    if bad > LIMIT * held:
        named = quoted(probe.common(x, unknown, SHORT))
        raise DataError(
            f"{cell} holds codes that are neither yes nor no ({share(bad, held)})"
            + (f", {named}" if named else ""),
            f"every code of {declared.name!r} is declared",
            f"Add them to yes, no or missing of {where}",
        )
    sql = f"CASE WHEN {missing} THEN NULL WHEN {yes} THEN 1.0 WHEN {no} THEN 0.0 END::DOUBLE"
    lost = (
        (codes, f"{cell.column}: declared as missing, taken as blank"),
        *taken_as_blank(cell, words),
        (bad, f"{cell.column}: a code that is not declared, taken as missing"),
    )
    none = json.dumps(["", *sorted(words or {})], ensure_ascii=False)
    said = (
        f"{cell} holds no 'no' among {read:,} answers, and {blanks:,} blanks: a blank is not "
        f"known; where it means no, declare no = {none} under {where}"
    )
    warnings = [(blanks, said)] if read and blanks and not nos else []
    warnings += warn_of_turned(cell, declared, 1 - nos / max(read, 1), read)
    return Typed(name, sql, repaired=lost, held=held, read=read, warnings=tuple(warnings))
