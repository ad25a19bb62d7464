"""Answers with their label, such as ``10 - Extremely likely`` or ``Extremely likely - 10``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.quoting import text, trimmed
from ...errors import DataError

if TYPE_CHECKING:
    from ...study.scales import Scale
    from ..staging import Cell

LONGEST = 40  # characters of a label that is quoted
# Characters are listed by range: classes of all letters take too long to prepare.
_NUMBER = r"\d+(?:[.,]\d{1,2})?"
_DIGITS = r"\d\x{660}-\x{669}\x{6f0}-\x{6f9}\x{966}-\x{96f}\x{ff10}-\x{ff19}"
_DASH = r"\-‐‑‒–—−"
_SPACE = r"\s\x{a0}\x{2000}-\x{200b}\x{202f}\x{3000}"
_BETWEEN = rf":：=＝(（\[)）\].,;/|·•→{_SPACE}"
_WORD = rf"[^{_DIGITS}{_BETWEEN}{_DASH}!-/:-@\[-`{{-~…„“”‘’«»]"  # a letter or a face
_UNSPACED = (  # 10分, ⭐5
    r"[\x{2600}-\x{27bf}\x{2b50}\x{3040}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7af}"
    r"\x{1f300}-\x{1faff}]"
)
_OF = r"\s*(?:/|of|out of|von|de|sur|van)\s*"
_REST = rf"[^{_DIGITS}%‰]*"
_BEGIN, _END = r"^[(（\[]?", r"\s*[)）\]]?[.!]?$"
_MONTH = (  # as spreadsheets name them, whose dates are made of answers such as 8/10
    r"jan|janv|ene|gen|feb|febr|févr|fev|mar|mär|märz|mars|mrt|mrz|apr|avr|abr|may|mai|maj|mei|mag"
    r"|maio|jun|juin|giu|jul|juil|lug|aug|août|ago|sep|sept|set|oct|okt|ott|out|nov|dec|dez|dic|déc"
)
_DATED = rf"(?i)^(?:\d{{1,2}}[-./ ]+(?:{_MONTH})\.?|(?:{_MONTH})\.?[-./ ]+\d{{1,2}})$"


def labelled(x: str, scale: Scale) -> str:
    """Return the SQL of the number of an answer that stands with a label at either end of it.

    It is NULL where the label holds a number itself or is the name of a month, and where a dash
    before the number may be its sign: on scales that run below zero. ``8/10`` is 8 of a scale up
    to 10, ``★★★☆☆`` is 3, and ``(8)`` is 8 where no answer is below zero.
    """
    cell = trimmed(f"replace({x}, {text(chr(0xFE0F))}, '')")
    dash = _DASH if scale.minimum >= 0 else ""
    first = rf"{_BEGIN}([+\-−]?{_NUMBER})(?:[{_BETWEEN}{_DASH}]+{_REST}{_WORD}|{_UNSPACED}){_REST}$"
    signed = rf"^{_REST}{_WORD}{_REST}(?:[:：=＝(（\[]|[{_DASH}]\s)\s*([+\-−]{_NUMBER}){_END}"
    apart = rf"[{_BETWEEN}{dash}!?'\"…“”’»]*[{_BETWEEN}{dash}]"
    plain = rf"^{_REST}(?:{_WORD}{apart}|{_UNSPACED})({_NUMBER}){_END}"
    of_all = rf"^({_NUMBER}){_OF}0*{scale.maximum:g}$"
    alone = [rf"^[(\[]({_NUMBER})[)\]]$"] if scale.minimum >= 0 else []
    numbers = [_extracted(cell, pattern) for pattern in (first, signed, plain, of_all, *alone)]
    read = f"coalesce({', '.join([*numbers, _stars(cell, scale)])})"
    return f"CASE WHEN NOT {dated(cell)} THEN {read} END"


def dated(x: str) -> str:
    """Return the condition that a cell is a day of a month, such as ``10-Aug``."""
    return f"regexp_matches({trimmed(x)}, {text(_DATED)})"


def _extracted(cell: str, pattern: str) -> str:
    found = f"nullif(regexp_extract({cell}, {text(pattern)}, 1), '')"
    return f"try_cast(replace(replace({found}, ',', '.'), '−', '-') AS DOUBLE)"


def _stars(cell: str, scale: Scale) -> str:
    """Return the SQL of the number of full stars; empty ones add up to the scale's maximum."""
    full = f"length(regexp_replace({cell}, '[☆✩]', '', 'g'))"
    whole = f"(length({cell}) = {scale.maximum:g} OR {full} = length({cell}))"
    return f"CASE WHEN regexp_full_match({cell}, '[★⭐]+[☆✩]*') AND {whole} THEN {full} END"


def doubtful(x: str) -> str:
    """Return the condition that a cell holds a label, and a number at an end of it."""
    begins = rf"{_BEGIN}[+\-−]?{_NUMBER}(?:[{_BETWEEN}{_DASH}]|{_UNSPACED})"
    ends = rf"(?:[{_BETWEEN}{_DASH}+]|{_UNSPACED}){_NUMBER}{_END}"
    return f"regexp_matches({trimmed(x)}, {text(f'{begins}|{ends}')}) AND " + (
        f"regexp_matches({x}, {text(_WORD)})"
    )


def made_dates(cell: Cell, rows: str, found: str) -> DataError:
    """Return the refusal of dates that a spreadsheet made of answers."""
    return DataError(
        f"{cell} holds dates ({rows}), {found}",
        "a spreadsheet makes them of answers such as 8/10, and whether the day or the month was "
        "the answer is not plain",
        "Export the answers as text or as plain numbers, or say which number each date is: "
        'answers = {"10-Aug" = 8} under [scale], beside its kind',
    )


def doubted(cell: Cell, rows: str, found: str) -> DataError:
    """Return the refusal of labels that hold a second number, or whose dash may be a sign."""
    return DataError(
        f"{cell} holds labels in which it is not plain which number is meant ({rows}), {found}",
        "a label holds its answer at one end, and no other number; on a scale below zero the sign "
        "stands in brackets or first",
        'Say which number each is, such as answers = {"Top 2 - 5" = 5} under [scale], or which '
        "are no answer: missing = [...]",
    )
