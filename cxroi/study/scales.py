"""NPS, CSAT, CES, custom: bounds, direction, words for answers, cuts into 2 to 5 groups."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StudyError, nearest
from .answers import Codes, codes_of, several_answers, words_of_two

KINDS = ("nps", "csat", "ces", "custom")

_LABELS = {
    "nps": ("detractor", "passive", "promoter"),
    "csat": ("dissatisfied", "neutral", "satisfied"),
    "ces": ("difficult", "neutral", "easy"),
}
_TWO_LABELS = {"csat": ("dissatisfied", "satisfied"), "ces": ("difficult", "easy")}
_QUANTILE_LABELS = {
    2: ("worse half", "better half"),
    3: ("worst third", "middle third", "best third"),
    4: ("worst quarter", "second quarter", "third quarter", "best quarter"),
    5: ("worst fifth", "second fifth", "middle fifth", "fourth fifth", "best fifth"),
}
# Lower bounds of the second and third group as shares of the way from worst to best: CSAT
# takes 4 and 5 of 5 as satisfied (metrics in common use); CES takes 5 to 7 of 7 as easy.
_RELATIVE_CUTS = {"csat": (0.5, 0.75), "ces": (0.34, 0.66)}
_DEFAULT_RANGE = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}


@dataclass(frozen=True)
class Scale:
    """A survey scale and how its answers fall into groups, worst to best.

    Attributes
    ----------
    kind
        ``nps``, ``csat``, ``ces`` or ``custom``.
    metric
        Name of the score in results, by default the kind.
    minimum, maximum
        Bounds of a valid answer, both included.
    better
        ``higher`` or ``lower``: which end of the scale is good.
    cuts
        In the order of the numbers: the lowest answer of the second group, of the third ...
        Empty for quantile groups.
    labels
        Names of the groups, worst to best.
    missing
        Answers that stand for a blank, such as 11 or ``offered``.
    quantiles
        Number of equally large groups, or 0 where `cuts` decides.
    fractional
        Whether answers between whole numbers are valid. One belongs to the group whose lowest
        answer it has reached: of NPS 8.5 and 8.99 are passive.
    codes
        Answers as they stand in the data, such as ``good``, and the number of each.
    maximum_unused
        Whether it is right that nobody gave `maximum`, though the answer below it is frequent.
    """

    kind: str
    metric: str
    minimum: float
    maximum: float
    better: str
    cuts: tuple[float, ...]
    labels: tuple[str, ...]
    missing: tuple[float | str, ...] = ()
    quantiles: int = 0
    fractional: bool = False
    codes: Codes = ()
    maximum_unused: bool = False

    @property
    def labels_by_number(self) -> tuple[str, ...]:
        """Names of the groups in the order of the answers, smallest first."""
        return self.labels if self.better == "higher" else self.labels[::-1]

    @property
    def title(self) -> str:
        """The metric as a reader is told of it: NPS, CSAT, CES, its own name, or "score"."""
        if self.metric != self.kind:
            return self.metric.replace("_", " ")
        return "score" if self.kind == "custom" else self.metric.upper()

    def describe(self) -> tuple[str, ...]:
        """Name each group with its answers, worst to best, such as ``passive (7 to 8)``."""
        if self.quantiles:
            return self.labels
        bounds = (self.minimum, *self.cuts, self.maximum)
        whole = not self.fractional and all(float(bound).is_integer() for bound in bounds)
        ranges = []
        for position, (low, high) in enumerate(itertools.pairwise(bounds)):
            last = position == len(bounds) - 2
            end = high - 1 if whole and not last else high
            upper = f"{end:g}" if whole or last else f"under {end:g}"
            ranges.append(f"{low:g}" if low == end else f"{low:g} to {upper}")
        named = [f"{n} ({r})" for n, r in zip(self.labels_by_number, ranges, strict=True)]
        return tuple(named if self.better == "higher" else named[::-1])

    @property
    def two_answers(self) -> bool:
        """Whether there are two answers, each a group: a trend over them is the gap."""
        codes = {number for _, number in self.codes}
        two = self.maximum - self.minimum == 1 or len(codes) == 2
        return two and len(self.labels) == 2 and not self.fractional

    @property
    def score_unit(self) -> str:
        """Unit of the headline score: NPS points, per cent in the best group, or scale points."""
        if self.kind == "nps":
            return "NPS points"
        if self.kind == "csat" and not self.quantiles:
            return "% satisfied"
        return f"% {self.labels[-1]}" if self.two_answers else "scale points"


def make_scale(table: Mapping[str, Any]) -> Scale:
    """Build a scale from the ``[scale]`` table of a study file.

    Raises
    ------
    StudyError
        Unknown kind, missing direction, impossible bounds or cuts, or labels that do not fit.

    Examples
    --------
    >>> make_scale({"kind": "nps"}).cuts
    (7.0, 9.0)
    >>> make_scale({"kind": "csat"}).cuts
    (3.0, 4.0)
    >>> make_scale({"kind": "ces", "better": "lower"}).cuts
    (4.0, 5.0)
    """
    codes = codes_of(table)
    kind = table.get("kind", "custom" if codes else "nps")
    if kind not in KINDS:
        raise StudyError(f"[scale] kind is {kind!r}", fix=nearest(str(kind), KINDS))
    if not table.get("metric", kind).strip():
        raise StudyError("[scale] metric is empty", fix="Give it a name, or leave it out")
    minimum, maximum = _bounds(kind, table, codes)
    better = _direction(kind, table)
    quantiles = int(table.get("quantiles", 0))
    cuts = () if quantiles else _cuts(kind, table, minimum, maximum, better, codes)
    labels = _labels(kind, table, quantiles or len(cuts) + 1, words_of_two(codes, better))
    two = maximum - minimum == 1 and cuts == (maximum,)
    fractional = kind == "custom" and not codes and not two
    fractional |= several_answers(table) == "mean" or any(n % 1 != 0 for _, n in codes)
    return Scale(
        kind=kind,
        metric=str(table.get("metric", kind)),
        minimum=minimum,
        maximum=maximum,
        better=better,
        cuts=cuts,
        labels=labels,
        missing=tuple(table.get("missing", ())),
        quantiles=quantiles,
        fractional=bool(table.get("fractional", fractional)),
        codes=codes,
        maximum_unused=bool(table.get("maximum_unused", False)),
    )


def _bounds(kind: str, table: Mapping[str, Any], codes: Codes) -> tuple[float, float]:
    low, high = _DEFAULT_RANGE.get(kind, (None, None))
    if kind == "custom" and codes:
        low, high = min(number for _, number in codes), max(number for _, number in codes)
    low, high = table.get("minimum", low), table.get("maximum", high)
    if low is None or high is None:
        raise StudyError(
            "[scale] of kind 'custom' has no bounds", fix="Give it minimum and maximum"
        )
    if kind == "nps" and (low not in (0, 1) or high != 10):
        raise StudyError(
            f"[scale] of kind 'nps' runs from {low:g} to {high:g}",
            "an NPS answer is 0 to 10, or 1 to 10 where minimum = 1 is declared",
            "Declare kind = 'csat' or 'custom' for another scale",
        )
    if not low < high:
        raise StudyError(f"[scale] minimum {low:g} is not below maximum {high:g}")
    outside = [word for word, number in codes if not low <= number <= high]
    if outside:
        raise StudyError(
            f"[scale] answers gives {outside[0]!r} a number outside the scale",
            f"an answer is {low:g} to {high:g}",
            "Declare the scale's minimum and maximum",
        )
    return float(low), float(high)


def _direction(kind: str, table: Mapping[str, Any]) -> str:
    better = table.get("better")
    if kind == "ces" and better is None:
        raise StudyError(
            "[scale] of kind 'ces' has no direction",
            "effort scales run both ways, and the direction is never guessed",
            "Add better = 'higher' (7 = very easy) or better = 'lower' (7 = much effort)",
        )
    if better not in (None, "higher", "lower"):
        raise StudyError(f"[scale] better is {better!r}", "it is 'higher' or 'lower'")
    if kind in ("nps", "csat") and better == "lower":
        raise StudyError(
            f"[scale] of kind {kind!r} is declared better = 'lower'",
            f"for {kind.upper()} a higher answer is better",
            "Declare kind = 'custom' for a scale that runs the other way",
        )
    return better or "higher"


def _cuts(
    kind: str,
    table: Mapping[str, Any],
    minimum: float,
    maximum: float,
    better: str,
    codes: Codes,
) -> tuple[float, ...]:
    if kind == "nps" and "cuts" not in table:
        return (7.0, 9.0)
    if "cuts" in table:
        cuts = tuple(float(cut) for cut in table["cuts"])
    elif kind == "custom" and len({number for _, number in codes}) == 2:
        return (maximum,)
    elif kind == "custom":
        raise StudyError(
            "[scale] of kind 'custom' has neither cuts nor quantiles",
            fix="Add cuts = [lowest answer of the second group, of the third ...] or quantiles = 3",
        )
    else:
        shares = _RELATIVE_CUTS[kind]
        cuts = tuple(sorted(_bound(share, minimum, maximum, better) for share in shares))
        if maximum - minimum == 1 and not table.get("fractional"):  # two answers, two groups
            cuts = (maximum,)
    if list(cuts) != sorted(set(cuts)) or not all(minimum < cut <= maximum for cut in cuts):
        raise StudyError(
            f"[scale] cuts are {list(cuts)}",
            f"cuts rise and lie above {minimum:g} and up to {maximum:g}",
        )
    return cuts


def _bound(share: float, minimum: float, maximum: float, better: str) -> float:
    """Return the lowest answer of the upper group for a cut at `share` from worst to best."""
    import math

    steps = maximum - minimum
    best = math.ceil(round(share * steps, 9))
    return minimum + best if better == "higher" else maximum - best + 1


def _labels(
    kind: str, table: Mapping[str, Any], count: int, words: tuple[str, ...]
) -> tuple[str, ...]:
    if not 2 <= count <= 5:
        raise StudyError(f"[scale] makes {count} groups", "customers are compared in 2 to 5 groups")
    named = _LABELS if count > 2 else _TWO_LABELS
    default = _QUANTILE_LABELS[count] if table.get("quantiles") else named.get(kind, words)
    if len(default) != count:
        default = tuple(f"group {position}" for position in range(1, count + 1))
    labels = tuple(str(label) for label in table.get("labels", default))
    if len(labels) != count or len(set(labels)) != count:
        raise StudyError(
            f"[scale] labels are {list(labels)}", f"there are {count} groups, worst to best"
        )
    dotted = [label for label in labels if "." in label or not label.strip()]
    if dotted:
        raise StudyError(
            f"[scale] labels hold {dotted[0]!r}",
            "a label is not blank and has no dot, which parts the names of results",
            f"Write {dotted[0].replace('.', ',').strip() or 'group 1'!r}",
        )
    return labels


def check_pair(
    section: str, origin: str, target: str, labels: tuple[str, ...]
) -> Iterator[StudyError]:
    """Yield a problem for each group that the scale does not have, or for a pair of one."""
    for key, group in (("from", origin), ("to", target)):
        if group not in labels:
            yield StudyError(f"[{section}] {key} is {group!r}", fix=nearest(str(group), labels))
    if origin == target:
        yield StudyError(f"[{section}] moves customers from {origin!r} to {target!r}")
