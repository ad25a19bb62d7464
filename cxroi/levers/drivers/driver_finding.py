"""What was found of one input of a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...results.display import TidyMixin
from ...results.estimate import CONF_LEVEL, Estimate
from .directions import Direction
from .weighing import DRIVER

if TYPE_CHECKING:
    import pandas as pd

    from ..driver_table import Driver
    from .must_haves import MustHave


@dataclass(frozen=True, repr=False, eq=False)
class DriverFinding(TidyMixin):
    """What was found of one input.

    Attributes
    ----------
    kind
        ``driver`` (goes with the score beyond all other inputs), ``shared with others`` (goes with
        it, but not shown to do so beyond the others), or ``no driver found``.
    direction
        Which end of it is better.
    importance
        ``lmg``, ``lmg_share``, ``johnson``, ``first``, ``last`` and, where ratings follow one
        general impression, ``lmg_beyond_halo``.
    slope
        Of a quantity: change of the score towards its better end with each standard deviation
        more, all other inputs held equal.
    deviation
        Standard deviation of a quantity, in its unit.
    must_have
        None of a category, and where nobody knows which end is better.
    performance
        How near its mean is to the better end; None likewise.
    """

    driver: Driver
    kind: str
    direction: Direction
    importance: Mapping[str, Estimate]
    slope: Estimate | None
    p_adjusted: float
    deviation: float
    missing: int
    must_have: MustHave | None
    performance: Estimate | None

    @property
    def way(self) -> int:
        """Whether more of it goes with a better score, 1, or a worse one, -1; 0 where not shown.

        An input may go with the score by its being known at all, and its quantity not.
        """
        slope = self.slope
        if self.kind != DRIVER or slope is None or slope.p_value is None:
            return 0
        if slope.estimate is None or slope.p_value >= 1 - CONF_LEVEL:
            return 0
        return 1 if slope.estimate > 0 else -1

    @property
    def against_declared(self) -> bool:
        """Whether the score is better at the end that is declared to be the worse."""
        return self.direction.declared and self.way * self.direction.sign < 0

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Its figures under their stable names."""
        found = [*self.importance.values(), self.slope, self.performance]
        needed = self.must_have.estimates if self.must_have else ()
        return (*(e for e in found if e is not None), *needed)

    def tidy(self) -> pd.DataFrame:
        """Return one row."""
        import pandas as pd

        return pd.DataFrame([self.row])

    @property
    def row(self) -> dict[str, object]:
        """What `tidy` shows of it."""
        lmg = self.importance["lmg"]
        return {
            "input": self.driver.name,
            "kind": self.kind,
            "lmg": lmg.estimate,
            "conf_low": lmg.conf_low,
            "conf_high": lmg.conf_high,
            "johnson": self.importance["johnson"].estimate,
            "first": self.importance["first"].estimate,
            "last": self.importance["last"].estimate,
            "slope": self.slope.estimate if self.slope else None,
            "p_adjusted": self.p_adjusted,
            "must_have": self.must_have.found if self.must_have else None,
            "performance": self.performance.estimate if self.performance else None,
            "n": lmg.n,
        }
