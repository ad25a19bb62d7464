"""Claims for readers: what the field says, what our own tables say, and what to make of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..claims.examining import Claims, Examined
from ..claims.rule import (
    CANNOT_TELL,
    DOES_NOT,
    HOLDS,
    IN_WORDS,
    NEEDS,
    NOT_FOR_ONE,
    how_far,
)
from ..results.display import Table, Text
from ..results.formats import aligned, percent, whole_percent

if TYPE_CHECKING:
    from ..results.estimate import Estimate

_MORE = ("share of the mean", "share of what ")
_ASSOCIATION = (
    "All figures say what goes together in these tables, not what would follow if somebody changed "
    "it: customers with a better experience may differ in other ways too."
)


def table(found: Claims) -> Table:
    """Return a row a claim: what is claimed, ours with its interval, and the verdict."""
    import pandas as pd

    rows = [
        {
            "claim": one.claim.claim,
            "claimed": one.claim.number,
            "ours": _ours(one),
            "95 % interval": _interval(one.estimate),
            "n": one.estimate.n if one.estimate else 0,
            "verdict": _short(one),
        }
        for one in found.examined
    ]
    frame = pd.DataFrame(rows)
    return Table(frame.assign(n=[f"{n:,}" if n else "–" for n in frame["n"]]))


def basis(found: Claims) -> Table:
    """Return a row a claim: who says so, what the original rests on, what ours is."""
    import pandas as pd

    rows = [
        {
            "claim": one.claim.claim,
            "article": ", ".join(one.claim.articles),
            "the original rests on": one.claim.rests_on,
            "ours is": one.claim.measured or "–",
        }
        for one in found.examined
    ]
    return Table(pd.DataFrame(rows))


def _short(one: Examined) -> str:
    if not one.verdict.startswith(NEEDS):
        return one.verdict
    return NEEDS if one.estimate is None else f"{NEEDS} (ours is not the same thing)"


def summary(found: Claims) -> Text:
    """Return how many claims hold, by which rule, and what no figure says."""
    if not found.held:
        return Text(("None of the claims can be held against these tables; see what they need.",))
    kinds = (HOLDS, DOES_NOT, CANNOT_TELL, NEEDS, NOT_FOR_ONE)
    holds, not_so, unclear, need, others = (
        sum(one.verdict.split(":")[0] == kind for one in found.examined) for kind in kinds
    )
    return Text(
        (
            f"Of {len(found.examined)} claims {holds} {'holds' if holds == 1 else 'hold'}, "
            f"{not_so} {'does' if not_so == 1 else 'do'} not, of {unclear} these tables cannot "
            f"tell, {need} {'needs' if need == 1 else 'need'} what they do not have, and {others} "
            f"{'is' if others == 1 else 'are'} {NOT_FOR_ONE}. “Holds” means “goes together here”.",
            "As so many are looked at together, a verdict stands only if it would be rare by "
            "chance among all of them: of those that are given, about one in twenty at most is "
            "expected to be wrong for that reason.",
            "All that the tables cover counts, not one wave.",
            _ASSOCIATION,
        )
    )


def sentences(found: Claims) -> Text:
    """Return how verdicts are given, then of each claim its verdict, ours, and what to mind."""
    return Text((IN_WORDS, *(_sentence(one) for one in found.examined)), "list")


def _sentence(one: Examined) -> str:
    said = f"“{one.claim.claim}”: {_verdict(one)}."
    if one.estimate is not None:
        said += f" Ours, {one.claim.measured}: {_ours(one, whole=True)}"
        said += f" (95 % interval {_interval(one.estimate)})."
    if one.why:
        said += f" {one.why[0].upper()}{one.why[1:].rstrip('.')}."
    return f"{said} The original rests on {one.claim.rests_on}."


def _verdict(one: Examined) -> str:
    if one.estimate is None or one.claim.said is None or one.verdict != DOES_NOT:
        return one.verdict
    side = how_far(one.estimate, one.claim.said)
    return f"{one.verdict}, {side}" if side else one.verdict


def _ours(one: Examined, *, whole: bool = False) -> str:
    """Return ours with its unit, which is cut short in a table."""
    estimate = one.estimate
    if estimate is None:
        return "–"
    [shown] = _shown(estimate, [estimate.estimate])
    if _as_times(estimate):
        return f"{shown} times as {'many' if 'many more' in one.claim.measured else 'much'}"
    if estimate.unit.startswith("points"):
        return f"{shown} {estimate.unit if whole else 'points'}"
    return f"{shown} times" if estimate.unit.startswith("times") else shown


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.conf_low is None:
        return "–"
    low, high = _shown(estimate, [estimate.conf_low, estimate.conf_high])
    if estimate.conf_high is None or math.isinf(estimate.conf_high):
        return f"{low} or more" if math.isfinite(estimate.conf_low) else "without an end"
    return f"{low} to {high}"


def _as_times(estimate: Estimate) -> bool:
    """Return whether ours, so much more of a mean, is more than three times that mean."""
    return estimate.unit.startswith(_MORE) and (estimate.estimate or 0.0) > 2


def _shown(estimate: Estimate, values: list[float | None]) -> list[str]:
    if _as_times(estimate):
        return aligned([None if value is None else 1 + value for value in values], digits=1)
    if estimate.unit.startswith(_MORE):
        return [whole_percent(value) for value in values]
    if estimate.unit.startswith("share"):
        return [percent(value) for value in values]
    return aligned(values)
