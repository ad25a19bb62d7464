"""How the numbers came about, what was refused, and what the study cannot claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.display import Text
from ..results.formats import percent
from ..value.figures import LOSES, PAYS

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..panel.overview import Overview
    from ..study.declared import Study


def refused(analysis: Analysis) -> Text:
    """Say what was refused, and why."""
    found = tuple(f"{name}: {refusal}" for name, refusal in analysis.refusals.items())
    return Text(found or ("Nothing was refused.",), "list")


def limits(analysis: Analysis) -> Text:
    """Say what the study cannot claim, and what was refused."""
    return Text(tuple(_limits(analysis)), "list")


def method(analysis: Analysis) -> Text:
    """Say how the numbers came about."""
    study = analysis.study
    sentences = [
        *_chosen(study),
        f"Customers are grouped by their {study.scale.title} answer: "
        f"{', '.join(study.scale.describe())}.",
    ]
    if study.dated:
        past = f", the baseline in the {study.baseline_days} days before it"
        sentences.append(
            f"Outcomes are counted in the {study.outcome_days} days after the answer"
            f"{past if study.baseline_days else ''}."
        )
    if study.churn == "cancelled":
        sentences.append(f"Churned: cancelled within {study.churn_days} days after the answer.")
    elif study.churn == "no_purchase":
        days = (
            f"in the {study.baseline_days} days before it" if study.baseline_days else "before it"
        )
        sentences.append(
            f"Churned: no purchase within {study.churn_days} days after the answer, of customers "
            f"who had bought {days}."
        )
    sentences += _gaps(analysis)
    sentences.append(
        "Verdicts: useful needs a p value under 0.05 after correction for all tests and a gap of "
        "at least the size that matters; too little data means that the interval reaches both "
        "gaps that matter and gaps that do not."
    )
    sentences.append(
        "The rating of the evidence starts at moderate, as scores are observed and not assigned. "
        "A failed check, outcomes without dates, nothing known of an outcome before the answers, "
        "and many rows lost each lower it by one; a failed check of leakage or overlap withdraws "
        "the verdict; high needs no warning and the same finding within customers."
    )
    if analysis.roi:
        sentences.append(
            "Value of a moved customer: for each outcome window up to the horizon, gross margin "
            "times spend less the cost of contacts and returns, times the share still there at "
            "the start of the window, discounted from its middle; with the causal share of each "
            "gap added, as far as the effect lasts, less without. Net value: customers moved "
            "times that, less cost. ROI: net value over cost."
        )
        sentences.append(
            f"The words: expected to pay from {percent(PAYS)} of simulations above 0 on, not "
            f"expected to pay up to {percent(LOSES)}, open in between; expected to pay only where "
            "the evidence is rated moderate or high."
        )
    sentences.append(
        "Intervals of gaps cover 95 %; those of the ROI hold 90 % of simulations, in which "
        "outcomes vary jointly with their sampling error and assumptions over their ranges."
    )
    return Text(tuple(sentences), "list")


def _chosen(study: Study) -> Iterator[str]:
    """Say of a part of the answers which it is, and what is the same for all of them."""
    if study.only:
        names = " and ".join(name.replace("_", " ") for name in study.left_out)
        same = f"; {names} cannot be held equal, being the same for all of them" if names else ""
        yield f"Only answers with {study.only_said} are in this report{same}."


def _gaps(analysis: Analysis) -> Iterator[str]:
    """Say what each gap holds equal and how, and who is left out."""
    origin, target = analysis.study.origin, analysis.study.target
    yield (
        f"Every gap is about the customers in '{origin}': what they would have had in '{target}', "
        f"less what they had. Held equal in all but the raw one: {_held_equal(analysis)}; in "
        "the straight-line gap in straight lines, by least squares."
    )
    yield (
        "The adjusted gap, on which verdicts, checks and money rest, is doubly robust. It holds "
        f"the same equal as curves: from the customers in '{target}' alone it predicts what those "
        f"in '{origin}' would have had there, and those who are most like them count for most. "
        "Where nothing unmeasured differs, it is right if either the curves or what it takes as "
        f"the chance of being in '{target}' is."
    )
    yield _left_out(analysis)
    yield (
        "The gap within customers compares each customer with themselves in another wave, for "
        "those who changed groups. Whether two gaps differ is tested on the customers they share."
    )


def _left_out(analysis: Analysis) -> str:
    """Say how many customers have nobody alike, by outcome where there are any."""
    origin, target = analysis.study.origin, analysis.study.target
    shares = {name: r.left_out for name, r in analysis.regressions.items() if r.left_out > 0}
    listed = ", ".join(f"{percent(s)} for {n.replace('_', ' ')}" for n, s in shares.items())
    return (
        f"Customers in '{origin}' with hardly anybody like them in '{target}' (odds of it under a "
        "twentieth of what is usual, by what is held equal) are left out of it: "
        f"{listed or 'here there are none'}."
    )


def _limits(analysis: Analysis) -> Iterator[str]:
    panel, study = analysis.overview, analysis.study
    yield (
        "Groups differ in more than the score. Controls hold equal what was measured; what was "
        "not measured can still explain a gap, which is why the causal share is an assumption."
    )
    if not study.dated:
        yield (
            "The outcomes have no dates: whether they came after the answers cannot be checked, "
            "so the direction of the association is open."
        )
    yield _coverage(panel)
    if analysis.roi:
        yield from analysis.roi.notes
    for name, regression in analysis.regressions.items():
        unknown = panel.size - regression.adjusted.n
        if unknown:
            yield f"{name}: not known for {unknown:,} of {panel.size:,} responses."
    if panel.weighted:
        yield (
            "Gaps and verdicts use the survey weights; results.json holds both, the weighted "
            "ones under names that end in .weighted."
        )
    yield from panel.ledger.warnings
    for name, refusal in analysis.refusals.items():
        yield f"Refused, {name}: {refusal}"
    for name, regression in analysis.regressions.items():
        yield from (f"{name}: {note}" for note in regression.notes)
    for comparison in analysis.comparisons.values():
        yield from comparison.notes


def _coverage(panel: Overview) -> str:
    coverage = panel.coverage
    if panel.study.only_answers:
        return "Answers were chosen; how many were asked for one of this kind is not known."
    if not panel.study.dated and coverage.answered == coverage.customers:
        return "The file holds customers who answered; how many were asked is not known."
    base = "invited" if coverage.invited else "known"
    total = coverage.invited or coverage.customers
    if coverage.answered_of_them == total:
        return f"All {total:,} {base} customers answered at least once."
    return (
        f"{coverage.answered_of_them:,} of {total:,} {base} customers answered at least once "
        f"({percent(coverage.share_answered)}). Those who did not may differ."
    )


def _held_equal(analysis: Analysis) -> str:
    columns = {
        column.split(" = ")[0].removesuffix(" (per SD)").replace("_", " ")
        for regression in analysis.regressions.values()
        for column in regression.controls
    }
    return ", ".join(sorted(columns)) or "nothing"
