"""One pilot: what was looked at, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.on_demand import FITTED, on_demand
from .causal_share import Earned
from .flaws import Flaw
from .randomised import Difference, Region

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Integers
    from ..errors import CxroiError
    from ..study.pilots import DeclaredPilot


@on_demand
@dataclass(frozen=True, eq=False, repr=False)
class Pilot(TidyMixin):
    """One pilot.

    Attributes
    ----------
    declared
        What the study file says of it.
    offered, held_out
        Customers of each arm whose outcomes are known.
    flaws
        Whether the offer was as random as it should be.
    differences
        By outcome, and ``score`` and ``moved`` (in the `to` group of the scenario) of those who
        answered after it.
    moved
        By outcome: the effect of being moved, and the region of it.
    estimates
        ``pilot.<name>.<outcome>.offered`` and ``.moved``.
    earned
        What it earned and whom it moved, of customers who were in the `from` group before it, or
        of all where that is known of too few; None where it cannot be told.
    of_origin
        Whether that is of the `from` group alone.
    paid
        Customers who were offered it in all, who are paid for whether their outcomes are known
        or not.
    units
        The unit of assignment of each customer; None where customers were assigned.
    refused
        Why nothing is estimated; None where it is.
    """

    declared: DeclaredPilot
    offered: int
    held_out: int
    flaws: tuple[Flaw, ...]
    differences: Mapping[str, Difference] = field(default_factory=dict)
    moved: Mapping[str, tuple[float, Region]] = field(default_factory=dict)
    estimates: tuple[Estimate, ...] = ()
    earned: Earned | None = None
    of_origin: bool = False
    paid: int = 0
    units: Integers | None = field(default=None, metadata=FITTED)
    refused: CxroiError | None = None

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)
