"""Where the rungs of the ladder differ beyond noise: said in money, and before all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.formats import percent, quantity, shown_p, value_and_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..results.estimate import Estimate

# What each rung is called before a reader.
RUNGS = ("raw", "straight line", "doubly robust", "within customers")
# The same without the words of the trade, by the name of the rung.
IN_WORDS = {
    "raw": "As the groups are",
    "adjusted": "In straight lines",
    "doubly_robust": "Like for like",
    "within": "Same customer",
}


def disagreements(analysis: Analysis, outcome: str) -> Iterator[str]:
    """Say which rungs differ from the gap that the answer rests on beyond noise, and what of it.

    The raw gap is left out: that controls move it is what they are for.
    """
    if outcome not in analysis.regressions:
        return
    regression, within = analysis.regressions[outcome], analysis.within.get(outcome)
    straight = next((d for d in regression.differences if d.rung == "adjusted"), None)
    own = _gap(analysis, regression.contrast)
    if straight is not None and straight.beyond_chance():
        yield (
            "Controls as straight lines, and one gap for all customers, do not fit: so the gap in "
            f"{_plain(outcome)} would be {_gap(analysis, regression.adjusted)} instead of {own} "
            f"({_tested(straight)}){_money(analysis, 'adjusted')}; the answer follows curves, and "
            f"the customers in '{analysis.study.origin}'."
        )
    if within is not None and within.difference.beyond_chance():
        yield (
            f"The same customers tell another story: from wave to wave their {_plain(outcome)} "
            f"changes by {_gap(analysis, within.estimate)} with their group, not by {own} "
            f"({_tested(within.difference)}){_money(analysis, 'within')}: something that lasts "
            "about customers may make the rest."
        )


def _tested(difference: Estimate) -> str:
    return f"difference p {shown_p(difference.p_value)}"


def _plain(outcome: str) -> str:
    return outcome.replace("_", " ")


def _gap(analysis: Analysis, estimate: Estimate) -> str:
    return quantity(estimate.estimate or 0.0, estimate.unit, analysis.study.currency, gap=True)


def _money(analysis: Analysis, rung: str) -> str:
    """Say what the ROI would be by another rung."""
    found = {e.name: e for e in analysis.by_rung}
    ratio = found.get(f"roi.ratio.{rung}")
    chance = found.get(f"roi.probability_positive.{rung}")
    if ratio is None or chance is None or analysis.roi is None:
        return ""
    own = percent(analysis.roi["ratio"].estimate or 0.0)
    return (
        f", and the ROI {value_and_interval(ratio, analysis.study.currency)} instead of {own}, "
        f"above 0 in {percent(chance.estimate or 0.0)} of simulations"
    )
