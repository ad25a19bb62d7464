"""Why a gap is left undecided, and whether more answers would decide it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..results.estimate import CONF_LEVEL
from ..results.formats import interval

if TYPE_CHECKING:
    from ..results.estimate import Estimate

# From so many answers on it is not their number that is short.
MANY = 10_000
# How the method of an estimate tells that its errors are those of declared clusters.
CLUSTERS = "effective clusters"


def why_undecided(
    contrast: Estimate, factor: float, p_value: float, threshold: str, tests: int, currency: str
) -> str:
    """Say what the interval holds, and what would narrow it.

    Parameters
    ----------
    factor
        How many times as many answers would make the smallest gap that matters detectable.
    p_value
        After correction.
    threshold
        The smallest gap that matters, in words.
    tests
        Number of tests that were corrected for.
    """
    shown = interval(contrast, currency)
    low, high = contrast.conf_low or 0.0, contrast.conf_high or 0.0
    if p_value < 1 - CONF_LEVEL:
        held = f"there is a difference, but the interval, {shown}, reaches to both sides of"
        held = f"{held} {threshold}, the smallest that matters"
    elif low > 0 or high < 0:
        held = (
            f"the interval, {shown}, leaves zero out, but among {tests} tests chance brings that "
            "about too often"
        )
    else:
        held = f"the interval, {shown}, holds no gap at all as well as gaps that matter"
        held = f"{held} (from {threshold})"
    return f"{held}; {_what_would_help(contrast, factor)}"


def _what_would_help(contrast: Estimate, factor: float) -> str:
    if CLUSTERS in contrast.method:
        return (
            "its width comes from how few clusters the answers lie in: more clusters would help, "
            "more answers from the same ones hardly"
        )
    if factor <= 1:
        return (
            f"the {contrast.n:,} answers would have found a gap of that size: this one is too "
            "near to it"
        )
    if contrast.n >= MANY:
        return (
            f"{contrast.n:,} answers are not few, but a gap that matters is small beside what "
            f"customers differ by: it would take about {factor:.2g} times as many; a longer "
            "window, or a larger gap declared to matter, helps sooner"
        )
    return f"about {factor:.2g} times as many answers would settle it"
