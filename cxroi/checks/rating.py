"""Rating: how far an answer may be rested on, by one written rule, and what it may then claim.

As GRADE does for medical evidence (Guyatt and others, BMJ 336 (2008), 924-926), the rating
starts from what kind of evidence it is and is lowered for named reasons. Scores are observed,
not assigned, so it starts at moderate.

| found, of an outcome that carries money | what follows |
|---|---|
| leakage or overlap failed | none: the verdict is withdrawn, nothing is claimed |
| another check failed (power aside) | one level lower for each check |
| outcomes without dates | one level lower: they may have come before the answers |
| nothing known of the outcome before the answers (retention aside) | one level lower |
| over a tenth of a table's rows faulty, or of nobody; an outcome unknown for so many | one lower |
| over half of them | two lower |
| over half of the answers too recent | one level lower |
| checks that were not run | one level lower |
| power failed | nothing: the interval says it, and is in the money |
| none of these, no warning (power aside), a placebo passed, and the same within customers | high |

What may be claimed: at high and moderate, what the figures say; at low never "expected to pay"
nor "useful"; at none nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..effects.verdicts import NOT_SHOWN, USEFUL, WITHDRAWN
from ..results.estimate import Estimate
from ..results.formats import listed
from .result import FAILED, NOT_POSSIBLE, PASSED, WARNING, Check
from .tools.premises import readable

if TYPE_CHECKING:
    from ..effects.verdicts import Verdict
    from .tools.grounds import Grounds

NONE, LOW, MODERATE, HIGH = LEVELS = ("none", "low", "moderate", "high")
START = LEVELS.index(MODERATE)
WITHDRAWS = ("leakage", "overlap")
NOT_RATED = "power"
SCORE = "score"
NOTHING = "no gap could be estimated, so there is nothing to rate"
VERDICTS = (FAILED, WARNING, PASSED, NOT_POSSIBLE)
# What a failed check means, as a clause.
MEANS: Mapping[str, str] = MappingProxyType(
    {
        "leakage": "an input or the score itself gives {} away",
        "overlap": "too few in the one group are like those in the other to compare {}",
        "placebo": "the groups differed in {} before the answers already (placebo): the gap "
        "is not shown to be an effect",
        "confounding": "something not measured, no stronger than a control that is known, could "
        "be all there is to the gap in {}",
        "sensitivity": "another reasonable model or window turns the gap in {} round",
        "backtest": "what an earlier run expected in {} did not come about",
        "nonresponse": "weighted to resemble all who were invited, the gap in {} turns round",
        "regression_to_mean": "one answer says nothing of the same customer's next, so moves "
        "between groups may be chance",
    }
)
OBSERVED = "scores are observed, not assigned, and nothing found lowers that"
AGREES = "no check fails or warns, and the same customers in other waves show the same"


@dataclass(frozen=True)
class Rating:
    """How far an answer may be rested on, and why.

    Attributes
    ----------
    level
        ``high``, ``moderate``, ``low`` or ``none``.
    reasons
        What lowered or raised it, as clauses; never empty.
    withdrawn
        Outcomes whose verdict is withdrawn.
    outcomes
        Those it is about.
    counts
        How many checks of them failed, warned, passed and were not possible.
    """

    level: str
    reasons: tuple[str, ...]
    withdrawn: tuple[str, ...]
    outcomes: tuple[str, ...]
    counts: Mapping[str, int]

    @property
    def carries(self) -> bool:
        """Whether a claim may rest on it."""
        return self.level in (HIGH, MODERATE)

    @property
    def sentence(self) -> str:
        """The rating and its reasons."""
        return f"The evidence is rated {self.level}: {'; '.join(self.reasons)}."

    @property
    def entry(self) -> Estimate:
        """The entry of results, ``rating``."""
        return Estimate(
            name="rating",
            estimate=float(LEVELS.index(self.level)),
            conf_low=None,
            conf_high=None,
            std_error=None,
            unit="0 none, 1 low, 2 moderate, 3 high",
            n=sum(self.counts.values()),
            method="written rule over checks, data and time order; n counts checks",
            note=f"{self.level}: {'; '.join(self.reasons)}",
        )


def rate(
    checks: Sequence[Check], grounds: Grounds, outcomes: tuple[str, ...], *, moves: bool = True
) -> Rating:
    """Rate what is said of some outcomes by the rule of this module.

    Parameters
    ----------
    outcomes
        What the answer rests on.
    moves
        Whether it is about moving customers, so that checks of the score count.
    """
    about = {*outcomes, SCORE} if moves else {*outcomes}
    found = [check for check in checks if check.outcome in about]
    failed = _failed(found)
    lowered = [
        *((1, _means(name, of)) for name, of in failed.items() if name != NOT_RATED),
        *_doubts(grounds, outcomes),
    ]
    withdrawn = {of: None for name in WITHDRAWS for of in failed.get(name, ())}
    level = LEVELS[max(0, START - sum(levels for levels, _ in lowered))]
    reasons = tuple(dict.fromkeys(reason for _, reason in lowered))
    if not lowered and _rises(found, grounds, outcomes):
        level, reasons = HIGH, (AGREES,)
    if grounds.verdicts and all(v.contrast is None for v in grounds.verdicts):
        level, reasons = NONE, (NOTHING,)
    return Rating(
        level=NONE if withdrawn else level,
        reasons=reasons or (OBSERVED,),
        withdrawn=tuple(withdrawn),
        outcomes=outcomes,
        counts={verdict: sum(c.verdict == verdict for c in found) for verdict in VERDICTS},
    )


def bounded(checks: Sequence[Check], grounds: Grounds) -> Iterator[Verdict]:
    """Yield the verdicts with what the rating of each outcome leaves of them."""
    for verdict in grounds.verdicts:
        rating = rate(checks, grounds, (verdict.outcome,), moves=False)
        why = "; ".join(rating.reasons)
        if rating.withdrawn and verdict.contrast is not None:
            yield replace(verdict, kind=WITHDRAWN, reason=why)
        elif verdict.kind == USEFUL and not rating.carries:
            reason = f"{verdict.reason}; but the evidence is rated {rating.level}: {why}"
            yield replace(verdict, kind=NOT_SHOWN, reason=reason)
        else:
            yield verdict


def _failed(found: Sequence[Check]) -> dict[str, list[str]]:
    """Return the outcomes of each check that failed, those that withdraw a verdict first."""
    failed: dict[str, list[str]] = {}
    for check in sorted(found, key=lambda check: check.name not in WITHDRAWS):
        if check.verdict == FAILED:
            failed.setdefault(check.name, []).append(check.outcome)
    return failed


def _means(name: str, outcomes: Sequence[str]) -> str:
    clause = MEANS[name].format(listed([readable(outcome) for outcome in outcomes]))
    withdrawn = " (verdict withdrawn)" if name in WITHDRAWS else ""
    return f"{clause}{withdrawn}"


def _doubts(grounds: Grounds, outcomes: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield by how much, and why, the rating is lowered beside failed checks."""
    for doubt in grounds.doubts:
        own = [readable(name) for name in doubt.outcomes if name in outcomes]
        if own or not doubt.outcomes:
            yield doubt.levels, doubt.reason.format(listed(own) if own else "")
    if grounds.unasked:
        yield 1, f"not run: {listed([name.replace('_', ' ') for name in grounds.unasked])}"


def _rises(found: Sequence[Check], grounds: Grounds, outcomes: tuple[str, ...]) -> bool:
    warned = any(c.verdict == WARNING and c.name != NOT_RATED for c in found)
    placebo = any(c.name == "placebo" and c.verdict == PASSED for c in found)
    return not warned and placebo and bool(outcomes) and outcomes[0] in grounds.agreeing
