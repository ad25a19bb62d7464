"""Pilots for readers: whether made by chance, what they did, what that says of the ROI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..results.display import Table, Text
from ..results.formats import (
    money,
    percent,
    quantity,
    rough_money,
    shown_p,
    value_beside_interval,
    whole_percent,
)
from . import labels
from .findings import Finding

if TYPE_CHECKING:
    from ..evidence.pilot import Pilot
    from ..evidence.planning import Plan
    from ..evidence.returns import Evidenced
    from ..results.estimate import Estimate
    from ..study.declared import Study
    from ..value.roi import Roi

_ASKED = {
    "ratio": "as many offered as planned",
    "balance": "the two arms alike before the offer",
    "attrition": "as much known of one arm as of the other",
    "mixed": "each unit of assignment in one arm",
    "accounts": "customers assigned, and not their accounts",
}
WIDE = 1.5  # an interval of a share that is hardly narrower than knowing nothing
_SCORES = {"score": "score of those who answered after it", "moved": "in the better group after it"}


def finding(pilots: Sequence[Pilot]) -> Finding:
    """Head what the pilots show."""
    good = [one.declared.name for one in pilots if one.refused is None]
    title = f"{len(good)} of {len(pilots)} pilots were made by chance"
    if len(pilots) == 1:
        title = "The pilot was made by chance" if good else "Nothing is concluded from the pilot"
    said = "Who was offered it was chosen by chance, so that no judgement of cause enters."
    return Finding("pilots", "Pilots", title, (said,) if good else ())


def in_short(found: Evidenced | None) -> tuple[str, ...]:
    """Return the causal share that the pilots leave, in a sentence for a first page."""
    if found is None:
        return ()
    share = found.share
    if share.high - share.low > WIDE:
        told = "too wide to decide"
    else:
        told = "against the judgement" if share.conflict else "in keeping with the judgement"
    leaves = "leaves" if len(found.pilots) == 1 else "leave"
    span = f"{whole_percent(share.low)} to {whole_percent(share.high)}"
    return (
        f"{labels.titled(_listed(found.pilots))} {leaves} a causal share of "
        f"{whole_percent(share.mean)} ({span}): {told}.",
    )


def flaws(pilots: Sequence[Pilot]) -> Table | Text:
    """Return what was looked at to see whether each offer was made by chance."""
    import pandas as pd

    rows = [
        {
            "pilot": one.declared.name,
            "asked": _ASKED[flaw.name],
            "found": flaw.said,
            "p value": shown_p(flaw.p_value),
            "verdict": "not by chance" if flaw.broken else "odd" if flaw.odd else "as it should be",
        }
        for one in pilots
        for flaw in one.flaws
    ]
    return Table(pd.DataFrame(rows)) if rows else _refused(pilots)


def effects(pilots: Sequence[Pilot], study: Study) -> Table | Text:
    """Return what each offer did: the difference that chance alone does not explain."""
    return _table(pilots, study, "offered")


def moved(pilots: Sequence[Pilot], study: Study) -> Table | Text:
    """Return what being moved does to each outcome, by the offer as an instrument."""
    return _table(pilots, study, "moved")


def _table(pilots: Sequence[Pilot], study: Study, rung: str) -> Table | Text:
    import pandas as pd

    rows = [
        _row(one, estimate, study)
        for one in pilots
        for estimate in one.estimates
        if estimate.rung == rung
    ]
    return Table(pd.DataFrame(rows)) if rows else _refused(pilots)


def _row(pilot: Pilot, estimate: Estimate, study: Study) -> dict[str, str]:
    value, span = value_beside_interval(estimate, study.currency)
    return {
        "pilot": pilot.declared.name,
        "outcome": _SCORES.get(estimate.outcome) or labels.outcome(estimate.outcome),
        "difference": value,
        "95 % interval": estimate.note or span,
        "unit": estimate.unit,
        "customers": f"{estimate.n:,}",
    }


def _refused(pilots: Sequence[Pilot]) -> Text:
    if not pilots:
        return Text(("The study declares no pilot.",))
    return Text(tuple(f"{one.declared.name}: {one.refused}" for one in pilots if one.refused))


def summary(pilots: Sequence[Pilot], study: Study) -> Text:
    """Return what each pilot says, in sentences."""
    said = [sentence for one in pilots for sentence in _of_pilot(one, study)]
    return Text(tuple(said)) if said else _refused(pilots)


def _of_pilot(pilot: Pilot, study: Study) -> Iterator[str]:
    name = pilot.declared.name
    if pilot.refused is not None:
        yield f"{name}: nothing is concluded: {pilot.refused}"
        return
    yield (
        f"{name}: {pilot.offered:,} customers were offered it and {pilot.held_out:,} were not, by "
        "chance, so that what differs between them after it is its effect."
    )
    share, spend = pilot.differences.get("moved"), pilot.differences.get("spend")
    if share is not None:
        told = "more" if share.low > 0 else "fewer" if share.high < 0 else ""
        moved = f"{100 * share.value:+.1f} percentage points ({100 * share.low:+.1f} to "
        moved += f"{100 * share.high:+.1f}) in the share who answer as '{study.target}'"
        yield f"It shows {moved}{'' if told else ': too little to tell from nothing'}."
    if spend is not None:
        unit = next(o.unit for o in study.outcomes if o.name == "spend")
        value, low, high = (
            quantity(v, unit, study.currency) for v in (spend.value, spend.low, spend.high)
        )
        unclear = "" if spend.low > 0 or spend.high < 0 else ": not told apart from nothing"
        yield f"Spend differs by {value} ({low} to {high}){unclear}."
    yield from _earned(pilot, study)


def _lost(net: Estimate) -> str:
    return f"; {net.note}" if net.note else ""


def _earned(pilot: Pilot, study: Study) -> Iterator[str]:
    found = {e.name.rpartition(".")[2]: e for e in pilot.estimates}
    if "net_value" not in found:
        return
    net, chance = found["net_value"], found["probability_positive"].estimate or 0.0
    value, span = value_beside_interval(net, study.currency)
    earned = f"earned {value}"
    if net.estimate is not None and net.estimate < 0:
        loss = replace(net, estimate=-net.estimate)
        earned = f"lost {value_beside_interval(loss, study.currency)[0]}"
    yield (
        f"Within {study.outcome_days} days it {earned} net of its cost (90 % interval of what it "
        f"earned {span}{_lost(net)}); the chance that it has paid for itself by then is "
        f"{whole_percent(chance)}. No judgement of what is cause enters this."
    )


def causal_share(found: Evidenced | None, roi: Roi) -> Text:
    """Return what the pilots say of the causal share, and the ROI at it beside the declared one."""
    if found is None:
        return Text(("No pilot says anything of the causal share.",))
    share, declared = found.share, roi.scenario.causal_share
    ratio, chance = found.roi["ratio"], found.roi["probability_positive"].estimate or 0.0
    before = roi["probability_positive"].estimate or 0.0
    said = [
        f"Set against the gap, {_listed(found.pilots)} leaves a causal share of "
        f"{whole_percent(share.mean)} (90 % interval {whole_percent(share.low)} to "
        f"{whole_percent(share.high)}); declared is {whole_percent(declared.low)} to "
        f"{whole_percent(declared.high)}, a judgement that does not enter this."
    ]
    if share.conflict:
        said.append("The pilot contradicts the judgement: keep to the pilot, or say why not.")
    elif share.high - share.low > WIDE:
        said.append("That is hardly narrower than knowing nothing: the pilot is too small for it.")
    said.append(
        f"At that share the ROI is {percent(ratio.estimate)} (90 % interval "
        f"{percent(ratio.conf_low)} to {percent(ratio.conf_high)}), above zero with a chance of "
        f"{whole_percent(chance)}; at the declared share that chance is {whole_percent(before)}."
    )
    return Text((*said, _whose(found, roi), *_taken(roi)))


def _whose(found: Evidenced, roi: Roi) -> str:
    """Say of whom the share is, beside the gap, which is of the `from` group."""
    origin = roi.scenario.origin
    if found.of_origin:
        return f"Both are of customers in '{origin}' before."
    return (
        f"The gap is of customers in '{origin}', the pilot of all its customers: of too few it is "
        "known which group they were in."
    )


def _taken(roi: Roi) -> Iterator[str]:
    """Say what a causal share from a pilot assumes."""
    yield (
        "It is taken that the offer earns through the move alone: what it earns otherwise, such as "
        "by keeping customers out of lower groups, makes that share too high."
    )
    if roi.basis.study.only:
        yield (
            "The pilot is of all its customers, the gap of the part that the study is about: it is "
            "taken that one share holds for both."
        )


def _listed(names: Sequence[str]) -> str:
    return "the pilot " + names[0] if len(names) == 1 else f"the {len(names)} pilots"


def plan(plans: Sequence[Plan], currency: str, days: int) -> Table:
    """Return the plans of several sizes: what each shows, costs and is worth."""
    import pandas as pd

    rows = [
        {
            "offered": f"{one.offered:,}",
            "held out": f"{one.held_out:,}",
            f"effect it shows, a customer in {days} days": money(one.detectable, currency),
            "expected": money(one.expected, currency),
            "cost": money(round(one.cost), currency),
            "worth of what it tells": money(round(one.worth), currency),
            "worth less cost": money(round(one.net_worth), currency),
        }
        for one in sorted(plans, key=lambda one: one.offered)
    ]
    return Table(pd.DataFrame(rows))


def plan_said(plans: Sequence[Plan], study: Study) -> Text:
    """Return whether a pilot is worth it, which one, and what it can show."""
    best, currency = plans[0], study.currency
    said = (
        f"To offer the programme to {best.offered:,} customers in '{study.origin}' drawn by lot "
        f"and to leave {best.held_out:,} others as they are, for {best.days} days, would cost "
        f"{rough_money(best.cost, currency)}; by better decisions it would earn "
        f"{rough_money(best.worth, currency)} in the mean."
    )
    if best.pays:
        first = "A pilot is worth running. " + said
    else:
        first = (
            "No pilot is worth its cost by the declared assumptions: hardly any result would "
            "change the decision. The best would be this one. " + said
        )
    shows = (
        f"It would show an effect of {money(best.detectable, currency)} a customer offered (margin "
        "less cost to serve), with a probability of 80 %; the plan expects "
        f"{money(best.expected, currency)}, as only some of those offered move and only a part of "
        "the gap is taken as effect."
    )
    doubt = (
        "Whoever doubts the declared causal share asks again with a wider one: "
        '-p "scenario.causal_share=[0,0.5,1]".'
    )
    return Text((first, shows, doubt))
