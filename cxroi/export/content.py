"""What every export shows of a report folder, row by row; nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..checks.result import FAILED, NOT_POSSIBLE, PASSED, WARNING
from ..presentation.turning_points import assumed_causal
from ..results.estimate import Estimate
from ..study.scenario import BOUNDS, Prior
from .folder import RunFolder
from .labels import INPUTS, ROI, RUNGS, check_label, label, plain

SIMULATED, SAMPLED, SIMULATION = "90 % of simulated outcomes", "95 %", "error of the simulation"
_COUNTED = ("spend", "contacts", "returns", "referrals")
_PER_WINDOW = tuple(name + gap for name in _COUNTED for gap in ("", "_gap"))
ORDER = (FAILED, WARNING, PASSED, NOT_POSSIBLE)


@dataclass(frozen=True)
class Input:
    """An input of the ROI.

    Attributes
    ----------
    value
        The likely one.
    low, high
        Ends of the range that is assumed; None of a measured one, or where it is taken as known.
    origin
        ``measured``, ``set by the study``, ``default``, or begins with ``assumed``.
    bounds
        Between what it may be changed.
    """

    name: str
    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    origin: str
    bounds: tuple[float, float] | None


def key_figures(folder: RunFolder) -> Iterator[tuple[str, Estimate, str]]:
    """Yield label, figure and what its interval covers: the ROI's, the main gap, the score."""
    for name in ROI:
        figure = folder.roi(name)
        if figure:
            covers = SIMULATION if name == "probability_positive" else SIMULATED
            yield label(figure.name), figure, covers
    gap = folder.result(f"contrast.{folder.outcome}.doubly_robust")
    score = next((n for n in folder.results if n.startswith("score.")), "")
    for figure in (gap, folder.result(score)):
        if figure:
            yield label(figure.name), figure, SAMPLED


def ladder(folder: RunFolder) -> list[tuple[str, Estimate]]:
    """Return the gaps in the main outcome, from as answered to within the same customers."""
    return _there(
        (words, folder.result(f"contrast.{folder.outcome}.{rung}")) for rung, words in RUNGS.items()
    )


def means(folder: RunFolder) -> list[tuple[str, Estimate]]:
    """Return the mean of the main outcome in each group."""
    return _there(
        (group, folder.result(f"mean.{folder.outcome}.{group}")) for group in folder.groups
    )


def _there(found: Iterable[tuple[str, Estimate | None]]) -> list[tuple[str, Estimate]]:
    return [(words, e) for words, e in found if e is not None and e.estimate is not None]


def checks(folder: RunFolder, *outcomes: str) -> list[tuple[str, str, str, str]]:
    """Return question, outcome, verdict and finding of each check, what failed first."""
    rows = [
        (check_label(name), plain(outcome), verdict, sentence)
        for name, outcome, verdict, sentence in folder.checks(*outcomes)
    ]
    return sorted(rows, key=lambda row: ORDER.index(row[2]) if row[2] in ORDER else len(ORDER))


def tally(rows: list[tuple[str, str, str, str]]) -> str:
    """Count checks by their verdict, in words."""
    counts = {verdict: sum(row[2] == verdict for row in rows) for verdict in ORDER}
    words = ("failed", "came back with a warning", "passed", "could not be made")
    if not rows:
        return "No check was run."
    told = [f"{n} {word}" for n, word in zip(counts.values(), words, strict=True) if n]
    return f"Of {len(rows)} checks, {', '.join(told)}."


def inputs(folder: RunFolder) -> list[Input]:
    """Return every input of the ROI, what is assumed first."""
    if folder.inputs is None:
        return []
    found = [_input(folder, name, float(getattr(folder.inputs, name))) for name in INPUTS]
    return sorted(found, key=lambda one: one.origin == "measured")


def _input(folder: RunFolder, name: str, value: float) -> Input:
    assumed = folder.assumed.get(name)
    ranged = assumed is not None and not assumed.known and not isinstance(assumed, Prior)
    low, high = (assumed.low, assumed.high) if assumed and ranged else (None, None)
    unit, origin = _unit(folder, name), _origin(folder, name)
    return Input(name, INPUTS[name], value, low, high, unit, origin, BOUNDS.get(name))


def _origin(folder: RunFolder, name: str) -> str:
    assumed = folder.assumed.get(name)
    if name in folder.defaults:
        return "default"
    if isinstance(assumed, Prior):
        return f"assumed: the mean of {assumed_causal(assumed).rstrip(',')}"
    if assumed:
        return "assumed"
    return "set by the study" if name.endswith(("_months", "_days")) else "measured"


def _unit(folder: RunFolder, name: str) -> str:
    currency = folder.currency or "currency units"
    if name.startswith(("spend", "cost_per")):
        return f"{currency} per customer" if name.startswith("spend") else f"{currency} each"
    if name == "fixed_cost":
        return currency
    if name.endswith("_months"):
        return "months"
    if name.endswith("_days"):
        return "days"
    if name == "customers":
        return "customers"
    return (
        f"{name.split('_')[0]} per customer"
        if name in _PER_WINDOW
        else ("0 if all alike" if name == "retention_mixing" else "share")
    )


def ledger(folder: RunFolder) -> list[tuple[str, str, int, str]]:
    """Return table, what happened, rows and why."""
    return [(e["table"], e["action"], int(e["rows"]), e["reason"]) for e in folder.ledger]


def sources(folder: RunFolder) -> list[tuple[str, Any]]:
    """Return what the report rests on: study file, tables, parameters, software."""
    run = folder.run
    rows: list[tuple[str, Any]] = [
        ("Study", folder.study),
        ("Study file", run["study"]["file"]),
        ("Quarter", folder.quarter or "all"),
        ("Made", run["started"]),
        ("Seed of the simulation", run["seed"]),
    ]
    for table in run["tables"]:
        fingerprint = f", SHA-256 {table['sha256']}" if table["sha256"] else ""
        about = f"{table['source']}, {table['rows']:,} rows{fingerprint}"
        rows.append((f"Table {table['table']}", about))
    rows += [(f"Parameter {name}", str(value)) for name, value in run["parameters"].items()]
    rows += [("Warning", warning["text"]) for warning in run["warnings"]]
    return [*rows, *((f"Version of {name}", v) for name, v in run["versions"].items())]
