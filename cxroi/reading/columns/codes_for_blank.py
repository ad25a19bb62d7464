"""Numbers that look like codes for a blank, such as -1 or 99999: a reader is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..staging import Cell
from .numbers import Typed
from .probe import Probe
from .shares import share

_OFTEN = 5  # rows with one code
_FAR = 5  # times the next number
_ZEROS, _RARER = 0.15, 20  # share of answers of 0 that are many, and times as many as of 1


def warned_of_codes(probe: Probe, cell: Cell, typed: Typed, where: str) -> Typed:
    """Warn where the end of a column is -1 or nothing but nines, often given and far off.

    Parameters
    ----------
    where
        What of the study file takes the codes.
    """
    if typed.kind != "DOUBLE":
        return typed
    x = typed.sql
    least, most = probe.ask(f"min({x})", f"max({x})")
    said = list(typed.warnings)
    for end, other in ((least, "min"), (most, "max")):
        if end is None or not _is_code(end) or (other == "min" and end > 0):
            continue
        rows, following = probe.ask(
            f"count(*) FILTER ({x} = {end!r})", f"{other}({x}) FILTER ({x} <> {end!r})"
        )
        if rows < _OFTEN or following is None:
            continue
        near = max(following, 0) if end > 0 else -min(following, 0)
        if _FAR * near <= abs(end):
            sentence = f"{cell} holds {end:.0f} ({rows:,} rows), far from all others: if it stands "
            said.append((rows, f"{sentence}for a blank, declare missing = [{end:.0f}] {where}"))
    return replace(typed, warnings=tuple(said))


def _is_code(number: float) -> bool:
    """Whether a number is -1, 99, 999, -9, -99 ..."""
    digits = f"{abs(number):.0f}"
    nines = number == int(number) and set(digits) == {"9"} and (number < 0 or number >= 99)
    return nines or number == -1


def zeros_for_none(cell: Cell, answers: int, zeros: int, ones: int) -> Iterator[tuple[int, str]]:
    """Yield a warning of so many answers of 0, beside so few of 1, that they may be none."""
    if zeros >= _ZEROS * answers and zeros >= _RARER * ones:
        yield (
            zeros,
            f"{cell} holds 0 ({share(zeros, answers)}), but 1 only {ones:,} times: if 0 stands for "
            "no answer, declare missing = [0] under [scale]",
        )
