"""Scales: which scale the answers of a column are of, by their range and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import Facts, label
from .likert import in_order, no_answer
from .words import rank

_NPS = (r"nps|net_?pro(moter)?|recommend|recomend|(weiter)?empf(ehl|iehl|ohlen)|how_likely",)
_EFFORT = (r"(^|_)ces(_|$)|effort|aufwand|easy|einfach",)
_SATISFIED = (r"csat|satisf|zufrieden|satisfac|stars?(_|$)|sterne",)
_GRADES = (r"(^|_|schul)noten?(_|$)|grade",)
_RARE = 0.1  # share of answers beyond the scale that may be codes of blanks


@dataclass(frozen=True)
class ScaleGuess:
    """Section ``[scale]`` that is guessed.

    Attributes
    ----------
    keys, grounds
        Its lines, and why.
    decide
        Key that a person must decide -> what is to be decided.
    perhaps
        Key -> a value that may be needed, commented out, and what is to be decided.
    """

    keys: Mapping[str, Any]
    grounds: Mapping[str, str] = field(default_factory=dict)
    decide: Mapping[str, str] = field(default_factory=dict)
    perhaps: Mapping[str, tuple[Any, str]] = field(default_factory=dict)


def guess_scale(column: Facts) -> ScaleGuess:
    """Return the scale that the answers of a column seem to be of."""
    if column.kind == "text":
        return _words(column)
    answers = {v: n for cell, n in column.counts.items() if (v := _answer(cell)) is not None}
    top, missing = _top(answers)
    low = min((value for value in answers if value not in missing), default=0)
    if column.high > 10 and not missing:
        return _custom(column)
    beyond: dict[str, Any] = {"missing": [int(v) for v in missing]} if missing else {}
    said = f"answers from {low:g} to {top:g}"
    why = {"missing": "beyond the scale; do they stand for a blank?"} if missing else {}
    if (rank(column.name, _NPS) >= 0 and top > 7) or (top > 7 and low == 0):
        ground = said + ("; an NPS answer is 0 to 10" if low == 0 else "")
        asked = {"minimum": (1, "0 was never given: was it asked from 1 to 10?")} if low else {}
        return ScaleGuess({"kind": "nps", **beyond}, {"kind": ground, **why}, perhaps=asked)
    if rank(column.name, _EFFORT) >= 0:
        better = {"better": "higher, or lower where a high answer means much effort"}
        keys = {"kind": "ces", "minimum": 1, "maximum": 5 if top <= 5 else 7, **beyond}
        return ScaleGuess(keys, {"kind": said, **why}, better)
    if (low, top) == (0, 1):
        return ScaleGuess({"kind": "custom", "minimum": 0, "maximum": 1}, {"kind": said})
    minimum = 0 if low == 0 else 1
    if top > 7 and rank(column.name, _SATISFIED) < 0:
        said += "; nps if it was asked from 0 to 10, or csat with minimum and maximum"
        return ScaleGuess(beyond, why, {"kind": said})
    if top in (5, 7, 10):
        keys = {"kind": "csat", "minimum": minimum, "maximum": int(top), **beyond}
        return ScaleGuess(keys, {"kind": said, **why})
    keys, ends = {"kind": "csat", "minimum": minimum, **beyond}, f"{top:g} or more"
    decide = {"maximum": f"does the scale end at {ends}? Nobody answered more"}
    if rank(column.name, _GRADES) >= 0:
        decide["better"] = "lower, where 1 is the best grade, or higher"
    return ScaleGuess(keys, {"kind": said, **why}, decide)


def _answer(cell: str) -> float | None:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return label(cell)


def _top(answers: Mapping[float, int]) -> tuple[float, list[float]]:
    """Return the highest answer of the scale, and rare ones above it, such as 11 or 99."""
    total = sum(answers.values())
    for maximum in (5, 7, 10):
        beyond = [value for value in answers if value > maximum]
        inside = [value for value in answers if value <= maximum]
        if inside and sum(answers[v] for v in beyond) <= _RARE * total:
            codes = [v for v in beyond if v > 10]
            if codes == beyond:
                return max(inside), sorted(codes)
    return max(answers, default=0), []


def _custom(column: Facts) -> ScaleGuess:
    keys = {"kind": "custom", "minimum": 0, "maximum": 100, "quantiles": 3}
    return ScaleGuess(
        keys,
        {
            "kind": f"answers from {column.low:g} to {column.high:g}",
            "quantiles": "three equally large groups; or cuts = [...] where the scale has its own",
        },
    )


def _words(column: Facts) -> ScaleGuess:
    nothing = [word for word in column.counts if no_answer(word)]
    words = [word for word in column.counts if word not in nothing]
    known = in_order(words)
    beyond: dict[str, Any] = {"missing": nothing} if nothing else {}
    ground = {"answers": "words for answers, the better ones higher: in the right order?"}
    effort = rank(column.name, _EFFORT) >= 0
    if len(known) == 2:
        return ScaleGuess({"answers": known, **beyond}, ground)
    if len(known) == 4:
        four = {"kind": "csat", "maximum": 4, "cuts": [3], "answers": known}
        return ScaleGuess({**four, **beyond}, ground)
    if known and not effort:
        keys = {"kind": "csat", "maximum": len(known), "answers": known}
        return ScaleGuess({**keys, **beyond}, ground)
    named = ", ".join(words[:6])
    return ScaleGuess(beyond, {}, {"answers": f"a number for each, such as {{good = 1}}: {named}"})
