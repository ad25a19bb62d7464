"""For and against: the few reasons why an answer may, or may not, be rested on; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks.rating import AGREES, OBSERVED
from ..checks.result import FAILED, PASSED, WARNING
from ..errors import CxroiError, attempt
from ..results.formats import whole_percent
from . import labels
from .robustness import QUESTIONS

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks

AGAINST, FOR = "against", "for"
MOST = 3


def reasons(analysis: Analysis, checks: Checks) -> Iterator[tuple[str, str]]:
    """Yield what speaks against resting on the answer, the gravest first, and what for it."""
    rating = checks.rating
    against = [
        labels.titled(reason) for reason in rating.reasons if reason not in (AGREES, OBSERVED)
    ]
    against += _persistence(analysis)
    against += _hidden(checks)
    for reason in against[:MOST]:
        yield AGAINST, f"{reason}."
    in_favour = [*_agreement(analysis, checks), *_placebo(analysis, checks)]
    for reason in in_favour[: max(1, MOST + 1 - len(against))]:
        yield FOR, f"{reason}."


def _persistence(analysis: Analysis) -> Iterator[str]:
    roi = analysis.roi
    if roi is None or roi.persistence is None or roi.scenario.persistence is not None:
        return
    then = attempt(lambda: roi.what_if(persistence="observed"))
    worth = "" if isinstance(then, CxroiError) else whole_percent(then["ratio"].estimate)
    yield (
        "Everybody moved is counted as staying; of those seen to move, "
        f"{whole_percent(roi.persistence.estimate)} more than by chance were still there a wave "
        f"later{f', and with that the ROI would be {worth}' if worth else ''}"
    )


def failed_checks(checks: Checks) -> Iterator[str]:
    """Yield what each check asks that failed, of those that the rating rests on."""
    about = {*checks.rating.outcomes, "score"}
    failed = (c.name for c in checks.checks if c.verdict == FAILED and c.outcome in about)
    for name in dict.fromkeys(failed):
        yield QUESTIONS[name].partition(": ")[2].format(wave="wave")


def _hidden(checks: Checks) -> Iterator[str]:
    main = checks.rating.outcomes[:1]
    warned = [c for c in checks.of("confounding") if c.verdict == WARNING and c.outcome in main]
    if warned:
        yield "Something that was not measured could explain the gap"


def _agreement(analysis: Analysis, checks: Checks) -> Iterator[str]:
    """Say that the same customers show the gap too, where they do."""
    for outcome in list(analysis.regressions)[:1]:
        if outcome in checks.grounds.agreeing:
            yield (
                "Customers whose own score rose or fell from wave to wave show a gap in "
                f"{labels.outcome(outcome)} too"
            )


def _placebo(analysis: Analysis, checks: Checks) -> Iterator[str]:
    main = list(analysis.regressions)[:1]
    if any(c.verdict == PASSED and c.outcome in main for c in checks.of("placebo")):
        yield f"Long before the answers the groups did not differ in {labels.outcome(main[0])}"
