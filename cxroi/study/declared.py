"""What an analyst declared, validated: the study and its tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import StudyError, nearest
from .drift_rules import STOPS
from .levers import DeclaredDrivers, DeclaredInput, Lever
from .outcomes import Outcome
from .pilots import DeclaredPilot
from .scales import Scale
from .scenario import NamedScenario, Scenario
from .scores import DeclaredScore
from .voice import VoiceSettings

_STEP = re.compile(r"(?:(?P<left>.+?)\s*=\s*)?(?P<table>[^.=]+)\.(?P<right>.+)")


@dataclass(frozen=True)
class Step:
    """One step of `via`: where a column of the tables so far is looked up, and in which column.

    Attributes
    ----------
    left
        Column of the table itself or of one looked up before.
    table, right
        The lookup table and its key.
    paired
        Whether `left` was written out, as in ``requester_id = users.id``.
    """

    left: str
    table: str
    right: str
    paired: bool


@dataclass(frozen=True)
class Source:
    """One declared table: where it is, how it is read, and what its columns mean.

    A table with neither path, files nor database is one for which a frame must stand.

    Attributes
    ----------
    files, folder
        A pattern or a folder of several files, and the folder of the study file, to which it is
        relative.
    timezone
        That of the study.
    """

    name: str
    columns: Mapping[str, str]
    path: Path | None = None
    files: str = ""
    folder: Path | None = None
    encoding: str = ""
    skip_rows: int = 0
    duplicates: str = "keep"
    database: str = ""
    table: str = ""
    query: str = ""
    sheet: str = ""
    delimiter: str = ""
    decimal: str = "."
    decimal_declared: bool = False
    date_format: str | Mapping[str, str] = ""
    missing: tuple[Any, ...] = ()
    timezone: str = ""
    lines: str = ""
    amount_in: str = ""
    yes: tuple[Any, ...] = ()
    no: tuple[Any, ...] = ()
    via: tuple[str, ...] = ()
    keep: Mapping[str, list[Any]] = field(default_factory=dict)
    drop: Mapping[str, list[Any]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    derive: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def lookups(self) -> frozenset[str]:
        """The tables in which it is looked up."""
        return frozenset(step.table for step in self.steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of `via`, those that are written wrongly left out."""
        found = [_STEP.fullmatch(step.strip()) for step in self.via]
        return tuple(
            Step(m["left"] or m["right"], m["table"], m["right"], m["left"] is not None)
            for m in found
            if m
        )

    def format_of(self, column: str) -> str:
        """Return how the dates of a column are declared to be written; empty where they are not."""
        if isinstance(self.date_format, str):
            return self.date_format
        named = {name.strip(): form for name, form in self.date_format.items()}
        return named.get(column.strip(), "")


@dataclass(frozen=True)
class Change:
    """A value given in place of what the study file says.

    Attributes
    ----------
    key
        Such as ``scenario.cost_per_moved``.
    before, after
        As the study file writes them; None where it says nothing.
    """

    key: str
    before: Any
    after: Any


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
    timezone
        On whose clocks times are read, such as ``America/New_York``; empty where none is declared.
    waves
        What a wave is where answers carry no name of theirs: ``quarter`` or ``month``.
    fiscal_year_starts
        Month, 1 to 12, in which the year of the quarters begins.
    prepared_by, reviewed_by
        Who answers for the report, and who reviews it; empty where that is not declared.
    scenarios
        Those beside the scenario, by name.
    only
        Values, by attribute, of the answers that the study is about; empty for all.
    left_out
        Controls that are the same for all of these, and so are not held equal.
    by
        Attributes by whose values gap and ROI are shown apart.
    changes
        What was given in place of what the study file says.
    drift_stop, drift_off
        Rules of `drift_rules` that stop a run, and those that say nothing.
    scores
        Those beside that of the scale, by name.
    metrics
        What ``[metrics.NAME]`` says of each.
    inputs, drivers, levers
        What may move the score: what happens before an answer, by name; among what it is asked
        what moves the score; and what a company would change.
    pilots
        What was offered by chance.
    voice
        How comments are read.
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
    timezone: str = ""
    waves: str = "quarter"
    fiscal_year_starts: int = 1
    prepared_by: str = ""
    reviewed_by: str = ""
    scenarios: Mapping[str, NamedScenario] = field(default_factory=dict)
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    drift_stop: tuple[str, ...] = STOPS
    drift_off: tuple[str, ...] = ()
    scores: Mapping[str, DeclaredScore] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: Mapping[str, DeclaredInput] = field(default_factory=dict)
    drivers: DeclaredDrivers = field(default_factory=DeclaredDrivers)
    levers: tuple[Lever, ...] = ()
    pilots: tuple[DeclaredPilot, ...] = ()
    voice: VoiceSettings = field(default_factory=VoiceSettings)

    @property
    def clustered(self) -> bool:
        """Whether a table declares clusters, units larger than a customer."""
        return any("cluster" in source.columns for source in self.sources.values())

    @property
    def own_waves(self) -> bool:
        """Whether answers carry the name of their wave."""
        return "wave" in self.sources["responses" if self.dated else "customers"].columns

    @property
    def waved(self) -> bool:
        """Whether a customer may have several rows of answers, one a wave."""
        return self.dated or bool({"wave", "answered_at"} & set(self.sources["customers"].columns))

    @property
    def dated(self) -> bool:
        """Whether responses live in a table of their own, with dates."""
        return "responses" in self.sources

    @property
    def attributes(self) -> Mapping[str, str]:
        """The role of the table that has an attribute, by the attribute's name."""
        return {
            name: role
            for role in ("responses", "customers")
            if role in self.sources
            for name in (*self.sources[role].attributes, *self.sources[role].derive)
        }

    @property
    def only_said(self) -> str:
        """What the study is about, such as ``segment = Business``; empty where all."""
        return ", ".join(
            f"{name.replace('_', ' ')} = {' or '.join(map(str, values))}"
            for name, values in self.only.items()
        )

    @property
    def only_answers(self) -> bool:
        """Whether answers are chosen, so that who was asked among them is not known."""
        return self.dated and any(self.attributes.get(n) == "responses" for n in self.only)

    def without_controls(self, names: Collection[str]) -> Study:
        """Return the study with some controls not held equal."""
        return replace(
            self,
            controls=tuple(n for n in self.controls if n not in names),
            categorical=tuple(n for n in self.categorical if n not in names),
            left_out=(*self.left_out, *names),
        )

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
