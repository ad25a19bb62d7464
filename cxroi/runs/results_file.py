"""`results.json`: every key number of a run, and what its ROI and its rows rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.outputs import complete_file
from ..study.scenario import Range
from ..value.kept_inputs import as_dict

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..panel.overview import Overview
    from ..results.estimate import Estimate
    from ..study.scenario import Scenario
    from ..value.roi import Roi


def write_results(analysis: Analysis, path: str | Path, *, also: Iterable[Estimate] = ()) -> None:
    """Write `results.json`, whole or not at all; its form is described in report/README.md.

    An earlier file at `path` is replaced. `results_content` says what is written.

    Parameters
    ----------
    also
        Further estimates, such as those of the checks; one of the same name takes the place of
        the analysis' own, as a verdict does that the checks have withdrawn.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    text = json.dumps(results_content(analysis, also), indent=1, allow_nan=False) + "\n"
    with complete_file(Path(path), force=True) as partial:
        partial.write_text(text, encoding="utf-8")


def results_content(analysis: Analysis, also: Iterable[Estimate] = ()) -> dict[str, Any]:
    """Return what `results.json` holds, as plain values."""
    named = {estimate.name: estimate for estimate in (*analysis.estimates, *also)}
    return {
        "study": analysis.study.name,
        "quarter": analysis.overview.quarter or None,
        "results": [estimate.as_dict() for estimate in named.values()],
        "currency": analysis.study.currency or None,
        "groups": list(analysis.study.scale.labels),
        "compared": {"from": analysis.study.origin, "to": analysis.study.target},
        "roi": _roi(analysis.roi) if analysis.roi else None,
        "answered": answered(analysis.overview),
        "ledger": [vars(entry) for entry in analysis.overview.ledger.entries],
    }


def answered(overview: Overview) -> dict[str, Any]:
    """Return who the analysed answers are of: how many, in which waves, their groups, controls.

    Returns
    -------
    dict
        ``rows``, ``customers``, ``waves``, ``groups`` (rows of each), ``controls``: of each that
        is a category its rows by level, of each that is a number ``n``, ``mean`` and ``sd``.
    """
    groups = overview.counts.groupby("group", observed=False)["responses"].sum()
    return {
        "rows": overview.size,
        "customers": overview.customers,
        "waves": list(overview.waves),
        "groups": {str(group): int(n) for group, n in groups.items()},
        "controls": {name: dict(found) for name, found in overview.controls.items()},
    }


def _roi(roi: Roi) -> dict[str, Any]:
    """Return what the ROI is computed from: every input at its likely value, and its range."""
    return {
        "inputs": as_dict(roi.basis.central),
        "covariance": {
            "inputs": list(roi.covariance.index),
            "values": roi.covariance.to_numpy().tolist(),
        },
        "assumed": dict(_assumed(roi.scenario)),
        "tornado": roi.tornado.to_dict("records"),
        "notes": list(roi.notes),
    }


def _assumed(scenario: Scenario) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, value in scenario.ranges.items():
        yield name, {**vars(value), "default": name in scenario.defaults}
    if scenario.persistence is None:
        yield "persistence", {**vars(Range.of(1.0)), "default": True}
