"""What parameters change of a study: its scenario, and the customers it is of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CxroiError, ParameterError, Problems, raise_all
from ..study.declared import Study
from ..study.loading import load_study
from ..study.overrides import parsed, parsed_table, written

PARTS = ("scenario", "only")


def folded(given: Mapping[str, object]) -> dict[str, object]:
    """Return parameters with ``scenario.KEY`` and ``only.COLUMN`` folded into one text each.

    A notebook has one parameter for each, in which TOML stands as in the study file, braces left
    out; papermill would execute a name with a point in it.

    Raises
    ------
    ParameterError
        A key is given twice, once in each way.
    StudyError
        The text cannot be read.

    Examples
    --------
    >>> folded({"quarter": "2026Q3", "scenario.cost_per_moved": "5"})
    {'quarter': '2026Q3', 'scenario': 'cost_per_moved = 5'}
    """
    plain: dict[str, object] = {}
    changes: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    twice = []
    for name, value in given.items():
        part, point, key = name.partition(".")
        if part not in PARTS:
            plain[name] = value
            continue
        found = (
            {key: parsed(value) if isinstance(value, str) else value}
            if point
            else table(value, part)
        )
        twice += [
            ParameterError(f"parameter {part}.{key} is given twice", "each key once")
            for key in found
            if key in changes[part]
        ]
        changes[part] |= found
    raise_all(twice)
    return plain | {part: written(values) for part, values in changes.items() if values}


def load_changed(path: Path, changes: Mapping[str, Mapping[str, Any]]) -> Study:
    """Load a study with what parameters change of it.

    Raises
    ------
    ParameterError, Problems
        A change that the study may not have.
    StudyError, Problems
        The study cannot be used as it is either.
    """
    try:
        return load_study(path, **changes)
    except CxroiError as error:
        if not any(changes.values()):
            raise
        load_study(path)
        problems = error.problems if isinstance(error, Problems) else (error,)
        raise_all(ParameterError(p.found, p.expected, p.fix) for p in problems)
        raise


def table(value: object, part: str) -> dict[str, Any]:
    """Return what is changed of a part of the study, given as a mapping or as a text."""
    if isinstance(value, Mapping):
        return dict(value)
    return parsed_table(str(value), part) if value else {}
