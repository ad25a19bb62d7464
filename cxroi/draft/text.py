"""Text: a study file of guesses, each line with its ground, ``# decide:`` where none will do."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

UNDECIDED = "?"
_WIDTH = 40


@dataclass(frozen=True)
class Line:
    """One line of a study file.

    Attributes
    ----------
    value
        What TOML can hold; `UNDECIDED` where a person must say it.
    ground
        Why the value was taken, or, where `decide`, what is to be decided.
    off
        Whether the line is commented out.
    """

    key: str
    value: Any
    ground: str = ""
    decide: bool = False
    off: bool = False


@dataclass(frozen=True)
class Section:
    """A section of a study file: its header, what is said above it, its lines."""

    header: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    off: bool = False


def write(sections: Iterable[Section], opening: Iterable[str]) -> str:
    """Return a study file."""
    lines = [f"# {line}".rstrip() for line in opening]
    for section in sections:
        lines += ["", *_wrapped(section.notes)]
        if section.header:
            lines.append(f"{'# ' if section.off else ''}[{section.header}]")
        lines += [_line(line, section.off) for line in section.lines]
    return "\n".join(lines) + "\n"


def decisions(sections: Iterable[Section]) -> Iterator[str]:
    """Yield ``[section] key: what`` for each line that a person must decide."""
    for section in sections:
        for line in section.lines:
            if line.decide:
                where = f"[{section.header}] {line.key}" if section.header else line.value
                yield f"{where}: {line.ground}"


def _wrapped(notes: Iterable[str]) -> list[str]:
    return [f"# {note}" for note in notes]


def _line(line: Line, off: bool) -> str:
    said = f"{'# ' if off or line.off else ''}{key(line.key)} = {value(line.value)}"
    ground = f"decide: {line.ground}" if line.decide else line.ground
    ground = re.sub(r"\s+", " ", ground)
    return f"{said.ljust(_WIDTH)} # {ground}" if ground else said


def key(name: str) -> str:
    """Return a key as TOML writes it."""
    return name if re.fullmatch(r"[A-Za-z0-9_.-]+", name) else _text(name)


def value(held: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, dt.date):
        return held.isoformat()
    if isinstance(held, int | float):
        return repr(held)
    if isinstance(held, Mapping):
        inside = ", ".join(f"{_bare(str(name))} = {value(item)}" for name, item in held.items())
        return f"{{{inside}}}"
    if isinstance(held, list | tuple):
        return f"[{', '.join(map(value, held))}]"
    return _text(str(held))


def _bare(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(held: str) -> str:
    return json.dumps(held, ensure_ascii=False).replace("\x7f", "\\u007f")
