"""Needs: what a metric is computed from, and what a study does not have of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from ..errors import ParameterError, nearest
from .metric import Metric
from .relations import ASKED, scores_of
from .unions import UNIONS

if TYPE_CHECKING:
    from ..study.declared import Study


def missing_of(
    metric: Metric,
    study: Study,
    by: str = "",
    date_only: Collection[tuple[str, str]] = (),
) -> str:
    """Return what a metric needs and a study does not have, in words; empty where it has all.

    Parameters
    ----------
    by
        Attribute whose values are to be told apart.
    date_only
        (role, column) of times that are mere dates.
    """
    lacking = list(filter(None, [lacking_of(metric.needs, study)]))
    chosen = option_of(metric, study)
    for role, optional in metric.optional.items():
        column = chosen[1] if chosen else ""
        if column in optional and role in study.sources:
            lacking += _lacks(role, (column,), study)
    if by and not (metric.divisible and metric.of == "customers"):
        lacking.append(f"to be asked for without {by}: it cannot be told apart by it")
    if metric.clock in date_only:
        lacking.append(f"a time of day in {metric.clock[1]} of [tables.{metric.clock[0]}]")
    return " and ".join(lacking)


def lacking_of(needs: Mapping[str, tuple[str, ...]], study: Study) -> str:
    """Return which of the tables, columns and scores needed a study does not declare, in words."""
    said = [one for need, columns in needs.items() for one in _lacks(need, columns, study)]
    return " and ".join(said)


def _lacks(need: str, columns: tuple[str, ...], study: Study) -> Iterator[str]:
    role, _, kind = need.partition(":")
    if role == "people":
        return
    if role == "scores":
        yield from _lacks_scores(kind, columns, study)
    elif role == "scenario":
        if study.scenario is None or set(columns) & study.scenario.defaults:
            yield f"{' and '.join(columns)} of [scenario]"
    elif role == "asked":
        yield from _lacks_asked(columns, study)
    elif role in UNIONS:
        if not UNIONS[role].of(study):
            yield UNIONS[role].lacking()
    elif role not in study.sources:
        yield f"[tables.{role}]" + (f" with {', '.join(columns)}" if columns else "")
    elif absent := [key for key in columns if key not in study.sources[role].columns]:
        yield f"{', '.join(absent)} of [tables.{role}]"


def _lacks_asked(columns: tuple[str, ...], study: Study) -> Iterator[str]:
    held = [study.sources[i].columns for i, a in ASKED if {i, a} <= set(study.sources)]
    if not any(set(columns) <= set(one) for one in held):
        yield f"{', '.join(columns)} of [tables.invitations] and their answers"


def _lacks_scores(kind: str, columns: tuple[str, ...], study: Study) -> Iterator[str]:
    held = [score for score in scores_of(study) if kind in ("", score.scale.kind)]
    if not held:
        yield f"a score of kind {kind} ([scores.{kind}])"
    elif not any(set(columns) <= set(study.sources[score.table].columns) for score in held):
        yield f"{', '.join(columns)} of [tables.{held[-1].table}]"


def option_of(metric: Metric, study: Study) -> tuple[str, str] | None:
    """Return the option of a metric and the value that the study chose, or the default.

    Raises
    ------
    ParameterError
        There is no such value.
    """
    declared = study.metrics.get(metric.name, {})
    for name, values in metric.options.items():
        chosen = str(declared.get(name, next(iter(values))))
        if chosen not in values:
            raise ParameterError(
                f"[metrics.{metric.name}] {name} is {chosen!r}", fix=nearest(chosen, values)
            )
        return name, chosen
    return None


def roles_of(metric: Metric, study: Study) -> set[str]:
    """Return the tables whose rows a metric counts."""
    roles: set[str] = set()
    main, *others = scores_of(study)
    for need in metric.needs:
        role, _, kind = need.partition(":")
        if role == "scores":
            of_kind = {s.table for s in (main, *others) if s.scale.kind == kind}
            roles |= of_kind if kind else {main.table}
        else:
            roles |= set(UNIONS[role].of(study)) if role in UNIONS else {role}
    return roles & set(study.sources)


def formula_of(metric: Metric, study: Study) -> str:
    """Return how a metric is computed, in words, with the tables that are told of together."""
    found = metric.formula
    if chosen := option_of(metric, study):
        found += f"; {chosen[0]}: {chosen[1]}"
    for need in metric.needs:
        if need in UNIONS:
            found += f"; from {', '.join(UNIONS[need].of(study))}"
    return found
