"""What a ROI takes for granted, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..models.lifetime.beta_geometric import PUBLISHED_MIXING
from ..results.formats import months, percent, spread
from ..study.scenario import Prior
from .money import Inputs, evaluate

if TYPE_CHECKING:
    from ..models.lifetime.beta_geometric import Mixing
    from ..study.declared import Study
    from ..study.scenario import Range, Scenario
    from .assumed import Lasting
    from .evidence import Evidence


def cut_note(study: Study, scenario: Scenario) -> str:
    """Say that value is counted for the first window only, and why."""
    why = (
        "Who buys nothing in a window may come back, so it says nothing of who stays"
        if study.churn == "no_purchase"
        else "Nothing is known of who stays"
    )
    return (
        f"{why}: value is counted for the first {study.outcome_days} days only, not for "
        f"{scenario.horizon_months:g} months."
    )


def retention_note(study: Study, evidence: Evidence, mixing: Mixing | None, central: Inputs) -> str:
    """Say how retention is carried on from where it was seen, or how it is bounded."""
    bound = evidence.bound
    if bound:
        return (
            "The gap in retention could not be estimated and is not counted at the likely values; "
            f"the simulations take every gap from {percent(bound.low, 'pp')} to "
            f"{percent(bound.high, 'pp')} as equally likely, which is what the two groups as they "
            "are leave open, zero included."
        )
    if mixing:
        return (
            f"Retention was followed over {mixing.periods} times {study.churn_days} days; it "
            f"rises from {percent(mixing.share)} in the first to {percent(_last(mixing))} in the "
            "last of them, as those leave first who leave easily, and goes on so beyond (shifted "
            "beta-geometric)."
            if mixing.estimate > 0
            else f"Retention was followed over {mixing.periods} times {study.churn_days} days, "
            "does not rise in them, and is taken to stay the same beyond."
        )
    other = central.with_values(retention_mixing=PUBLISHED_MIXING)
    return (
        f"Retention is known for {study.churn_days} days and taken to stay the same after them. "
        "Where customers differ, those who leave easily leave first and it rises: were they as "
        "different as the subscribers in Fader and Hardie (2007), the ROI would be "
        f"{percent(float(evaluate(other).ratio))} instead of "
        f"{percent(float(evaluate(central).ratio))} at the likely values."
    )


def _last(mixing: Mixing) -> float:
    later = (mixing.periods - 1) * mixing.estimate
    return (mixing.share + later) / (1 + later)


def persistence_note(study: Study, lasts: Lasting, central: Inputs) -> str:
    """Say how long the effect of a move is taken to last, and what the transitions show."""
    assumed = lasts.assumed
    wave = months(lasts.wave_months)
    if assumed is None:
        said = (
            "No persistence is declared: everybody moved is counted as staying in "
            f"'{study.target}' with the whole effect for {months(central.horizon_months)}"
        )
    elif lasts.error:
        said = (
            f"Of those moved {percent(lasts.central)} are taken to be still in '{study.target}' "
            f"because of it a wave ({wave}) later, as observed; the effect fades with them"
        )
    else:
        share = spread(assumed.low, assumed.likely, assumed.high)
        said = (
            f"Of those moved {share} are assumed to be still in '{study.target}' a wave ({wave}) "
            "later; the effect fades with them"
        )
    return f"{said}.{_transitions(study, lasts, central)}"


def _transitions(study: Study, lasts: Lasting, central: Inputs) -> str:
    """Say what the transitions show and, where something else is assumed, what it would give."""
    seen = lasts.seen
    if seen is None:
        return " The data does not show how long a move lasts: that needs two waves of answers."
    text = (
        f" Of those who were in '{study.target}' {percent(seen.stayed.estimate)} are there again "
        f"a wave ({months(seen.wave_months)}) later; of those in '{study.origin}' "
        f"{percent(seen.came.estimate)} came there without a programme"
    )
    if lasts.error:
        return f"{text}."
    excess = min(max(seen.excess.estimate or 0.0, 0.0), 1.0)
    ratio = evaluate(central.with_values(persistence=excess)).ratio
    return (
        f"{text}: an excess of {percent(excess)}. With that as persistence the ROI would be "
        f"{percent(float(ratio))} instead of {percent(float(evaluate(central).ratio))} at the "
        "likely values; part of the moves is chance in the answers, so an experience may last "
        "longer than they do."
    )


# What one of an outcome costs or brings, beside spend and retention.
WORTH = {
    "contacts": "cost_per_contact",
    "returns": "cost_per_return",
    "referrals": "value_per_referral",
}


def assumed_notes(evidence: Evidence, scenario: Scenario, answered: int) -> Iterator[str]:
    """Say what is taken for granted where the study declares or the data hold nothing.

    Parameters
    ----------
    answered
        Customers who are known to be in the group moved from.
    """
    yield from _doubt(scenario.causal_share)
    yield from _whom(scenario, answered)
    used = evidence.names
    if "returns" in used:
        yield "Returns cost cost_per_return each; refunds lower spend only as negative orders."
    if scenario.value_per_referral.high > 0 and not scenario.referral_share.high > 0:
        yield "referral_share is not declared: word of mouth is worth nothing here."
    for name, cost in WORTH.items():
        declared = scenario.ranges[cost].high > 0
        if declared and name not in used:
            yield f"{cost} is declared, but {name} has no contrast: it is not counted."
        if not declared and name in used:
            yield f"{cost} is not declared: a change in {name} is worth nothing here."


def _doubt(causal: Range) -> Iterator[str]:
    """Say what a prior leaves to nothing and to the opposite, and which share stands for it."""
    if not isinstance(causal, Prior) or causal.none == causal.opposite == 0:
        return
    chances = (
        (causal.none, "none of the gap is read as causal"),
        (causal.opposite, "the effect is read as the other way round"),
    )
    said = " and ".join(
        f"with a probability of {percent(chance)} {what}" for chance, what in chances if chance
    )
    yield (
        f"{said[0].upper()}{said[1:]}; at the likely values the mean of that prior is used, "
        f"{percent(causal.central)}."
    )


def _whom(scenario: Scenario, answered: int) -> Iterator[str]:
    """Say of whom those who are moved are a share, and how many of them gave no such answer."""
    if scenario.from_customers is None:
        yield (
            "Moved customers are a share of those who answered; from_customers in [scenario] "
            "sets the number of all customers whom the programme would reach."
        )
        return
    silent = scenario.from_customers - answered
    if silent > 0:
        yield (
            f"The programme is taken to reach {scenario.from_customers:,} customers in "
            f"'{scenario.origin}', but {answered:,} are known to be there: of {silent:,} who did "
            "not answer it is assumed, and that the gap is theirs too. Which group they are in is "
            "not known."
        )
