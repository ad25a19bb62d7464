"""Findings as plain JSON and back: the same values, every bit of a number, the same types.

A dataclass becomes its findings under the name of its class; what is fitted is left out (see
`results.on_demand`). Only classes named here are made from what is read. The study is not
written: whoever reads has loaded it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors
from ..errors import CxroiError, Problems
from ..results.on_demand import OnDemand, findings
from ..study.declared import Study

if TYPE_CHECKING:
    import pandas as pd

KIND = "!"
HOME: Mapping[str, str] = MappingProxyType(
    {
        "Analysis": "analysis",
        "Asymmetry": "levers.scale.asymmetry",
        "Basis": "value.basis",
        "Changes": "metrics.changes",
        "Check": "checks.result",
        "Checks": "checks.run",
        "Claims": "claims.examining",
        "Comparison": "effects.groups",
        "Contest": "grid.contest",
        "Coverage": "panel.panel",
        "Cuts": "levers.scale.answer_cuts",
        "DeclaredPilot": "study.pilots",
        "Difference": "evidence.randomised",
        "Direction": "levers.drivers.directions",
        "Doubt": "checks.tools.grounds",
        "Driver": "levers.driver_table",
        "DriverFinding": "levers.drivers.driver_finding",
        "Drivers": "levers.drivers.found",
        "Earned": "evidence.causal_share",
        "Entry": "reading.ledger",
        "Estimate": "results.estimate",
        "Evidence": "value.evidence",
        "Evidenced": "evidence.returns",
        "Examined": "claims.examining",
        "Facts": "value.basis",
        "Figures": "journeys.every",
        "Flaw": "evidence.flaws",
        "Funnel": "panel.funnel",
        "Grid": "grid.grid",
        "GridCell": "grid.grid",
        "Grounds": "checks.tools.grounds",
        "Halo": "levers.drivers.halo",
        "Inputs": "value.money",
        "Lasting": "value.assumed",
        "Learned": "study.scenario",
        "LearnedShare": "evidence.causal_share",
        "Ledger": "reading.ledger",
        "Level": "levers.scale.answer_levels",
        "Lever": "study.levers",
        "LeverMoney": "levers.roi",
        "LeverMoves": "levers.moves.net_moves",
        "LeverResult": "levers.estimate",
        "Linked": "metrics.linked",
        "LinkedTable": "metrics.linked",
        "Measured": "metrics.compute",
        "Metrics": "metrics.compute",
        "Mixing": "models.lifetime.beta_geometric",
        "Moves": "respondents.moves",
        "MustHave": "levers.drivers.must_haves",
        "Nonresponse": "respondents.nonresponse",
        "Odds": "levers.drivers.group_odds",
        "OneMore": "levers.scale.whole_scale",
        "Overview": "panel.overview",
        "Part": "levers.whom.policy_tree",
        "Persistence": "respondents.persistence",
        "Pilot": "evidence.pilot",
        "Point": "levers.scale.whole_scale",
        "Policy": "levers.whom.policy_tree",
        "Pooled": "levers.whom.pooled_segments",
        "PooledSegments": "levers.whom.pooled_segments",
        "Portfolio": "levers.portfolio",
        "Prior": "study.scenario",
        "Range": "study.scenario",
        "Region": "evidence.randomised",
        "Regression": "effects.adjusted",
        "RetentionBound": "value.evidence",
        "Roi": "value.roi",
        "Scenario": "study.scenario",
        "Segment": "value.segments",
        "SourceFile": "reading.ledger",
        "Step": "panel.funnel",
        "Survival": "effects.survival",
        "Targeting": "levers.whom.targeting",
        "Trend": "effects.trend",
        "Theme": "voice.theme",
        "Verdict": "effects.verdicts",
        "Voice": "voice.theme",
        "WholeScale": "levers.scale.whole_scale",
        "Within": "effects.within",
        "Worth": "levers.whom.worth",
        "WorthAsking": "grid.contest",
    }
)


def write(value: object) -> str:
    """Return findings as JSON.

    Raises
    ------
    TypeError
        A value of a kind that is no finding.
    """
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def read(text: str, study: Study) -> Any:
    """Return the findings that `write` wrote, of this study.

    Raises
    ------
    ValueError, LookupError
        The text is nothing that `write` writes.
    """
    return _made(json.loads(text), study)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic) and not isinstance(value, float):
        return {KIND: "number", "type": str(value.dtype), "value": _number(value.item())}
    if isinstance(value, int | float):
        number = _number(value)
        return {KIND: "float", "value": number} if isinstance(number, str) else number
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return {KIND: "tuple", "items": [_plain(item) for item in value]}
    if isinstance(value, frozenset):
        return {KIND: "frozenset", "items": sorted(_plain(item) for item in value)}
    if isinstance(value, Mapping):
        return {KIND: "mapping", "items": [[_plain(k), _plain(v)] for k, v in value.items()]}
    if isinstance(value, CxroiError):
        return _error(value)
    return _structure(value)


def _structure(value: Any) -> dict[str, Any]:
    name = type(value).__name__
    if isinstance(value, Study):
        return {KIND: "study", "left_out": list(value.left_out)}
    if is_dataclass(value) and name in HOME:
        return {KIND: name} | {field: _plain(getattr(value, field)) for field in findings(value)}
    if isinstance(value, np.ndarray):
        items = [_number(item) for item in value.ravel().tolist()]
        return {KIND: "array", "type": str(value.dtype), "shape": list(value.shape), "items": items}
    if name == "DataFrame":
        columns = [_column(value.iloc[:, n]) for n in range(value.shape[1])]
        return {
            KIND: "frame",
            "names": _index(value.columns),
            "index": _index(value.index),
            "columns": columns,
        }
    raise TypeError(f"a {name} is no finding that can be written")


def _number(value: Any) -> Any:
    """Return a number as JSON has it; what JSON lacks by its name."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _error(error: CxroiError) -> dict[str, Any]:
    name = type(error).__name__
    if isinstance(error, Problems):
        return {KIND: "problems", "items": [_error(problem) for problem in error.problems]}
    known = name if hasattr(errors, name) else "CxroiError"
    said = {"found": error.found, "expected": error.expected, "fix": error.fix}
    return {KIND: "error", "class": known} | said


def _column(column: pd.Series[Any]) -> dict[str, Any]:
    kind = str(column.dtype)
    if kind == "category":
        codes = {"codes": column.cat.codes.tolist(), "ordered": bool(column.cat.ordered)}
        return {"type": kind, "categories": _index(column.cat.categories)} | codes
    if kind in ("object", "str"):
        return {"type": kind, "items": [_plain(item) for item in column.tolist()]}
    return {"type": kind, "items": [_number(item) for item in column.tolist()]}


def _index(index: pd.Index[Any]) -> dict[str, Any]:
    name = _plain(index.name)
    if type(index).__name__ == "RangeIndex":
        return {"name": name, "range": [index.start, index.stop, index.step]}  # type: ignore[attr-defined]
    return {"name": name, "type": str(index.dtype), "items": [_plain(v) for v in index.tolist()]}


def _made(plain: Any, study: Study) -> Any:
    if isinstance(plain, list):
        return [_made(item, study) for item in plain]
    if not isinstance(plain, dict):
        return plain
    kind = plain[KIND]
    if kind == "study":
        return study.without_controls(plain["left_out"]) if plain["left_out"] else study
    if kind in HOME:
        return _result(plain, study)
    if kind in ("tuple", "frozenset"):
        made = [_made(item, study) for item in plain["items"]]
        return tuple(made) if kind == "tuple" else frozenset(made)
    if kind == "mapping":
        return {_made(key, study): _made(value, study) for key, value in plain["items"]}
    return _MAKERS[kind](plain)


def _result(plain: Mapping[str, Any], study: Study) -> Any:
    home = importlib.import_module(f"..{HOME[plain[KIND]]}", __package__)
    made = getattr(home, plain[KIND])
    known = {name: _made(value, study) for name, value in plain.items() if name != KIND}
    unknown = {f.name: OnDemand(_not_read) for f in fields(made) if f.init and f.name not in known}
    return made(**known, **unknown)


def _not_read() -> None:
    raise LookupError("what is fitted is not read: see `results.on_demand.again`")


def _make_error(plain: Mapping[str, Any]) -> CxroiError:
    kind = getattr(errors, plain["class"])
    if not (isinstance(kind, type) and issubclass(kind, CxroiError)):
        raise LookupError(f"{plain['class']} is no refusal")
    return kind(plain["found"], plain["expected"], plain["fix"])


def _make_frame(plain: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    index = _make_index(plain["index"])
    columns = {n: _make_column(column, index) for n, column in enumerate(plain["columns"])}
    frame = pd.DataFrame(columns, index=index)
    frame.columns = _make_index(plain["names"])
    return frame


def _make_column(plain: Mapping[str, Any], index: pd.Index[Any]) -> Any:
    import pandas as pd

    kind = plain["type"]
    if kind == "category":
        categories, ordered = _make_index(plain["categories"]), plain["ordered"]
        return pd.Categorical.from_codes(plain["codes"], categories, ordered)
    if kind == "object":
        items = np.empty(len(plain["items"]), dtype=object)
        items[:] = [_simple(item) for item in plain["items"]]
        return pd.Series(items, dtype=object, index=index)
    if kind == "str":
        return pd.array([_simple(item) for item in plain["items"]], dtype="str")
    return np.array(plain["items"], dtype=kind)


def _make_index(plain: Mapping[str, Any]) -> pd.Index[Any]:
    import pandas as pd

    name = _simple(plain["name"])
    if "range" in plain:
        start, stop, step = plain["range"]
        return pd.RangeIndex(start, stop, step, name=name)
    items = [_simple(item) for item in plain["items"]]
    index: pd.Index[Any] = pd.Index(items, dtype=plain["type"], name=name)
    return index


def _simple(plain: Any) -> Any:
    """Return a value that holds nothing of the study."""
    return plain if not isinstance(plain, dict) else _MAKERS[plain[KIND]](plain)


_MAKERS: Mapping[str, Any] = MappingProxyType(
    {
        "float": lambda plain: float(plain["value"]),
        "number": lambda plain: np.dtype(plain["type"]).type(plain["value"]),
        "array": lambda plain: np.array(plain["items"], dtype=plain["type"]).reshape(
            plain["shape"]
        ),
        "frame": _make_frame,
        "error": _make_error,
        "problems": lambda plain: Problems([_make_error(item) for item in plain["items"]]),
        "tuple": lambda plain: tuple(_simple(item) for item in plain["items"]),
    }
)
