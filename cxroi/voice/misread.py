"""Comments that contradict their score: who praises and gives the worst score misread the scale.

A comment contradicts its score where it stands beside a score of the worst group and sounds as
comments of the best group typically do (their median, a tenth of the way to that of the worst
short of it); or the other way round. So somewhat more than half of those who misread the scale are
counted, and few others; and that only where tone and score agree otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..moments.influence import mean, normal_interval, std_error
from ..results.estimate import CONF_LEVEL, Estimate
from .shares import share_of

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers
    from .comments import Comments

SHORT = 0.1  # of the way between what both groups typically sound like
CAN_TELL = 0.4  # lower end of the correlation of tone and score
UNITS = "normal interval, errors by customer, or account where declared"


def contradictions(tone: Floats, good: Floats, agreement: Estimate) -> tuple[Flags, str]:
    """Return which comments contradict their score; none, and why, where tone cannot tell.

    Parameters
    ----------
    good
        By comment: 1 in the best group, -1 in the worst, else 0.
    agreement
        Of tone and score.
    """
    none = np.zeros(len(tone), dtype=bool)
    best, worst = tone[good == 1], tone[good == -1]
    if not len(best) or not len(worst):
        return none, "no comment of the best group, or of the worst"
    if agreement.conf_low is None or not agreement.conf_low >= CAN_TELL:
        return none, "what comments sound like goes too little with their scores"
    praise, blame = float(np.median(best)), float(np.median(worst))
    short = SHORT * (praise - blame)
    praise, blame = praise - short, blame + short
    return ((good == -1) & (tone >= praise)) | ((good == 1) & (tone <= blame)), ""


def without(comments: Comments, contradicting: Flags) -> tuple[Estimate, ...]:
    """Return their share, and the headline score with all answers, without them, and the change."""
    answers = comments.answers
    weights = answers["weight"].to_numpy(dtype=float)
    left_out = np.zeros(len(answers), dtype=bool)
    left_out[comments.place[contradicting]] = True
    units = comments.units
    share = share_of(
        contradicting,
        weights[comments.place],
        units[comments.place],
        "voice.misread.share",
        "share of comments",
        "comments that sound like the best group beside a score of the worst, or the other way "
        "round",
        "contradict their score",
    )
    values = answers["value"].to_numpy(dtype=float)
    every, moved = _mean(values, weights)
    kept, moved_kept = _mean(values, weights * ~left_out)
    unit = comments.score.scale.score_unit
    size = len(answers)
    rest = size - int(left_out.sum())
    return (
        share,
        _normal(every, moved, units, "voice.misread.all", unit, size, "all answers"),
        _normal(kept, moved_kept, units, "voice.misread.without", unit, rest, "without them"),
        _normal(
            kept - every,
            moved_kept - moved,
            units,
            "voice.misread.change",
            unit,
            size,
            "without - all",
        ),
    )


def _mean(values: Floats, weights: Floats) -> tuple[float, Floats]:
    value, moved = mean(values, weights)
    return value, np.asarray(moved)


def _normal(
    value: float, moved: Floats, units: Integers, name: str, unit: str, n: int, term: str
) -> Estimate:
    error = std_error(moved, units)
    low, high = normal_interval(value, error, CONF_LEVEL)
    return Estimate(
        name, value, low, high, error, unit, n, f"weighted mean of answers, {UNITS}",
        term=term, contrast=term if " - " in term else "",
    )  # fmt: skip
