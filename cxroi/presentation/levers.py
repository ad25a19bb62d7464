"""What each lever would move and earn: a table, and sentences; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..results.display import Table, Text, significant
from ..results.formats import (
    interval,
    money,
    percent,
    quantity,
    shown_p,
    value_and_interval,
)
from .turning_points import assumed_causal

if TYPE_CHECKING:
    from ..checks.rating import Rating
    from ..levers.estimate import LeverResult
    from ..results.estimate import Estimate
    from ..study.declared import Study

NOT_CARRIED = "no claim: the evidence does not carry one"
MOVES_NOBODY = "not shown to move anybody"
UNKNOWN = "no reason is known"


def levers(
    results: Sequence[LeverResult], study: Study, rating: Rating | None = None
) -> Table | Text:
    """Return what each lever would move and earn, side by side.

    Parameters
    ----------
    results
        Of `estimate_levers`.
    rating
        Of the evidence on the gaps that value a move: where it carries no claim, none is made.

    Returns
    -------
    Table or Text
        Columns: the lever, what it changes, customers reached, share of them who rise a group
        (95 per cent interval; those who fall taken off), net value and ROI (intervals of 90 per
        cent of the draws), the chance that it pays, and what is said of it. A sentence where no
        lever is declared.
    """
    import pandas as pd

    if not results:
        return Text(("The study file declares no [[levers]].",))
    barred = rating is not None and not rating.carries
    rows = [
        (one.lever.name, _change(one), *_figures(one, study.currency, barred)) for one in results
    ]
    columns = [
        "lever",
        "what it changes",
        "customers reached",
        "rise a group (95 % interval)",
        "net value (90 % interval)",
        "ROI (90 % interval)",
        "chance that it pays",
        "verdict",
    ]
    return Table(pd.DataFrame(rows, columns=columns))


def _figures(one: LeverResult, currency: str, barred: bool) -> tuple[str, ...]:
    if one.moves is None:
        return (
            "–",
            "–",
            "–",
            "–",
            "–",
            f"refused: {one.refusal.found if one.refusal else UNKNOWN}",
        )
    moved = f"{one.moves.customers:,}", value_and_interval(one["share_moved"], currency)
    if one.money is None:
        return (*moved, "–", "–", "–", _verdict(one, barred))
    earned = (value_and_interval(one[name], currency) for name in ("net_value", "roi"))
    return (*moved, *earned, percent(one["probability_positive"].estimate), _verdict(one, barred))


def _verdict(one: LeverResult, barred: bool) -> str:
    if not one.shown:
        return MOVES_NOBODY
    if one.money is None:
        return f"no ROI: {one.unpriced.found if one.unpriced else UNKNOWN}"
    if barred:
        return NOT_CARRIED
    if one.pays:
        return "expected to pay"
    return "not expected to pay" if one.loses else "open whether it pays"


def in_words(results: Sequence[LeverResult], study: Study, rating: Rating | None = None) -> Text:
    """Return what every lever would move, earn and do beside the score, one after the other."""
    said = [sentence for one in results for sentence in lever_sentences(one, study).sentences]
    return Text(tuple(dict.fromkeys([*not_carried(rating), *said])))


def not_carried(rating: Rating | None) -> list[str]:
    """Return that no claim is made, where the evidence does not carry one."""
    if rating is None or rating.carries:
        return []
    return [f"{rating.sentence} It does not carry a claim that any lever pays: pilot it first."]


def lever_sentences(one: LeverResult, study: Study) -> Text:
    """Say what a lever would move and earn, on what assumptions, and what it does beside the score.

    Returns
    -------
    Text
        For a reader who runs nothing.
    """
    return Text(tuple(_said(one, study)), "list")


def _said(one: LeverResult, study: Study) -> Iterator[str]:
    moves, name = one.moves, one.lever.name
    if moves is None:
        yield f"'{name}': nothing is estimated. {one.refusal}"
        return
    share, change = one["share_moved"], _change(one)
    yield (
        f"'{name}' ({change}) would reach {moves.customers:,} customers who answered"
        f"{_others(one)}. Were all of the association between this and the score an effect, "
        f"{_net(share)} ({interval(share, study.currency)} with 95 % confidence)."
    )
    yield from _pairs(one, study)
    if moves.beyond:
        yield (
            f"{percent(moves.beyond)} of those whose value would change are left out of moves, "
            "value and cost: hardly anybody has a value like their changed one today."
        )
    if not one.shown:
        yield (
            f"It is not shown that this moves anybody (p {shown_p(moves.p_value)}): no claim is "
            "made that it pays."
        )
    yield from _money(one, study)
    yield from _beside(one, study)
    yield from one.notes


def _others(one: LeverResult) -> str:
    moves = one.moves
    if moves is None:
        return ""
    parts = [f"it changes nothing for {moves.within:,} more" if moves.within else ""]
    parts += [f"of {moves.unknown:,} the input is not known" if moves.unknown else ""]
    told = "; ".join(filter(None, parts))
    return f" ({told})" if told else ""


def _net(share: Estimate) -> str:
    value = share.estimate or 0.0
    return (
        f"{percent(abs(value))} of them would {'rise' if value >= 0 else 'fall'} a group on balance"
    )


def _pairs(one: LeverResult, study: Study) -> Iterator[str]:
    """Say how many move between each two neighbours, up or down."""
    if one.moves is None:
        return
    told = []
    for (low, high), net in zip(one.moves.pairs, one.moves.net, strict=True):
        origin, target = (low, high) if net >= 0 else (high, low)
        found = one[f"moved.{origin}_to_{target}".replace(" ", "_")]
        told.append(f"{value_and_interval(found, study.currency)} from '{origin}' to '{target}'")
    yield (
        f"By pair: {', '.join(told)}; whoever moves by two groups passes both pairs. These are net "
        "moves, the least movement that turns the groups as they are into those they would be."
    )


def _money(one: LeverResult, study: Study) -> Iterator[str]:
    if one.unpriced is not None:
        yield f"No ROI is claimed: {one.unpriced}"
    if one.money is None or one.causal_share is None or study.scenario is None:
        return
    currency, net = study.currency, one["net_value"]
    earned = net.estimate or 0.0
    yield (
        f"At the likely values it would {'earn' if earned >= 0 else 'lose'} "
        f"{quantity(abs(earned), net.unit, currency)} net of a cost of "
        f"{money(one['cost'].estimate, currency)}; 90 % of the simulations lie from "
        f"{interval(net, currency)}. That is an ROI of {value_and_interval(one['roi'], currency)}, "
        f"above 0 in {percent(one['probability_positive'].estimate)} of the simulations."
    )
    yield (
        f"Two judgements are in it: {assumed_causal(one.causal_share)} of what goes with the input "
        f"is read as its effect on the score, and {assumed_causal(study.scenario.causal_share)} of "
        "what goes with the score as the score's effect on money. Groups are compared with the "
        "inputs of the levers held equal."
    )
    least = one["break_even_change"]
    if least.estimate is None:
        yield "At the likely values not even the whole change meets its cost."
    else:
        yield f"It meets its cost from {percent(least.estimate)} of the planned change on."
    if net.note:
        yield net.note


def _beside(one: LeverResult, study: Study) -> Iterator[str]:
    """Say what the lever does to outcomes by other ways than the score."""
    direct = [e for e in one.estimates if f"lever.{one.lever.slug}.direct." in e.name]
    told = [e for e in direct if e.beyond_chance()]
    for e in told:
        yield (
            f"At an unchanged score {e.outcome.replace('_', ' ')} would change by "
            f"{value_and_interval(e, study.currency)} ({e.unit})."
        )
    others = [e.outcome.replace("_", " ") for e in direct if e not in told]
    if others:
        yield f"At an unchanged score no change is told apart from none in {', '.join(others)}."
    if direct:
        yield (
            "Changes at an unchanged score are not in the ROI. They are effects only if nothing "
            "that is not held equal moves two of the input, the score and the outcome."
        )
    if one.undirected:
        names = ", ".join(name.replace("_", " ") for name in one.undirected)
        why = next(iter(one.undirected.values()))
        yield f"Of changes at an unchanged score nothing is said in {names}: {why}"


def _change(one: LeverResult) -> str:
    (change, value), driver = one.lever.change, one.driver
    title = driver.title if driver else one.lever.input.replace("_", " ")
    unit = f" {driver.unit}" if driver and driver.unit else ""
    shown = value if isinstance(value, str) else f"{significant(float(value))}{unit}"
    words = {
        "to": f"to {shown}",
        "by": f"by {'+' if not isinstance(value, str) and value > 0 else ''}{shown}",
        "at_most": f"at most {shown}",
        "at_least": f"at least {shown}",
    }
    return f"{title}: {words[change]}"
