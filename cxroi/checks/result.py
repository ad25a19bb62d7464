"""Check: what was looked for, what was found, and what that means for the numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table

if TYPE_CHECKING:
    import pandas as pd

PASSED = "passed"
WARNING = "warning"
FAILED = "failed"
NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, repr=False)
class Check(TidyMixin):
    """One way in which an outcome's numbers could be wrong, looked into.

    Attributes
    ----------
    name, outcome
        Such as ``placebo`` and ``spend``; a check of the score itself has outcome ``score``.
    verdict
        ``passed``, ``warning`` (read the number with this in mind), ``failed`` (do not rest a
        decision on the number), or ``not possible`` (the data do not allow the check).
    sentence
        What was found, in numbers, and what it means.
    estimate
        The figure that the verdict rests on; None where there is none.
    table
        Details, a row each, where there are any.
    """

    name: str
    outcome: str
    verdict: str
    sentence: str
    estimate: Estimate | None = None
    table: pd.DataFrame | None = field(default=None, compare=False)

    def tidy(self) -> pd.DataFrame:
        """Return one row: the figure, the verdict and the sentence."""
        return tidy_table([self.entry]).assign(verdict=self.verdict, sentence=self.sentence)

    @property
    def entry(self) -> Estimate:
        """The entry of results, ``check.<name>.<outcome>``: the figure, the verdict in its note."""
        name, note = f"check.{self.name}.{self.outcome}", f"{self.verdict}: {self.sentence}"
        if self.estimate is None:
            return Estimate(name, None, None, None, None, "", 0, "none", note)
        return replace(self.estimate, name=name, note=note)
