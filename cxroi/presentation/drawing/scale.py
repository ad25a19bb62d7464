"""Where a value stands between the two ends of a plot."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A straight scale from `low` at 0 % to `high` at 100 % of a plot's width."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None], *, zero: bool = True, room: float = 0.04) -> Scale:
        """Return a scale that holds all values that there are, and zero.

        Parameters
        ----------
        room
            Share of the width that stays free beyond the outermost values; at zero nothing does.

        Examples
        --------
        >>> Scale.of([2.0, None, 8.0], room=0.0)
        Scale(low=0.0, high=8.0)
        """
        shown = [float(v) for v in values if v is not None and math.isfinite(v)]
        low, high = min(shown, default=0.0), max(shown, default=1.0)
        if zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            low, high = low - 0.5, high + 0.5
        free = (high - low) * room
        return cls(low - free * (low != 0 or not zero), high + free * (high != 0 or not zero))

    def share(self, value: float) -> float:
        """Return where a value stands: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)

    def at(self, value: float) -> str:
        """Return where a value stands, in per cent of the width."""
        return f"{100 * self.share(value):.2f}%"

    def width(self, one: float, other: float) -> str:
        """Return how far two values stand apart, in per cent of the width."""
        return f"{100 * abs(self.share(other) - self.share(one)):.2f}%"

    def ticks(self, about: int = 4) -> list[float]:
        """Return round values on the scale, zero among them if it is there.

        Examples
        --------
        >>> Scale(-3.0, 22.0).ticks()
        [0.0, 10.0, 20.0]
        """
        rough = (self.high - self.low) / about
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(s * size for s in _STEPS if s * size >= rough * 0.999)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(n * step, 12) + 0.0 for n in range(first, last + 1)]
