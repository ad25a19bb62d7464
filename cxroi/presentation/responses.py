"""Who answered and who moved, in sentences and tables; never computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..respondents.moves import moves_sentence
from ..results.display import Table, Text
from ..results.formats import percent, value_and_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..panel.overview import Overview


def uncounted(found: Analysis | Overview) -> Text:
    """Say what the counts from who was asked to whom a plan would move cannot tell."""
    notes = (found.overview if hasattr(found, "overview") else found).funnel.notes
    return Text(notes or ("Every step is counted.",), "list")


def answered(checks: Checks) -> Text:
    """Say how those who answered differ from the invited, and what was left out of the weights."""
    if checks.nonresponse is None:
        return Text((f"Who did not answer is not known: {checks.refusals['nonresponse']}",))
    return Text((checks.nonresponse.sentence, *checks.nonresponse.notes), "list")


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
    currency = analysis.study.currency
    plain = {e.name: e for e in analysis.estimates}
    plain |= {r.raw.name: r.raw for r in analysis.regressions.values()}
    plain |= {r.contrast.name: r.contrast for r in analysis.regressions.values()}
    # Survey weights stay in as a factor, so the figures without are those with them alone.
    plain |= {e.base: e for e in plain.values() if e.base}
    rows = []
    for e in checks.response_weighted:
        before = plain.get(e.base)
        if before is not None and e.rung != "mean":
            shown = value_and_interval(before, currency), value_and_interval(e, currency)
            rows.append((before.name, *shown, e.unit))
    columns = ["figure", "without response weights", "with them", "unit"]
    return Table(pd.DataFrame(rows, columns=columns))


def moves(analysis: Analysis, checks: Checks) -> Text:
    """Say how many customers moved between the groups without any programme."""
    if checks.moves is None:
        return Text((f"Moves between waves cannot be seen: {checks.refusals['moves']}",))
    study = analysis.study
    return Text((moves_sentence(checks.moves, study), *checks.moves.notes))


def transitions(checks: Checks) -> Table | Text:
    """Return the share of each group that was in each group one wave later."""
    import pandas as pd

    if checks.moves is None:
        return Text((f"Moves between waves cannot be seen: {checks.refusals['moves']}",))
    cells: dict[str, dict[str, str]] = {}
    for e in checks.moves.transitions:
        cells.setdefault(f"{e.group} (n = {e.n:,})", {})[e.term] = value_and_interval(e, "")
    frame = pd.DataFrame.from_dict(cells, orient="index")
    return Table(frame.reset_index(names="from, one wave before"))


def moves_by_segment(analysis: Analysis, checks: Checks) -> Table | Text:
    """Return where the customers of the `from` group went, by the first control that splits them.

    For another one call `count_moves(panel, segment)`.
    """
    import pandas as pd

    found = checks.moves
    if found is None or found.by_segment is None:
        return Text(("There is no segment to split the moves by.",))
    rows = [
        (
            r["segment"],
            r["to"],
            *(percent(r[k]) for k in ("share", "conf_low", "conf_high")),
            r["n"],
        )
        for r in found.by_segment.to_dict("records")
    ]
    origin = analysis.study.origin
    columns = [found.segment.replace("_", " "), f"from {origin} to", "share", "low", "high", "n"]
    return Table(pd.DataFrame(rows, columns=columns))


def movers(analysis: Analysis, checks: Checks) -> Table | Text:
    """Return what the outcomes of those who moved, stayed and fell did."""
    import pandas as pd

    if checks.moves is None:
        return transitions(checks)
    currency = analysis.study.currency
    rows = [
        (e.outcome, e.rung, value_and_interval(e, currency), e.unit, e.n)
        for e in checks.moves.outcomes
    ]
    columns = ["outcome", "who and when", "value (interval)", "unit", "n"]
    return Table(pd.DataFrame(rows, columns=columns))
