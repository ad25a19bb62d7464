"""The words of the report that need one: what each means, once, in plain English."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..results.display import TidyMixin

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis

# Anchor on the page -> the word, what it means.
TERMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "roi": (
            "Return on cost (ROI)",
            "Net value divided by cost. At 0 % the cost is just earned back.",
        ),
        "net": (
            "Net value",
            "Value of the customers moved less the whole cost, in today's money.",
        ),
        "chance": (
            "Chance that it pays",
            "Share of simulated outcomes with a net value above zero. Each varies what was "
            "measured within its error and what was assumed within its range.",
        ),
        "interval": (
            "Range, interval",
            "Of money: nine in ten simulated outcomes lie in it. Of everything else: made by a "
            "method that holds the true value in nineteen studies of twenty.",
        ),
        "causal": (
            "Causal share",
            "How much of the like-for-like gap a better experience brings about. It is assumed, "
            "not measured.",
        ),
        "ladder": (
            "As the groups are, in straight lines, like for like, same customer",
            "Four ways to compare two groups: nothing held equal (raw); what is known held equal "
            "in straight lines (adjusted), or as curves, right if either of two models is right "
            "(doubly robust), on which the money rests; each customer with themselves (within "
            "customers).",
        ),
        "gap": (
            "Gap",
            "Difference between the means of two groups. By itself it says nothing of causes.",
        ),
        "lasts": (
            "How long it lasts",
            "Share of those moved who are still in the better group a wave of the survey later "
            "(persistence).",
        ),
        "break": (
            "Breaks even at",
            "The value of one assumption at which net value is zero, all others unchanged.",
        ),
        "evidence": (
            "Rating of the evidence",
            "High, moderate, low or none, by a written rule: it starts at moderate, as scores are "
            "observed and not assigned, and falls with every failed check and every gap in the "
            "data.",
        ),
        "check": (
            "Check",
            "A way in which the numbers could be wrong, looked into with the data. Failed: rest no "
            "decision on the number. Warning: read it with this in mind.",
        ),
        "matters": (
            "Matters",
            "A gap that is at least as large as the smallest worth acting on, and unlikely to be "
            "chance after allowing for all tests that were made.",
        ),
        "wave": ("Wave", "A round of the survey, such as a quarter."),
        "held": (
            "Held equal",
            "Compared as if both groups had the same of it: the same segment, the same spend "
            "before the answer.",
        ),
    }
)


@dataclass(frozen=True, repr=False)
class Glossary(TidyMixin):
    """Words with what they mean, by their anchor on the page."""

    terms: Mapping[str, tuple[str, str]]

    def tidy(self) -> pd.DataFrame:
        """Return one row a word."""
        import pandas as pd

        return pd.DataFrame(list(self.terms.values()), columns=["word", "meaning"])

    def _repr_html_(self) -> str:
        rows = (
            f'<div id="g-{key}"><dt>{html.escape(word)}</dt><dd>{html.escape(meaning)}</dd></div>'
            for key, (word, meaning) in self.terms.items()
        )
        return f'<dl class="gloss">{"".join(rows)}</dl>'


def glossary(analysis: Analysis) -> Glossary:
    """Return the words of a study's report, its score and groups first."""
    scale = analysis.study.scale
    title = f"{scale.title[0].upper()}{scale.title[1:]}"
    groups = f"{', '.join(scale.describe())}."
    return Glossary({"groups": (f"{title} and its groups", groups), **TERMS})
