"""The rule: what an interval makes of a claim, alone and beside all the others.

Alone, of a 95 % interval:

- A claim of a **direction** (those with more satisfaction return less) holds where the whole
  interval lies on its side of no difference. It does not hold where the whole interval lies
  below the least that is worth the name, a tenth unless the claim says another.
- A claim with a **number** does not hold where the interval has no value in common with what is
  claimed: "60 to 70 %" is all between, "at least 16" 16 and more. It holds where the interval
  reaches what is claimed, lies on its side of no difference, and rules out half of the claimed
  effect, and for "about" the double: an interval that is so wide that it holds a number and its
  half confirms neither.
- Otherwise nobody can tell: the interval holds both the claim and its contrary.

Together: each verdict rests on one value that the interval had to leave out. Its p value (by
Student's t, from the arm of the interval that points there) is corrected by Benjamini and Hochberg
over all claims that were held against the data, those that are undecided included with 1. A
verdict whose p value is then 0.05 or more is taken back to "cannot tell": of the verdicts that are
left about one in twenty at most is expected to be wrong by chance. A claim of a direction to which
there is nothing holds in at most 1 of 40 studies, as one end of a 95 % interval has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..metrics.intervals import critical
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.multiplicity import benjamini_hochberg
from .claim import Said

HOLDS = "holds"
DOES_NOT = "does not hold"
CANNOT_TELL = "cannot tell"
NEEDS = "needs"
NOT_FOR_ONE = "not for one company to tell"
IN_WORDS = (
    "A claim of a direction holds where the whole 95 % interval lies on the claimed side of no "
    "difference; it does not where all of it lies below the least difference worth the name (a "
    "tenth, unless less or more matters). A claim with a number holds where the interval reaches "
    "the number and leaves out both half of it and double; it does not where the interval leaves "
    "out the number. Otherwise these tables cannot tell."
)


@dataclass(frozen=True)
class Ruling:
    """What an interval makes of a claim.

    Attributes
    ----------
    p_value
        Of the value that the interval had to leave out; 1 where it is undecided.
    """

    verdict: str
    p_value: float = 1.0


def rule(estimate: Estimate, said: Said) -> Ruling:
    """Return what the interval of an estimate alone makes of a claim.

    Examples
    --------
    >>> effort = Said(1.8, 1.8, null=1.0)
    >>> ours = Estimate("claim.effort", 1.9, 1.5, 2.3, 0.2, "times", 900, "ratio")
    >>> rule(ours, effort).verdict  # reaches 1.8, leaves out 1.4 and 2.6
    'holds'
    """
    if estimate.estimate is None or math.isnan(estimate.estimate):
        return Ruling(CANNOT_TELL)
    low = -math.inf if estimate.conf_low is None else estimate.conf_low
    high = math.inf if estimate.conf_high is None else estimate.conf_high
    if said.low is None or said.high is None:
        if low > said.null:
            return Ruling(HOLDS, _p(estimate, low, high, said.null))
        if high < said.null + said.least:
            return Ruling(DOES_NOT, _p(estimate, low, high, said.null + said.least))
        return Ruling(CANNOT_TELL)
    if high < said.low or low > said.high:
        end = said.low if high < said.low else said.high
        return Ruling(DOES_NOT, _p(estimate, low, high, end))
    half, double = too_little(said), too_much(said)
    if low > half and (high < double or math.isinf(double)):
        ends = [_p(estimate, low, high, end) for end in (half, double)]
        return Ruling(HOLDS, max(ends))
    return Ruling(CANNOT_TELL)


def too_little(said: Said) -> float:
    """Return the value that is half of the claimed effect."""
    return said.null + ((said.low or 0.0) - said.null) / 2


def too_much(said: Said) -> float:
    """Return the value that is double the claimed effect; infinite for "at least"."""
    return said.null + ((said.high or 0.0) - said.null) * 2


def _p(estimate: Estimate, low: float, high: float, value: float) -> float:
    """Return the p value of a value, by the arm of the interval that points to it."""
    from scipy import stats

    df = max(estimate.n - 2, 1)
    middle = float(estimate.estimate or 0.0)
    arm = middle - low if value < middle else high - middle
    if math.isinf(value):
        return 0.0
    if arm <= 0:
        return 0.0 if value != middle else 1.0
    return float(2 * stats.t.sf(critical(df) * abs(middle - value) / arm, df))


def together(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return the rulings that stand when all claims are looked at, with corrected p values."""
    if not rulings:
        return []
    corrected = benjamini_hochberg([ruling.p_value for ruling in rulings])
    return [
        Ruling(ruling.verdict if p < 1 - CONF_LEVEL else CANNOT_TELL, float(p))
        for ruling, p in zip(rulings, corrected, strict=True)
    ]


def how_far(estimate: Estimate, said: Said) -> str:
    """Return in words on which side of a claim ours lies; empty where it is not off to a side."""
    low, high = estimate.conf_low, estimate.conf_high
    if low is None or high is None:
        return ""
    if said.low is None or said.high is None:
        if high <= said.null - said.least:
            return "it is the other way round"
        if high < said.null + said.least:
            side = "" if low > said.null - said.least else " in this direction"
            return f"there is no difference worth the name{side}"
        return ""
    if low > said.high:
        return "ours is more than claimed"
    if high < said.low:
        return "ours is less than claimed"
    return ""
