"""The shape of a declaration: unknown keys and wrong types are found all at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from ..errors import StudyError, nearest
from .keys import Keys
from .named_sections import LISTED, NAMED, OUTCOME_COLUMN
from .schema import SECTIONS
from .table_schema import LOOKUP, TABLES

Place = tuple[str | int, ...]


class UnknownKeyError(StudyError):
    """A section of a study file has a key that it does not know.

    Attributes
    ----------
    section, key
        The names of the section, outermost first, a place of a list among them, and the key.
    """

    def __init__(self, section: Place, key: str, fix: str) -> None:
        super().__init__(f"[{dotted(section)}] has an unknown key {key!r}", fix=fix)
        self.section, self.key = section, key


def dotted(place: Place) -> str:
    """Return the name of a section; one of a list by its number."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def builtin(value: Any, where: str = "the study") -> Any:
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
        return [builtin(item, where) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: builtin(item, _inside(where, key)) for key, item in value.items()}
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
    plain_sections = {name: part.keys for name, part in SECTIONS.items() if name != "outcomes"}
    sections = [*plain_sections, *NAMED, *LISTED, "tables", "outcomes"]
    problems = [
        StudyError(f"[{name}] is not a part of a study file", fix=nearest(name, sections))
        for name in document
        if name not in sections
    ]
    for name, keys in plain_sections.items():
        problems += check_section((name,), document.get(name, {}), keys)
    for name, known in NAMED.items():
        problems += _check_named(name, document.get(name, {}), known.keys)
    for name, known in LISTED.items():
        problems += _check_listed(name, document.get(name, []), known.keys)
    problems += _check_tables(document.get("tables", {}))
    problems += _check_outcomes(document.get("outcomes", {}))
    return problems


def _check_tables(tables: Any) -> Iterator[StudyError]:
    if not isinstance(tables, dict) or not tables:
        yield StudyError(
            "the study file declares no table", fix="Add [tables.customers] with path = ..."
        )
        return
    for name, table in tables.items():
        yield from check_section(("tables", name), table, TABLES.get(name, LOOKUP).keys)


def _check_named(section: str, tables: Any, keys: Keys) -> Iterator[StudyError]:
    if not isinstance(tables, dict):
        yield StudyError(f"[{section}] is not a table", fix=f"Write [{section}.NAME]")
        return
    for name, table in tables.items():
        yield from check_section((section, name), table, keys)


def _check_listed(section: str, tables: Any, keys: Keys) -> Iterator[StudyError]:
    if not isinstance(tables, list):
        fix = f"Write [[{section}]]"
        yield StudyError(f"[{section}] is one table", "there may be several", fix)
        return
    for place, table in enumerate(tables):
        yield from check_section((section, place), table, keys)


def _check_outcomes(outcomes: Any) -> Iterator[StudyError]:
    if not isinstance(outcomes, dict):
        yield StudyError("[outcomes] is not a table")
        return
    columns = outcomes.get("columns", {})
    rest = {key: value for key, value in outcomes.items() if key != "columns"}
    yield from check_section(("outcomes",), rest, SECTIONS["outcomes"].keys, also=("columns",))
    if not isinstance(columns, dict):
        yield StudyError(
            "[outcomes] columns is not a table",
            fix="Write [outcomes.columns.NAME] with column = ... and kind = ...",
        )
        return
    for name, column in columns.items():
        yield from check_section(("outcomes", "columns", name), column, OUTCOME_COLUMN.keys)


def check_section(
    place: Place, section: Any, keys: Keys, also: tuple[str, ...] = ()
) -> Iterator[StudyError]:
    """Yield one problem for each unknown key of a section and each value of the wrong type."""
    name = dotted(place)
    if not isinstance(section, dict):
        yield StudyError(f"{name} is {section!r:.100}", f"[{name}] is a table of keys")
        return
    for key, value in section.items():
        if key not in keys:
            yield UnknownKeyError(place, key, nearest(key, [*keys, *also]))
        elif not keys[key].type.holds(value):
            yield StudyError(f"[{name}] {key} is {value!r:.100}", f"it is {keys[key].type.called}")
