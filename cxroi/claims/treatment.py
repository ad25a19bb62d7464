"""The claim that the buying experience rests on how customers are treated."""

from __future__ import annotations

import numpy as np

from ..engine.quoting import text
from ..errors import ScarceDataError
from ..metrics.relations import scores_of
from ..results.estimate import CONF_LEVEL, Estimate
from .claim import Claim, Said
from .evidence import Evidence
from .prediction import BOOTSTRAP, require, taken
from .shares_of_spread import linear_sums, shapley_shares

TREATED = ("staff", "treat", "service", "friend", "people", "employee", "agent", "care", "courte")


def _treatment(evidence: Evidence) -> Estimate:
    """Return which share of the explained overall satisfaction the staff's part has."""
    overall, parts, treated = _parts(evidence)
    wanted = ", ".join(
        f"max(CASE WHEN name = {text(name)} THEN level END) AS x{k}"
        for k, name in enumerate((overall, *parts))
    )
    rows = (
        f"SELECT customer, seen_at, {wanted} FROM {{scores}} GROUP BY customer, seen_at, home, "
        "answer HAVING "
        + " AND ".join(
            f"count(CASE WHEN name = {text(name)} THEN 1 END) > 0" for name in (overall, *parts)
        )
    )
    found = evidence.frame(rows, {})
    columns = found[[f"x{k}" for k in range(len(parts) + 1)]].to_numpy(dtype=float)
    units, of = np.unique(found["unit"].astype(str), return_inverse=True)
    require(len(units), "customers who answered all these questions")
    if np.ptp(columns, axis=0).min() == 0:
        raise ScarceDataError("one of these scores is the same in all answers")
    sums = linear_sums(columns, of, len(units))
    of_staff = [k for k, name in enumerate(parts) if name in treated]
    drawn = np.concatenate(
        [shapley_shares(times @ sums)[:, of_staff].sum(axis=1) for times in taken(len(units))]
    )
    shares = shapley_shares(sums.sum(axis=0, keepdims=True))[0]
    tail = 100 * (1 - CONF_LEVEL) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Estimate(
        "",
        float(shares[of_staff].sum()),
        float(low),
        float(high),
        float(np.std(drawn)),
        "share of the explained variance",
        len(found),
        f"share of {', '.join(treated)} in the explained variance of {overall}, beside "
        f"{', '.join(n for n in parts if n not in treated)}; mean over all orders in which they "
        f"enter a regression (Lindeman, Merenda and Gold; Shapley); {BOOTSTRAP}",
    )


def _parts(evidence: Evidence) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the overall score, its parts, and those of them that are about treatment.

    Raises
    ------
    ScarceDataError
        There is no part about treatment, or no other.
    """
    named = [s for s in scores_of(evidence.study) if s.scale.kind in ("csat", "custom")]
    about = [s for s in named if any(word in s.name.lower() for word in TREATED)]
    overall = next((s for s in named if s not in about), None)
    same = [s for s in named if overall and s.table == overall.table and s is not overall]
    treated = tuple(s.name for s in same if s in about)
    if overall is None or not treated or len(treated) == len(same):
        raise ScarceDataError(
            "no score is about how customers were treated, or none beside it is about something "
            "else",
            "an overall score and at least two parts in one table, one with staff, service or "
            "treatment in its name",
            "Declare them as [scores.NAME]",
        )
    return overall.name, tuple(s.name for s in same), treated


TREATMENT = (
    Claim(
        "treatment_is_most",
        "70 % of the buying experience rests on how customers feel they are treated",
        "70 %",
        ("A2",),
        "a figure attributed to McKinsey for which no study is named",
        "share of the explained overall score that belongs to how customers were treated",
        Said(0.70, 0.70),
        _treatment,
        {"scores:csat": ()},
    ),
)
