"""What differs between two runs by more than chance: figures, and who answered.

Each pair of figures is tested as of independent samples, z = (b - a) / sqrt(se_a^2 + se_b^2); where
some answers are in both runs their errors go the same way, so the test calls less than it might.
All tests of a comparison share one error of 1 per cent, by Holm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..results.multiplicity import holm
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ..results.estimate import Estimate
    from .remembered import Remembered

POPULATION, EFFECT = "population", "effect"
# Of a comparison as a whole. Runs are compared every quarter: with 5 per cent a reader would meet
# a false call every five years.
ERROR = 0.01
GAP = "contrast.{}.doubly_robust"


@dataclass(frozen=True)
class Difference:
    """One figure before and after.

    Attributes
    ----------
    name
        As in results.json; ``answered.<control>`` for the mix of those who answered.
    about
        ``population`` or ``effect``.
    before, after
        In `unit`; None where a mix is compared, which is no single figure.
    std_error
        Of the difference, of independent samples; None where a mix is compared.
    p_value
        Adjusted for all that was compared; None where the figure has no error in one run.
    """

    name: str
    about: str
    before: Estimate | None
    after: Estimate | None
    std_error: float | None
    p_value: float | None

    @property
    def change(self) -> float | None:
        """After less before; None where either is missing."""
        if self.before is None or self.after is None:
            return None
        ends = self.before.estimate, self.after.estimate
        return None if ends[0] is None or ends[1] is None else ends[1] - ends[0]

    @property
    def beyond_noise(self) -> bool:
        """Whether it is more than chance, over all that was compared."""
        return self.p_value is not None and self.p_value < ERROR


def differences(before: Remembered, after: Remembered) -> tuple[Difference, ...]:
    """Return every figure that is compared, p values not yet adjusted."""
    return (*_figures(before, after), *_mix(before, after))


def adjusted(
    found: Sequence[Difference], *also: float
) -> tuple[tuple[Difference, ...], list[float]]:
    """Return differences with p values adjusted for all, and further p values beside them."""
    tested = [d for d in found if d.p_value is not None]
    values = iter(holm([*(d.p_value or 0.0 for d in tested), *also]).tolist())
    done = {d.name: replace(d, p_value=next(values)) for d in tested}
    return tuple(done.get(d.name, d) for d in found), list(values)


def _figures(before: Remembered, after: Remembered) -> Iterator[Difference]:
    origin = before.compared[0]
    score = next((n for n in before.results if n.startswith("score.")), "")
    outcomes = [n.split(".")[1] for n in before.results if n.endswith(".doubly_robust")]
    if "retained" in outcomes:  # the same thing, mirrored
        outcomes = [name for name in outcomes if name != "churned"]
    wanted = [(score, POPULATION)] if score else []
    wanted += [(f"mean.{name}.{origin}", POPULATION) for name in dict.fromkeys(outcomes)]
    wanted += [(GAP.format(name), EFFECT) for name in dict.fromkeys(outcomes)]
    for name, about in wanted:
        pair = before.result(name), after.result(name)
        if pair[0] is not None and pair[1] is not None:
            yield _difference(name, about, pair[0], pair[1])


def _difference(name: str, about: str, before: Estimate, after: Estimate) -> Difference:
    errors = before.std_error, after.std_error
    values = before.estimate, after.estimate
    if None in (*errors, *values) or before.unit != after.unit:
        return Difference(name, about, before, after, None, None)
    error = sqrt(sum((e or 0.0) ** 2 for e in errors))
    gap = (after.estimate or 0.0) - (before.estimate or 0.0)
    return Difference(name, about, before, after, error, p_of(gap, error))


def p_of(gap: float, error: float) -> float:
    """Return the two-sided p value of a difference by its standard error."""
    from scipy.special import ndtr

    if error <= 0:
        return 1.0 if gap == 0 else 0.0
    return float(2 * ndtr(-abs(gap) / error))


def _mix(before: Remembered, after: Remembered) -> Iterator[Difference]:
    """Compare who answered: groups and controls; rows of one customer count once together."""
    parts = [run.answered["rows"] / run.answered["customers"] for run in (before, after)]
    mixes = [
        run.answered["controls"] | {"group": run.answered["groups"]} for run in (before, after)
    ]
    for name, was in mixes[0].items():
        now = mixes[1].get(name)
        if not was or not now:
            continue
        numeric = "mean" in was and "mean" in now
        p = _means(was, now, parts) if numeric else _levels(was, now, parts)
        yield Difference(f"answered.{name}", POPULATION, None, None, None, p)


def _means(
    was: Mapping[str, float], now: Mapping[str, float], parts: Sequence[float]
) -> float | None:
    sizes = [one["n"] / part for one, part in zip((was, now), parts, strict=True)]
    if min(sizes) < MINIMUM_GROUP:
        return None
    error = sqrt(was["sd"] ** 2 / sizes[0] + now["sd"] ** 2 / sizes[1])
    return p_of(now["mean"] - was["mean"], error)


def _levels(
    was: Mapping[str, float], now: Mapping[str, float], parts: Sequence[float]
) -> float | None:
    """Return the p value of Pearson's test that two mixes are the same; levels of few are left."""
    from scipy.special import chdtrc  # and not scipy.stats, which takes a second to load

    names, both = dict.fromkeys((*was, *now)), zip((was, now), parts, strict=True)
    table = np.array([[mix.get(name, 0.0) / part for name in names] for mix, part in both])
    table = table[:, table.sum(axis=0) >= MINIMUM_GROUP]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    return float(chdtrc(table.shape[1] - 1, statistic))
