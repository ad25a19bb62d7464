"""The study of a part of the answers, such as of one segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..errors import StudyError, nearest
from .declared import Source, Study
from .outcomes import ASKED_FOR
from .table_schema import CORE, TABLES


def part_of(study: Study, only: Mapping[str, Any]) -> Study:
    """Return the study of a part of its answers.

    What the scenario says of how many customers there are is of all, and is left out.

    Parameters
    ----------
    only
        Values by attribute, one or a list; an attribute that is chosen by already keeps those of
        its values that are among them.

    Raises
    ------
    StudyError
        An unknown attribute, or no value is left.
    """
    chosen = dict(study.only)
    for name, given in only.items():
        role_of_attribute(study, name)
        values = tuple(given) if isinstance(given, list | tuple | set) else (given,)
        before = chosen.get(name, values)
        chosen[name] = tuple(v for v in values if str(v) in map(str, before))
        if not chosen[name]:
            raise StudyError(f"no value of {name!r} is left", fix="Choose among those before")
    scenario = study.scenario and replace(study.scenario, from_customers=None)
    whole = study.name.removesuffix(f", {study.only_said}") if study.only else study.name
    other = replace(study, only=chosen, scenario=scenario, by=())
    return replace(other, name=f"{whole}, {other.only_said}")


def of_the_roi(study: Study) -> Study:
    """Return the study without the tables, columns and scores that only metrics read."""
    outcomes = {outcome.name for outcome in study.outcomes}
    own = {
        name: replace(source, columns=_of_the_roi(source))
        for name, source in study.sources.items()
        if name in CORE and (name != ASKED_FOR or name in outcomes)
    }
    looked_up = _looked_up(own, study.sources)
    sources = {name: own.get(name, s) for name, s in study.sources.items() if name in looked_up}
    return replace(study, sources=MappingProxyType(sources), scores={}, metrics={})


def _of_the_roi(source: Source) -> dict[str, str]:
    """Return the columns of a table that the ROI reads: of customers also who is a prospect."""
    columns, kept = source.columns, set(CORE[source.name])
    if source.name == "customers" and "stage" in columns:
        kept |= {"stage", "acquired_at"}
    return {key: column for key, column in columns.items() if key in kept}


def measures(study: Study) -> bool:
    """Whether a study declares anything that only metrics read."""
    beside = any(
        set(source.columns) - CORE[name] if name in CORE else name in TABLES
        for name, source in study.sources.items()
    )
    return beside or bool(study.scores) or bool(study.metrics)


def _looked_up(own: Mapping[str, Source], sources: Mapping[str, Source]) -> set[str]:
    """Return the names of some tables and of all in which columns of theirs are looked up."""
    found, new = set[str](), set(own)
    while new:
        found |= new
        new = {step.table for name in new for step in sources[name].steps} - found
    return found


def role_of_attribute(study: Study, name: str) -> str:
    """Return the role of the table that has an attribute.

    Raises
    ------
    StudyError
        None has; the nearest is offered.
    """
    if name not in study.attributes:
        raise StudyError(
            f"there is no attribute {name!r}",
            "one of a customers or responses table",
            nearest(name, study.attributes)
            if study.attributes
            else "Add it to attributes = [...] of its table",
        )
    return study.attributes[name]
