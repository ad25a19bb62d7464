"""Links: whether the customers of the tables are the same people at all."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import one_row
from ..errors import DataError, raise_all
from ..study.declared import Study
from .columns.numbers import percent
from .ledger import NO_CUSTOMER, NO_OTHER_TABLE, Ledger

WARN, REFUSE = 0.05, 0.50
EVENTS = ("orders", "contacts", "returns", "subscriptions", "invitations")
_HELD_AGAINST = ("customers", "orders", "subscriptions")
_WHY = (
    "the same customer has the same id in every table: zeros in front, prefixes and the kind of "
    "id are alike"
)
_FIX = "Check that the customer columns of the tables hold the same kind of id"


def check_links(connection: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger) -> Ledger:
    """Hold the customers of the tables against each other; what is unknown goes to the ledger.

    Raises
    ------
    DataError, Problems
        More than half of the respondents, or of the rows of an event table, are of customers
        that the customers table does not know; or, without a customers table, an event table
        shares no customer with any other table.
    """
    if not study.dated:
        return ledger
    problems: list[DataError] = []
    events = [role for role in EVENTS if role in study.sources]
    if "customers" in study.sources:
        for role in events:
            ledger = _check_events(connection, role, ledger, problems)
    else:
        problems += _strangers(connection, events)
    ledger = _check_people(connection, study, ledger, problems)
    raise_all(problems)
    return ledger


def _check_events(
    connection: duckdb.DuckDBPyConnection, role: str, ledger: Ledger, problems: list[DataError]
) -> Ledger:
    """Count the rows of an event table whose customer is not in the customers table."""
    rows, lost = one_row(
        connection,
        f"SELECT (SELECT count(*) FROM clean_{role}), count(*) FROM clean_{role} AS e "
        "ANTI JOIN clean_customers AS c ON c.customer = e.customer",
    )
    found = f"{lost:,} of {rows:,} rows of [tables.{role}] ({percent(lost, rows)})"
    if lost > REFUSE * rows:
        problems.append(DataError(f"{found} {NO_CUSTOMER}", _WHY, _FIX))
    reason = f"{found} {NO_CUSTOMER}"
    if lost > WARN * rows:
        reason += ": check that the ids are written alike"
    return ledger.add(role, "warning", lost, reason)


def _strangers(connection: duckdb.DuckDBPyConnection, events: list[str]) -> Iterator[DataError]:
    """Refuse event tables that share no customer with any other table."""
    for role in events:
        others = [other for other in ("responses", *events) if other != role]
        known = " OR ".join(
            f"EXISTS (SELECT 1 FROM clean_{other} AS o WHERE o.customer = e.customer)"
            for other in others
        )
        if connection.execute(f"SELECT 1 FROM clean_{role} AS e WHERE {known} LIMIT 1").fetchall():
            continue
        people = one_row(connection, f"SELECT count(DISTINCT customer) FROM clean_{role}")[0]
        yield DataError(
            f"none of the {people:,} customers of [tables.{role}] occurs in "
            + " or ".join(f"[tables.{other}]" for other in others),
            _WHY,
            _FIX,
        )


def _check_people(
    connection: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger, problems: list[DataError]
) -> Ledger:
    """Count the respondents who occur in no other table; a shop need not know them as buyers."""
    others = [role for role in _HELD_AGAINST if role in study.sources]
    people, lost = 0, 0
    for number in range(1, len(others) + 1):
        people, lost = _unknown(connection, others[:number])
        if not lost:
            return ledger
    if not others or problems:
        return ledger
    tables = " or ".join(others)
    found = f"{lost:,} of {people:,} customers who answered ({percent(lost, people)})"
    if lost > REFUSE * people and "customers" in others:
        problems.append(
            DataError(f"{found} {NO_OTHER_TABLE} {tables}", "at least half of them do", _FIX)
        )
    if lost > WARN * people:
        reason = f"{found} {NO_OTHER_TABLE} {tables}: their outcomes read as zero"
        return ledger.add("responses", "warning", lost, reason)
    return ledger


def _unknown(connection: duckdb.DuckDBPyConnection, others: list[str]) -> tuple[int, int]:
    """Return how many customers answered, and how many of them occur in none of some tables.

    Both are zero where nobody is unknown.
    """
    known = " ".join(
        f"ANTI JOIN clean_{role} AS o{i} ON o{i}.customer = r.customer"
        for i, role in enumerate(others)
    )
    # Rows first: where no customer is unknown, they need not be told apart.
    if not one_row(connection, f"SELECT count(*) FROM clean_responses AS r {known}")[0]:
        return 0, 0
    people, lost = one_row(
        connection,
        "WITH r AS MATERIALIZED (SELECT DISTINCT customer FROM clean_responses) "
        f"SELECT (SELECT count(*) FROM r), (SELECT count(*) FROM r {known})",
    )
    return int(people), int(lost)
