"""What would change a ROI: its break-even points, held against what is assumed; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.formats import money, percent, spread, value_and_interval
from ..study.scenario import Prior, Range

if TYPE_CHECKING:
    from ..study.declared import Study
    from ..value.roi import Roi


def assumed_causal(causal: Range) -> str:
    """Say which share of a gap is read as causal, and with what probability none is."""
    share = spread(causal.low, causal.likely, causal.high)
    if not isinstance(causal, Prior) or causal.none == causal.opposite == 0:
        return share
    doubts = [
        f"with a probability of {percent(chance)} {what}"
        for chance, what in ((causal.none, "none"), (causal.opposite, "the opposite"))
        if chance
    ]
    return f"{share}, but {' and '.join(doubts)},"


def roi_turning_points(roi: Roi | None, study: Study) -> Iterator[str]:
    """Say at which causal share, persistence and cost the scenario breaks even."""
    if roi is None:
        return
    currency, scenario = study.currency, roi.scenario
    share, assumed = roi["break_even_causal_share"].estimate, scenario.causal_share.central
    if share is None:
        yield "No causal share, however large, would make the programme pay."
    else:
        beyond = ", more than the whole gap: even all of it would not pay" if share > 1 else ""
        yield (
            f"Break-even causal share: {percent(share)} of the gap must be causal{beyond}; "
            f"{percent(assumed)} is assumed{_on_average(scenario.causal_share)}."
        )
    yield from _persistence_turning_point(roi)
    yield (
        f"Break-even cost: {money(roi['break_even_cost_per_moved'].estimate, currency)} per moved "
        f"customer; {money(scenario.cost_per_moved.likely, currency)} is planned, and fixed cost "
        f"of {money(scenario.fixed_cost.likely, currency)}."
    )
    if len(roi.tornado):
        widest = roi.tornado.iloc[0]
        yield (
            f"The input that moves the ROI most is {widest['input']}: the ROI is "
            f"{percent(widest['roi_low'])} at its 5 % point (one simulation in twenty lies below "
            f"it) and {percent(widest['roi_high'])} at its 95 % point."
        )


def _on_average(causal: Range) -> str:
    return " on average" if causal.central != causal.likely else ""


def _persistence_turning_point(roi: Roi) -> Iterator[str]:
    """Say which share of those moved must stay for the programme to pay, and what is assumed."""
    if not roi.whole_horizon:
        return
    needed, seen, declared = roi["break_even_persistence"].estimate, roi.persistence, roi.scenario
    if needed is None:
        said = "Break-even persistence: none; even if everybody moved stayed it would not pay"
    elif needed == 0:
        said = "Break-even persistence: 0 %; the value of the first outcome window alone pays"
    else:
        said = (
            f"Break-even persistence: {percent(needed)} of those moved must still be in "
            f"'{declared.target}' a wave later"
        )
    assumed = declared.persistence
    if isinstance(assumed, Range):
        said += f"; {spread(assumed.low, assumed.likely, assumed.high)} is assumed"
    elif assumed is None:
        said += "; none is declared, and all are counted as staying"
    if seen:
        said += f"; the transitions show {value_and_interval(seen, '')}"
    yield f"{said}."
