"""What a key of a study file is: its type, its meaning and the values it may take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ANSWERS = ("latest", "first", "mean")
LARGEST = 1e15
CELLS = (
    *("time", "number", "size", "amount", "text", "yes_no", "key", "stage"),
    *("score", "weight", "wave", "currency"),
)
NO_LIMIT = float("inf")


@dataclass(frozen=True)
class Type:
    """What a value of a study file may be.

    Attributes
    ----------
    called
        What a refusal and the reference call it.
    holds
        Whether a value read from TOML is of this type.
    json
        The same in JSON Schema.
    """

    called: str
    holds: Callable[[Any], bool]
    json: Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """One key of a study file.

    Attributes
    ----------
    type
        What its value may be.
    meaning
        What it says, its unit, and what holds where it is left out.
    choices
        The words it takes, where it takes no other.
    bounds
        The least and the largest number, both included.
    required
        Whether its section is refused without it.
    cells
        Of a column: what its cells are, one of `CELLS`; empty where a reader of its own knows.
    blank
        Of a column: whether a row with a blank there is kept.
    """

    type: Type
    meaning: str
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    required: bool = False
    cells: str = ""
    blank: bool = True


Keys = Mapping[str, Key]


@dataclass(frozen=True)
class Section:
    """One section of a study file: what it is about, and its keys."""

    meaning: str
    keys: Keys


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(_number(item) for item in value)


def _range(value: Any) -> bool:
    return _number(value) or (_numbers(value) and len(value) == 3 and list(value) == sorted(value))


def _range_or_observed(value: Any) -> bool:
    return value == "observed" or _range(value)


def _range_or_prior(value: Any) -> bool:
    if not isinstance(value, dict):
        return _range(value)
    needed, known = {"low", "likely", "high"}, {"none", "opposite", "low", "likely", "high"}
    return (
        needed <= set(value) <= known
        and all(_number(item) for item in value.values())
        and value["low"] <= value["likely"] <= value["high"]
    )


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _scalars(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str | int | float | bool) for v in value)


def _filter(value: Any) -> bool:
    return isinstance(value, dict) and all(_scalars(item) for item in value.values())


def _only(value: Any) -> bool:
    def chosen(item: Any) -> bool:
        return isinstance(item, str | int | float | bool) or (_scalars(item) and bool(item))

    return isinstance(value, dict) and all(chosen(item) for item in value.values())


def _text_or_texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    )


def _derive(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, dict)
        and set(item) == {"from", "to"}
        and all(isinstance(column, str) for column in item.values())
        for item in value.values()
    )


def _map_of_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(_number(item) for item in value.values())


def _list_of(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _table_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


_TEXT = {"type": "string"}
_NUMBER = {"type": "number", "exclusiveMinimum": -LARGEST, "exclusiveMaximum": LARGEST}
_SCALARS = _list_of({"type": ["string", "number", "boolean"]})
_FROM_TO = {
    "type": "object",
    "properties": {"from": _TEXT, "to": _TEXT},
    "required": ["from", "to"],
    "additionalProperties": False,
}

TEXT = Type("text", lambda value: isinstance(value, str), _TEXT)
FLAG = Type("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
WHOLE = Type(
    "a whole number",
    lambda value: isinstance(value, int) and not isinstance(value, bool),
    {"type": "integer"},
)
NUMBER = Type("a number", _number, _NUMBER)
NUMBERS = Type("a list of numbers", _numbers, _list_of(_NUMBER))
RANGE = Type(
    "a number or [low, likely, high] in rising order",
    _range,
    {**_NUMBER, **_list_of(_NUMBER), "type": ["number", "array"], "minItems": 3, "maxItems": 3},
)
RANGE_OR_OBSERVED = Type(
    'a number, [low, likely, high] in rising order, or "observed"',
    _range_or_observed,
    {**RANGE.json, "type": ["number", "array", "string"], "pattern": "^observed$"},
)
RANGE_OR_PRIOR = Type(
    "a number, [low, likely, high] in rising order, or a table {none, opposite, low, likely, high}",
    _range_or_prior,
    {
        **RANGE.json,
        "type": ["number", "array", "object"],
        "properties": {
            name: {"type": "number", "minimum": 0, "maximum": 1}
            for name in ("none", "opposite", "low", "likely", "high")
        },
        "required": ["low", "likely", "high"],
        "additionalProperties": False,
    },
)
TEXTS = Type("a list of texts", _texts, _list_of(_TEXT))
SCALARS = Type("a list of values", _scalars, _SCALARS)
TEXT_OR_TEXTS = Type(
    "a text, or a table {column = text}",
    _text_or_texts,
    {"type": ["string", "object"], "additionalProperties": _TEXT},
)
FILTER = Type("a table {column = [values]}", _filter, _table_of(_SCALARS))
ONLY = Type(
    "a table {column = value} or {column = [values]}",
    _only,
    _table_of({**_SCALARS, "type": ["string", "number", "boolean", "array"], "minItems": 1}),
)
NUMBER_OR_TEXT = Type(
    "a number or a text",
    lambda value: _number(value) or isinstance(value, str),
    {**_NUMBER, "type": ["number", "string"]},
)
WORDS = Type(
    "a table {name = text}",
    lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
    _table_of(_TEXT),
)
DERIVE = Type("a table {name = {from = column, to = column}}", _derive, _table_of(_FROM_TO))
MAP = Type("a table {outcome = number}", _map_of_numbers, _table_of(_NUMBER))
CODES = Type(
    "a table {answer = number}",
    lambda value: _map_of_numbers(value) or isinstance(value, str),
    {**_table_of(_NUMBER), "type": ["object", "string"], "pattern": f"^({'|'.join(ANSWERS)})$"},
)
DATE = Type(
    "a date such as 2026-09-30, without quotes",
    lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    {"type": "string", "format": "date"},
)


AMOUNT_IN = Key(
    TEXT,
    "`cents`: hundredths of the study's currency, as payment services write them (of JPY, KRW "
    "... whole, of KWD ... thousandths); `thousands`, `ten_thousands` (万), `lakhs`, `millions`, "
    "`crores`, `hundred_millions` (億) or `billions` of it; or that currency itself, where a "
    "header or a column of currencies speaks of something else",
)


def column(
    meaning: str, required: bool = False, cells: str = "text", blank: bool | None = None
) -> Key:
    """Return a key that names a column of its table.

    Parameters
    ----------
    cells
        What its cells are, one of `CELLS`.
    blank
        Whether a row with a blank there is kept; left out: where the column is not required.
    """
    kept = not required if blank is None else blank
    return Key(TEXT, f"column: {meaning}", required=required, cells=cells, blank=kept)
