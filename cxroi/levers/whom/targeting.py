"""Whom to move: whether effects differ between customers, and whether it pays to choose.

All of it rests on effect scores (`effect_scores`) in money (`worth`). Customers are dealt into
folds; of each fold the rule, and the order in which customers would be moved, come from the other
folds, so that what they earn is told by customers who had no part in them. Three deals are
averaged, so that little hangs on the deal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...effects.adjusted import Regression, regress_outcome
from ...errors import ScarceDataError, attempt
from ...results.display import TidyMixin
from ...results.estimate import Estimate, tidy_table
from ...results.thresholds import MINIMUM_GROUP
from ...value.basis import basis_of
from ...value.money import MONEY_OUTCOMES
from .deals import deal_customers, take_features
from .effect_scores import Ground, take_ground
from .policy_tree import Policy
from .targeting_figures import (
    DEALS,
    MANY_ROWS,
    PARTS,
    Dealt,
    curve,
    foretold,
    learned_by_all,
    policy_estimates,
    quarters,
    ranking,
    slopes,
)
from .worth import VALUE, Worth, worth_in_money, worth_of_outcome

if TYPE_CHECKING:
    import pandas as pd

    from ...analysis import Analysis
    from ...panel.panel import Panel
    from ...study.declared import Study

EVERYBODY, NOBODY, CHOSEN, OPEN = "everybody", "nobody", "chosen", "open"


@dataclass(frozen=True, repr=False)
class Targeting(TidyMixin):
    """Whether the effect of a move differs between customers, and whether to choose among them.

    Attributes
    ----------
    study
        Of the panel.
    worth
        What was valued, and what a move costs.
    n, customers
        Rows of the two groups that effects are scored on, and customers whose they are.
    heterogeneity
        ``heterogeneity.<feature>.<outcome>``: how the effect changes with a declared control or
        baseline, all of them held equal; p values after Holm over the features of an outcome.
        Of outcomes with several features ``heterogeneity.any.<outcome>``: Wald's test of all.
    foretold
        ``heterogeneity.foretold.value``: how much of the difference that other customers foretell
        is there; 1 if all of it, 0 if none.
    quarters
        ``heterogeneity.quarter_<k>.value``: mean effect of the customers for whom the first,
        second, third, fourth quarter of effects is foretold, the smallest first, and
        ``heterogeneity.quarters.value``, the last less the first.
    curve
        ``policy.curve.<share>``: what moving so many per cent earns per customer of the group,
        those first for whom most is foretold; ``policy.curve.100`` moves everybody.
    ranking
        ``policy.ranking``: what this order earns more than any order, on average over all shares.
    everybody, chosen, gain
        ``policy.everybody``, ``policy.chosen``: what moving everybody, and the rule, earn more
        than moving nobody; ``policy.gain``: what the rule earns more than moving everybody.
    share
        ``policy.share``: share of the group that the rule moves.
    policy
        The rule as it is learned from all customers.
    decision
        ``chosen`` where the rule is clear of chance to earn more than moving everybody and than
        moving nobody; else ``everybody`` or ``nobody`` where that is clear, or ``open``.
    """

    study: Study
    worth: Worth
    n: int
    customers: int
    heterogeneity: tuple[Estimate, ...]
    foretold: Estimate
    quarters: tuple[Estimate, ...]
    curve: tuple[Estimate, ...]
    ranking: Estimate
    everybody: Estimate
    chosen: Estimate
    gain: Estimate
    share: Estimate
    policy: Policy = field(compare=False)
    decision: str

    @property
    def recommended(self) -> bool:
        """Whether the rule is."""
        return self.decision == CHOSEN

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure under its stable name."""
        own = (self.everybody, self.chosen, self.gain, self.share, self.ranking, *self.curve)
        return (*self.heterogeneity, self.foretold, *self.quarters, *own)

    def any_of(self, outcome: str = VALUE) -> Estimate:
        """Return Wald's test that no feature changes the effect on an outcome, or on the value."""
        return next(e for e in self.heterogeneity if e.name == f"heterogeneity.any.{outcome}")

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure."""
        return tidy_table(self.estimates)


def whom_to_move(panel: Panel, analysis: Analysis | None = None) -> Targeting:
    """Tell whether the effect of a move differs between customers, and whom to move.

    With a scenario a move is worth what the ROI says that it is, over its horizon and less its
    cost, every assumption at its likely value; without one the first outcome counts, at no cost.

    Parameters
    ----------
    analysis
        Of the panel, if there is one: its ROI is taken and not made again.

    Raises
    ------
    ModelError
        Groups are too small or unlike, or there is no ROI though the study declares a scenario.
    TooManyRowsError
        The rows stay in an engine and are over 2,000,000.

    Examples
    --------
    >>> import cxroi as cx
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.whom_to_move(run.panel, run.analysis).decision  # doctest: +SKIP
    'everybody'
    """
    return tell(deal(panel, worth_of(panel, analysis)))


def deal(panel: Panel, worth: Worth) -> Dealt:
    """Deal customers into folds, several times, and score, rank and choose them."""
    ground = take_ground(panel, list(worth.prices))
    _require_parts(ground)
    rng = np.random.default_rng([panel.study.seed, len(ground.clusters)])
    features = take_features(ground)
    count = DEALS if ground.sample.rows.count <= MANY_ROWS else 1
    deals = tuple(deal_customers(ground, worth, features, rng) for _ in range(count))
    return Dealt(ground, worth, features, deals)


def _require_parts(ground: Ground) -> None:
    """Refuse a group that cannot be shown in four parts."""
    for label in ground.pair:
        size, least = ground.sample.size(label), PARTS * MINIMUM_GROUP
        if size < least:
            raise ScarceDataError(
                f"{label!r} has {size} answers on which effects can be scored",
                f"whom to move is told from {least} on, {MINIMUM_GROUP} in each of {PARTS} parts",
                "Pool more waves",
            )


def worth_of(panel: Panel, analysis: Analysis | None = None) -> Worth:
    """Return what a move is worth by the study's scenario; refuses as `whom_to_move`."""
    study = panel.study
    if study.scenario is None:
        return worth_of_outcome(study.outcomes[0])
    if analysis is not None and analysis.roi is not None:
        return worth_in_money(panel, analysis.roi.basis)
    if analysis is not None and "roi" in analysis.refusals:
        raise analysis.refusals["roi"]
    names = [o.name for o in study.outcomes if o.name in (*MONEY_OUTCOMES, "churned")]
    made = {name: attempt(partial(regress_outcome, panel, name)) for name in names}
    regressions = {name: one for name, one in made.items() if isinstance(one, Regression)}
    return worth_in_money(panel, basis_of(panel, regressions))


def tell(dealt: Dealt) -> Targeting:
    """Return what the deals say together."""
    whole, policy = dealt.ground, learned_by_all(dealt)
    everybody, chosen, gain, share = policy_estimates(dealt)
    return Targeting(
        study=whole.panel.study,
        worth=dealt.worth,
        n=everybody.n,
        customers=whole.panel.customers,
        heterogeneity=tuple(slopes(dealt)),
        foretold=foretold(dealt),
        quarters=tuple(quarters(dealt)),
        curve=tuple(curve(dealt)),
        ranking=ranking(dealt),
        everybody=everybody,
        chosen=chosen,
        gain=gain,
        share=share,
        policy=policy,
        decision=_decision(policy, everybody, chosen, gain),
    )


def _decision(policy: Policy, everybody: Estimate, chosen: Estimate, gain: Estimate) -> str:
    """Return what is clear of chance: that the rule is best, or that all or none are."""
    ends = [(e.conf_low or 0.0, e.conf_high or 0.0) for e in (everybody, chosen, gain)]
    if policy.chooses and ends[1][0] > 0 and ends[2][0] > 0:
        return CHOSEN
    return EVERYBODY if ends[0][0] > 0 else NOBODY if ends[0][1] < 0 else OPEN
