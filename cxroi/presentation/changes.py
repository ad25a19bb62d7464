"""What changed since an earlier run, and why, in sentences; never computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..results.display import Table, Text, significant
from ..results.formats import (
    percent,
    points,
    quantity,
    rough_money,
    spread,
    whole_percent,
)
from ..runs.altered import ASSUMPTION, DATA, DEFINITION
from ..runs.compare import ALL, SOME, compare_runs
from ..runs.differences import EFFECT, POPULATION
from ..runs.history import last_before
from ..runs.present import present
from ..value.notes import WORTH
from . import labels
from .labels import DECISIONS

if TYPE_CHECKING:
    from ..runs.altered import Altered
    from ..runs.compare import Changes, RoiChange
    from ..runs.differences import Difference
    from ..runs.opening import Run

__all__ = ["since_last", "table", "verdict", "why"]

CAUSES = {
    DATA: "other data for the same time",
    DEFINITION: "other definitions",
    POPULATION: "who answered and how they do",
    EFFECT: "the gaps between the groups",
    ASSUMPTION: "other assumptions",
}
_MONEY = ("cost_per_moved", "fixed_cost", *WORTH.values())
_COUNTS = ("horizon_months", "ramp_up_months", "programme_months", "from_customers")


def since_last(run: Run, folder: str | Path) -> Text:
    """Say what changed since the last run of the same study in a folder, and why.

    Parameters
    ----------
    folder
        Where earlier report folders lie; empty for nowhere.

    Returns
    -------
    Text
        Empty where there is no earlier run.

    Examples
    --------
    >>> cx.changes.since_last(cx.open_run("study.toml", "2026Q2"), "reports")  # doctest: +SKIP
    """
    before = last_before(folder, run.study.name, run.quarter) if folder else None
    if before is None:
        return Text(())
    changes = compare_runs(before, present(run))
    return Text((*verdict(changes).sentences, *why(changes).sentences))


def beside(results: str) -> str:
    """Return the folder in which reports lie beside the one that holds these results, if any."""
    return str(Path(results).parent.parent) if results else ""


def verdict(changes: Changes) -> Text:
    """Say in a line whether anything changed beyond noise, and what it did to the ROI."""
    roi, since = changes.roi, changes.since
    if not changes.changed:
        then = f": the return on cost was {_then_now(roi)}" if roi else ""
        return Text((f"No change beyond noise since {since}{then}.",))
    if roi is None or not roi.beyond:
        then = f" The return on cost was {_then_now(roi)}, which is within noise." if roi else ""
        return Text((f"Changed since {since}: {_named(changes.causes)}.{then}",))
    was, now = whole_percent(roi.before), whole_percent(roi.after)
    way = f"{'rose' if roi.after > roi.before else 'fell'} from {was} to {now}"
    said = way if was != now else f"stayed at {now}"
    first = [cause for cause in changes.causes if cause in roi.beyond]
    parts = [f"{_cause(changes, cause)} {points(roi.parts[cause])}" for cause in first]
    rest = [f"{CAUSES[c]} {points(v)}" for c, v in roi.parts.items() if c not in first and v]
    beside = f"; within noise: {', '.join(rest)}" if rest else ""
    also = [cause for cause in changes.causes if cause not in roi.parts]
    more = f" Changed besides: {_named(also)}." if also else ""
    text = f"Since {since} the return on cost {said}: {', '.join(parts)}{beside}.{more}"
    return Text((text,))


def _then_now(roi: RoiChange) -> str:
    return f"{whole_percent(roi.before)} then and is {whole_percent(roi.after)} now"


def _cause(changes: Changes, cause: str) -> str:
    """Return what a cause is called, of assumptions which."""
    names = [one.what for one in changes.altered if one.cause == cause == ASSUMPTION]
    which = labels.listed([_assumption(name).lower() for name in names]) if names else ""
    return f"{CAUSES[cause]} ({which})" if which else CAUSES[cause]


def _assumption(name: str) -> str:
    return labels.INPUTS.get(name, labels.titled(name.replace("_", " ")))


def _named(causes: Iterable[str]) -> str:
    return labels.listed([CAUSES[cause] for cause in causes])


def table(changes: Changes) -> Table:
    """Return every figure that was compared: before, after, difference, beyond noise or not."""
    import pandas as pd

    currency = changes.after.currency
    rows: list[tuple[str, ...]] = []
    if changes.roi:
        roi = changes.roi
        ends = roi.net_before, roi.net_after
        gap = points(roi.after - roi.before)
        called = "yes" if roi.beyond else "no"
        rows.append(
            ("Return on cost", whole_percent(roi.before), whole_percent(roi.after), gap, called)
        )
        was, now = (rough_money(end, currency, *ends) for end in ends)
        rows.append(("Net value", was, now, rough_money(ends[1] - ends[0], currency), called))
    for d in changes.differences:
        if d.before is not None and d.after is not None:
            rows.append((_called(d), *_values(d, currency), _beyond(d)))
        else:
            rows.append((_called(d), "–", "–", "–", _beyond(d)))
    names = ["What", "Before", "After", "Difference", "Beyond noise"]
    return Table(pd.DataFrame(rows, columns=names))


def _values(d: Difference, currency: str) -> Iterator[str]:
    gap = d.name.startswith("contrast")
    for e in (d.before, d.after):
        yield quantity(e.estimate if e else None, e.unit if e else "", currency, gap=gap)
    unit = d.after.unit if d.after else ""
    yield quantity(d.change, unit, currency, gap=True)


def _beyond(d: Difference) -> str:
    return "not tested" if d.p_value is None else "yes" if d.beyond_noise else "no"


def why(changes: Changes) -> Text:
    """Say what was altered and which figures moved beyond noise, a sentence each."""
    return Text(tuple(_why(changes)), kind="list")


def _why(changes: Changes) -> Iterator[str]:
    currency, roi = changes.after.currency, changes.roi
    kinds = [run.run.get("verdict", {}).get("kind", "") for run in (changes.before, changes.after)]
    if all(kinds) and kinds[0] != kinds[1]:
        noise = "" if changes.changed else ", on figures that differ by no more than noise"
        yield f"The decision is '{DECISIONS[kinds[1]]}', was '{DECISIONS[kinds[0]]}'{noise}."
    yield from (_altered(one, currency) for one in changes.altered)
    if changes.overlap == ALL:
        yield "Both runs read the very same tables, so nothing that differs is chance."
    elif any(one.redefines for one in changes.altered):
        yield (
            "Scores, means and gaps are other figures by this, so all that they add is laid to "
            "it. To see what the new answers add, make both runs with the same definitions and "
            "whole tables."
        )
    else:
        yield from (_moved(d, currency) for d in changes.differences if d.beyond_noise)
        yield from _noise(changes)
    if changes.overlap == SOME:
        yield (
            "Some answers are in both runs; they are compared as if they were not, which calls "
            "fewer changes than there may be."
        )
    if roi:
        ends = roi.net_before, roi.net_after
        was, now = (rough_money(end, currency, *ends) for end in ends)
        yield f"Net value was {was} and is {now}."


def _noise(changes: Changes) -> Iterator[str]:
    if changes.roi:
        yield (
            "With as many answers as these two runs have, the return on cost differs by up to "
            f"{points(changes.roi.margin).lstrip('+')} in 95 of 100 cases where nothing changed."
        )
    tested = sum(d.p_value is not None for d in changes.differences)
    yield (
        f"{tested} figures, and what they add to the return, were compared; where nothing changes, "
        "the chance that any of them is called a change is 1 % or less."
    )


def _altered(one: Altered, currency: str) -> str:
    if one.cause == ASSUMPTION:
        name = _assumption(one.what)
        was, now = (_assumed(one.what, value, currency) for value in (one.was, one.now))
        return f"Assumption: {name} is {now}, was {was}."
    if one.cause == DEFINITION:
        name = labels.definition(one.what)
        return f"Definition: {name} is {_plain(one.now)}, was {_plain(one.was)}."
    table, _, column = one.what.partition(".")
    told = {
        "rows": "{table} has {now} rows of a time in which it had {was} (by {column})",
        "unit": "{column} of {table} has a median of {now} where it was {was}: another unit?",
        "blank": "{column} of {table} is blank in {now} of rows, before in {was}",
        "gone": "{what} of {table} is there no more",
    }[one.kind]
    form = percent if one.kind == "blank" else significant
    return (
        "Data: "
        + told.format(
            table=table,
            column=f"'{_column(column)}'",
            what=f"'{_column(column)}'" if column else "all",
            was=form(one.was),
            now=form(one.now),
        )
        + "."
    )


def _column(name: str) -> str:
    return name.removeprefix("attr_").replace("_", " ")


def _assumed(name: str, value: Any, currency: str) -> str:
    if value is None or isinstance(value, str):
        return value or "not assumed"
    low, likely, high = value
    if name in _MONEY:
        text = quantity(likely, f"{currency} each", currency)
        ends = [quantity(v, f"{currency} each", currency) for v in (low, high)]
        return text if low == high else f"{text} ({ends[0]} to {ends[1]})"
    return spread(low, likely, high, share=name not in _COUNTS)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return labels.listed([significant(v) for v in value]) if value else "nothing"
    return "not there" if value is None or value == "" else significant(value)


def _moved(d: Difference, currency: str) -> str:
    if d.before is None or d.after is None:
        return f"{_called(d)} is another."
    was, now, _ = _values(d, currency)
    return f"{_called(d)} is {now}, was {was}."


def _called(d: Difference) -> str:
    kind, _, rest = d.name.partition(".")
    if kind == "answered":
        return f"Who answered: the mix of {'groups by score' if rest == 'group' else _column(rest)}"
    names = rest.split(".")
    if kind == "score":
        return f"Score: {names[0].upper()}"
    if kind == "mean":
        return f"Level: {labels.outcome(names[0])} of '{names[-1]}'"
    return f"Gap, like for like: {labels.outcome(names[0])}"
