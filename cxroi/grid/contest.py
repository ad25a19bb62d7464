"""What a contest of scores over one outcome found, and over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import CxroiError
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study

WINNER, NO_WINNER, NONE_HELPS = "winner", "no winner", "none helps"


@dataclass(frozen=True, repr=False)
class Contest(TidyMixin):
    """The scores held against one another by how well they foretell one outcome.

    Attributes
    ----------
    kind
        ``winner`` (one is better than each of the others), ``no winner``, or ``none helps``: no
        interval of what a score adds lies above zero.
    best
        The score that foretold best, whether it wins or not.
    unbeaten
        The scores that could be the best: no other is shown to foretell better.
    known
        Share of the variance that controls and baselines foretell alone.
    gains
        By score, as the number that was answered: what it adds to that.
    official
        By score: what it adds as its headline counts it.
    combined
        What scores add together: pairs, where scores are few, and all of them.
    differences
        Between any two scores, the one that adds more first; p values after Holm.
    transformed
        By score: what the official way adds less what the number adds; p values after Holm.
    over_best
        What all scores add together less what `best` adds alone.
    p_adjusted
        Of the smallest lead of `best`, after Holm over pairs and Benjamini-Hochberg over
        outcomes.
    """

    outcome: str
    kind: str
    best: str
    unbeaten: tuple[str, ...]
    known: Estimate
    gains: Mapping[str, Estimate]
    official: Mapping[str, Estimate]
    combined: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    transformed: Mapping[str, Estimate]
    over_best: Estimate
    p_adjusted: float

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure under its stable name."""
        return (
            self.known,
            *self.gains.values(),
            *self.official.values(),
            *self.combined,
            *self.differences,
            *self.transformed.values(),
            self.over_best,
        )

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure."""
        return tidy_table(self.estimates)


@dataclass(frozen=True, repr=False)
class WorthAsking(TidyMixin):
    """Which score is worth asking, by outcome.

    Attributes
    ----------
    study
        With all its scores.
    titles, official_words
        By score: what a reader calls it, and how its headline counts answers.
    rows, customers
        Answers, one a customer and wave, of whom every score is known, and customers.
    contests
        By outcome.
    refusals
        Why an outcome, or a score, takes no part.
    """

    study: Study
    titles: Mapping[str, str]
    official_words: Mapping[str, str]
    rows: int
    customers: int
    contests: Mapping[str, Contest]
    refusals: Mapping[str, CxroiError] = field(compare=False)

    @property
    def winners(self) -> Mapping[str, str]:
        """The score that wins each outcome that one wins."""
        return {n: c.best for n, c in self.contests.items() if c.kind == WINNER}

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every figure of every outcome under its stable name."""
        return tuple(e for contest in self.contests.values() for e in contest.estimates)

    def tidy(self) -> pd.DataFrame:
        """Return one row an outcome and score."""
        import pandas as pd

        rows = [
            {
                "outcome": outcome,
                "metric": name,
                "adds": gain.estimate,
                "conf_low": gain.conf_low,
                "conf_high": gain.conf_high,
                "official_adds": contest.official[name].estimate,
                "n": gain.n,
                "could_be_best": name in contest.unbeaten,
                "found": contest.kind,
            }
            for outcome, contest in self.contests.items()
            for name, gain in contest.gains.items()
        ]
        return pd.DataFrame(rows)
