"""Levers held against one another: what to do first, what together, what to find out; in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.display import Table, Text
from ..results.formats import (
    chance,
    rough_money,
    rough_spread,
    whole_percent,
)
from ..value.figures import claimed
from .labels import listed
from .levers import not_carried

SMALL = 0.01  # overlaps up to this part of the net value are not told

if TYPE_CHECKING:
    from ..checks.rating import Rating
    from ..levers.portfolio import Portfolio
    from ..results.estimate import Estimate


def ranked(found: Portfolio) -> Table:
    """Return one row a lever, the best first: what it earns alone, and how often it is the best.

    ``net value`` is the mean of the simulations, the interval holds 90 % of them; ``in the best
    set`` says whether the choice under the budget holds it.
    """
    import pandas as pd

    rows = [
        (
            place,
            title,
            *_beside(found[f"lever.{name}.expected_net_value"], found.currency),
            whole_percent(found[f"lever.{name}.probability_best"].estimate),
            _chosen(found, name),
        )
        for place, (name, title) in enumerate(found.names.items(), start=1)
    ]
    columns = ["rank", "lever", "net value", "90 % interval", "chance to be the best"]
    return Table(pd.DataFrame(rows, columns=[*columns, "in the best set"]))


def _beside(e: Estimate, currency: str) -> tuple[str, str]:
    ends = [v or 0.0 for v in (e.estimate, e.conf_low, e.conf_high)]
    value, low, high = (rough_money(v, currency, *ends) for v in ends)
    return value, f"{low} to {high}"


def in_words(found: Portfolio, rating: Rating | None = None) -> Text:
    """Say what to do first, which levers together, what they have in common, what knowing earns."""
    return Text((*not_carried(rating), *_sentences(found)))


def _chosen(found: Portfolio, name: str) -> str:
    if name in found.left_out:
        return "no: not shown to move anybody"
    return "yes" if name in found.best else "no"


def _sentences(found: Portfolio) -> Iterator[str]:
    first, title = next(iter(found.names.items()))
    best = found[f"lever.{first}.probability_best"].estimate or 0.0
    none = found["portfolio.probability_none_pays"].estimate or 0.0
    if len(found.names) > 1:
        yield (
            f"Alone, '{title}' is expected to earn most; it is the best single lever in "
            f"{whole_percent(best)} of the simulations, and in {whole_percent(none)} no lever pays."
        )
    budget = found.budget is not None and f" with at most {_money(found, found.budget)} to spend"
    yield from _choice(found, budget or "")
    yield from _knowing(found)


def _choice(found: Portfolio, budget: str) -> Iterator[str]:
    if not found.best:
        yield f"No lever is shown to earn more than it costs{budget}: do none of them."
        return
    names = listed([f"'{found.names[name]}'" for name in _in_order(found)])
    net, cost = found["portfolio.best.net_value"], found["portfolio.best.cost"]
    positive = found["portfolio.best.probability_positive"].estimate or 0.0
    what = "The best set of levers is" if len(found.best) > 1 else "The best choice is"
    yield (
        f"{what} {names}{budget}: expected to earn "
        f"{rough_spread(net, found.currency)} net at a cost of "
        f"{_money(found, cost.estimate)}; the chance that it pays is {chance(positive)}."
    )
    if not claimed(positive)[0]:
        yield "That is too little to say that it pays."
    overlap = found["portfolio.best.overlap"]
    if len(found.best) > 1 and abs(overlap.estimate or 0.0) > SMALL * abs(net.estimate or 0.0):
        yield (
            f"Each by itself adds up to {_money(found, abs(overlap.estimate or 0.0))} "
            f"{'more' if (overlap.estimate or 0.0) > 0 else 'less'}: whom several of them would "
            "move is counted once."
        )


def _knowing(found: Portfolio) -> Iterator[str]:
    whole = found["portfolio.value_of_knowing"]
    if not whole.estimate:
        if found.best:
            yield "The choice is the same in all simulations: to know more would not change it."
        return
    yield (
        f"To wait until all is known would be worth {_money(found, whole.estimate)} at most, "
        "before what waiting costs: a pilot or study that costs more cannot pay."
    )
    single = {n: found[f"lever.{n}.value_of_knowing"].estimate or 0.0 for n in found.names}
    most = max(single, key=lambda name: single[name])
    if len(single) > 1 and single[most] > 0:
        yield (
            f"Of single levers it is worth most to know what '{found.names[most]}' earns: "
            f"about {_money(found, single[most])}."
        )


def _in_order(found: Portfolio) -> list[str]:
    return [name for name in found.names if name in found.best]


def _money(found: Portfolio, value: float | None) -> str:
    return rough_money(value or 0.0, found.currency)
