"""What the deals say together: heterogeneity, the order of customers, the rule, as estimates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from ...models.newton import solve_scaled
from ...results.estimate import Estimate
from ...results.multiplicity import holm
from .deals import Deal, Features
from .effect_scores import FOLDS, Ground
from .policy_tree import Learned, Policy, learn_policy
from .projection import Projected, averaged, beside, figures_of, mean_of, project
from .worth import VALUE, Worth

if TYPE_CHECKING:
    from ...arrays import Floats

# Deals of customers into folds; of so many rows one is enough, and others would say the same.
DEALS, MANY_ROWS = 3, 50_000
PARTS = 4
SHARES = tuple(range(0, 110, 10))


@dataclass(frozen=True, eq=False)
class Dealt:
    """Several deals of the same customers."""

    ground: Ground
    worth: Worth
    features: Features
    deals: tuple[Deal, ...]

    @property
    def dof(self) -> float | None:
        """Degrees of freedom of errors; None of customers."""
        sample = self.ground.sample
        pair = [sample.members(label) for label in self.ground.pair]
        return sample.dof(pair[0] | pair[1])

    def together(self, make: Callable[[Deal], Projected]) -> Projected:
        """Return what is made of each deal, averaged."""
        return averaged([make(deal) for deal in self.deals])

    @property
    def wider(self) -> float:
        """By which errors of what folds learn from one another are larger than without that.

        Folds share most of the customers whom they learn from, and the less there is to learn, the
        more their figures hang together. Over J folds of variance s^2 a mean has the variance
        s^2 (1 / J + 1 / (folds - 1)) in place of s^2 / folds (Nadeau and Bengio, Machine Learning
        52 (2003), 239-281), as in `grid.folds`.
        """
        return float(np.sqrt(1 / len(self.deals) + FOLDS / (FOLDS - 1)))

    def estimates(
        self,
        found: Projected,
        names: list[str],
        unit: str,
        how: str,
        learned: Sequence[bool] | None = None,
    ) -> list[Estimate]:
        """Return coefficients as estimates.

        Parameters
        ----------
        learned
            Which of them rest on what other folds learn; none by default.
        """
        sample, (origin, target) = self.ground.sample, self.ground.pair
        n = sample.size(origin) + sample.size(target)
        rests = np.zeros(len(names), dtype=bool) if learned is None else np.asarray(learned)
        method = (
            f"{how}, {len(self.deals)} times {FOLDS}-fold cross-fitted doubly robust scores over "
            f"the {origin} group, errors over {self.ground.panel.unit}s"
        )
        more = ", widened as folds learn from the same customers (Nadeau and Bengio)"
        wider = np.where(rests, self.wider, 1.0)
        figures = figures_of(found, self.ground.clusters, self.dof, wider)
        return [
            Estimate(
                name, f.value, f.low, f.high, f.error, unit, n, method + more * bool(rest),
                p_value=f.p_value, contrast=f"{target} - {origin}", outcome=_outcome(name),
            )
            for name, f, rest in zip(names, figures, rests, strict=True)
        ]  # fmt: skip

    def net(self, deal: Deal) -> Floats:
        """Return scores of value less the cost of a move."""
        return deal.value - self.worth.cost * deal.over


def _outcome(name: str) -> str:
    return name.rsplit(".", 1)[1] if name.startswith("heterogeneity.") else VALUE


def slopes(dealt: Dealt) -> Iterator[Estimate]:
    """Yield how the effect on each outcome, and on the value, changes with each feature."""
    several = [VALUE] if dealt.worth.in_money else []
    units = {name: sample.outcome.unit for name, sample in dealt.ground.samples.items()}
    for name in [*units, *several]:
        unit = units.get(name, dealt.worth.unit)

        def line(deal: Deal, name: str = name) -> Projected:
            scores = deal.scores.get(name, deal.value)
            return project(scores, deal.over, dealt.features.columns)

        found = dealt.together(line)
        yield from _slopes(dealt, found, name, unit)


def _slopes(dealt: Dealt, found: Projected, name: str, unit: str) -> list[Estimate]:
    terms = dealt.features.names
    only = Projected(found.values[1:], found.psi[:, 1:])
    names = [f"heterogeneity.{_slug(term)}.{name}" for term in terms]
    own = dealt.estimates(only, names, unit, "best linear projection of the effect")
    adjusted = holm([e.p_value if e.p_value is not None else 1.0 for e in own])
    made = [
        replace(e, term=term, p_value=float(p), note="p value after Holm over the features")
        for e, term, p in zip(own, terms, adjusted, strict=True)
    ]
    return [*made, _any(dealt, only, name, made[0])]


def _any(dealt: Dealt, found: Projected, name: str, like: Estimate) -> Estimate:
    """Return Wald's test that no feature changes the effect."""
    from scipy.special import fdtrc

    clusters, width = dealt.ground.clusters, len(found.values)
    covariance = found.covariance(clusters)
    try:
        wald = float(found.values @ solve_scaled(covariance, found.values)) / width
    except ModelError:
        wald = float("nan")
    units = dealt.dof or int(clusters.max())
    p = float(fdtrc(width, max(units - width, 1), wald))
    test = f"heterogeneity.any.{name}"
    how = f"Wald's test of {width} slopes, {like.method}"
    return Estimate(
        test, wald, None, None, None, "Wald's F", like.n, how, p_value=p, outcome=name, term="any"
    )


def _slug(term: str) -> str:
    plain = term.removesuffix(" (per SD)").replace(" = ", "=").replace("%", "%25")
    return plain.replace(".", "%2E").replace(" ", "_")


def foretold(dealt: Dealt) -> Estimate:
    """Return how much of the foretold difference between customers is there."""

    def line(deal: Deal) -> Projected:
        columns = np.column_stack([np.ones(len(deal.over)), deal.foretold])
        both = project(deal.value, deal.over, columns)
        return Projected(both.values[1:], both.psi[:, 1:])

    name, how = f"heterogeneity.foretold.{VALUE}", "slope of the effect in the effect foretold"
    [found] = dealt.estimates(dealt.together(line), [name], "per unit foretold", how, [True])
    return replace(found, contrast="")


def quarters(dealt: Dealt) -> list[Estimate]:
    """Return the mean effect where the least up to the most is foretold, and last less first."""

    def means(deal: Deal) -> Projected:
        part = np.minimum((deal.place * PARTS).astype(int), PARTS - 1)
        dummies = (part[:, None] == np.arange(PARTS)).astype(float)
        return project(deal.value, deal.over, dummies)

    found = dealt.together(means)
    each = np.vstack([np.eye(PARTS), np.eye(PARTS)[-1] - np.eye(PARTS)[0]])
    names = [f"heterogeneity.quarter_{k}.{VALUE}" for k in range(1, PARTS + 1)]
    how = "mean effect by quarter of the effect foretold"
    names.append(f"heterogeneity.quarters.{VALUE}")
    learned = [True] * len(names)
    return dealt.estimates(found.combined(each), names, dealt.worth.unit, how, learned)


def curve(dealt: Dealt) -> list[Estimate]:
    """Return what moving a share earns, those first for whom most is foretold."""

    def earned(deal: Deal) -> Projected:
        fixed = dealt.worth.fixed_cost * deal.over
        first = [deal.place >= 1 - share / 100 for share in SHARES]
        return beside([mean_of(dealt.net(deal) * one - fixed, deal.over) for one in first])

    names = [f"policy.curve.{share}" for share in SHARES]
    how = "net value of moving the share for whom most is foretold, over moving nobody"
    learned = [share < SHARES[-1] for share in SHARES]
    return dealt.estimates(dealt.together(earned), names, dealt.worth.unit, how, learned)


def ranking(dealt: Dealt) -> Estimate:
    """Return what the order earns more than any order, on average over all shares.

    The Qini coefficient: the covariance of the place in the order and the effect (Yadlowsky,
    Fleming, Shah, Brunskill and Wager, JASA 120 (2025), 38-51).
    """

    def gained(deal: Deal) -> Projected:
        mean = mean_of(deal.value, deal.over)
        away = deal.place - float(deal.over @ deal.place) / float(deal.over.sum())
        along = mean_of(deal.value * away, deal.over)
        moves = (deal.over * away / deal.over.sum() * mean.values[0])[:, None]
        return Projected(along.values, along.psi - moves)

    how = "mean net value over all shares moved in the order foretold, less in any order (Qini)"
    found, unit = dealt.together(gained), dealt.worth.unit
    return dealt.estimates(found, ["policy.ranking"], unit, how, [True])[0]


def policy_estimates(dealt: Dealt) -> tuple[Estimate, ...]:
    """Return what everybody, and the rule, earn; the rule over everybody; whom it moves."""

    def earned(deal: Deal) -> Projected:
        net, fixed = dealt.net(deal), dealt.worth.fixed_cost * deal.over
        scored = net - fixed, net * deal.moved - fixed * deal.some, deal.over * deal.moved
        return beside([mean_of(one, deal.over) for one in scored])

    found = dealt.together(earned)
    less = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 1, 0], [0, 0, 1]])
    names = ["policy.everybody", "policy.chosen", "policy.gain", "policy.share"]
    how = "net value of a rule learned from other customers"
    everybody, chosen, gain, share = dealt.estimates(
        found.combined(less), names, dealt.worth.unit, how, [False, True, True, True]
    )
    none = "" if gain.std_error else "no rule was found that tells customers apart"
    return (everybody, chosen, replace(gain, note=none), replace(share, unit="share", contrast=""))


def learned_by_all(dealt: Dealt) -> Policy:
    """Return the rule that all customers teach, scores averaged over the deals."""
    net = np.mean([dealt.net(deal) for deal in dealt.deals], axis=0)
    over = np.mean([deal.over for deal in dealt.deals], axis=0)
    learned = Learned(net, over, dealt.ground.clusters, dealt.worth.fixed_cost)
    return learn_policy(learned, dealt.features.asked)
