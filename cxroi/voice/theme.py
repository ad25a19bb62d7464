"""What is found: a theme with all that goes with it, and the voice of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.on_demand import FITTED, on_demand

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Theme:
    """What several customers write about, and what goes with it.

    Attributes
    ----------
    name
        As in names of results and in `Voice.frame`: of a subject, or of language and words.
    title
        What readers see.
    words
        By language: its most typical words; each is used by at least 5 customers.
    agreement
        The least cosine, over its languages, of its words in two halves of the customers.
    n
        Comments counted under it.
    share, trend, waves
        Of the comments; the change from wave to wave; of the comments of each wave.
    score_effect
        Mean score of comments with it less that of comments without, adjusted.
    outcomes, stakes
        By outcome: the same of what customers did afterwards; and in money, over the customers
        who wrote.
    quotes
        Masked comments, where the study asks for them.
    """

    name: str
    title: str
    words: Mapping[str, tuple[str, ...]]
    agreement: float
    n: int
    share: Estimate
    trend: Estimate
    waves: tuple[Estimate, ...]
    score_effect: Estimate
    outcomes: Mapping[str, Estimate] = field(default_factory=dict)
    stakes: Mapping[str, Estimate] = field(default_factory=dict)
    quotes: tuple[str, ...] = ()

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """All its figures but the shares by wave."""
        later = (*self.outcomes.values(), *self.stakes.values())
        return (self.share, self.trend, self.score_effect, *later)


@on_demand
@dataclass(frozen=True, repr=False)
class Voice(TidyMixin):
    """What the comments of a study tell. No comment is kept but quotes that were asked for.

    Attributes
    ----------
    score, table
        The score beside the comments, and the table that both are in.
    themes
        The most frequent first.
    tone
        Correlation of what comments sound like with their scores, out of sample.
    languages
        By code: how many comments.
    reports
        Share of the comments that report the outcome itself; they are in no effect.
    misread
        Share of the comments that contradict their score; the headline score of all answers,
        without them, and the change. The last three are missing where tone cannot tell.
    frame
        One row a comment: ``answer`` (its row in `table`), ``language``, ``tone`` (the score that
        it sounds like), ``reports``, ``misread``, and ``x_<theme>``, 1 or 0.
    notes
        What a reader must know besides.
    """

    score: str
    table: str
    themes: tuple[Theme, ...]
    tone: Estimate
    languages: Mapping[str, int]
    reports: Estimate
    misread: tuple[Estimate, ...]
    frame: pd.DataFrame = field(metadata=FITTED)
    notes: tuple[str, ...]

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """All figures, by the names of `results.json`."""
        of_themes = [one for theme in self.themes for one in theme.estimates]
        return (self.tone, self.reports, *self.misread, *of_themes)

    @property
    def theme_frame(self) -> pd.DataFrame:
        """One row a comment: ``answer``, its row in `table`, and ``x_<theme>``, 1 or 0."""
        kept = [name for name in self.frame if name == "answer" or str(name).startswith("x_")]
        return self.frame[kept]

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure, its unit in the last column."""
        every = self.estimates
        return tidy_table(every).assign(unit=[one.unit for one in every])
