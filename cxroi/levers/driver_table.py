"""Answers with what happened to each customer in the days before: the inputs of drivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study


@dataclass(frozen=True)
class Driver:
    """An input: what may move the score.

    Attributes
    ----------
    better
        ``higher``, ``lower`` or empty.
    group
        The group that it belongs to, or empty.
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
    """One row an answer, with a column ``x_<input>`` for each input.

    Attributes
    ----------
    frame
        ``response``, ``customer``, ``cluster``, ``wave``, ``weight``, ``score``, ``group`` and the
        inputs: numbers with NaN, or texts with None, for unknown.
    refused
        Inputs that cannot be had, and why.
    """

    study: Study
    frame: pd.DataFrame
    drivers: tuple[Driver, ...]
    refused: Mapping[str, str]
