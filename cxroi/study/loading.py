"""The study file (TOML) or a mapping: tables, roles, windows, outcomes, controls, scenario."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import StudyError, nearest, raise_all
from .outcomes import Outcome, make_outcomes
from .rules import check_choices, check_engine, check_head, check_study, check_tables
from .scales import Scale, make_scale
from .scenario import Scenario, make_scenario
from .schema import ROLES, check, plain

IN_PYTHON = "study declared in Python"
ROLE_KEYS = frozenset(key for keys in ROLES.values() for key in keys) | {"customer"}


@dataclass(frozen=True)
class Source:
    """One declared table: where it is, how it is read, and what its columns mean.

    A table with neither path nor database is one for which a frame must stand.
    """

    name: str
    columns: Mapping[str, str]
    path: Path | None = None
    database: str = ""
    table: str = ""
    query: str = ""
    sheet: str = ""
    delimiter: str = ""
    decimal: str = "."
    decimal_declared: bool = False
    date_format: str = ""
    via: tuple[str, ...] = ()
    keep: Mapping[str, list[Any]] = field(default_factory=dict)
    drop: Mapping[str, list[Any]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    derive: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """What an analyst declared, validated.

    Attributes
    ----------
    path
        The study file itself; of a study declared in Python, a name in the working folder, to
        which its paths are relative.
    dated
        Whether responses and outcomes carry dates, so that time order can be kept.
    origin, target
        The pair of groups that is contrasted.
    controls, categorical
        Attributes that the regression holds equal; those that are codes, not quantities.
    answers
        Which answer counts where a customer gave several in a wave: latest, first or mean.
    baseline_days, outcome_days
        Lengths of the windows before and after the response; 0 where there are no dates.
    engine
        ``duckdb``, or where Spark runs: ``local[*]``, ``local[2]``, ``spark://host:port``.
    engine_folder
        For Spark: a folder that all its workers reach under the same path; None for the
        temporary folder of this machine.
    memory_limit
        For DuckDB, such as ``4GB``; empty for its own default.
    fits
        Where models are fitted: ``rows``, ``engine``, or empty for a choice by size; see
        `build_panel`.
    """

    path: Path
    name: str
    currency: str
    complete_from: dt.date | None
    complete_until: dt.date | None
    sources: Mapping[str, Source]
    scale: Scale
    answers: str
    outcomes: tuple[Outcome, ...]
    churn: str
    churn_days: int
    controls: tuple[str, ...]
    categorical: tuple[str, ...]
    baseline_days: int
    outcome_days: int
    origin: str
    target: str
    scenario: Scenario | None
    seed: int
    draws: int
    engine: str = "duckdb"
    engine_folder: Path | None = None
    memory_limit: str = ""
    fits: str = ""

    @property
    def clustered(self) -> bool:
        """Whether a table declares clusters, units larger than a customer."""
        return any("cluster" in source.columns for source in self.sources.values())

    @property
    def dated(self) -> bool:
        """Whether responses live in a table of their own, with dates."""
        return "responses" in self.sources

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of that name.

        Raises
        ------
        StudyError
            No such outcome; the nearest name is offered.
        """
        for outcome in self.outcomes:
            if outcome.name == name:
                return outcome
        raise StudyError(
            f"there is no outcome {name!r}", fix=nearest(name, [o.name for o in self.outcomes])
        )


def load_study(study: str | Path | Mapping[str, Any]) -> Study:
    """Read and validate a study file, or a mapping of the same shape.

    Parameters
    ----------
    study
        Path of the file; or the mapping, whose dates are `datetime.date`, and whose tables need
        no path where frames stand for them: ``read_tables(study, frames={...})``. ``cxroi
        report`` needs files, of the study and of its tables.

    Raises
    ------
    StudyError, Problems
        The file is missing or is not TOML; unknown keys, wrong types, missing or impossible
        declarations. All that is found in one pass is raised together.

    Examples
    --------
    >>> people = {"customer": "id", "score": "nps"}
    >>> spend = {"column": "spend", "kind": "amount"}
    >>> study = load_study(
    ...     {
    ...         "study": {"name": "Shop", "currency": "EUR"},
    ...         "tables": {"customers": people},
    ...         "outcomes": {"columns": {"spend": spend}},
    ...     }
    ... )
    >>> study.dated, study.origin, study.target
    (False, 'passive', 'promoter')
    """
    if isinstance(study, Mapping):
        document, path = plain(study), Path(IN_PYTHON)
    else:
        path = Path(study)
        document = _parse(path)
    raise_all(check(document))
    return _build(path.resolve(), document)


def _folder(named: str, study: Path) -> Path | None:
    return study.parent / named if named else None


def _parse(path: Path) -> dict[str, Any]:
    if not path.is_file():
        siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise StudyError(
            f"there is no study file {str(path)!r}",
            fix=nearest(path.name, siblings) if siblings else "Check the path",
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path.name} is not a TOML file in UTF-8: {error}") from None


def _build(path: Path, document: dict[str, Any]) -> Study:
    head, windows = document.get("study", {}), document.get("windows", {})
    sources = {
        name: _source(name, table, path.parent) for name, table in document["tables"].items()
    }
    problems = [*check_engine(head), *check_head(head, sources, windows), *check_tables(sources)]
    raise_all([*problems, *check_choices(document)])
    dated = "responses" in sources
    scale_table = document.get("scale", {})
    scale = make_scale(scale_table)
    scenario = make_scenario(document["scenario"], scale.labels) if "scenario" in document else None
    churn = document.get("churn", {})
    definition = churn.get(
        "definition", "cancelled" if "subscriptions" in sources else "no_purchase"
    )
    currency, days = head.get("currency", ""), windows.get("outcome_days", 0)
    outcomes = make_outcomes(document.get("outcomes", {}), sources, definition, currency, days)
    pair, controls = document.get("pair", {}), document.get("controls", {})
    study = Study(
        path=path,
        name=head["name"],
        currency=currency,
        complete_from=head.get("complete_from"),
        complete_until=head.get("complete_until"),
        sources=MappingProxyType(sources),
        scale=scale,
        answers=scale_table.get("answers", "latest"),
        outcomes=outcomes,
        churn=definition if dated else "",
        churn_days=churn.get("within_days", days),
        controls=tuple(controls.get("columns", ())),
        categorical=tuple(controls.get("categorical", ())),
        baseline_days=windows.get("baseline_days", 0),
        outcome_days=days,
        origin=scenario.origin if scenario else pair.get("from", scale.labels[-2]),
        target=scenario.target if scenario else pair.get("to", scale.labels[-1]),
        scenario=scenario,
        seed=document.get("analysis", {}).get("seed", 20260930),
        draws=document.get("analysis", {}).get("draws", 10_000),
        engine=head.get("engine", "duckdb"),
        engine_folder=_folder(head.get("engine_folder", ""), path),
        memory_limit=head.get("memory_limit", ""),
        fits=document.get("analysis", {}).get("fits", ""),
    )
    raise_all(check_study(study, "scenario" in document and "pair" in document))
    return study


def _source(name: str, table: Mapping[str, Any], folder: Path) -> Source:
    plain = {
        key: table[key]
        for key in ("database", "table", "query", "sheet", "delimiter", "decimal", "date_format")
        if key in table
    }
    return Source(
        name=name,
        columns={key: value for key, value in table.items() if key in ROLE_KEYS},
        path=folder / table["path"] if "path" in table else None,
        decimal_declared="decimal" in table,
        via=tuple(table.get("via", ())),
        keep=table.get("keep", {}),
        drop=table.get("drop", {}),
        attributes=tuple(table.get("attributes", ())),
        derive=table.get("derive", {}),
        **plain,
    )
