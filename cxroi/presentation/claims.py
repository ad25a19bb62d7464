"""Claims for readers: what the field says, what our own tables say, and what to make of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..claims.examining import Claims, Examined
from ..claims.rule import CANNOT_TELL, DOES_NOT, HOLDS, NEEDS, how_far
from ..results.display import Table, Text
from ..results.formats import aligned, percent, whole_percent

if TYPE_CHECKING:
    from ..results.estimate import Estimate

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
            "ours": _ours(one.estimate),
            "95 % interval": _interval(one.estimate),
            "n": one.estimate.n if one.estimate else 0,
            "verdict": NEEDS if one.verdict.startswith(NEEDS) else one.verdict,
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


def summary(found: Claims) -> Text:
    """Return how many claims hold, what many claims at once mean, and what no figure says."""
    held = found.held
    if not held:
        return Text(("None of the claims can be held against these tables; see what they need.",))
    counts = {v: sum(one.verdict == v for one in held) for v in (HOLDS, DOES_NOT, CANNOT_TELL)}
    does = "holds" if counts[HOLDS] == 1 else "hold"
    not_so = "does not" if counts[DOES_NOT] == 1 else "do not"
    return Text(
        (
            f"{len(held)} of {len(found.examined)} claims could be held against these tables: "
            f"{counts[HOLDS]} of them {does}, {counts[DOES_NOT]} {not_so}, and of "
            f"{counts[CANNOT_TELL]} they cannot tell.",
            "As so many are looked at together, a verdict stands only if it would be rare by "
            "chance among all of them: of those that are given, about one in twenty at most is "
            "expected to be wrong for that reason.",
            _ASSOCIATION,
        )
    )


def sentences(found: Claims) -> Text:
    """Return a sentence or two a claim: the verdict, ours, and what stands against reading more."""
    return Text(tuple(_sentence(one) for one in found.examined), "list")


def _sentence(one: Examined) -> str:
    said = f"“{one.claim.claim}”: {_verdict(one)}."
    if one.estimate is not None:
        said += f" Ours, {one.claim.measured}: {_ours(one.estimate)}"
        said += f" (95 % interval {_interval(one.estimate)})."
    if one.why:
        said += f" {one.why[0].upper()}{one.why[1:].rstrip('.')}."
    return f"{said} The original rests on {one.claim.rests_on}."


def _verdict(one: Examined) -> str:
    if one.estimate is None or one.claim.said is None or one.verdict != DOES_NOT:
        return one.verdict
    side = how_far(one.estimate, one.claim.said)
    return f"{one.verdict}, {side}" if side else one.verdict


def _ours(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    [shown] = _shown(estimate, [estimate.estimate])
    return f"{shown} times" if estimate.unit.startswith("times") else shown


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.conf_low is None:
        return "–"
    low, high = _shown(estimate, [estimate.conf_low, estimate.conf_high])
    if estimate.conf_high is None or math.isinf(estimate.conf_high):
        return f"{low} or more" if math.isfinite(estimate.conf_low) else "without an end"
    return f"{low} to {high}"


def _shown(estimate: Estimate, values: list[float | None]) -> list[str]:
    unit = estimate.unit
    if unit.startswith(("share of the mean", "share of what ")):
        return [whole_percent(value) for value in values]
    if unit.startswith("share"):
        return [percent(value) for value in values]
    return aligned(values)
