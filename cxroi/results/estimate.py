"""Estimate: a number with interval, unit, n and method; tidy tables of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from .display import Table, TidyMixin

if TYPE_CHECKING:
    import pandas as pd

CONF_LEVEL = 0.95

TIDY_COLUMNS = (
    "term",
    "contrast",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "n",
)


@dataclass(frozen=True, repr=False)
class Estimate(TidyMixin):
    """A number with its interval, unit, n and method.

    Attributes
    ----------
    name
        Stable name, such as ``contrast.spend.adjusted``.
    estimate, conf_low, conf_high, std_error
        In `unit`; None where the figure does not exist, and `note` says why.
    unit
        Such as ``EUR per customer in 90 days``, ``share``, ``points``.
    n
        Customers or responses behind it.
    method
        How it was computed, interval included, in words.
    note
        What a reader must know besides: a verdict, a refusal, a caveat.
    term, contrast, statistic, p_value
        For the tidy table.
    outcome, rung, group
        The outcome it is of; how far it is adjusted (``raw``, ``adjusted``, ``doubly_robust``
        ...), or what it tells of the outcome; the group it is of. Empty where it has none.
    base
        The name of the same figure without weights, where this one has them.
    """

    name: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    std_error: float | None
    unit: str
    n: int
    method: str
    note: str = ""
    term: str = ""
    contrast: str = ""
    statistic: float | None = None
    p_value: float | None = None
    outcome: str = ""
    rung: str = ""
    group: str = ""
    base: str = ""

    def tidy(self) -> pd.DataFrame:
        """Return one row with the columns of `TIDY_COLUMNS`."""
        return tidy_table([self])

    def beyond_chance(self, level: float = 1 - CONF_LEVEL) -> bool:
        """Whether it has a p value, and that is under a level."""
        return self.p_value is not None and self.p_value < level

    def named(self, name: str) -> Estimate:
        """Return the same estimate under another name."""
        return replace(self, name=name)

    def weighted(self, how: str) -> Estimate:
        """Return the same estimate as one with weights, which end its name."""
        return replace(self, name=f"{self.name}.{how}", base=self.base or self.name)

    def as_dict(self) -> dict[str, Any]:
        """Return the entry of `results.json`, in the order of its contract; None if not finite."""
        keys = (
            "name",
            "estimate",
            "conf_low",
            "conf_high",
            "std_error",
            "unit",
            "n",
            "method",
            "note",
        )
        values = {key: getattr(self, key) for key in keys}
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in values.items()
        }


def tidy(estimates: Iterable[Estimate]) -> Table:
    """Return estimates as a table that shows itself in a notebook."""
    return Table(tidy_table(estimates))


def tidy_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Return one row an estimate, with the columns of `TIDY_COLUMNS`."""
    import pandas as pd

    rows = [
        {
            field.name: getattr(estimate, field.name)
            for field in fields(Estimate)
            if field.name in TIDY_COLUMNS
        }
        | {"term": estimate.term or estimate.name}
        for estimate in estimates
    ]
    return pd.DataFrame(rows, columns=list(TIDY_COLUMNS))
