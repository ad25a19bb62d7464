"""Claim: what the field says, its number, what it rests on, and how ours is found; it is data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..results.estimate import Estimate
    from .evidence import Evidence


@dataclass(frozen=True)
class Said:
    """The values for which a claim is true.

    Attributes
    ----------
    low, high
        From and to; `high` is infinite where the claim says "at least". None where it says a
        direction alone: more than `null`.
    null
        The value where there is nothing to it: 0 of a difference or a share, 1 of a ratio.
    least
        Of a direction: how far from `null` a difference is worth the name.
    """

    low: float | None = None
    high: float | None = None
    null: float = 0.0
    least: float = 0.1


MORE = Said()


@dataclass(frozen=True)
class Claim:
    """One claim of the articles.

    Attributes
    ----------
    name
        As in results, after ``claim.``.
    claim, number
        In words, and its number as it was printed; ``more`` where it has none.
    articles
        Which say so, such as ``A0``.
    rests_on
        What the original was about: an intention, one industry, companies and not customers.
    measured
        What ours is, in words.
    said
        For which values it is true; None where no table can tell.
    find
        From the tables to our estimate; None where there is none. Of a claim that no table can
        tell it is of something near, shown without a verdict.
    needs
        Role -> columns without which it cannot be found, as of a metric; ``a|b`` one of two roles;
        ``outcome:spend`` that outcome; ``scenario:gross_margin`` that key of the scenario.
    untold
        Why no table can tell, or ``needs: `` and what would; empty where one can.
    """

    name: str
    claim: str
    number: str
    articles: tuple[str, ...]
    rests_on: str
    measured: str = ""
    said: Said | None = None
    find: Callable[[Evidence], Estimate] | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    untold: str = ""
