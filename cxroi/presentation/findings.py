"""One claim a part of the report: its heading is the finding; never computes."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checks.result import FAILED, WARNING
from ..results.display import Text, TidyMixin
from ..results.formats import value_and_interval
from ..value.money import MONEY_OUTCOMES
from . import labels
from .rungs import disagreements
from .sentences import claim, groups_claim, ladder_claim

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..metrics.compute import Metrics


@dataclass(frozen=True, repr=False)
class Finding(TidyMixin):
    """The heading of a part: its topic, the finding as a title, and a few sentences.

    Attributes
    ----------
    anchor
        By which other parts of the page link to it.
    """

    anchor: str
    topic: str
    title: str
    sentences: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """Return one row a sentence, the title first."""
        import pandas as pd

        return pd.DataFrame({self.topic: [self.title, *self.sentences]})

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.title, " ".join(self.sentences))))

    def _repr_html_(self) -> str:
        topic, title = html.escape(self.topic), html.escape(self.title).replace("$", "&#36;")
        lead = Text(self.sentences, "lead")._repr_html_() if self.sentences else ""
        return (
            f'<p class="kick">{topic}</p><h3 id="{self.anchor}" data-label="{topic}">{title}</h3>'
            f"{lead}"
        )


def main_outcomes(analysis: Analysis) -> list[str]:
    """Return the outcomes that reasons show: those that carry money, three at most."""
    known = [name for name in analysis.comparisons if name in analysis.regressions]
    money = [name for name in MONEY_OUTCOMES if name in known] if analysis.roi else known
    return (money or list(analysis.comparisons))[:3]


def groups(analysis: Analysis) -> Finding:
    """Say in which outcomes the two groups differ, as they are."""
    if not analysis.comparisons:
        return Finding("finding", "Finding", "Too few answers to compare the groups")
    names = main_outcomes(analysis)
    return Finding(
        "finding",
        "Finding",
        labels.titled(groups_claim(analysis, names)),
        ("As they are: a difference here is an association and nothing more.",),
    )


def like_for_like(analysis: Analysis) -> Finding:
    """Say what is left of the gaps when like is compared with like."""
    if not analysis.regressions:
        return Finding("ladder", "Like for like", "No like-for-like comparison could be made")
    outcome = next(iter(analysis.regressions))
    found, currency = analysis.regressions[outcome], analysis.study.currency
    return Finding(
        "ladder",
        "Like for like",
        ladder_claim(analysis, [n for n in main_outcomes(analysis) if n in analysis.regressions]),
        (
            f"In {labels.outcome(outcome)} the gap is {value_and_interval(found.raw, currency)} as "
            f"the groups are, and {value_and_interval(found.contrast, currency)} like for like, "
            f"from {found.contrast.n:,} answers.",
            *disagreements(analysis, outcome),
        ),
    )


def money(analysis: Analysis, checks: Checks) -> Finding:
    """Say whether the programme pays, and how long its effect is taken to last."""
    roi = analysis.roi
    if roi is None:
        why = analysis.refusals.get("roi")
        title = f"No return is worked out: {why or 'no programme is declared'}"
        return Finding("money", "Money", title.rstrip("."))
    return Finding("money", "Money", claim(roi, checks.rating), (roi.lasts,) if roi.lasts else ())


def trust(checks: Checks) -> Finding:
    """Say how many checks failed or warned, over every outcome."""
    failed, warned = (sum(c.verdict == v for c in checks.checks) for v in (FAILED, WARNING))
    said = f"Of {len(checks.checks)} checks {failed or 'none'} failed, {warned or 'none'} warned"
    return Finding("checks", "Checks", said)


def rows(analysis: Analysis) -> Finding:
    """Say how many of the answers were used."""
    steps = {step.name: step for step in analysis.overview.funnel.steps}
    used = steps["used"].count
    title = f"{used:,} answers were used"
    if "answered" in steps:
        title = f"Of {steps['answered'].count:,} answers {used:,} were used"
    return Finding("rows", "Where every row went", title)


def numbers(analysis: Analysis) -> Finding:
    """Head the tables that hold every number."""
    used = f"{analysis.overview.size:,} answers of {analysis.overview.customers:,} customers"
    return Finding("tables", "All numbers", f"All figures, from {used}")


def what_if(analysis: Analysis) -> Finding:
    """Head what other assumptions would give."""
    return Finding("whatif", "What if", "What other assumptions would give")


def metrics(found: Metrics) -> Finding:
    """Say how many metrics the tables allow."""
    names = {one.metric for one in found.measured}
    return Finding(
        "metrics",
        "Metrics",
        f"The tables allow {len(names)} metrics; {len(found.missing)} more lack something",
        (
            "Each as it is, with its interval; what is called good comes from articles on the "
            "field, a claim and no norm. A difference between groups or waves is an association.",
        ),
    )


def plain(anchor: str, topic: str, title: str) -> Finding:
    """Head a part that needs no finding, such as the method."""
    return Finding(anchor, topic, title)
