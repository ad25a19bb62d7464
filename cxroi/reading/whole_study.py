"""A whole study: its file and its tables, the problems of both found in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import CxroiError, raise_all
from ..study.loading import beside, load_despite, load_study
from ..study.parts import measures
from ..study.quarters import check_quarter
from .ledger import Ledger
from .tables import Tables, read_tables


def read_study(
    path: str | Path, quarter: str = "", only: Mapping[str, Any] = MappingProxyType({})
) -> Tables:
    """Load a study file and read its tables.

    Parameters
    ----------
    quarter
        The wave that is to be analysed; empty: all.
    only
        The answers that are to be analysed, as `load_study` takes them.

    Raises
    ------
    ParameterError
        The quarter is none of the study's kind.
    StudyError, DataError, Problems
        What `load_study` and `read_tables` refuse, together where the tables can be read in
        spite of what is wrong with the study file.
    """
    study, problems = load_despite(path, only=only)
    if study is None:
        raise_all(problems)
    else:
        try:
            check_quarter(quarter, study)
            tables = read_tables(study)
        except CxroiError as found:
            raise_all([*problems, *beside(problems, found)])
    raise_all(problems)
    return tables


def rows_beside(path: str | Path, known: Ledger) -> Ledger:
    """Read all tables of a study; return what became of those that the ROI does not read.

    Parameters
    ----------
    known
        What became of the others.

    Raises
    ------
    DataError, Problems
        A table cannot be read.
    """
    study = load_study(path)
    if not measures(study):
        return Ledger()
    told = {(entry.table, entry.reason) for entry in known.entries}
    entries = read_tables(study, every=True).ledger.entries
    return Ledger(tuple(e for e in entries if (e.table, e.reason) not in told))
