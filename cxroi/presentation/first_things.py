"""What to do first, for whom, and what it earns: the levers on a first page; never computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import CxroiError
from ..results.formats import chance, rough_money, rough_spread
from .findings import Finding
from .targeting import rule_in_words

if TYPE_CHECKING:
    from ..checks.rating import Rating
    from ..levers.estimate import LeverResult
    from ..levers.portfolio import Portfolio
    from ..levers.whom.targeting import Targeting


def what_first(
    portfolio: Portfolio | CxroiError,
    results: Sequence[LeverResult] | CxroiError,
    targeting: Targeting | CxroiError,
    rating: Rating,
) -> tuple[str, ...]:
    """Return the lever to begin with, whom it reaches, what it earns; sentences of a first page.

    Parameters
    ----------
    portfolio, results, targeting
        As a run has them; a refusal is said in a few words.
    rating
        Of the evidence: where it does not carry a claim, a lever is to be piloted, and no chance
        is named.
    """
    if isinstance(portfolio, CxroiError) or isinstance(results, CxroiError):
        return _one_by_one(portfolio, results, rating)
    if not portfolio.best:
        return ("No declared lever is shown to earn more than it costs.",)
    first = next(name for name in portfolio.names if name in portfolio.best)
    lever = next(one for one in results if one.lever.slug == first)
    net = portfolio[f"lever.{first}.expected_net_value"]
    reached = lever["reached"].estimate or 0.0
    head = f"'{portfolio.names[first]}', for the {reached:,.0f} customers whom it reaches"
    earns = f"{rough_spread(net, portfolio.currency)} net"
    if rating.carries:
        said = [f"{head}: expected to earn {earns}{_together(portfolio)}."]
    else:
        said = [
            f"Pilot {head}: by the figures it would earn {earns}, but the evidence, rated "
            f"{rating.level}, does not carry a start."
        ]
    if not isinstance(targeting, CxroiError):
        said.append(_for_whom(targeting))
    return tuple(said)


def _one_by_one(
    portfolio: Portfolio | CxroiError, results: Sequence[LeverResult] | CxroiError, rating: Rating
) -> tuple[str, ...]:
    """Return what each lever would earn by itself where they are not held against one another."""
    why = portfolio if isinstance(portfolio, CxroiError) else results
    priced = [] if isinstance(results, CxroiError) else [one for one in results if one.money]
    if not priced:
        return (f"Nothing can be said of the levers: {str(why).rstrip('.')}.",)
    each = [
        f"'{one.lever.name}' {_spread(one['net_value'], one['net_value'].unit)}"
        for one in priced
        if one.shown
    ]
    carried = "" if rating.carries else f"; the evidence, rated {rating.level}, carries no claim"
    parts = (why.found, why.expected) if isinstance(why, CxroiError) else ()
    found = "; ".join(part.rstrip(".;") for part in parts if part)
    said = f"Which lever comes first cannot be said: {found}."
    if not each:
        return said, "None is shown to move anybody by itself."
    return (
        said,
        f"Each by itself would earn, net of its cost: {', '.join(each)}{carried}.",
    )


def _for_whom(targeting: Targeting) -> str:
    if targeting.recommended:
        return f"Move those first of whom {rule_in_words(targeting)}: that earns more than all."
    return "No group of customers is shown to be worth moving before the others."


def _together(portfolio: Portfolio) -> str:
    others = len(portfolio.best) - 1
    if not others:
        sure = portfolio["portfolio.best.probability_positive"].estimate or 0.0
        return f", with a chance of {chance(sure)} that it pays"
    net, cost = portfolio["portfolio.best.net_value"], portfolio["portfolio.best.cost"]
    sure = portfolio["portfolio.best.probability_positive"].estimate or 0.0
    more = "the next" if others == 1 else f"the next {others}"
    money = rough_money(net.estimate or 0.0, portfolio.currency)
    return (
        f"; with {more} {money} for {rough_money(cost.estimate or 0.0, portfolio.currency)}, "
        f"with a chance of {chance(sure)} that it pays"
    )


def lever_finding(portfolio: Portfolio | CxroiError, rating: Rating) -> Finding:
    """Head what the levers would move and earn."""
    if isinstance(portfolio, CxroiError):
        return Finding("levers", "Levers", "Which lever comes first cannot be said")
    if not portfolio.best:
        return Finding("levers", "Levers", "No declared lever is shown to earn its cost")
    first = next(name for name in portfolio.names if name in portfolio.best)
    do = "begin with" if rating.carries else "pilot first"
    title = f"'{portfolio.names[first]}' is the lever to {do}"
    said = "What goes with an input need not be its effect: the shares taken as effect are named."
    return Finding("levers", "Levers", title, (said,))
