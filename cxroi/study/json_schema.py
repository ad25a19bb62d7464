"""The keys of a study file as a JSON Schema, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from .keys import NO_LIMIT, Key, Section
from .named_sections import LISTED, NAMED, OUTCOME_COLUMN
from .schema import SECTIONS
from .table_schema import LOOKUP, TABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATED = {"properties": {"tables": {"required": ["responses"]}}}
_DATED_NEEDS = {
    "properties": {
        "study": {"required": ["complete_until"]},
        "windows": {"required": ["baseline_days", "outcome_days"]},
    },
    "required": ["windows"],
}
_FLAT_NEEDS = {
    "properties": {
        "tables": {
            "required": ["customers"],
            "properties": {"customers": {"required": ["score"]}},
        }
    }
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a study file.

    It refuses the unknown keys, wrong types and unknown words that `load_study` refuses. Four
    things JSON cannot tell, or a schema cannot say, are left to `load_study`: a date in quotes
    from one without, 90.0 from 90, whether a range rises, and what one key needs of another
    beyond the tables of a dated and of a flat study.
    """
    sections = {name: _section(part) for name, part in SECTIONS.items()}
    sections["outcomes"]["properties"]["columns"] = {
        "description": "[outcomes.columns.NAME]: outcomes of a flat study",
        "type": "object",
        "additionalProperties": _section(OUTCOME_COLUMN),
    }
    for name, part in NAMED.items():
        sections[name] = {
            "description": f"[{name}.NAME]: {part.meaning}",
            "type": "object",
            "additionalProperties": _section(part),
        }
    for name, part in LISTED.items():
        sections[name] = {
            "description": f"[[{name}]]: {part.meaning}",
            "type": "array",
            "items": _section(part),
        }
    tables = {
        "description": "the tables; of any other name those that are only looked up",
        "type": "object",
        "properties": {name: _section(table) for name, table in TABLES.items()},
        "additionalProperties": _section(LOOKUP),
        "minProperties": 1,
    }
    return {
        "$schema": DIALECT,
        "title": "cxroi study file",
        "type": "object",
        "properties": {**sections, "tables": tables},
        "required": ["study", "tables"],
        "additionalProperties": False,
        "if": _DATED,
        "then": _DATED_NEEDS,
        "else": _FLAT_NEEDS,
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "description": section.meaning,
        "type": "object",
        "properties": {name: _key(key) for name, key in section.keys.items()},
        "required": [name for name, key in section.keys.items() if key.required],
        "additionalProperties": False,
    }


def _key(key: Key) -> dict[str, Any]:
    schema = {"description": key.meaning, **key.type.json, **_bounds(key)}
    if "items" in schema:
        schema["items"] = {**schema["items"], **_bounds(key)}
    if key.choices:
        schema["enum"] = list(key.choices)
    return schema


def _bounds(key: Key) -> dict[str, float]:
    low, high = key.bounds or (-NO_LIMIT, NO_LIMIT)
    return {
        name: bound
        for name, bound in (("minimum", low), ("maximum", high))
        if abs(bound) != NO_LIMIT
    }
