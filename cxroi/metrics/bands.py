"""What an article calls good of a metric, and where an estimate lies beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kinds import Found
from .metric import Band, Metric
from .relations import scores_of

if TYPE_CHECKING:
    from ..study.declared import Study


def band_of(metric: Metric, score: str, study: Study) -> Band | None:
    """Return the band of a metric; None of a score to whose scale it does not apply."""
    if metric.band is None or not metric.band.low_is_good:
        return metric.band
    low = [one.name for one in scores_of(study) if one.scale.better == "lower"]
    return metric.band if score in low else None


def against_band(metric: Metric, found: Found) -> str:
    """Say where an estimate lies beside what an article calls good."""
    band = metric.band
    if band is None or found.estimate is None:
        return ""
    if band.low is band.high is None:
        return f"{band.article} names {band.said}"
    low = float("-inf") if band.low is None else band.low
    high = float("inf") if band.high is None else band.high
    outside = "below" if found.estimate < low else "above"
    place = "inside" if low <= found.estimate <= high else outside
    return f"{place} what {band.article} names: {band.said}"
