"""The inputs of every answer beside its score: what drivers and levers are estimated from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study


@dataclass(frozen=True)
class Driver:
    """An input: something that happens to customers before they answer.

    Attributes
    ----------
    name, title, unit
        In results, for readers, and in what it is counted.
    better
        ``higher``, ``lower`` or empty.
    is_number
        Whether it is a quantity; else a category.
    group
        The group of inputs that it belongs to, or empty.
    source
        Where it comes from, in words.
    """

    name: str
    title: str
    unit: str
    better: str
    is_number: bool
    group: str
    source: str


@dataclass(frozen=True, repr=False)
class DriverTable:
    """One row an answer: its group, and the value of every input at the time.

    Attributes
    ----------
    frame
        Columns ``response``, ``customer``, ``cluster``, ``wave``, ``weight``, ``score``,
        ``group`` (position among the labels of the scale) and ``x_<input>`` each.
    refused
        Inputs that cannot be had, and why.
    """

    study: Study
    frame: pd.DataFrame = field(compare=False)
    drivers: tuple[Driver, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
