"""Where cuts would stand if the data chose them, against those of the scale.

The best cuts make groups within which the curve varies least, each answer counting by how many
gave it (Fisher, JASA 53 (1958), 789-798); every choice is tried. What was chosen and judged on the
same customers looks better than it is. So the curve is split at random into two that err
independently, each with twice the variance (Rasines and Young, Biometrika 110 (2023), 597-614):
one chooses, the other judges. Of many splits the medians of the gain and of the ends of its
97.5 % intervals make one of 95 % (Chernozhukov, Demirer, Duflo and Fernández-Val, Econometrica 93
(2025), 1121-1164).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError, ScarceDataError
from ...moments.normal_draws import normal_draws
from ...results.estimate import CONF_LEVEL, Estimate
from .jointly import all_zero

if TYPE_CHECKING:
    from ...arrays import Floats, Integers
    from .answer_curve import Curve

SPLITS, RESAMPLES, SEED = 200, 2_000, 2
# Share of the splits which choose the cuts of the scale, from which there is nothing to compare.
AS_GOOD = 0.5
SHARE = "share of what the curve varies"
METHOD = (
    f"all cuts tried on one half of the information and judged on the other, {SPLITS} splits, "
    "medians of gain and 97.5 % intervals"
)


@dataclass(frozen=True)
class Cuts:
    """The cuts that the data would choose, beside those of the scale.

    Attributes
    ----------
    declared, chosen
        The lowest answer of the second group, of the third ..., in the order of the numbers.
    kept_declared, kept_chosen
        The share of the variation of the curve that lies between the groups they make: 1 where
        the curve is flat within each. Both on the curve by which the choice was made, which
        flatters the chosen ones.
    gain
        ``scale.<outcome>.best_cuts``: how much more of the curve the chosen cuts foretell of
        customers that did not choose them; below zero where the choice follows chance.
    places
        ``scale.<outcome>.best_cuts.<first, second ...>``: where each chosen cut stands, and
        between which answers it falls in 95 % of resamples.
    """

    declared: tuple[float, ...]
    chosen: tuple[float, ...]
    kept_declared: float
    kept_chosen: float
    gain: Estimate
    places: tuple[Estimate, ...]

    @property
    def better(self) -> bool:
        """Whether the chosen cuts beat those of the scale beyond noise, out of sample."""
        return self.gain.conf_low is not None and self.gain.conf_low > 0


def best_cuts(curve: Curve) -> Cuts:
    """Find the cuts that tell most of a curve, and hold them against those of the scale.

    Raises
    ------
    ModelError
        The outcome does not differ between answers by more than chance, so no cut tells anything.
    ScarceDataError
        A group of the scale has too few answers to be a level of its own, or there are no more
        levels than groups.
    """
    declared = _declared(curve)
    _require_differences(curve)
    choices = _choices(len(curve.levels), int(declared.max()) + 1)
    shares = curve.shares / curve.shares.sum()
    explained = _explained(choices, shares, curve.values[None, :])[0]
    best = int(np.argmax(explained))
    own = int(np.flatnonzero((choices == declared).all(axis=1))[0])
    varies = _varies(curve.values, shares)
    name = f"scale.{curve.sample.outcome.name}.best_cuts"
    gain = _gain(curve, choices, own, shares, varies)
    return Cuts(
        _lowest(curve, declared),
        _lowest(curve, choices[best]),
        float(explained[own] / varies),
        float(explained[best] / varies),
        replace(gain, name=name),
        _places(curve, choices, best, shares, name),
    )


def _declared(curve: Curve) -> Integers:
    """Return the position of each level's group, counted in the order of the numbers."""
    groups = [level.group for level in curve.levels]
    found = list(dict.fromkeys(groups))
    if len(found) < len(curve.sample.labels) or len(found) < 2:
        raise ScarceDataError(
            "a group of the scale has too few answers, or too few with the outcome, for a point of "
            "its own",
            "cuts are compared where every group has its own points of the curve",
            "Pool more waves",
        )
    if len(curve.levels) <= len(found):
        raise ScarceDataError(
            f"the answers make {len(curve.levels)} points of the curve and {len(found)} groups",
            "a choice of cuts needs more points than groups",
            "Pool more waves",
        )
    return np.array([found.index(group) for group in groups])


def _require_differences(curve: Curve) -> None:
    """Refuse to choose cuts along a curve that is flat as far as anybody can tell."""
    steps = np.diff(np.eye(len(curve.levels)), axis=0)
    *_, p_value = all_zero(steps, curve.values, curve.covariance, curve.dof)
    if p_value >= 1 - CONF_LEVEL:
        raise ModelError(
            f"{curve.sample.outcome.name.replace('_', ' ')} does not differ between the answers "
            f"by more than chance (p = {p_value:.2g})",
            "cuts can only be chosen along a curve that is not flat",
        )


def _choices(levels: int, groups: int) -> Integers:
    """Return every way to cut levels into groups: choices by levels, each level's group."""
    cuts = combinations(range(1, levels), groups - 1)
    return np.array([np.searchsorted(cut, np.arange(levels), side="right") for cut in cuts])


def _explained(choices: Integers, shares: Floats, curves: Floats) -> Floats:
    """Return how much of each curve's variance each choice explains: curves by choices."""
    found = []
    for choice in choices:
        marks = (choice[:, None] == np.arange(choice.max() + 1)) * shares[:, None]
        found.append((((curves @ marks) ** 2) / marks.sum(axis=0)).sum(axis=1))
    return np.stack(found, axis=1) - ((curves @ shares) ** 2)[:, None]


def _varies(values: Floats, shares: Floats) -> float:
    return float(shares @ (values - shares @ values) ** 2)


def _foretold(choice: Integers, shares: Floats, values: Floats) -> Floats:
    """Return for each level the mean of its group."""
    weights = np.bincount(choice, shares)
    return np.asarray((np.bincount(choice, shares * values) / weights)[choice])


def _gain(curve: Curve, choices: Integers, own: int, shares: Floats, varies: float) -> Estimate:
    """Judge what one half of the information chooses by the other half."""
    from scipy.special import ndtr, ndtri

    gains, errors = _judged(curve, choices, own, shares)
    half = float(ndtri(1 - (1 - CONF_LEVEL) / 4))
    low, high = (float(np.median(gains + way * half * errors)) / varies for way in (-1, 1))
    same = float(np.mean(errors == 0))  # splits that choose the cuts of the scale
    beaten = same < AS_GOOD  # else there is neither gain nor error
    sizes = np.abs(gains) / np.where(errors > 0, errors, 1.0)
    return Estimate(
        name="",
        estimate=float(np.median(gains)) / varies,
        conf_low=low if beaten else None,
        conf_high=high if beaten else None,
        std_error=None,
        unit=SHARE,
        n=len(curve.sample.values),
        method=METHOD,
        note=f"{100 * same:.0f} % of the splits choose the cuts of the scale",
        contrast="chosen cuts - cuts of the scale",
        p_value=min(1.0, 4 * float(ndtr(-np.median(sizes)))),
        outcome=curve.sample.outcome.name,
        rung="best cuts",
    )


def _judged(curve: Curve, choices: Integers, own: int, shares: Floats) -> tuple[Floats, Floats]:
    """Return for each split how much less the chosen cuts miss than those of the scale.

    Given what chooses, that is a straight function of what judges, so its error is known.
    """
    noise = normal_draws(curve.covariance, SPLITS, np.random.default_rng([SEED, 1]))
    choosing, judging = curve.values + noise, curve.values - noise
    best = _explained(choices, shares, choosing).argmax(axis=1)
    gains, errors = np.zeros(SPLITS), np.zeros(SPLITS)
    for n, (chooses, judges) in enumerate(zip(choosing, judging, strict=True)):
        new = _foretold(choices[best[n]], shares, chooses)
        old = _foretold(choices[own], shares, chooses)
        load = shares * (new - old)
        gains[n] = load @ (2 * judges - new - old)
        errors[n] = 2 * np.sqrt(np.maximum(2 * load @ curve.covariance @ load, 0.0))
    return gains, errors


def _lowest(curve: Curve, choice: Integers) -> tuple[float, ...]:
    """Return the lowest answer of each group but the first."""
    return tuple(curve.levels[place].low for place in np.flatnonzero(np.diff(choice)) + 1)


def _places(
    curve: Curve, choices: Integers, best: int, shares: Floats, name: str
) -> tuple[Estimate, ...]:
    """Return where each cut stands, and where it falls in resamples of the curve."""
    noise = normal_draws(curve.covariance, RESAMPLES, np.random.default_rng([SEED, 2]))
    fallen = _explained(choices, shares, curve.values + noise).argmax(axis=1)
    where = np.array([_lowest(curve, choice) for choice in choices])
    tail = (1 - CONF_LEVEL) / 2
    lows, highs = np.quantile(where[fallen], [tail, 1 - tail], axis=0, method="inverted_cdf")
    found = []
    for place, likely in enumerate(where[best]):
        found.append(
            Estimate(
                f"{name}.{place + 1}",
                float(likely),
                float(lows[place]),
                float(highs[place]),
                None,
                "answer at which a group begins",
                len(curve.sample.values),
                f"groups within which the curve varies least, range of 95 % of {RESAMPLES:,} "
                "resamples of the curve",
                outcome=curve.sample.outcome.name,
                rung="best cuts",
            )
        )
    return tuple(found)
