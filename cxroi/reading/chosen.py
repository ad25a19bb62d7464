"""The part of the tables that a study is about: of chosen customers, or of chosen answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engine.literals import constant
from ..engine.quoting import ident
from ..errors import DataError, StudyError, nearest
from ..moments.rows import worded
from ..results.thresholds import MINIMUM_GROUP
from ..study.parts import role_of_attribute
from ..study.table_schema import ROLES
from .ledger import NOT_CHOSEN

if TYPE_CHECKING:
    from .tables import Tables

NARROWED = ("customers", "responses", "invitations")
LONGEST = 40  # a longer value is no name of a group, and is not shown


def narrowed(tables: Tables, every: bool = False) -> Tables:
    """Return tables with what ``only`` of the study leaves; the rest is entered as set aside.

    By an attribute of customers they, their answers and their invitations are left; by one of
    answers the answers. Events stay as they are: they are held against the answers that are left,
    and from when until when a table reaches is told by all its rows.

    Parameters
    ----------
    every
        Leave of the events too what is of the chosen customers alone, as metrics count it.

    Raises
    ------
    StudyError
        A value that the attribute never has; the nearest is offered.
    DataError
        No row is left.
    """
    study = tables.study
    if not study.only or tables.chosen:
        return tables
    sources = study.sources.items()
    own_rows = [r for r, s in sources if r in ROLES and "customer" in s.columns]
    roles = own_rows if every else [role for role in NARROWED if role in study.sources]
    own: dict[str, list[str]] = {}
    for name, values in study.only.items():
        role = role_of_attribute(study, name)
        own.setdefault(role, []).append(_condition(tables, role, name, values))
    chosen, ledger = dict[str, str](), tables.ledger
    for role in roles:
        conditions = own.get(role, [])
        if role != "customers" and "customers" in own:
            of = f"SELECT customer FROM clean_customers WHERE {' AND '.join(own['customers'])}"
            conditions = [f"customer IN ({of})", *conditions]
        if conditions:
            chosen[role] = f"(SELECT * FROM clean_{role} WHERE {' AND '.join(conditions)})"
            left = _count(tables, f"clean_{role}") - _count(tables, chosen[role])
            ledger = ledger.add(role, "set aside", left, f"{NOT_CHOSEN}{study.only_said}")
    base = "responses" if study.dated else "customers"
    if not _count(tables, chosen.get(base, f"clean_{base}")):
        raise DataError(f"no answer is of {study.only_said}", fix="Choose other values")
    return replace(tables, ledger=ledger, chosen=chosen)


def _condition(tables: Tables, role: str, name: str, values: Sequence[Any]) -> str:
    """Return where an attribute has one of some values, which it has somewhere."""
    column = ident(f"attr_{name}")
    counts = tables.engine.fetch(
        f"SELECT {column}, count(*) FROM clean_{role} WHERE {column} IS NOT NULL GROUP BY {column}"
    )
    found = {worded(value): value for value, _ in counts}
    shown = [worded(v) for v, n in counts if n >= MINIMUM_GROUP and len(worded(v)) <= LONGEST]
    raw = []
    for value in values:
        if worded(value) not in found:
            raise StudyError(
                f"only has {name} = {worded(value)!r}, which no row of [tables.{role}] has",
                "a value as the table writes it",
                nearest(worded(value), sorted(shown)),
            )
        raw.append(found[worded(value)])
    return f"{column} IN ({', '.join(map(constant, raw))})"


def _count(tables: Tables, relation: str) -> int:
    [(n,)] = tables.engine.fetch(f"SELECT count(*) FROM {relation}")
    return int(n)
