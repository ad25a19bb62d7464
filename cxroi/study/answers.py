"""Answers that are words, faces or other codes, and which of several answers counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.quoting import fold
from ..errors import StudyError

Codes = tuple[tuple[str, float], ...]


def several_answers(table: Mapping[str, Any]) -> str:
    """Return which of several answers counts, of a ``[scale]`` table: latest, first or mean."""
    answers = table.get("answers", "latest")  # which once said it
    return str(table.get("several", answers if isinstance(answers, str) else "latest"))


def codes_of(table: Mapping[str, Any]) -> Codes:
    """Return the answers whose number is declared, none of them twice or blank."""
    answers = table.get("answers", "")
    codes = {} if isinstance(answers, str) else answers
    folded = [fold(word) for word in (*codes, *map(str, table.get("missing", ())))]
    for word in codes:
        if folded.count(fold(word)) > 1 or not fold(word):
            raise StudyError(
                f"[scale] answers holds {word!r}"
                + (", which it or missing holds again" if fold(word) else ""),
                "an answer is a word that is not blank, and it or missing holds it once, "
                "whatever its case",
                "Delete it",
            )
    return tuple((word, float(number)) for word, number in codes.items())


def words_of_two(codes: Codes, better: str) -> tuple[str, ...]:
    """Return two words for two numbers, worst first; none where there are more."""
    named = {number: word for word, number in codes}
    if len(named) != 2 or len(codes) != 2:
        return ()
    words = tuple(named[number].strip() for number in sorted(named, reverse=better == "lower"))
    return () if any("." in word for word in words) else words  # which no label holds
