"""What was assumed otherwise, and scenarios side by side: tables and words; never computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..results.display import Table, Text
from ..results.formats import percent, spread, value_and_interval
from ..study.scenario import BOUNDS, Range

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..study.declared import Change
    from ..study.scenario import Scenario

SHARES = frozenset({"share_moved", "gross_margin", "discount_rate_annual", "persistence"})


def scenarios(analysis: Analysis) -> Table | Text:
    """Return the scenarios of the study side by side: the plan, and each ``[scenarios.NAME]``.

    All are computed with the same draws, so that they differ by what they assume alone.

    Returns
    -------
    Table or Text
        Columns: the scenario, what it changes of the plan, ROI and net value with the interval
        that holds 90 per cent of the draws, and the chance that it pays. A sentence where there
        is nothing to set side by side.

    Examples
    --------
    >>> run = cx.open_run("study.toml")  # doctest: +SKIP
    >>> cx.tables.scenarios(run.analysis)  # doctest: +SKIP
    """
    import pandas as pd

    study = analysis.study
    if analysis.roi is None or study.scenario is None:
        return Text(("There is no ROI, so there are no scenarios to compare.",))
    if not study.scenarios:
        return Text(("The study file declares no scenario beside the plan.",))
    plan = (analysis.roi[name] for name in ("ratio", "net_value", "probability_positive"))
    rows = [("As planned", "–", *_figures(plan, study.currency))]
    for name, named in study.scenarios.items():
        what = "; ".join(_differs(study.scenario, named.scenario, key) for key in named.changes)
        found = analysis.scenarios.get(name, ())
        shown = _figures(found, study.currency) if found else ("–", "–", "–")
        if not found:
            what = f"{what}; not possible: {analysis.refusals[f'scenario {name}']}"
        rows.append((named.title, what or "nothing", *shown))
    columns = ["scenario", "what it changes", "ROI (90 % interval)", "net value (90 % interval)"]
    return Table(pd.DataFrame(rows, columns=[*columns, "chance that it pays"]))


def _figures(found: Any, currency: str) -> tuple[str, str, str]:
    ratio, net, chance = found
    return (
        value_and_interval(ratio, currency),
        value_and_interval(net, currency),
        percent(chance.estimate),
    )


def _differs(plan: Scenario, other: Scenario, key: str) -> str:
    before, after = (one.declared().get(key) for one in (plan, other))
    return said(key, before, after)


def change_said(change: Change) -> str:
    """Say what was given in place of what the study file says: ``cost per moved 45 → 5``."""
    return said(change.key.split(".", 1)[1], change.before, change.after)


def said(key: str, before: object, after: object) -> str:
    """Say that a value of the study file is another: ``cost per moved 45 → 5``."""
    if key == "only":
        return f"answers {_value(key, before) if before else 'all'} → {_value(key, after)}"
    return f"{key.replace('_', ' ')} {_value(key, before)} → {_value(key, after)}"


def _value(key: str, value: object) -> str:
    if value is None:
        return "not declared"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(key, item)}" for name, item in value.items())
    if isinstance(value, list) and not (key in BOUNDS and len(value) == 3):
        return " or ".join(map(str, value))
    known = Range.of(value)  # type: ignore[arg-type]
    return spread(known.low, known.likely, known.high, share=key in SHARES | {"causal_share"})
