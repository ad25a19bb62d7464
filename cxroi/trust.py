"""How far to trust the numbers: the checks in one paragraph and in tables; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from .checking.result import FAILED, NOT_POSSIBLE, PASSED, WARNING, Check
from .estimate import Estimate, Table, Text
from .formats import percent, quantity, value_and_interval
from .moves import moves_sentence

if TYPE_CHECKING:
    from .analysis import Analysis
    from .checks import Checks

QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "leakage": "Does an input give the outcome away?",
        "placebo": "Does the score 'predict' what came before it?",
        "overlap": "Do both groups hold customers who are alike?",
        "confounding": "What would something not measured have to be?",
        "sensitivity": "Does another reasonable choice change the gap?",
        "power": "Could a gap that matters have been missed?",
        "backtest": "Did what the last quarter's run expected come about?",
        "nonresponse": "Do those who did not answer change the gap?",
        "regression_to_mean": "How much of a move between groups is chance?",
    }
)
_RUNGS = ("as it is", "with controls held equal", "doubly robust", "within customers who changed")


def how_far(analysis: Analysis, checks: Checks) -> Text:
    """Say in one paragraph how far the answer can be trusted, the main outcome before others."""
    outcome = main_outcome(analysis)
    sentences = [*_ladder(analysis, outcome)] if outcome in analysis.regressions else []
    found = _asked(checks, outcome)
    sentences.append(_tally(outcome, found))
    sentences += [c.sentence for c in found if c.verdict == FAILED]
    sentences += _hidden(analysis, found)
    sentences += _silent(analysis, checks, outcome)
    return Text(tuple(sentences))


def table(analysis: Analysis, checks: Checks) -> Table:
    """Return one row a check: the question, the verdict on the main outcome, what was found."""
    import pandas as pd

    outcome = main_outcome(analysis)
    rows = [
        (QUESTIONS[c.name], c.verdict, c.sentence, _others(checks, c))
        for c in _asked(checks, outcome)
    ]
    plain = outcome.replace("_", " ")
    columns = ["question", plain, f"what was found ({plain})", "other outcomes"]
    return Table(pd.DataFrame(rows, columns=columns))


def every_check(analysis: Analysis, checks: Checks, name: str) -> Table:
    """Return one check for every outcome, with its figure and what was found."""
    import pandas as pd

    currency = analysis.panel.study.currency
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


def balance(checks: Checks) -> Table | Text:
    """Return who answered against all who were invited, before and after weighting."""
    if checks.nonresponse is None:
        return Text((f"Who did not answer is not known: {checks.refusals['nonresponse']}",))
    return Table(checks.nonresponse.balance)


def with_responses(analysis: Analysis, checks: Checks) -> Table | Text:
    """Return scores, gaps and ROI without and with response weights, side by side."""
    import pandas as pd

    if not checks.response_weighted:
        return balance(checks)
    currency = analysis.panel.study.currency
    plain = {e.name: e for e in analysis.estimates}
    plain |= {r.raw.name: r.raw for r in analysis.regressions.values()}
    plain |= {r.adjusted.name: r.adjusted for r in analysis.regressions.values()}
    rows = []
    for e in checks.response_weighted:
        before = plain.get(e.name.removesuffix(".response_weighted"))
        if before is not None and not e.name.startswith("mean."):
            shown = value_and_interval(before, currency), value_and_interval(e, currency)
            rows.append((before.name, *shown, e.unit))
    columns = ["figure", "of those who answered", "with response weights", "unit"]
    return Table(pd.DataFrame(rows, columns=columns))


def moves(analysis: Analysis, checks: Checks) -> Text:
    """Say how many customers moved between the groups without any programme."""
    if checks.moves is None:
        return Text((f"Moves between waves cannot be seen: {checks.refusals['moves']}",))
    study = analysis.panel.study
    return Text((moves_sentence(checks.moves, study), *checks.moves.notes))


def transitions(checks: Checks) -> Table | Text:
    """Return the share of each group that was in each group one wave later."""
    import pandas as pd

    if checks.moves is None:
        return Text((f"Moves between waves cannot be seen: {checks.refusals['moves']}",))
    cells: dict[str, dict[str, str]] = {}
    for e in checks.moves.transitions:
        origin = e.name.split(".")[1]
        cells.setdefault(f"{origin} (n = {e.n:,})", {})[e.term] = value_and_interval(e, "")
    frame = pd.DataFrame.from_dict(cells, orient="index")
    return Table(frame.reset_index(names="from, one wave before"))


def movers(analysis: Analysis, checks: Checks) -> Table | Text:
    """Return what the outcomes of those who moved, stayed and fell did."""
    import pandas as pd

    if checks.moves is None:
        return transitions(checks)
    currency = analysis.panel.study.currency
    rows = [
        (*e.name.removeprefix("moves.").split(".", 1), value_and_interval(e, currency), e.unit, e.n)
        for e in checks.moves.outcomes
    ]
    columns = ["outcome", "who and when", "value (interval)", "unit", "n"]
    return Table(pd.DataFrame(rows, columns=columns))


def main_outcome(analysis: Analysis) -> str:
    """Return the outcome that the answer rests on: spend, or the first that has a gap."""
    known = list(analysis.regressions) or [o.name for o in analysis.panel.study.outcomes]
    return "spend" if "spend" in known else known[0]


def _asked(checks: Checks, outcome: str) -> list[Check]:
    """Return the checks of an outcome and of the score, in the order of the questions."""
    order = list(QUESTIONS)
    found = [*checks.about(outcome), *checks.about("score")]
    return sorted(found, key=lambda check: order.index(check.name))


def _ladder(analysis: Analysis, outcome: str) -> Iterator[str]:
    study, rungs = analysis.panel.study, analysis.ladder(outcome)
    names = {"raw": 0, "adjusted": 1, "doubly robust": 2, "within customers": 3}
    listed = ", ".join(
        f"{quantity(e.estimate, e.unit, study.currency, gap=True)} {_RUNGS[names[e.term]]}"
        for e in rungs
    )
    plain = outcome.replace("_", " ")
    yield f"The gap in {plain} between '{study.target}' and '{study.origin}' is {listed}."


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


def _hidden(analysis: Analysis, found: list[Check]) -> Iterator[str]:
    """Say what it takes to explain the gap away, where there is a gap to explain."""
    check = next((c for c in found if c.name == "confounding" and c.estimate), None)
    if check is None or check.estimate is None or check.verdict == FAILED:
        return
    figure = check.estimate
    if figure.conf_low:
        yield (
            f"Something not measured that accounts for {percent(figure.estimate)} of what the "
            f"controls leave unexplained of both group and {check.outcome.replace('_', ' ')} would "
            f"explain the gap away; {percent(figure.conf_low)} would put it in doubt."
        )


def _silent(analysis: Analysis, checks: Checks, outcome: str) -> Iterator[str]:
    """Say how the gap changes when the answers stand for all who were invited."""
    name = f"contrast.{outcome}.adjusted.response_weighted"
    weighted = next((e for e in checks.response_weighted if e.name == name), None)
    if checks.nonresponse and weighted:
        shown = value_and_interval(weighted, analysis.panel.study.currency)
        rate = percent(checks.nonresponse.response_rate.estimate)
        yield f"{rate} of the invited answered; weighted to resemble all the gap is {shown}."


def _others(checks: Checks, check: Check) -> str:
    """List the verdicts on the other outcomes, worst first; churned is retained's mirror."""
    names = {c.outcome: c.verdict for c in checks.of(check.name) if c.outcome != check.outcome}
    if "retained" in {*names, check.outcome}:
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
