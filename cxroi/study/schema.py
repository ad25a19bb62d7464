"""The keys and types of a study file; unknown keys and wrong types are found all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from ..errors import StudyError, nearest

ROLES: dict[str, tuple[str, ...]] = {
    "customers": ("score", "answered_at", "weight", "cluster"),
    "responses": ("score", "answered_at", "comment", "weight", "cluster"),
    "orders": ("ordered_at", "amount", "id", "currency"),
    "contacts": ("opened_at",),
    "returns": ("returned_at",),
    "subscriptions": ("started_at", "cancelled_at"),
    "invitations": ("invited_at",),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "customers": ("customer",),
    "responses": ("customer", "score", "answered_at"),
    "orders": ("customer", "ordered_at", "amount"),
    "contacts": ("customer", "opened_at"),
    "returns": ("customer", "returned_at"),
    "subscriptions": ("customer", "started_at", "cancelled_at"),
    "invitations": ("customer",),
}

Check = Callable[[Any], bool]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(_number(item) for item in value)


def _range(value: Any) -> bool:
    return _number(value) or (_numbers(value) and len(value) == 3 and list(value) == sorted(value))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _scalars(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str | int | float | bool) for v in value)


def _filter(value: Any) -> bool:
    return isinstance(value, dict) and all(_scalars(item) for item in value.values())


def _derive(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, dict)
        and set(item) == {"from", "to"}
        and all(isinstance(column, str) for column in item.values())
        for item in value.values()
    )


def _map_of_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(_number(item) for item in value.values())


TEXT: tuple[str, Check] = ("text", lambda value: isinstance(value, str))
FLAG: tuple[str, Check] = ("true or false", lambda value: isinstance(value, bool))
WHOLE: tuple[str, Check] = (
    "a whole number",
    lambda value: isinstance(value, int) and not isinstance(value, bool),
)
NUMBER: tuple[str, Check] = ("a number", _number)
NUMBERS: tuple[str, Check] = ("a list of numbers", _numbers)
RANGE: tuple[str, Check] = ("a number or [low, likely, high] in rising order", _range)
TEXTS: tuple[str, Check] = ("a list of texts", _texts)
SCALARS: tuple[str, Check] = ("a list of values", _scalars)
FILTER: tuple[str, Check] = ("a table {column = [values]}", _filter)
DERIVE: tuple[str, Check] = ("a table {name = {from = column, to = column}}", _derive)
MAP: tuple[str, Check] = ("a table {outcome = number}", _map_of_numbers)
DATE: tuple[str, Check] = (
    "a date such as 2026-09-30, without quotes",
    lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
)

Keys = Mapping[str, tuple[str, Check]]

_TABLE: Keys = {
    "path": TEXT,
    "table": TEXT,
    "database": TEXT,
    "query": TEXT,
    "sheet": TEXT,
    "delimiter": TEXT,
    "decimal": TEXT,
    "date_format": TEXT,
    "customer": TEXT,
    "via": TEXTS,
    "keep": FILTER,
    "drop": FILTER,
    "attributes": TEXTS,
    "derive": DERIVE,
}
_SECTIONS: Mapping[str, Keys] = {
    "study": {
        "name": TEXT,
        "currency": TEXT,
        "complete_from": DATE,
        "complete_until": DATE,
        "engine": TEXT,
        "engine_folder": TEXT,
        "memory_limit": TEXT,
    },
    "scale": {
        "kind": TEXT,
        "metric": TEXT,
        "minimum": NUMBER,
        "maximum": NUMBER,
        "better": TEXT,
        "cuts": NUMBERS,
        "labels": TEXTS,
        "missing": NUMBERS,
        "quantiles": WHOLE,
        "answers": TEXT,
        "fractional": FLAG,
    },
    "churn": {"definition": TEXT, "within_days": WHOLE},
    "controls": {"columns": TEXTS, "categorical": TEXTS},
    "windows": {"baseline_days": WHOLE, "outcome_days": WHOLE},
    "pair": {"from": TEXT, "to": TEXT},
    "scenario": {
        "from": TEXT,
        "to": TEXT,
        "share_moved": RANGE,
        "cost_per_moved": RANGE,
        "fixed_cost": RANGE,
        "gross_margin": RANGE,
        "discount_rate_annual": RANGE,
        "horizon_months": NUMBER,
        "causal_share": RANGE,
        "cost_per_contact": RANGE,
        "cost_per_return": RANGE,
        "from_customers": WHOLE,
    },
    "analysis": {"seed": WHOLE, "draws": WHOLE, "fits": TEXT},
}
_OUTCOMES: Keys = {"names": TEXTS, "matters": MAP}
OUTCOME_COLUMN: Keys = {
    "column": TEXT,
    "kind": TEXT,
    "yes": SCALARS,
    "no": SCALARS,
    "missing": SCALARS,
    "unit": TEXT,
    "better": TEXT,
    "baseline": TEXT,
}


def plain(value: Any, where: str = "the study") -> Any:
    """Return a declaration made in Python as the TOML file would have it, copied.

    Raises
    ------
    StudyError
        It holds what no study file can, such as a frame.
    """
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, str | int | float | dt.date):
        return value
    if isinstance(value, list | tuple):
        return [plain(item, where) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: plain(item, _inside(where, key)) for key, item in value.items()}
    if isinstance(value, Mapping):
        raise StudyError(f"{where} has a key that is no text", "keys are texts")
    raise StudyError(
        f"{where} is of type {type(value).__name__}",
        "a declaration is made of texts, numbers, true and false, dates, lists and mappings",
        "Frames are passed to read_tables(study, frames={...}); what is not known is left out",
    )


def _inside(where: str, key: str) -> str:
    return f"[{key}]" if where == "the study" else f"{where[:-1]}.{key}]"


def check(document: Mapping[str, Any]) -> list[StudyError]:
    """Return one problem for each unknown key and each value of the wrong type."""
    sections = [*_SECTIONS, "tables", "outcomes"]
    problems = [
        StudyError(f"[{name}] is not a part of a study file", fix=nearest(name, sections))
        for name in document
        if name not in sections
    ]
    for name, keys in _SECTIONS.items():
        problems += _check_section(name, document.get(name, {}), keys)
    problems += _check_tables(document.get("tables", {}))
    problems += _check_outcomes(document.get("outcomes", {}))
    return problems


def _check_tables(tables: Any) -> Iterator[StudyError]:
    if not isinstance(tables, dict) or not tables:
        yield StudyError(
            "the study file declares no table", fix="Add [tables.customers] with path = ..."
        )
        return
    roles = sorted({key for keys in ROLES.values() for key in keys})
    for name, table in tables.items():
        extra = ROLES.get(name, tuple(roles))
        yield from _check_section(f"tables.{name}", table, {**_TABLE, **dict.fromkeys(extra, TEXT)})


def _check_outcomes(outcomes: Any) -> Iterator[StudyError]:
    if not isinstance(outcomes, dict):
        yield StudyError("[outcomes] is not a table")
        return
    columns = outcomes.get("columns", {})
    rest = {key: value for key, value in outcomes.items() if key != "columns"}
    yield from _check_section("outcomes", rest, _OUTCOMES, also=("columns",))
    if not isinstance(columns, dict):
        yield StudyError(
            "[outcomes] columns is not a table",
            fix="Write [outcomes.columns.NAME] with column = ... and kind = ...",
        )
        return
    for name, column in columns.items():
        yield from _check_section(f"outcomes.columns.{name}", column, OUTCOME_COLUMN)


def _check_section(
    name: str, section: Any, keys: Keys, also: tuple[str, ...] = ()
) -> Iterator[StudyError]:
    if not isinstance(section, dict):
        yield StudyError(f"{name} is {section!r}", f"[{name}] is a table of keys")
        return
    for key, value in section.items():
        if key not in keys:
            yield StudyError(
                f"[{name}] has an unknown key {key!r}", fix=nearest(key, [*keys, *also])
            )
        elif not keys[key][1](value):
            yield StudyError(f"[{name}] {key} is {value!r}", f"it is {keys[key][0]}")
