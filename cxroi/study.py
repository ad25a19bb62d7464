"""The study file (TOML): tables, column roles, windows, outcomes, controls, scenario."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .errors import StudyError, nearest, raise_all
from .outcomes import Outcome, make_outcomes
from .scales import Scale, check_pair, make_scale
from .scenario import Scenario, make_scenario
from .study_schema import REQUIRED, ROLES, check

ANSWERS = ("latest", "first", "mean")
CHURN = ("cancelled", "no_purchase")
ROLE_KEYS = frozenset(key for keys in ROLES.values() for key in keys) | {"customer"}


@dataclass(frozen=True)
class Source:
    """One declared table: where it is, how it is read, and what its columns mean."""

    name: str
    columns: Mapping[str, str]
    path: Path | None = None
    database: str = ""
    table: str = ""
    query: str = ""
    sheet: str = ""
    delimiter: str = ""
    decimal: str = "."
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
        The study file itself.
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


def load_study(path: str | Path) -> Study:
    """Read and validate a study file.

    Raises
    ------
    StudyError, Problems
        The file is missing or is not TOML; unknown keys, wrong types, missing or impossible
        declarations. All that is found in one pass is raised together.
    """
    path = Path(path)
    document = _parse(path)
    raise_all(check(document))
    return _build(path.resolve(), document)


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
    raise_all([*_check_head(head, sources, windows), *_check_tables(sources)])
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
    )
    raise_all(_check_study(study, "scenario" in document and "pair" in document))
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
        via=tuple(table.get("via", ())),
        keep=table.get("keep", {}),
        drop=table.get("drop", {}),
        attributes=tuple(table.get("attributes", ())),
        derive=table.get("derive", {}),
        **plain,
    )


def _check_head(
    head: Mapping[str, Any], sources: Mapping[str, Source], windows: Mapping[str, int]
) -> Iterator[StudyError]:
    if not head.get("name"):
        yield StudyError("[study] has no name", fix='Add name = "..." under [study]')
    dated = "responses" in sources
    if not dated and "customers" not in sources:
        yield StudyError(
            "there is neither a responses nor a customers table",
            "a dated study has [tables.responses], a flat one has the score in [tables.customers]",
        )
    if dated and "complete_until" not in head:
        yield StudyError(
            "[study] has no complete_until",
            "responses whose outcome window is not complete must be left out",
            "Add the last day on which every table is complete: complete_until = 2026-09-30",
        )
    begin, end = head.get("complete_from"), head.get("complete_until")
    if begin and end and begin >= end:
        yield StudyError(f"[study] complete_from {begin} is not before complete_until {end}")
    for key in ("baseline_days", "outcome_days"):
        if dated and key not in windows:
            yield StudyError(f"[windows] has no {key}", fix=f"Add {key} = 90, for example")
        elif key in windows and not 1 <= windows[key] <= 3660:
            yield StudyError(f"[windows] {key} is {windows[key]}", "it is 1 to 3660 days")


def _check_tables(sources: Mapping[str, Source]) -> Iterator[StudyError]:
    for name, source in sources.items():
        where = f"[tables.{name}]"
        if (source.path is None) == (not source.database):
            yield StudyError(
                f"{where} has {'neither' if source.path is None else 'both'} path "
                f"{'nor' if source.path is None else 'and'} database",
                "one says where the table is",
            )
        if source.database and bool(source.table) == bool(source.query):
            yield StudyError(f"{where} takes either table or query from its database")
        if source.decimal not in (".", ","):
            yield StudyError(f"{where} decimal is {source.decimal!r}", "it is '.' or ','")
        required = REQUIRED.get(name, ())
        if name == "customers" and "responses" not in sources:
            required = (*required, "score")
        for key in required:
            if key not in source.columns:
                yield StudyError(f"{where} has no {key}", fix=f'Add {key} = "name of the column"')
        if name == "customers" and "responses" in sources and "score" in source.columns:
            yield StudyError(
                "both [tables.customers] and [tables.responses] have a score", "one of them has it"
            )
        yield from _check_via(source, sources)


def _check_via(source: Source, sources: Mapping[str, Source]) -> Iterator[StudyError]:
    for step in source.via:
        table, dot, column = step.partition(".")
        if not dot or not column:
            yield StudyError(
                f"[tables.{source.name}] via has {step!r}", "a step is written table.column"
            )
        elif table not in sources or table == source.name:
            others = [name for name in sources if name != source.name]
            yield StudyError(
                f"[tables.{source.name}] via names the table {table!r}", fix=nearest(table, others)
            )


def _check_study(study: Study, pair_twice: bool) -> Iterator[StudyError]:
    yield from check_pair("pair", study.origin, study.target, study.scale.labels)
    if pair_twice:
        yield StudyError(
            "both [pair] and [scenario] name a pair of groups",
            "one of them does",
            "Delete [pair]: the scenario's pair is used",
        )
    if study.answers not in ANSWERS:
        yield StudyError(
            f"[scale] answers is {study.answers!r}", fix=nearest(study.answers, ANSWERS)
        )
    if study.churn and study.churn not in CHURN:
        yield StudyError(f"[churn] definition is {study.churn!r}", fix=nearest(study.churn, CHURN))
    needed = {"cancelled": "subscriptions", "no_purchase": "orders"}.get(study.churn, "")
    wanted = {"retained", "churned"} & {outcome.name for outcome in study.outcomes}
    if wanted and needed and needed not in study.sources:
        yield StudyError(
            f"[churn] definition = {study.churn!r} needs [tables.{needed}], which is not declared",
            fix="Declare that table, or the other definition",
        )
    if study.dated and study.churn_days < 1:
        yield StudyError(f"[churn] within_days is {study.churn_days}", "it is 1 or more")
    if study.dated and study.churn_days > study.outcome_days:
        yield StudyError(
            f"[churn] within_days {study.churn_days} is longer than outcome_days "
            f"{study.outcome_days}",
            "churn is observed inside the outcome window",
            "Shorten within_days or lengthen outcome_days under [windows]",
        )
    if not 200 <= study.draws <= 1_000_000:
        yield StudyError(f"[analysis] draws is {study.draws}", "it is 200 to 1,000,000")
    if study.seed < 0:
        yield StudyError(f"[analysis] seed is {study.seed}", "it is 0 or more")
    yield from _check_controls(study)


def _check_controls(study: Study) -> Iterator[StudyError]:
    attributes = {
        name
        for role in ("customers", "responses")
        if role in study.sources
        for name in (*study.sources[role].attributes, *study.sources[role].derive)
    }
    taken = {outcome.column: outcome.name for outcome in study.outcomes if outcome.column}
    score = {s.columns["score"] for s in study.sources.values() if "score" in s.columns}
    for name in study.categorical:
        if name not in study.controls:
            yield StudyError(
                f"[controls] categorical names {name!r}, which is not among its columns",
                fix=nearest(name, study.controls),
            )
    for name in study.controls:
        if name in taken:
            yield StudyError(
                f"[controls] names {name!r}, the column of the outcome {taken[name]!r}",
                "a control is measured before the response",
            )
        elif name in score:
            yield StudyError(f"[controls] names {name!r}, which is the score itself")
        elif name not in attributes:
            yield StudyError(
                f"[controls] names {name!r}, which no customers or responses table has among "
                "its attributes",
                fix=nearest(name, attributes)
                if attributes
                else "Add it to attributes = [...] of its table",
            )
