"""What moves the score, for readers: sentences and tables; never computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..levers.drivers.weighing import DRIVER, NONE, SHARED
from ..results.display import Table, Text, significant
from ..results.formats import percent, shown_p, whole_percent
from .driver_words import direction, interval, measure, sentences, steps_differ
from .labels import titled

if TYPE_CHECKING:
    from ..levers.drivers.found import Drivers
    from ..results.estimate import Estimate

KINDS = {
    DRIVER: "yes",
    SHARED: "not beyond the others",
    NONE: "no driver found",
}


def in_words(drivers: Drivers) -> Text:
    """Say what goes with the score, how much, in which direction, and what was not possible."""
    return Text(sentences(drivers), "list")


def importance(drivers: Drivers) -> Table:
    """Return one row an input, the most important first.

    ``share of what is explained`` is LMG, the mean gain over all orders in which inputs may be
    taken up; ``by Johnson's weights`` is another way to share out; ``alone`` and ``beyond the
    others`` are the shares of all differences that the input goes with by itself, and that it adds
    to the rest. Declared groups of inputs, taken up together, come last.
    """
    import pandas as pd

    rows = [
        (
            titled(one.driver.title),
            KINDS[one.kind],
            *_shares(one.importance),
            direction(one),
        )
        for one in drivers.ranked
    ]
    rows += [
        (f"Group: {name.replace('_', ' ')}", "–", *_shares(figures), "–")
        for name, figures in drivers.groups.items()
    ]
    columns = ["input", "goes with the score", "share of what is explained", "95 % interval"]
    columns += ["of all differences", "by Johnson's weights", "alone", "beyond the others"]
    return Table(pd.DataFrame(rows, columns=[*columns, "one standard deviation more goes with"]))


def group_odds(drivers: Drivers) -> Table | Text:
    """Return by how much the odds of the score's groups differ with each input.

    Odds are the chance of being in a group against that of not being in it; 1 is no difference. Of
    a quantity for each standard deviation more, of a category against its most frequent level.
    ``every step`` is one ratio for every step up between groups; where that does not hold, the
    steps beside it are to be read instead.
    """
    import pandas as pd

    odds = drivers.odds
    if odds.refusal is not None:
        return Text((f"Odds of the groups were not possible: {odds.refusal}",))
    rows = []
    for one in drivers.ranked:
        name = one.driver.name
        serves = "no" if steps_differ(drivers, name) else "yes"
        for step in odds.steps.get(name, ()):
            level = f" = {step.term}" if step.term else ""
            row = {
                "input": f"{titled(one.driver.title)}{level}",
                "for each": step.unit.removeprefix("odds ratio ").removeprefix("for each "),
                "every step": _ratio(step),
                "one ratio serves": serves if odds.whole else "–",
            }
            for estimate in (*odds.ends.get(name, ()), *odds.rather.get(name, ())):
                if estimate.term == step.term:
                    row[estimate.contrast] = _ratio(estimate)
            rows.append(row)
    return Table(pd.DataFrame(rows))


def must_haves(drivers: Drivers) -> Table | Text:
    """Return which inputs a high score is never seen without.

    ``left empty`` is the share of the area of input and score, above the highest scores seen, in
    which no answer lies; a must-have leaves 10 % and more, more than by chance and than would be
    empty if more were merely better, and at least 30 answers have too little of it. ``worst seen``
    is the worst value of the input with which the best group was ever seen, ``most have`` what 95
    in 100 of that group have, or better.
    """
    import pandas as pd

    rows = [
        (
            titled(one.driver.title),
            "yes" if one.must_have.found else "no",
            "yes" if one.kind == DRIVER else "no",
            percent(one.must_have.effect.estimate),
            percent(one.must_have.line_effect.estimate),
            _p(one.must_have.p_adjusted),
            measure(one.must_have.needed),
            measure(one.must_have.had_by_most),
            f"{one.must_have.effect.n:,}",
        )
        for one in drivers.ranked
        if one.must_have is not None
    ]
    if not rows:
        return Text(("Of no input is it known which end is better, so none can be a must-have.",))
    columns = ["input", "must-have", "more is better", "left empty", "left empty by a line"]
    columns += ["p, corrected", "worst seen", "most have", "n"]
    return Table(pd.DataFrame(rows, columns=columns))


def standing(drivers: Drivers) -> Table | Text:
    """Return how important each input is, and how near it stands to its best.

    ``stands at`` is how far the mean is on the way from the worst to the best end of its scale, or
    of what is seen.
    """
    import pandas as pd

    first = {one.driver.name for one in drivers.priorities}
    rows = [
        (
            titled(one.driver.title),
            whole_percent(one.importance["lmg_share"].estimate),
            whole_percent(one.performance.estimate),
            interval(one.performance),
            "yes" if one.driver.name in first else "–",
            "declared" if one.direction.declared else "as the score has it",
        )
        for one in drivers.ranked
        if one.performance is not None
    ]
    if not rows:
        return Text(("Of no input is it known which end is better.",))
    columns = ["input", "share of what is explained", "stands at", "95 % interval"]
    columns += ["important, and worse than usual", "which end is better"]
    return Table(pd.DataFrame(rows, columns=columns))


def beyond_halo(drivers: Drivers) -> Table | Text:
    """Return importance beside that beyond what the ratings of an answer have in common."""
    import pandas as pd

    if drivers.halo is None:
        return Text(("Fewer than three inputs are ratings of the same answer.",))
    rows = [
        (
            titled(one.driver.title),
            percent(one.importance["lmg"].estimate),
            interval(one.importance["lmg"]),
            percent(one.importance["lmg_beyond_halo"].estimate),
            interval(one.importance["lmg_beyond_halo"]),
        )
        for one in drivers.ranked
    ]
    columns = ["input", "of all differences", "95 % interval"]
    columns += ["beyond the common impression", "95 % interval, beyond"]
    return Table(pd.DataFrame(rows, columns=columns))


def _shares(figures: Mapping[str, Estimate]) -> tuple[str, ...]:
    share = figures["lmg_share"]
    return (
        whole_percent(share.estimate),
        interval(share),
        *(percent(figures[f].estimate) for f in ("lmg", "johnson", "first", "last")),
    )


def _ratio(estimate: Estimate) -> str:
    value, low, high = (
        significant(v, 3) for v in (estimate.estimate, estimate.conf_low, estimate.conf_high)
    )
    return f"{value} ({low} to {high})"


def _p(value: float) -> str:
    return shown_p(value).removeprefix("= ")
