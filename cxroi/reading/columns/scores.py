"""Typing at the boundary: survey answers, as numbers, labels or words, held against their scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...engine.quoting import among, one_row
from ...errors import DataError, nearest
from ...study.scales import Scale
from ...study.scores import DeclaredScore
from ..staging import Cell
from .blanks import blank, code_in, is_number, number_in
from .codes_for_blank import zeros_for_none
from .labels import LONGEST, labelled
from .numbers import Typed, fast_number, number
from .probe import Probe
from .shares import LIMIT, share

_OTHER_SCALE = 20  # an NPS answer above it is no code for a blank, but another scale
_NO_NPS = 7  # the largest answer of another scale that is mistaken for NPS
# Where an end that nobody gave is no accident, and where it may be one.
_MANY, _FREQUENT, _FREQUENT_SHARE, _SOME = 100, 20, 0.05, 5
_FLOATS = ("DOUBLE", "FLOAT")
_WORDS = (
    "Say under [scale] which number each word is: kind = {kind!r} and answers = {{word = number, "
    "...}}, and which are no answer: missing = [...]"
)


@dataclass(frozen=True)
class _Counts:
    """How often what was answered; `largest` is the end within a scale."""

    answers: int
    outside: int
    fractions: int
    tops: int
    below: int
    lower: int
    elevens: int
    zeros: int
    ones: int
    above: int
    most: float | None
    largest: float | None


def score(probe: Probe, cell: Cell, name: str, scale: Scale) -> Typed:
    """Type survey answers and hold them against their scale.

    Raises
    ------
    DataError
        More than 1 % of the answers lie outside the scale; an NPS coded 1 to 11, 0 to 5 or 0 to
        100, any scale whose codes are one too small; fractions on a scale of whole numbers; words
        whose number is not declared.
    """
    made = _coded if scale.codes else _plain
    typed, none = made(probe, cell, name, scale)
    x, low, high = typed.sql, scale.minimum, scale.maximum
    outside = f"({x} < {low!r} OR {x} > {high!r}) AND NOT {none}"
    counts = _counted(probe, x, none, scale)
    _refuse_other_codes(cell, scale, counts)
    _refuse_shorter(probe, cell, x, scale, counts)
    if counts.outside > LIMIT * counts.answers:
        raise DataError(
            f"{cell} holds {_values(probe, x, outside)}",
            f"an answer is {low:g} to {high:g}",
            "If such a value means blank, declare missing = [...] under [scale]; if the scale is "
            "another, its minimum and maximum",
        )
    if counts.fractions and not scale.fractional:
        raise DataError(
            f"{cell} holds answers between whole numbers "
            f"({share(counts.fractions, counts.answers)})",
            f"an answer of kind {scale.kind!r} is a whole number",
            "If they are averages, declare fractional = true under [scale]",
        )
    beyond = (outside, f"outside the scale {low:g} to {high:g}")
    faults = ((none, "no answer (declared missing code)"), beyond, *_no_answer(typed.faults, name))
    warnings = tuple(_warned(cell, scale, counts))
    return Typed(name, x, faults, typed.repaired, read=typed.read, warnings=warnings)


def score_beside(probe: Probe, cell: Cell, declared: DeclaredScore) -> Typed:
    """Type the answers of a score beside that of ``[scale]``, as ``score_NAME``.

    A row without an answer to it is kept: it may hold answers to others.

    Raises
    ------
    DataError
        As of `score`; what is said of ``[scale]`` is of ``[scores.NAME]``.
    """
    name = f"score_{declared.name}"
    try:
        typed = score(probe, cell, name, declared.scale)
    except DataError as error:
        raise error.about("[scale]", f"[scores.{declared.name}]") from None
    faults = " OR ".join(f"coalesce({condition}, false)" for condition, _ in typed.faults)
    if not faults:
        return typed
    sql = f"CASE WHEN NOT ({faults}) THEN {typed.sql} END"
    lost, read = probe.ask(
        f"count(*) FILTER (({faults}) AND ({typed.sql}) IS NOT NULL)", f"count({sql})"
    )
    said = (lost, f"{cell.column}: no answer of its scale, taken as blank")
    return replace(typed, sql=sql, faults=(), repaired=(*typed.repaired, said), read=read)


def _counted(probe: Probe, x: str, none: str, scale: Scale) -> _Counts:
    low, high, given = scale.minimum, scale.maximum, "NOT none"

    def count(condition: str) -> str:
        return f"count(*) FILTER ({condition} AND {given})"

    asked = (
        count("x IS NOT NULL"),
        count(f"(x < {low!r} OR x > {high!r})"),
        count(f"x BETWEEN {low!r} AND {high!r} AND x <> floor(x)"),
        count(f"x = {high!r}"),
        *(count(f"x = {high - n!r}") for n in (1, 2)),
        *(count(f"x = {n}") for n in (11, 0, 1)),
        count(f"x > {_OTHER_SCALE}"),
        f"max(x) FILTER ({given})",
        f"max(x) FILTER (x <= {high!r} AND {given})",
    )
    answers = f"SELECT {x} AS x, {none} AS none FROM {probe.stage.relation} WHERE fate = 0"
    return _Counts(*one_row(probe.connection, f"SELECT {', '.join(asked)} FROM ({answers})"))


def _plain(probe: Probe, cell: Cell, name: str, scale: Scale) -> tuple[Typed, str]:
    """Type answers that are numbers, with a label or without; return where one is declared none."""
    if cell.type == "BOOLEAN":
        raise DataError(
            f"{cell} is of type {cell.type}",
            "an answer is a number, or a word whose number is declared",
            "Add answers = {true = 1, false = 0} to [scale]",
        )
    plain = _without_words(cell, scale.missing)
    fix = _WORDS.format(kind=scale.kind)
    typed = number(probe, plain, name, needed=True, labels=scale, fix=fix)
    words = [code for code in scale.missing if not is_number(code)]
    if cell.type != "VARCHAR" or not words:
        return typed, number_in(typed.sql, _numbers(scale))
    among = f"coalesce({code_in(cell.sql, tuple(words))}, false)"
    return typed, f"({number_in(typed.sql, _numbers(scale))} OR {among})"


def _without_words(cell: Cell, codes: tuple[object, ...]) -> Cell:
    """Return the cell with the codes that are no finite numbers as blanks."""
    words = [str(code) for code in codes if not is_number(code)]
    if words and cell.type == "VARCHAR":
        return replace(cell, sql=f"CASE WHEN NOT {among(cell.sql, words)} THEN {cell.sql} END")
    if {"inf", "-inf"} & {word.strip().casefold() for word in words} and cell.type in _FLOATS:
        return replace(cell, sql=f"CASE WHEN NOT isinf({cell.sql}) THEN {cell.sql} END")
    return cell


def _numbers(scale: Scale) -> tuple[float, ...]:
    return tuple(float(code) for code in scale.missing if is_number(code))


def _coded(probe: Probe, cell: Cell, name: str, scale: Scale) -> tuple[Typed, str]:
    """Type answers whose numbers are declared, and others that are numbers by themselves.

    What is declared to be none is what stands in the file, not the number declared for it.

    Raises
    ------
    DataError
        An answer is neither. Where a declared code is a number, every number has to be declared.
    """
    x, texted = cell.sql, f"{cell.sql}::VARCHAR"
    itself = "NULL" if cell.type == "BOOLEAN" else f"try_cast({x} AS DOUBLE)"
    if cell.type == "VARCHAR":
        texted, itself = x, f"coalesce({fast_number(cell)}, {labelled(x, scale)})"
    if any(is_number(word) for word, _ in scale.codes):
        itself = "NULL"
    cases = [f"WHEN {code_in(texted, (word,))} THEN {n!r}" for word, n in scale.codes]
    mapped = f"CASE {' '.join(cases)} END"
    none = f"coalesce({code_in(texted, scale.missing)}, false)"
    none = f"({none} OR {number_in(itself, _numbers(scale))})"
    sql = f"CASE WHEN NOT {none} THEN coalesce({mapped}, {itself}) END::DOUBLE"
    unknown = f"{sql} IS NULL AND NOT {none} AND NOT {blank(texted)}"
    by_code = f"{mapped} IS NOT NULL AND NOT {none}"
    asked = (f"count(*) FILTER ({by_code})", f"count(*) FILTER ({unknown})", f"count({sql})")
    mended, bad, read = probe.ask(*asked)
    held = probe.ask(f"count(*) FILTER (NOT {blank(texted)})")[0] if bad else 0
    if bad:
        common = probe.common(texted, unknown, LONGEST)
        near = f"{nearest(common[0][0], [word for word, _ in scale.codes])} " if common else ""
        raise DataError(
            f"{cell} holds answers whose number is not declared ({share(bad, held)}), "
            f"{probe.examples(texted, unknown, LONGEST)}",
            "every answer that is no number of the scale stands in answers or missing of [scale]",
            f"{near}Add them to answers, such as {{good = 1}}, or to missing = [...] where they "
            "are no answer",
        )
    _refuse_between(probe, cell, sql, scale)
    repaired = ((mended, f"{cell.column}: an answer read as the number declared for it"),)
    return Typed(name, sql, ((f"{sql} IS NULL", f"no {name}"),), repaired, read=read), none


def _refuse_between(probe: Probe, cell: Cell, x: str, scale: Scale) -> None:
    """Refuse other numbers where the two declared answers are all there is, each a group."""
    ends = sorted({number for _, number in scale.codes})
    if scale.kind != "custom" or len(ends) != 2 or scale.cuts != (ends[1],):
        return
    others = f"{x} NOT IN ({ends[0]!r}, {ends[1]!r})"
    rows, held = probe.ask(f"count(*) FILTER ({others})", f"count({x})")
    if rows:
        raise DataError(
            f"{cell} holds other numbers beside the two declared answers ({share(rows, held)}): "
            + _values(probe, x, others),
            "of two answers each is a group, unless [scale] says of which scale they are",
            'If they are the ends of a longer scale, declare it beside answers: kind = "nps", or '
            "minimum, maximum and cuts; if the numbers are no answers, add them to missing",
        )


def _no_answer(faults: tuple[tuple[str, str], ...], name: str) -> Iterator[tuple[str, str]]:
    for condition, reason in faults:
        yield condition, "no answer" if reason == f"no {name}" else reason


def _values(probe: Probe, x: str, condition: str) -> str:
    rows = probe.connection.execute(
        f"SELECT {x} AS value, count(*) AS n FROM {probe.stage.relation} "
        f"WHERE fate = 0 AND {condition} GROUP BY value ORDER BY n DESC, value LIMIT 5"
    ).fetchall()
    return ", ".join(f"{value:g} ({n:,} rows)" for value, n in rows)


def _refuse_other_codes(cell: Cell, scale: Scale, counts: _Counts) -> None:
    if scale.kind == "nps":
        _refuse_other_scales(cell, counts)
    often = max(_FREQUENT, _FREQUENT_SHARE * counts.answers)
    if counts.answers >= _MANY and counts.below >= often and _top_unused(scale, counts, 50):
        raise DataError(
            f"{cell} holds {_one_too_small(scale, counts)}",
            f"an answer is {scale.minimum:g} to {scale.maximum:g}",
            "If each code is one too small, say under [scale] what it stands for: "
            f'kind = {scale.kind!r} and answers = {{"0" = 1, "1" = 2, ...}}; if it is right as it '
            "stands, add maximum_unused = true",
        )


def _refuse_shorter(probe: Probe, cell: Cell, x: str, scale: Scale, counts: _Counts) -> None:
    """Refuse answers of a shorter scale, of whose bounds CSAT and CES make their groups."""
    largest, top = counts.largest, scale.maximum
    if scale.kind not in ("csat", "ces") or scale.maximum_unused or counts.answers < _MANY:
        return
    if largest is None or not scale.minimum <= largest < top - 1:
        return
    asked = (f"count(*) FILTER ({x} = {end!r})" for end in (largest, largest - 1))
    given, below = probe.ask(*asked)
    if below and given >= max(_FREQUENT, _FREQUENT_SHARE * counts.answers):
        raise DataError(
            f"{cell} holds no answer above {largest:g} among {counts.answers:,}, but {largest:g} "
            f"is frequent ({share(given, counts.answers)})",
            f"a {scale.kind.upper()} answer is {scale.minimum:g} to {top:g} here",
            f"If the scale ends at {largest:g}, declare maximum = {largest:g} under [scale]; if it "
            "is right as it stands, add maximum_unused = true",
        )


def _top_unused(scale: Scale, counts: _Counts, times: int) -> bool:
    """Whether `maximum` is not given, or so many times rarer than the answer below it.

    Even at half the chance of an answer that is given 20 times, none at all has a probability of
    exp(-10). Answers that leave out more than the end are another matter.
    """
    rare = counts.tops * times <= counts.below if times else not counts.tops
    whole = bool(counts.lower) and scale.maximum - scale.minimum > 1
    return rare and whole and not scale.maximum_unused


def _one_too_small(scale: Scale, counts: _Counts) -> str:
    top, next_to = scale.maximum, scale.maximum - 1
    held = f"{top:g} only {counts.tops:,} times" if counts.tops else f"no {top:g}"
    return (
        f"{held} among {counts.answers:,} answers, but {next_to:g} is frequent "
        f"({share(counts.below, counts.answers)}), as it would be if every answer were written one "
        f"too low, {top:g} as {next_to:g}"
    )


def _refuse_other_scales(cell: Cell, counts: _Counts) -> None:
    answers, elevens, zeros, most = counts.answers, counts.elevens, counts.zeros, counts.most
    if counts.above > LIMIT * answers:
        raise DataError(
            f"{cell} holds values far above 10 ({share(counts.above, answers)}, up to {most:g})",
            "an NPS answer is 0 to 10",
            "Declare kind = 'csat' or 'custom' with its minimum and maximum; if such a value means "
            "blank, missing = [...] under [scale]",
        )
    rare = zeros <= LIMIT * answers and elevens > LIMIT * answers
    if elevens and (rare or not zeros) and answers >= 50 and most == 11:
        raise DataError(
            f"{cell} holds 11 ({elevens:,} rows) and {f'only {zeros:,} times' if zeros else 'no'} "
            "0, as if NPS were coded 1 to 11",
            "an NPS answer is 0 to 10",
            "If 11 means blank, declare missing = [11] under [scale]; else say what each code "
            'stands for: kind = "nps" and answers = {"1" = 0, "2" = 1, ...}',
        )
    if answers >= 30 and most is not None and 0 <= most <= _NO_NPS:
        raise DataError(
            f"{cell} holds no answer above {most:g} among {answers:,}",
            "an NPS answer is 0 to 10",
            "A scale of 1 to 5 is declared kind = 'csat', one of 0 to 5 or 1 to 7 kind = 'custom' "
            "with minimum and maximum",
        )


def _warned(cell: Cell, scale: Scale, counts: _Counts) -> Iterator[tuple[int, str]]:
    """Warn of an end of the scale that nobody gave, or too many, beside the answer next to it."""
    if counts.below >= _SOME and _top_unused(scale, counts, 0):
        yield 1, f"{cell} holds {_one_too_small(scale, counts)}."
    if scale.kind != "nps" or scale.minimum or counts.answers < _MANY:
        return
    yield from zeros_for_none(cell, counts.answers, counts.zeros, counts.ones)
    if not counts.zeros and counts.ones >= _SOME:
        held = f"no 0 among {counts.answers:,} answers, but {counts.ones:,} times 1"
        fix = "declare minimum = 1 under [scale]; the groups stay 1-6, 7-8 and 9-10"
        yield 1, f"{cell} holds {held}: if it was asked from 1 to 10, {fix}."
