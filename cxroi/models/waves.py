"""The wave of an answer as columns: scores and outcomes both have their seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..panel.waves import wave_name
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ..arrays import Vector
    from ..moments.rows import Rows


def wave_columns(source: Rows) -> tuple[list[tuple[str, Vector]], list[str]]:
    """Return a dummy for each wave of 30 rows and more but the largest, and nothing to be said.

    None of one wave. Where a better quarter brings better scores and more spend, groups pooled
    over quarters differ by the quarter.
    """
    counts = source.levels("wave") if "wave" in source.names else {}
    large = sorted(wave for wave, size in counts.items() if size >= MINIMUM_GROUP)
    base = max(large, key=lambda wave: counts[wave], default="")
    coded = bool(large) and source.is_number("wave")  # 20262 in an engine
    named = {one: wave_name(int(one)) if coded else one for one in large if one != base}
    return [(f"wave = {n}", source.member("wave", [one])) for one, n in named.items()], []
