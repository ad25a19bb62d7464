"""What the cells of a column look like: numbers, dates or texts, how many, in which range."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .words import ANY_DATE, DATES, plain

_BLANK = {"", "nan", "null", "none", "na", "n/a", "nat", "\\n"}  # which are read as blanks
_DASHES = {"-", "--", "–", "—", "?", "."}
_WORDS = 3  # different words that may stand for a blank in a column of dates
_DATED = 0.05  # share of its cells that are dates
_YEARS = (1990, 2100)  # beyond which no date is read
_COMMON = 40  # values of a column that are counted one by one
_MOSTLY = 0.99
_TOP = 10  # highest answer that has a label
_NUMBER = re.compile(
    r"[-+(]?\s*(?:[A-Z]{3}|[€$£¥])?\s*-?\d[\d.,' \u00a0\u202f]*"
    r"(?:\s*(?:%|[€$£¥]|[A-Z]{3}|kr|zł))?\)?"
)
_COMMA, _POINT = re.compile(r"\d,\d{1,2}\D*$"), re.compile(r"\d\.\d{1,2}\D*$")
_ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T,].*)?")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})(?:[ T,].*)?")
_EPOCH, _SERIAL = re.compile(r"1\d{9}(?:\d{3}){0,3}(?:\.0)?"), re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_LABELLED = re.compile(r"\s*(?:(\d{1,2})\s*[-–=:.(]?\s*\D+|\D+[-–=:(]\s*(\d{1,2})\)?)\s*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_TIME = re.compile(r"[ T]+\d{1,2}:\d{2}(:\d{2})?(?: *([AaPp][Mm]))?( *[+-]\d{2}:?\d{2}$)?")


_OFFSET = re.compile(
    r"[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: *[AaPp][Mm])?"
    r" *(?:(?:UTC|GMT)?([+-]\d{2}:?(?:\d{2})?)|(Z|UTC|GMT))?$"
)
_DATE_WORDS = "|".join((ANY_DATE, *(words for ranks in DATES.values() for words in ranks)))


@dataclass(frozen=True)
class Facts:
    """A column of a file, by the cells that were looked at.

    Attributes
    ----------
    sql
        The column in the table of texts.
    looked, held, distinct
        Cells looked at, those that are not blank, different ones among these.
    kind
        ``number``, ``date``, ``text`` or ``blank``.
    low, high, whole
        Of numbers: the range, and whether all are whole.
    decimal
        ``,`` where numbers are written with a decimal comma.
    order
        Of dates: ``ymd``, ``dmy``, ``mdy``, ``either`` (day and month cannot be told apart),
        ``excel`` (serial numbers) or ``epoch`` (seconds since 1970, or parts of them).
    date_format
        What a study file declares, where it has to.
    counts
        The commonest values.
    mails
        Whether they are e-mail addresses.
    timed, offsets, zone
        Of dates: whether they have a time of day; their offsets from UTC in minutes, 0 for UTC;
        the zone of a frame's times.
    missing
        Of dates and numbers: what stands for a blank and is not read as one.
    """

    name: str
    sql: str
    looked: int = 0
    held: int = 0
    distinct: int = 0
    kind: str = "blank"
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    decimal: str = ""
    order: str = ""
    date_format: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    mails: bool = False
    missing: tuple[str, ...] = ()
    timed: bool = False
    offsets: tuple[int, ...] = ()
    zone: str = ""

    @property
    def unique(self) -> bool:
        """Whether no value comes twice."""
        return 0 < self.held == self.distinct


def facts(name: str, sql: str, cells: Sequence[str | None]) -> Facts:
    """Return what the cells of a column look like."""
    texts = [str(cell).strip() for cell in cells if cell is not None]
    held = [text for text in texts if text.casefold() not in _BLANK]
    counted = Counter(held)
    known = Facts(
        name,
        sql,
        looked=len(cells),
        held=len(held),
        distinct=len(counted),
        counts=dict(counted.most_common(_COMMON)),
    )
    if not held:
        return known
    dashes = tuple(dict.fromkeys(cell for cell in held if cell in _DASHES))
    rest = [cell for cell in held if cell not in _DASHES]
    found = _date(known, rest) or _dates_and_words(known, rest) or _number(known, rest)
    if found is None or not rest:
        return _text(known, held)
    missing = (*found.missing, *dashes)
    counted = Counter(cell for cell in held if cell not in missing)
    found = _clock(found, counted) if found.kind == "date" else found
    return replace(
        found,
        held=counted.total(),
        distinct=len(counted),
        counts=dict(counted.most_common(_COMMON)),
        missing=missing,
    )


def _dates_and_words(known: Facts, held: Sequence[str]) -> Facts | None:
    """Return a column of dates with words for a blank among them, such as ``active``."""
    if not re.search(_DATE_WORDS, plain(known.name)):
        return None
    dates = [cell for cell in held if _ISO.fullmatch(cell) or _NUMERIC.fullmatch(cell)]
    words = dict.fromkeys(cell for cell in held if not cell[:1].isdigit())
    if len(dates) < _DATED * len(held) or len(words) > _WORDS:
        return None
    if len(dates) + sum(cell in words for cell in held) < len(held):
        return None
    found = _date(known, dates)
    return replace(found, missing=(*found.missing, *words)) if found else None


def _most(pattern: re.Pattern[str], held: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(cell)) for cell in held) >= _MOSTLY * len(held)


def _date(known: Facts, held: Sequence[str]) -> Facts | None:
    beyond = {
        cell for cell in set(held) if (year := _year(cell)) and not _YEARS[0] <= year < _YEARS[1]
    }
    if 0 < len(beyond) < _WORDS and sum(cell in beyond for cell in held) > len(beyond):
        found = _date(known, [cell for cell in held if cell not in beyond])
        return replace(found, missing=tuple(sorted(beyond))) if found else None
    if not held:
        return None
    if _most(_ISO, held):
        return replace(known, kind="date", order="ymd")
    if _most(_NUMERIC, held):
        order, written = _day_first([m for cell in held if (m := _NUMERIC.fullmatch(cell))])
        return replace(known, kind="date", order=order, date_format=_format(order, written, held))
    if re.search(_DATE_WORDS, plain(known.name)) and _most(_EPOCH, held):
        return replace(known, kind="date", order="epoch", date_format="epoch")
    if re.search(ANY_DATE, plain(known.name)) and _most(_SERIAL, held):
        return replace(known, kind="date", order="excel", date_format="excel")
    return None


def _clock(column: Facts, cells: Iterable[str]) -> Facts:
    """Return a column of dates with what its cells say of the time of day, and of its zone."""
    if column.order == "epoch":
        return replace(column, timed=True, offsets=(0,))
    clocks = [found for cell in cells if (found := _OFFSET.search(cell))]
    offsets = {_minutes(found[1]) for found in clocks if found[1] or found[2]}
    timed = column.order != "excel" and any(found[0].strip("T 0:.") for found in clocks)
    return replace(column, timed=timed, offsets=tuple(sorted(offsets)))


def _minutes(offset: str | None) -> int:
    if not offset:
        return 0
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if offset.startswith("-") else 1)


def _year(cell: str) -> int:
    if _ISO.fullmatch(cell):
        return int(cell[:4])
    found = _NUMERIC.fullmatch(cell)
    return int(found[4]) if found and len(found[4]) == 4 else 0


def _day_first(found: Sequence[re.Match[str]]) -> tuple[str, re.Match[str]]:
    """Return whether days come first, by those above 12, else by the dots of day.month.year."""
    days = any(int(m[1]) > 12 for m in found)
    months = any(int(m[3]) > 12 for m in found)
    dots = all(m[2] == "." for m in found)
    if days != months:
        return ("dmy" if days else "mdy"), found[0]
    return ("dmy" if dots and not months else "either"), found[0]


def _format(order: str, written: re.Match[str], held: Sequence[str]) -> str:
    """Return the date_format to declare: where the year has two digits or the order is not told."""
    settled = order != "either" and any(
        int(m[1]) > 12 or int(m[3]) > 12 for c in held if (m := _NUMERIC.fullmatch(c))
    )
    if len(written[4]) == 4 and settled:
        return ""
    mark, year = written[2], "%Y" if len(written[4]) == 4 else "%y"
    day = mark.join(("%m", "%d", year) if order == "mdy" else ("%d", "%m", year))
    time = _TIME.search(held[0])
    if time is None:
        return day
    clock = ("%I" if time[2] else "%H") + ":%M" + (":%S" if time[1] else "")
    return f"{day} {clock}{' %p' if time[2] else ''}{' %z' if time[3] else ''}"


def _number(known: Facts, held: Sequence[str]) -> Facts | None:
    zeros = any(cell.startswith("0") and cell[1:2].isdigit() for cell in held)
    if zeros or not _most(_NUMBER, held):
        return None
    comma = any(map(_COMMA.search, held)) and not any(map(_POINT.search, held))
    values = [v for cell in held if (v := _value(cell, comma)) is not None]
    if not values:
        return None
    return replace(
        known,
        kind="number",
        low=min(values),
        high=max(values),
        whole=all(value.is_integer() for value in values),
        decimal="," if comma else "",
    )


def _value(cell: str, comma: bool) -> float | None:
    digits = re.sub(r"[^\d.,-]", "", cell)
    plain_digits = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
    try:
        return float(plain_digits)
    except ValueError:
        return None


def _text(known: Facts, held: Sequence[str]) -> Facts:
    labelled = [label(cell) for cell in known.counts]
    numbers = [number for number in labelled if number is not None]
    if len(numbers) == len(labelled) < _COMMON and max(numbers) <= _TOP:
        low, high = min(numbers), max(numbers)
        return replace(known, kind="number", low=low, high=high, whole=True)
    return replace(known, kind="text", mails=_most(_MAIL, held))


def label(cell: str) -> float | None:
    """Return the number of an answer with its label, ``10 - Extremely likely`` or the reverse."""
    found = _LABELLED.fullmatch(cell)
    if found:
        return float(found[1] or found[2])
    return float(cell) if re.fullmatch(r"\d{1,2}(\.0)?", cell) else None
