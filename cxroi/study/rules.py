"""What a study file may not say, though its keys and types are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..engine.engines import check_address
from ..errors import ParameterError, StudyError, nearest
from .answers import several_answers
from .drift_rules import DRIFT_RULES
from .lever_rules import check_levers
from .money_units import UNITS, unit_of
from .scales import check_pair
from .schema import BASELINE_DAYS, DRAWS, SECTIONS, WINDOW_DAYS

if TYPE_CHECKING:
    from .declared import Source, Study

# Section and key of the choices that no other module makes of its own.
_CHOSEN = (
    ("scale", "several"),
    ("churn", "definition"),
    ("analysis", "fits"),
    ("study", "waves"),
)
_SIZE = r"(?i)[1-9]\d*(\.\d+)? ?[KMGT]i?B"


def check_head(
    head: Mapping[str, Any], sources: Mapping[str, Source], windows: Mapping[str, int]
) -> Iterator[StudyError]:
    """Yield what is wrong with [study] and [windows], given the tables that are declared."""
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
    for key, (least, most) in (("baseline_days", BASELINE_DAYS), ("outcome_days", WINDOW_DAYS)):
        if dated and key not in windows:
            yield StudyError(f"[windows] has no {key}", fix=f"Add {key} = 90, for example")
        elif key in windows and not least <= windows[key] <= most:
            expected = f"it is {least} to {most} days"
            yield StudyError(f"[windows] {key} is {windows[key]}", expected)


def check_engine(head: Mapping[str, Any]) -> Iterator[StudyError]:
    """Yield what is wrong with the engine and the memory limit of [study]."""
    engine, limit = head.get("engine", "duckdb"), head.get("memory_limit", "")
    try:
        check_address(engine)
    except ParameterError as problem:
        yield StudyError(f"[study] {problem.found}", problem.expected, problem.fix)
    if limit and not re.fullmatch(_SIZE, limit):
        yield StudyError(
            f"[study] memory_limit is {limit!r}", "it is a size such as '4GB' or '500MB'"
        )


def check_choices(document: Mapping[str, Any]) -> Iterator[StudyError]:
    """Yield the keys that take one of a few words and hold another."""
    scale = document.get("scale", {})
    if isinstance(scale.get("answers"), str) and "several" in scale:
        yield StudyError("[scale] has answers, a word, and several", fix="Delete answers")
    for section, key in _CHOSEN:
        valid = SECTIONS[section].keys[key].choices
        value = document.get(section, {}).get(key, valid[0])
        if key == "several":
            value = several_answers(scale)
        if value not in valid:
            fix = nearest(value, [word for word in valid if word])
            written = "answers" if key == "several" and "several" not in scale else key
            yield StudyError(f"[{section}] {written} is {value!r}", fix=fix)


def check_drift(document: Mapping[str, Any]) -> Iterator[StudyError]:
    """Yield names of rules of [drift] that are none."""
    for key, names in document.get("drift", {}).items():
        for name in names:
            if name not in DRIFT_RULES:
                fix = nearest(name, DRIFT_RULES)
                yield StudyError(f"[drift] {key} names a rule {name!r}", fix=fix)


def check_study(study: Study, pair_twice: bool) -> Iterator[StudyError]:
    """Yield what is wrong between the parts of a study, each of them right in itself."""
    yield from check_pair("pair", study.origin, study.target, study.scale.labels)
    if pair_twice:
        yield StudyError(
            "both [pair] and [scenario] name a pair of groups",
            "one of them does",
            "Delete [pair]: the scenario's pair is used",
        )
    yield from _check_outcomes(study)
    yield from _check_churn(study)
    yield from _check_amounts(study)
    if not DRAWS[0] <= study.draws <= DRAWS[1]:
        expected = f"it is {DRAWS[0]:,} to {DRAWS[1]:,}"
        yield StudyError(f"[analysis] draws is {study.draws}", expected)
    if study.seed < 0:
        yield StudyError(f"[analysis] seed is {study.seed}", "it is 0 or more")
    yield from _check_controls(study)
    yield from check_levers(study)


def _check_outcomes(study: Study) -> Iterator[StudyError]:
    """Yield outcomes that are the score, which would go with itself perfectly."""
    score = _scores(study)
    for outcome in study.outcomes:
        if outcome.column.strip() in score:
            yield StudyError(
                f"outcome {outcome.name!r} is in column {outcome.column!r}, which is the score",
                "an outcome is what customers did, not what they answered",
                "Give it a column of its own",
            )
        if outcome.baseline and outcome.baseline.strip() == outcome.column.strip():
            yield StudyError(
                f"the baseline of outcome {outcome.name!r} is its own column {outcome.column!r}",
                "a baseline is what the outcome was before the answer",
                "Give it a column of its own, or leave baseline out",
            )
        if outcome.baseline.strip() in score:
            yield StudyError(
                f"the baseline of outcome {outcome.name!r} is {outcome.baseline!r}, the score",
                "a baseline is what the outcome was before the answer",
                "Give it a column of its own, or leave baseline out",
            )


def _scores(study: Study) -> set[str]:
    """Return the names of score columns, spaces around them left out, as columns are matched."""
    return {s.columns["score"].strip() for s in study.sources.values() if "score" in s.columns}


def _check_churn(study: Study) -> Iterator[StudyError]:
    if study.churn == "cancelled" and "subscriptions" not in study.sources:
        yield StudyError(
            "[churn] definition = 'cancelled' needs [tables.subscriptions], which is not declared",
            fix="Declare that table, or definition = 'no_purchase'",
        )
    if study.churn_days < (1 if study.outcome_days else 0):
        yield StudyError(f"[churn] within_days is {study.churn_days}", "it is 1 or more")
    if study.dated and study.churn_days > study.outcome_days:
        yield StudyError(
            f"[churn] within_days {study.churn_days} is longer than outcome_days "
            f"{study.outcome_days}",
            "churn is observed inside the outcome window",
            "Shorten within_days or lengthen outcome_days under [windows]",
        )


def _check_controls(study: Study) -> Iterator[StudyError]:
    attributes = {
        name
        for role in ("customers", "responses")
        if role in study.sources
        for name in (*study.sources[role].attributes, *study.sources[role].derive)
    }
    taken = {outcome.column: outcome.name for outcome in study.outcomes if outcome.column}
    score = _scores(study)
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
        elif name.strip() in score:
            yield StudyError(f"[controls] names {name!r}, which is the score itself")
        elif name not in attributes:
            yield StudyError(
                f"[controls] names {name!r}, which no customers or responses table has among "
                "its attributes",
                fix=nearest(name, attributes)
                if attributes
                else "Add it to attributes = [...] of its table",
            )


def _amounts(study: Study) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield where columns of money are declared: section, kind, what they are in, their names."""
    for name, source in study.sources.items():
        yield f"[tables.{name}]", "amount", source.amount_in, [source.columns.get("amount", "")]
    for o in study.outcomes:
        yield f"[outcomes.columns.{o.name}]", o.kind, o.amount_in, [o.column, o.baseline]


def _check_amounts(study: Study) -> Iterator[StudyError]:
    """Yield amounts in no known unit of the study's currency, or perhaps in another."""
    currency = study.currency
    for where, kind, declared, headers in _amounts(study):
        if declared and kind != "amount":
            yield StudyError(
                f"{where} has amount_in, but is of kind {kind!r}",
                "amount_in says what money is written in",
                "Drop it, or declare kind = 'amount'",
            )
        elif declared and not currency:
            yield StudyError(
                f"{where} amount_in is {declared!r}, and [study] has no currency",
                "what amounts are in is a unit of a currency, and how many cents make one "
                "depends on it",
                'Add currency = "EUR", for example, under [study]',
            )
        elif declared and declared not in (*UNITS, currency):
            yield StudyError(
                f"{where} amount_in is {declared!r}",
                f"amounts are in {', '.join(UNITS)}, or in the study's currency",
                nearest(declared, (*UNITS, currency)),
            )
        elif kind == "amount" and declared != currency:
            yield from _check_units(where, declared, headers, currency)


def _check_units(
    where: str, declared: str, headers: list[str], currency: str
) -> Iterator[StudyError]:
    """Yield headers that sound like a unit, such as thousands, which is not the declared one."""
    for header in headers:
        unit = unit_of(header)
        if unit and unit != declared:
            has = f"amount_in = {declared!r}" if declared else "no amount_in"
            yield StudyError(
                f"{where} names {header!r}, which sounds like {unit}, and has {has}",
                f"it is declared whether amounts are in {unit}",
                f'Write amount_in = "{unit}", or amount_in = "{currency or "EUR"}" if they are not'
                + ("" if currency else ", and currency to [study]"),
            )
