"""Customers with more rows than the customers table may hold of them, under one id or several."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from ..study.calendars import calendar
from ..study.declared import Study
from .columns.shares import LIMIT, percent
from .lookups import VERSIONS
from .staging import Stage
from .waves import wave_of

_FEWEST = 5  # rows that equal another from which a word is said
_CLEAN = "Clean the export, or leave the rows that are too many out with keep or drop"


def refuse_repeated(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage
) -> Iterator[DataError]:
    """Refuse customers with several rows, exact repeats and contradictions told apart.

    A flat study with waves or dates has one row a customer and wave, others one a customer.
    """
    columns = stage.source.columns
    dated = "wave" in columns or "answered_at" in columns
    wave = wave_of(study, "customers", "answered_at") if dated else ""
    keys = f"customer, {wave}" if wave and "score" in columns else "customer"
    rows, different, units = one_row(
        connection,
        "SELECT (SELECT count(*) FROM clean_customers), "
        "(SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE (row) FROM clean_customers)), "
        f"(SELECT count(*) FROM (SELECT DISTINCT {keys} FROM clean_customers))",
    )
    if rows == units:
        return
    repeats = (
        f"{rows - different:,} repeat another row in the columns read, {different - units:,} "
        "contradict one"
    )
    cell = stage.cells[columns["customer"]]
    if keys != "customer":
        of = stage.cells[columns["wave" if "wave" in columns else "answered_at"]].column
        yield DataError(
            f"{cell} holds {rows - units:,} rows more than customers and waves (by {of!r}): "
            f"{repeats}",
            "a customer has one row in each wave; without a column wave a wave is a "
            + calendar(study),
            _CLEAN,
        )
        return
    [mails] = one_row(
        connection, "SELECT count(*) FILTER (contains(customer, '@')) FROM clean_customers"
    )
    alike = " (e-mail addresses are compared in small letters)" if mails else ""
    yield DataError(
        f"{cell} holds {rows - units:,} rows more than different ids{alike}: {repeats}",
        "the customers table has one row for each customer, or every join doubles rows",
        f"{_CLEAN}; answers and orders belong into tables of their own; a flat file with several "
        f"surveys of a customer declares wave or answered_at. {VERSIONS}",
    )


def same_mails(
    connection: duckdb.DuckDBPyConnection, stage: Stage
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning of customers who have their e-mail address in common with other ids."""
    for name in stage.source.attributes:
        if not re.search("mail", name, re.IGNORECASE):
            continue
        address = f"lower({ident(f'attr_{name}')}::VARCHAR)"
        people, addresses = one_row(
            connection,
            "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT count(DISTINCT customer) AS n "
            f"FROM clean_customers WHERE contains({address}, '@') "
            f"GROUP BY {address} HAVING n > 1)",
        )
        if people >= _FEWEST:
            reason = (
                f"{people:,} customers share {addresses:,} e-mail addresses in "
                f"{stage.cells[name]}, under an id each: is one customer entered several times? "
                "Their answers and orders count as those of different customers"
            )
            yield "warning", int(people), reason


def same_under_other_ids(
    connection: duckdb.DuckDBPyConnection, names: list[str]
) -> list[tuple[str, int, str]]:
    """Count the rows of a flat file that equal another but for the id, where chance makes few.

    Of two customers who are alike by chance in all but the score, the score is the same no more
    often than of any two (twice as often is granted to what goes with it); of copies, always.

    Parameters
    ----------
    names
        Columns of ``clean_customers`` beside the id.
    """
    rows, equal, pairs = _alike(connection, names)
    if equal < max(_FEWEST, LIMIT * rows) or pairs > rows:
        return []
    but_score = _alike(connection, [name for name in names if name != "score"])[2]
    by_chance = 2 * _alike(connection, ["score"])[2] / (rows * (rows - 1) / 2) * but_score
    if pairs - by_chance < max(_FEWEST, LIMIT * rows):
        return []
    reason = (
        f"{equal:,} of {rows:,} rows ({percent(equal, rows)}) equal another in all {len(names)} "
        "columns read but the id: were customers entered again under another id?"
    )
    return [("warning", equal, reason)]


def _alike(connection: duckdb.DuckDBPyConnection, names: list[str]) -> tuple[int, int, float]:
    """Return how many rows there are, how many repeat an earlier one, and pairs that are alike."""
    columns = ", ".join(map(ident, names)) or "1"
    rows, equal, pairs = one_row(
        connection,
        "SELECT sum(n), sum(n - 1), sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n "
        f"FROM clean_customers GROUP BY hash({columns}))",
    )
    return int(rows or 0), int(equal or 0), float(pairs or 0)
