"""How far to trust the numbers: the checks in one paragraph and in tables; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..checks.result import FAILED, NOT_POSSIBLE, PASSED, WARNING, Check
from ..results.display import Table, Text
from ..results.estimate import Estimate
from ..results.formats import percent, value_and_interval
from ..study.calendars import wave_word
from .rungs import RUNGS, disagreements

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks

QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "leakage": "Leakage: does no input give the outcome away?",
        "placebo": "Placebo: is the score blind to what came long before it?",
        "overlap": "Overlap: do both groups hold customers who are alike?",
        "confounding": "Hidden confounding: would it take much to explain the gap away?",
        "sensitivity": "Sensitivity: do other reasonable choices give the same?",
        "power": "Power: would a gap that matters have been found?",
        "backtest": "Backtest: did what an earlier {wave}'s run expected come about?",
        "nonresponse": "Nonresponse: is the gap the same for those who did not answer?",
        "regression_to_mean": "Regression to the mean: are moves between groups more than chance?",
    }
)
_RUNGS = (
    "as it is",
    "with controls held equal in straight lines",
    "doubly robust",
    "within customers",
)


def how_far(analysis: Analysis, checks: Checks) -> Text:
    """Say in one paragraph how far the answer can be trusted, the main outcome before others."""
    outcome = main_outcome(analysis)
    sentences = [checks.rating.sentence]
    if outcome in analysis.regressions:
        sentences += [*_ladder(analysis, outcome), *disagreements(analysis, outcome)]
    found = _asked(checks, outcome)
    sentences.append(_tally(outcome, found))
    sentences += [c.sentence for c in found if c.verdict == FAILED]
    sentences += _failed_elsewhere(checks, outcome)
    sentences += _hidden(found)
    sentences += _silent(analysis, checks, outcome)
    return Text(tuple(sentences))


def table(analysis: Analysis, checks: Checks) -> Table:
    """Return one row a check: the question, the verdict on the main outcome, what was found."""
    import pandas as pd

    outcome = main_outcome(analysis)
    rows = [
        (
            QUESTIONS[c.name].format(wave=wave_word(analysis.study)),
            c.verdict,
            c.sentence,
            _others(checks, c, analysis.study.dated),
        )
        for c in _asked(checks, outcome)
    ]
    plain = outcome.replace("_", " ")
    columns = ["question", f"verdict ({plain})", "what was found", "other outcomes"]
    return Table(pd.DataFrame(rows, columns=columns))


def every_check(analysis: Analysis, checks: Checks, name: str) -> Table:
    """Return one check for every outcome, with its figure and what was found."""
    import pandas as pd

    currency = analysis.study.currency
    rows = [
        (c.outcome.replace("_", " "), c.verdict, _figure(c, currency), c.sentence)
        for c in checks.of(name)
    ]
    return Table(pd.DataFrame(rows, columns=["outcome", "verdict", "figure", "what was found"]))


def details(checks: Checks, name: str, outcome: str) -> Table | Text:
    """Return the rows behind one check, or why there are none."""
    found = next((c for c in checks.of(name) if c.outcome == outcome), None)
    if found is None:
        return Text((f"There is no check {name} of {outcome}.",))
    return Text((found.sentence,)) if found.table is None else Table(found.table)


def main_outcome(analysis: Analysis) -> str:
    """Return the outcome that the answer rests on: spend, or the first that has a gap."""
    known = list(analysis.regressions) or [o.name for o in analysis.study.outcomes]
    return "spend" if "spend" in known else known[0]


def _asked(checks: Checks, outcome: str) -> list[Check]:
    """Return the checks of an outcome and of the score, in the order of the questions."""
    order = list(QUESTIONS)
    found = [*checks.about(outcome), *checks.about("score")]
    return sorted(found, key=lambda check: order.index(check.name))


def _ladder(analysis: Analysis, outcome: str) -> Iterator[str]:
    study, rungs = analysis.study, analysis.ladder(outcome)
    names = {name: place for place, name in enumerate(RUNGS)}
    listed = ", ".join(
        f"{_RUNGS[names[e.term]]} {value_and_interval(e, study.currency)}" for e in rungs
    )
    plain = outcome.replace("_", " ")
    yield f"The gap in {plain} between '{study.target}' and '{study.origin}': {listed}."


def _tally(outcome: str, found: list[Check]) -> str:
    parts = []
    for verdict, word in (
        (FAILED, "failed"),
        (WARNING, "came back with a warning"),
        (PASSED, "passed"),
        (NOT_POSSIBLE, "could not be made"),
    ):
        names = [c.name.replace("_", " ") for c in found if c.verdict == verdict]
        if names:
            parts.append(f"{len(names)} {word} ({', '.join(names)})")
    return f"Of {len(found)} checks on {outcome.replace('_', ' ')} " + "; ".join(parts) + "."


def _failed_elsewhere(checks: Checks, outcome: str) -> Iterator[str]:
    """Name what failed for the other outcomes that the answer rests on."""
    failed: dict[str, list[str]] = {}
    for c in checks.checks:
        if c.verdict == FAILED and c.outcome in checks.rating.outcomes and c.outcome != outcome:
            failed.setdefault(c.outcome, []).append(c.name.replace("_", " "))
    if failed:
        listed = "; ".join(f"{o.replace('_', ' ')}: {', '.join(n)}" for o, n in failed.items())
        yield f"Failed on other outcomes that the answer rests on: {listed}."


def headline(analysis: Analysis, checks: Checks) -> Text:
    """Say, to stand under the answer, what the checks and the other gaps say of it.

    Counted are the checks of every outcome that carries money, and those of the score.
    """
    sentences = [_counted(checks)]
    sentences += [
        f"{title}: {named}."
        for verdict, title in ((FAILED, "Failed"), (WARNING, "Warnings"))
        if (named := _named(checks, verdict))
    ]
    sentences += disagreements(analysis, main_outcome(analysis))
    return Text((*sentences, "See how far to trust this."))


def _counted(checks: Checks) -> str:
    """Count the checks behind the rating by their verdict."""
    rating = checks.rating
    counts, plain = rating.counts, [name.replace("_", " ") for name in rating.outcomes]
    return (
        f"Of {sum(counts.values())} checks on {', '.join(plain)} and the score, "
        f"{counts[FAILED]} failed, {counts[WARNING]} came back with a warning, {counts[PASSED]} "
        f"passed and {counts[NOT_POSSIBLE]} could not be made."
    )


def _named(checks: Checks, verdict: str) -> str:
    """Name the checks with a verdict behind the rating, and the outcomes of each."""
    found: dict[str, list[str]] = {}
    for check in checks.checks:
        if check.verdict == verdict and check.outcome in (*checks.rating.outcomes, "score"):
            plain = check.name.replace("_", " ")
            found.setdefault(plain, []).append(check.outcome.replace("_", " "))
    return "; ".join(f"{name} ({', '.join(outcomes)})" for name, outcomes in found.items())


def _hidden(found: list[Check]) -> Iterator[str]:
    """Say what it takes to explain the gap away, where there is a gap to explain."""
    check = next((c for c in found if c.name == "confounding" and c.estimate), None)
    if check is None or check.estimate is None or check.verdict == FAILED:
        return
    figure = check.estimate
    if figure.conf_low:
        yield (
            f"Something not measured that accounts for {percent(figure.estimate)} of what the "
            f"controls leave unexplained of both group and {check.outcome.replace('_', ' ')} could "
            f"explain the gap away; {percent(figure.conf_low)} could put it in doubt."
        )


def _silent(analysis: Analysis, checks: Checks, outcome: str) -> Iterator[str]:
    """Say how the gap changes when the answers stand for all who were invited."""
    name = f"contrast.{outcome}.adjusted.response_weighted"
    weighted = next((e for e in checks.response_weighted if e.name == name), None)
    if checks.nonresponse and weighted:
        shown = value_and_interval(weighted, analysis.study.currency)
        rate = percent(checks.nonresponse.response_rate.estimate)
        yield (
            f"{rate} of the invitations that can be followed up were answered; weighted to "
            f"resemble all invited, the gap is {shown}."
        )


def _others(checks: Checks, check: Check, dated: bool) -> str:
    """List the verdicts on the other outcomes, worst first, without retained's mirror churned."""
    names = {c.outcome: c.verdict for c in checks.of(check.name) if c.outcome != check.outcome}
    if dated and "retained" in {*names, check.outcome}:
        names.pop("churned", None)
    listed = []
    for verdict in (FAILED, WARNING, PASSED, NOT_POSSIBLE):
        of = [name.replace("_", " ") for name, found in names.items() if found == verdict]
        if of:
            listed.append(f"{verdict}: {', '.join(of)}")
    return "; ".join(listed)


def _figure(check: Check, currency: str) -> str:
    figure: Estimate | None = check.estimate
    return "–" if figure is None else value_and_interval(figure, currency)
