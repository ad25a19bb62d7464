"""The reference of the study file, as README.md beside this file holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .keys import NO_LIMIT, Key
from .named_sections import LISTED, NAMED, OUTCOME_COLUMN
from .schema import SECTIONS
from .table_schema import LOOKUP, ROLES, TABLES

_ABOUT_TABLES = (
    "a table of the data: where it is, how it is read, what its columns mean. A table of any other "
    "name than those below is only looked up, by `via`"
)


# After which section those of which there may be several are told.
_AFTER = {
    "drivers": ("inputs", "levers", "pilots"),
    "scale": ("scores",),
    "scenario": ("scenarios",),
}


def reference() -> str:
    """Return every section and key of a study file in Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield from _section("study", SECTIONS["study"].meaning, SECTIONS["study"].keys)
    roles = {role for names in ROLES.values() for role in names}
    everywhere = {name: key for name, key in LOOKUP.keys.items() if name not in roles}
    yield from _section("tables.NAME", _ABOUT_TABLES, everywhere)
    for name, table in TABLES.items():
        own = {key: known for key, known in table.keys.items() if key not in everywhere}
        of_role = {"customer": table.keys["customer"], **own}
        yield from _section(f"tables.{name}", table.meaning, of_role)
    for name, section in SECTIONS.items():
        if name != "study":
            yield from _section(name, section.meaning, section.keys)
        for beside in _AFTER.get(name, ()):
            yield from _several(beside)
    yield from _several("metrics")
    yield from _section("outcomes.columns.NAME", OUTCOME_COLUMN.meaning, OUTCOME_COLUMN.keys)


def _several(name: str) -> Iterator[str]:
    part = NAMED.get(name) or LISTED[name]
    yield from _section(f"{name}.NAME" if name in NAMED else f"[{name}]", part.meaning, part.keys)


def _section(name: str, meaning: str, keys: Mapping[str, Key]) -> Iterator[str]:
    yield from (f"### `[{name}]`", "", f"{meaning[0].upper()}{meaning[1:]}.", "")
    yield from ("| key | value | meaning |", "|---|---|---|")
    for key, known in keys.items():
        needed = ", needed" if known.required else ""
        yield f"| `{key}` | {_value(known)}{needed} | {known.meaning} |"
    yield ""


def _value(key: Key) -> str:
    if key.choices:
        return ", ".join(f"`{word}`" for word in key.choices if word)
    low, high = key.bounds or (-NO_LIMIT, NO_LIMIT)
    if low == -NO_LIMIT:
        return key.type.called
    return f"{key.type.called}, {low:,}{' or more' if high == NO_LIMIT else f' to {high:,}'}"
