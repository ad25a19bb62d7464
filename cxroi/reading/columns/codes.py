"""Typing at the boundary: survey answers held against their scale, and yes/no codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...errors import DataError
from ...study.outcomes import Outcome
from ...study.scales import Scale
from ..filters import shown
from ..staging import Cell
from .blanks import blank, blank_words, code_in, empty, taken_as_blank
from .numbers import LIMIT, Probe, Typed, number, share

_OTHER_SCALE = 20  # an NPS answer above it is no code for a blank, but another scale
_NO_NPS = 7  # the largest answer of another scale that is mistaken for NPS
_YES = ("1", "true", "yes", "y")
_NO = ("0", "false", "no", "n")


def score(probe: Probe, cell: Cell, name: str, scale: Scale, averaged: bool) -> Typed:
    """Type survey answers and hold them against their scale.

    Parameters
    ----------
    averaged
        Whether answers of a customer are averaged, so that fractions are expected.

    Raises
    ------
    DataError
        More than 1 % of the answers lie outside the scale; an NPS coded 1 to 11, 0 to 5 or 0 to
        100; fractions on a scale of whole numbers.
    """
    typed = number(probe, cell, name, needed=True, labels=True)
    x = typed.sql
    code = _number_in(x, scale.missing)
    outside = f"({x} < {scale.minimum!r} OR {x} > {scale.maximum!r}) AND NOT {code}"
    inside = f"({x} BETWEEN {scale.minimum!r} AND {scale.maximum!r}) AND NOT {code}"
    answers, out, fractions, elevens, zeros, above, most = probe.ask(
        f"count_if({x} IS NOT NULL AND NOT {code})",
        f"count_if({outside})",
        f"count_if({inside} AND {x} <> floor({x}))",
        f"count_if({x} = 11 AND NOT {code})",
        f"count_if({x} = 0 AND NOT {code})",
        f"count_if({x} > {_OTHER_SCALE} AND NOT {code})",
        f"max({x}) FILTER (NOT {code})",
    )
    if scale.kind == "nps":
        _refuse_other_scales(cell, answers, elevens, zeros, above, most)
    if out > LIMIT * answers:
        raise DataError(
            f"{cell} holds {_values(probe, x, outside)}",
            f"an answer is {scale.minimum:g} to {scale.maximum:g}",
            "If such a value means blank, declare missing = [...] under [scale]",
        )
    if fractions and not (scale.fractional or averaged):
        raise DataError(
            f"{cell} holds answers between whole numbers ({share(fractions, answers)})",
            f"an answer of kind {scale.kind!r} is a whole number",
            "If they are averages, declare fractional = true under [scale]",
        )
    beyond = f"outside the scale {scale.minimum:g} to {scale.maximum:g}"
    no_answer = (f"{x} IS NOT NULL AND {code}", "no answer (declared missing code)")
    faults = (no_answer, (outside, beyond), *_no_answer(typed.faults, name))
    return Typed(name, x, faults, typed.repaired, read=typed.read)


def _no_answer(faults: tuple[tuple[str, str], ...], name: str) -> Iterator[tuple[str, str]]:
    for condition, reason in faults:
        yield condition, "no answer" if reason == f"no {name}" else reason


def _number_in(x: str, codes: tuple[float, ...]) -> str:
    return f"coalesce({x} IN ({', '.join(map(repr, codes))}), false)" if codes else "false"


def _values(probe: Probe, x: str, condition: str) -> str:
    rows = probe.connection.execute(
        f"SELECT {x} AS value, count(*) AS n FROM {probe.stage.relation} "
        f"WHERE fate = 0 AND {condition} GROUP BY value ORDER BY n DESC, value LIMIT 5"
    ).fetchall()
    return ", ".join(f"{value:g} ({n:,} rows)" for value, n in rows)


def _refuse_other_scales(
    cell: Cell, answers: int, elevens: int, zeros: int, above: int, most: float | None
) -> None:
    if above > LIMIT * answers:
        raise DataError(
            f"{cell} holds values far above 10 ({share(above, answers)}, up to {most:g})",
            "an NPS answer is 0 to 10",
            "Declare kind = 'csat' or 'custom' with its minimum and maximum",
        )
    rare = zeros <= LIMIT * answers and elevens > LIMIT * answers
    if elevens and (rare or not zeros) and answers >= 50 and most == 11:
        raise DataError(
            f"{cell} holds 11 ({elevens:,} rows) and {f'only {zeros:,} times' if zeros else 'no'} "
            "0, as if NPS were coded 1 to 11",
            "an NPS answer is 0 to 10",
            "If 11 means blank, declare missing = [11] under [scale]; else subtract 1 in the file",
        )
    if answers >= 30 and most is not None and most <= _NO_NPS:
        raise DataError(
            f"{cell} holds no answer above {most:g} among {answers:,}",
            "an NPS answer is 0 to 10",
            "A scale of 1 to 5 is declared kind = 'csat', one of 0 to 5 or 1 to 7 kind = 'custom' "
            "with minimum and maximum",
        )


def outcome(probe: Probe, cell: Cell, name: str, declared: Outcome) -> Typed:
    """Type a column of a flat file that is an outcome: a number, or 1 and 0 for yes and no.

    Raises
    ------
    DataError
        More than 1 % of the cells hold no number, or a code that is not declared; counts below
        0; rates that are no shares, or no per cent where that is declared.
    """
    if declared.kind == "yes_no":
        return _yes_no(probe, cell, name, declared)
    typed = number(probe, cell, name, needed=False, missing=declared.missing)
    negative = probe.ask(f"count_if({typed.sql} < 0)")[0]
    if declared.kind == "count" and negative:
        raise DataError(
            f"{cell} holds counts below 0 ({share(negative, typed.held)})",
            fix=f"If such a value means blank, declare missing for the outcome {declared.name!r}",
        )
    return _shares(probe, cell, typed, declared) if declared.kind == "rate" else typed


def _shares(probe: Probe, cell: Cell, typed: Typed, declared: Outcome) -> Typed:
    """Hold rates against their range, and take those in per cent as shares."""
    whole = 100 if declared.percent else 1
    outside = f"{typed.sql} < 0 OR {typed.sql} > {whole}"
    out, most = probe.ask(f"count_if({outside})", f"max({typed.sql})")
    if out:
        per_cent = not declared.percent and 1 < most <= 100
        raise DataError(
            f"{cell} holds rates outside 0 to {whole} ({share(out, typed.held)}, up to {most:g})",
            "a rate is a share from 0 to 1, or per cent from 0 to 100 where that is declared",
            f"If it is in per cent, declare percent = true under [outcomes.columns.{declared.name}]"
            if per_cent
            else f"If such a value means blank, declare missing for the outcome {declared.name!r}",
        )
    return replace(typed, sql=f"({typed.sql}) / {whole}.0") if declared.percent else typed


def _yes_no(probe: Probe, cell: Cell, name: str, declared: Outcome) -> Typed:
    x = cell.sql
    if cell.type != "VARCHAR":
        nan = f"nullif({x}, 'nan')" if cell.type in ("DOUBLE", "FLOAT") else x
        x = f"({nan})::VARCHAR"
    default = not (declared.yes or declared.no)
    yes = code_in(x, _YES if default else declared.yes)
    no = code_in(x, _NO if default else declared.no)
    missing = code_in(x, (*cell.source.missing, *declared.missing))
    answer = f"NOT {missing} AND ({yes} OR {no})"
    unknown = f"NOT coalesce({missing} OR {yes} OR {no} OR {blank(x)}, false)"
    held, read, codes, words, bad = probe.ask(
        f"count_if(NOT {blank(x)})",
        f"count_if({answer})",
        f"count_if({missing} AND NOT {empty(x)})",
        blank_words(f"CASE WHEN NOT ({missing} OR {yes} OR {no}) THEN {x} END"),
        f"count_if({unknown})",
    )
    if bad > LIMIT * held:
        rows = probe.connection.execute(
            f"SELECT {x} AS code, count(*) AS n FROM {probe.stage.relation} "
            f"WHERE fate = 0 AND {unknown} GROUP BY code HAVING {shown('code', 'n')} "
            "ORDER BY n DESC, code LIMIT 5"
        ).fetchall()
        named = "".join(f", {code!r} ({n:,} rows)" for code, n in rows)
        raise DataError(
            f"{cell} holds codes that are neither yes nor no ({share(bad, held)}){named}",
            f"every code of the outcome {declared.name!r} is declared",
            f"Add them to yes, no or missing of [outcomes.columns.{declared.name}]",
        )
    sql = f"CASE WHEN {missing} THEN NULL WHEN {yes} THEN 1.0 WHEN {no} THEN 0.0 END::DOUBLE"
    lost = (
        (codes, f"{cell.column}: declared as missing, taken as blank"),
        *taken_as_blank(cell, words),
        (bad, f"{cell.column}: a code that is not declared, taken as missing"),
    )
    return Typed(name, sql, repaired=lost, held=held, read=read)
