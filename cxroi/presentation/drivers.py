"""What moves the score, for readers: sentences and tables; never computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..levers.weighing import DRIVER, NONE, SHARED
from ..results.display import Table, Text, significant
from ..results.estimate import CONF_LEVEL
from ..results.formats import percent, shown_p, whole_percent
from .labels import listed, titled

if TYPE_CHECKING:
    from ..levers.drivers import DriverFinding, Drivers
    from ..results.estimate import Estimate

# Drivers that are told one by one; the table has all.
MOST_TOLD = 5
KINDS = {
    DRIVER: "yes",
    SHARED: "not beyond the others",
    NONE: "no driver found",
}
CAVEAT = (
    "An input goes with the score; that it moves the score is not shown, for whatever else differs "
    "between customers may move both."
)


def in_words(drivers: Drivers) -> Text:
    """Say what goes with the score, how much, in which direction, and what was not possible."""
    said = [_together(drivers), *_found(drivers), *_shared(drivers), *_against(drivers)]
    said += [*_needed(drivers), *_first_to_mend(drivers), *_steps(drivers), *_halo(drivers)]
    said += [CAVEAT, *drivers.notes]
    said += [f"Not used: {name.replace('_', ' ')}: {why}" for name, why in drivers.refused.items()]
    return Text(tuple(said), "list")


def claim(drivers: Drivers) -> str:
    """Return in one line what goes with the score most."""
    if not drivers.found:
        return f"No driver of {drivers.study.scale.title} was found"
    first = drivers.found[0]
    return f"{titled(first.driver.title)} goes with {drivers.study.scale.title} most"


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
            _direction(one),
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
        apart = _apart(drivers, name)
        for step in odds.steps.get(name, ()):
            level = f" = {step.term}" if step.term else ""
            row = {
                "input": f"{titled(one.driver.title)}{level}",
                "for each": step.unit.removeprefix("odds ratio ").removeprefix("for each "),
                "every step": _ratio(step),
                "one ratio serves": "no" if apart else "yes" if odds.whole else "–",
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
            _measure(one.must_have.needed),
            _measure(one.must_have.had_by_most),
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
            _interval(one.performance),
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
            _interval(one.importance["lmg"]),
            percent(one.importance["lmg_beyond_halo"].estimate),
            _interval(one.importance["lmg_beyond_halo"]),
        )
        for one in drivers.ranked
    ]
    columns = ["input", "of all differences", "95 % interval"]
    columns += ["beyond the common impression", "95 % interval, beyond"]
    return Table(pd.DataFrame(rows, columns=columns))


def _together(drivers: Drivers) -> str:
    total, count = drivers.r_squared, len(drivers.findings)
    inputs = "one input goes" if count == 1 else f"{count} inputs together go"
    return (
        f"Of the differences in {drivers.study.scale.title} between {drivers.answers:,} answers of "
        f"{drivers.clusters:,} {drivers.unit}, {inputs} with {percent(total.estimate)} "
        f"({_interval(total)})."
    )


def _found(drivers: Drivers) -> list[str]:
    found = drivers.found
    count = len(drivers.findings)
    tests = f"after a correction for {count} inputs" if count > 1 else "beyond chance"
    if not found:
        return [f"No driver was found: none goes with it beyond all others, {tests}."]
    said = []
    for one in found[:MOST_TOLD]:
        share, way = one.importance["lmg_share"], _direction(one)
        more = f"; {_each(one)} goes with {way}" if way != "–" else ""
        said.append(
            f"{titled(one.driver.title)} accounts for {whole_percent(share.estimate)} "
            f"({_interval(share)}) of what is explained{more}."
        )
    rest = [one.driver.title for one in found[MOST_TOLD:]]
    return [*said, *([f"Less so {listed(rest)}, {tests}."] if rest else [])]


def _shared(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.ranked if one.kind == SHARED]
    if not names:
        return []
    go = "goes" if len(names) == 1 else "go"
    return [
        f"{titled(listed(names))} {go} with the score too, but not shown to do so beyond the other "
        "inputs."
    ]


def _against(drivers: Drivers) -> list[str]:
    return [
        f"{titled(one.driver.title)} is declared to be better {one.driver.better or 'higher'}, and "
        "the score is better the other way, with all other inputs held equal: see whether it is "
        "read the right way round."
        for one in drivers.found
        if one.against_declared
    ]


def _needed(drivers: Drivers) -> list[str]:
    label = drivers.study.scale.labels[-1]
    said = []
    for one in drivers.ranked:
        if one.must_have is not None and one.must_have.found:
            least, less = ("least", "less") if one.direction.sign > 0 else ("most", "more")
            said.append(
                f"{titled(one.driver.title)} is a must-have: of {one.must_have.short:,} answers "
                f"with {less} than {_measure(one.must_have.needed)} none is '{label}', which is "
                f"seen only with at {least} that."
            )
    return said


def _first_to_mend(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.priorities]
    if not names:
        return []
    return [f"More important than usual, and standing worse than usual: {listed(names)}."]


def _steps(drivers: Drivers) -> list[str]:
    names = [one.driver.title for one in drivers.ranked if _apart(drivers, one.driver.name)]
    if not names:
        return []
    labels = drivers.study.scale.labels
    return [
        f"{titled(listed(names))} {'does' if len(names) == 1 else 'do'} not go with every step "
        f"between groups alike: leaving '{labels[0]}' and reaching '{labels[-1]}' are shown apart."
    ]


def _halo(drivers: Drivers) -> list[str]:
    halo = drivers.halo
    if halo is None or not halo.strong:
        return []
    return [
        f"The ratings among the inputs largely follow one general impression: it carries "
        f"{whole_percent(halo.share)} of their differences (halo). What each adds beyond it is "
        "shown beside its importance."
    ]


def _apart(drivers: Drivers, name: str) -> bool:
    return drivers.odds.parallel.get(name, 1.0) < 1 - CONF_LEVEL


def _shares(figures: Mapping[str, Estimate]) -> tuple[str, ...]:
    share = figures["lmg_share"]
    return (
        whole_percent(share.estimate),
        _interval(share),
        *(percent(figures[f].estimate) for f in ("lmg", "johnson", "first", "last")),
    )


def _direction(one: DriverFinding) -> str:
    slope = one.slope
    if slope is None or slope.estimate is None or one.kind != DRIVER:
        return "–"
    way = "better" if slope.estimate > 0 else "worse"
    return f"a score {significant(abs(slope.estimate), 2)} points {way}"


def _each(one: DriverFinding) -> str:
    return f"each {significant(one.deviation, 2)} {one.driver.unit} more".replace("  ", " ")


def _ratio(estimate: Estimate) -> str:
    value, low, high = (
        significant(v, 3) for v in (estimate.estimate, estimate.conf_low, estimate.conf_high)
    )
    return f"{value} ({low} to {high})"


def _measure(estimate: Estimate) -> str:
    return f"{significant(estimate.estimate, 3)} {estimate.unit}".strip()


def _interval(estimate: Estimate) -> str:
    return f"{percent(estimate.conf_low)} to {percent(estimate.conf_high)}"


def _p(value: float) -> str:
    return shown_p(value).removeprefix("= ")
