"""Blanks: cells that say nothing, in no words or in some, and declared codes."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...engine.quoting import among, texts, trimmed
from ..staging import Cell

# Texts that say nothing in ids, numbers and dates, in small letters; \N is how MySQL dumps NULL.
NOTHING = ("", "nan", "null", "none", "na", "n/a", "<na>", "#n/a", "nat", "\\n")


def blank(sql: str) -> str:
    """Return the condition that a text says nothing, in no words or in one of `NOTHING`."""
    return f"({sql} IS NULL OR lower({trimmed(sql)}) IN {texts(NOTHING)})"


def empty(sql: str) -> str:
    """Return the condition that there is no text at all."""
    return f"({sql} IS NULL OR {trimmed(sql)} = '')"


def blank_words(sql: str) -> str:
    """Return the aggregate that lists how often each word for blank occurs, as a map."""
    word = f"lower({trimmed(sql)})"
    return f"histogram({word}) FILTER (NOT {empty(sql)} AND {blank(sql)})"


def taken_as_blank(cell: Cell, words: dict[str, int] | None) -> tuple[tuple[int, str], ...]:
    """Return what the ledger says of words for blank, by word and count."""
    if not words:
        return ()
    named = ", ".join(f"'{word}'" for word in sorted(words))
    return ((sum(words.values()), f"{cell.column}: {named} taken as blank"),)


def is_number(code: object) -> bool:
    """Whether a declared code is a finite number, or the text of one."""
    try:
        return math.isfinite(float(str(code))) and not isinstance(code, bool)
    except ValueError:
        return False


def code_in(x: str, codes: Iterable[object]) -> str:
    """Return the condition that a text is one of some codes, numbers compared as numbers."""
    words = [str(code) for code in codes]
    numbers = [repr(float(word)) for word in words if is_number(word)]
    conditions = [among(x, words)] if words else []
    if numbers:
        conditions.append(f"coalesce(try_cast({x} AS DOUBLE) IN ({', '.join(numbers)}), false)")
    return f"({' OR '.join(conditions)})" if conditions else "false"


def number_in(x: str, codes: tuple[float, ...]) -> str:
    """Return the condition that a number is one of some codes."""
    return f"coalesce({x} IN ({', '.join(map(repr, codes))}), false)" if codes else "false"
