"""Queries for a database: one SELECT, which only reads tables."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

from ...errors import DataError

_ONE = "a query is one SELECT, WITH ... SELECT, or several joined by UNION and the like"
_VIEW = "Make a view of it in the database, and name that with table = ..."
_ESCAPED = re.compile(r"\bu&[\"']", re.IGNORECASE)
# What PostgreSQL calls volatile and yet neither changes anything nor reads beside the tables.
HARMLESS = ("random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid")


def one_select(query: str, dialect: str, where: str) -> tuple[str, ...]:
    """Refuse what is not one SELECT; return the words that may name functions which it calls.

    Parameters
    ----------
    dialect
        ``postgres`` or ``sqlite``.
    where
        What a refusal calls the table.

    Raises
    ------
    DataError
        It is several statements, changes something, takes locks, or cannot be parsed.

    Examples
    --------
    >>> one_select("SELECT a, lower(b) FROM t", "postgres", "[tables.orders]")
    ('lower',)
    >>> one_select("copy t to program 'cat'", "postgres", "[tables.orders]")
    Traceback (most recent call last):
    cxroi.errors.DataError: the query of [tables.orders] is not a SELECT; a query is one SELECT, \
WITH ... SELECT, or several joined by UNION and the like. Name a table, or ask for its rows.
    """
    sqlglot, exp = _sqlglot("", where), _sqlglot("expressions", where)
    logging.getLogger("sqlglot").disabled = True  # it would print the query
    if _ESCAPED.search(query):
        raise DataError(f"the query of {where} writes letters as numbers (U&)", _ONE, _VIEW)
    try:
        parsed = sqlglot.parse(query, read=dialect)
    except (_sqlglot("errors", where).SqlglotError, RecursionError):
        raise DataError(f"the query of {where} cannot be parsed", _ONE, _VIEW) from None
    asked = [one for one in parsed if one is not None and not isinstance(one, exp.Semicolon)]
    if len(asked) != 1:
        found = f"{len(asked)} statements" if asked else "no statement"
        raise DataError(f"the query of {where} holds {found}", _ONE)
    if not isinstance(asked[0], exp.Query):
        raise DataError(
            f"the query of {where} is not a SELECT", _ONE, "Name a table, or ask for its rows"
        )
    if asked[0].find(exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command, exp.Copy):
        raise DataError(f"the query of {where} changes or locks what it reads", _ONE)
    return _called(sqlglot.tokenize(query, read=dialect))


def refuse_volatile(cursor: Any, functions: Iterable[str], where: str) -> None:
    """Refuse functions that PostgreSQL says may do more than read its tables.

    Such are those that read files of the server, write them, or reach another one.

    Raises
    ------
    DataError
        The query calls one of them; it is named.
    """
    names = [name for name in functions if name not in HARMLESS]
    if not names:
        return
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    cursor.execute(
        "SELECT DISTINCT proname::text FROM pg_catalog.pg_proc "
        f"WHERE provolatile = 'v' AND lower(proname) IN ({listed}) ORDER BY 1"
    )
    found = [str(row[0]) for row in cursor.fetchall()]
    if found:
        raise DataError(
            f"the query of {where} calls {', '.join(found)}, of which the database says that it "
            "may do more than read tables",
            "a query only reads tables",
            _VIEW,
        )


def _called(tokens: Sequence[Any]) -> tuple[str, ...]:
    """Return what stands before a parenthesis: functions, and some words such as IN."""
    return tuple(sorted({one.text.lower() for one, after in pairwise(tokens) if after.text == "("}))


def _sqlglot(module: str, where: str) -> ModuleType:
    try:
        return importlib.import_module(f"sqlglot.{module}".rstrip("."))
    except ImportError:
        raise DataError(
            f"{where} has a query, and sqlglot, which parses it, is not installed",
            fix="pip install 'cxroi[database]'",
        ) from None
