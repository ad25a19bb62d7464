"""Reading for metrics: a table that cannot be read costs its metrics, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import CxroiError, Problems
from ..reading.chosen import narrowed
from ..reading.tables import Tables, read_tables
from ..study.parts import of_the_roi

if TYPE_CHECKING:
    from ..study.declared import Study


def read_for_metrics(
    study: Study, *, frames: Mapping[str, Any] | None = None, engine: str = ""
) -> tuple[Tables, dict[str, str]]:
    """Read all tables of a study, those left out that only metrics need and that cannot be read.

    Of a part of the customers (``only``) what is of them alone.

    Returns
    -------
    tuple
        The tables; and by table that was left out, what is wrong with it.

    Raises
    ------
    DataError, Problems
        A table that the ROI needs cannot be read.
    """
    left_out: dict[str, str] = {}
    while True:
        kept = {name: s for name, s in study.sources.items() if name not in left_out}
        scores = {n: s for n, s in study.scores.items() if s.table in kept}
        part = replace(study, sources=MappingProxyType(kept), scores=scores)
        given = {name: frame for name, frame in (frames or {}).items() if name in kept}
        try:
            tables = read_tables(part, frames=given, engine=engine, every=True)
            return narrowed(tables, every=True), left_out
        except CxroiError as error:
            left_out |= _at_fault(error, kept, of_the_roi(study).sources)


def _at_fault(
    error: CxroiError, kept: Mapping[str, Any], needed: Collection[str]
) -> dict[str, str]:
    """Return the tables that a refusal names, by what it says of each.

    Raises
    ------
    CxroiError
        It names another, or none: the refusal itself.
    """
    problems = error.problems if isinstance(error, Problems) else (error,)
    found: dict[str, str] = {}
    for problem in problems:
        named = [name for name in re.findall(r"\[tables\.(\w+)\]", str(problem)) if name in kept]
        if not named or named[0] in needed:
            raise error
        found[named[0]] = str(problem)
    return found
