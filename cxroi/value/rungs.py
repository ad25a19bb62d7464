"""The ROI that each rung of the ladder would give, and where the same customers contradict it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..results.estimate import CONF_LEVEL, Estimate
from .basis import basis_of
from .evidence import gather
from .figures import ERRORS, claimed, returns
from .money import MONEY_OUTCOMES, evaluate

if TYPE_CHECKING:
    from ..effects.adjusted import Regression
    from ..effects.within import Within
    from ..panel.panel import Panel
    from .roi import Roi


def roi_by_rung(
    panel: Panel, regressions: Mapping[str, Regression], within: Mapping[str, Within]
) -> tuple[Estimate, ...]:
    """Return the ROI that each other rung of the ladder would give, with the same draws.

    Returns
    -------
    tuple
        ``roi.ratio.<rung>``, ``roi.net_value.<rung>`` and ``roi.probability_positive.<rung>``
        for ``raw``, ``adjusted`` and, where spend has one, ``within``.

    Raises
    ------
    StudyError, ModelError
        As `estimate_roi`.
    """
    basis, found = basis_of(panel, regressions), []
    for rung in ("raw", "adjusted", *(["within"] if "spend" in within else [])):
        evidence = gather(panel, regressions, rung, within)
        of_rung = basis.with_evidence(evidence)
        point, drawn = evaluate(of_rung.central), evaluate(of_rung.draws())
        figures = returns(point, drawn, panel.study, evidence.n, ERRORS)
        found += [replace(e, name=f"{e.name}.{rung}", rung=rung) for e in figures]
    return tuple(found)


def contradicted(
    roi: Roi,
    by_rung: Sequence[Estimate],
    within: Mapping[str, Within],
    regressions: Mapping[str, Regression],
) -> tuple[str, ...]:
    """Return the outcomes in which the same customers contradict what is claimed of the ROI.

    They do where the change within customers differs from the gap that carries the money beyond
    noise (5 per cent, by Bonferroni over the outcomes), and with it another claim would be made,
    or some outcome in the money cannot be seen within customers: what lasts about them and makes
    the one gap may make the other.
    """
    chance = next((e for e in by_rung if e.name == "roi.probability_positive.within"), None)
    if chance is None:
        return ()
    own, other = (claimed(e.estimate or 0.0) for e in (roi["probability_positive"], chance))
    unseen = any(name in regressions and name not in within for name in MONEY_OUTCOMES)
    return () if own == other and not unseen else differing(within)


def differing(within: Mapping[str, Within]) -> tuple[str, ...]:
    """Return the outcomes whose change within the same customers is not the gap, beyond noise."""
    known = [name for name in MONEY_OUTCOMES if name in within]
    level = (1 - CONF_LEVEL) / max(len(known), 1)
    return tuple(n for n in known if within[n].difference.beyond_chance(level))
