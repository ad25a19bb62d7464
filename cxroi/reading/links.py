"""Links: whether the customers of the tables are the same people at all."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import one_row
from ..errors import DataError, raise_all
from ..study.declared import Study
from ..study.journey_tables import NO_CUSTOMER as OF_NOBODY
from ..study.journey_tables import TABLES_BESIDE
from .columns.shares import percent
from .ledger import HELD_AGAINST, NO_CUSTOMER, NO_ID, NO_OTHER_TABLE, Ledger
from .whose import OF_VISITORS, whose

WARN, REFUSE = 0.05, 0.50
# Customers missing from a table are those who left: so many of them, such a share have
# cancelled, and so many times the share of those in it.
_ENOUGH, _NEARLY_ALL, _RARER = 10, 0.9, 3
EVENTS = ("orders", "contacts", "returns", "referrals", "subscriptions", "invitations")
_NEEDED = (
    "amount",
    "quantity",
    "ordered_at",
    "opened_at",
    "returned_at",
    "started_at",
    "invited_at",
)
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
        that the customers table does not know; nearly all whom it does not know have cancelled;
        or, without a customers table, an event table shares no customer with any other table.
    """
    for role in study.sources:
        ledger = _tell_of_blanks(role, ledger)
    ledger = _tell_of_strangers(connection, study, ledger)
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


def _tell_of_blanks(role: str, ledger: Ledger) -> Ledger:
    """Warn of many rows of a table that lack what they need, and so count for nothing."""
    rows = ledger.rows(role, "read")
    for what in (NO_ID, *(f"no {column}" for column in _NEEDED if role in EVENTS)):
        lost = sum(e.rows for e in ledger.entries if (e.table, e.reason) == (role, what))
        if lost < max(_ENOUGH, WARN * rows):
            continue
        reason = (
            f"{lost:,} of {rows:,} rows of [tables.{role}] ({percent(lost, rows)}) have {what} and "
            "count for nothing"
        )
        if what == NO_ID:
            reason += ": if a blank stands for the id above it, write it into every row"
        ledger = ledger.add(role, "warning", lost, reason)
    return ledger


def _tell_of_strangers(
    connection: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger
) -> Ledger:
    """Warn of tables that only metrics read in which many are in no other table."""
    beside = [role for role in TABLES_BESIDE if role in study.sources and role not in EVENTS]
    if not {*beside} - {*OF_NOBODY, *OF_VISITORS, "prospects"}:
        return ledger
    for role, people, *_, strangers in connection.execute(whose(study)).fetchall():
        if role in beside and role not in OF_VISITORS and strangers > WARN * people:
            reason = (
                f"{strangers:,} of the {people:,} people of [tables.{role}] "
                f"({percent(strangers, people)}) are in no other table of the study: check that "
                "the ids are written alike"
            )
            ledger = ledger.add(role, "warning", int(strangers), reason)
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
    """Count the respondents who occur in no other table; a shop need not know them as buyers.

    Answers of those whom the customers table does not know, or who have no subscription where
    churn is its end, are set aside, whatever other tables hold of them.
    """
    needed = ["customers"] * ("customers" in study.sources)
    needed = needed or ["subscriptions"] * (study.churn == "cancelled")
    others = needed or [role for role in HELD_AGAINST if role in study.sources]
    people, lost = 0, 0
    for number in range(1, len(others) + 1):
        people, lost = _unknown(connection, others[:number])
        if not lost:
            return ledger
    if not others or problems:
        return ledger
    problems += _only_current(connection, study, people, lost)
    tables = " or ".join(others)
    found = f"{lost:,} of {people:,} customers who answered ({percent(lost, people)})"
    if lost > REFUSE * people and "customers" in others:
        problems.append(
            DataError(f"{found} {NO_OTHER_TABLE} {tables}", "at least half of them do", _FIX)
        )
    if lost > WARN * people:
        fate = "their answers are set aside" if needed else _read_as_zero(study)
        reason = f"{found} {NO_OTHER_TABLE} {tables}: {fate}"
        return ledger.add("responses", "warning", lost, reason)
    return ledger


def _read_as_zero(study: Study) -> str:
    churn = {"churned", "retained"} & {outcome.name for outcome in study.outcomes}
    unknown = ", and whether they churned is not known" if churn else ""
    return f"their outcomes read as zero{unknown}"


def _only_current(
    connection: duckdb.DuckDBPyConnection, study: Study, people: int, lost: int
) -> Iterator[DataError]:
    """Refuse a customers table that lacks those who cancelled: all whom it knows have stayed."""
    if not {"customers", "subscriptions"} <= set(study.sources) or lost < _ENOUGH:
        return
    gone, known_gone = one_row(
        connection,
        "WITH r AS (SELECT DISTINCT customer FROM clean_responses), "
        "s AS (SELECT customer FROM clean_subscriptions GROUP BY customer "
        "HAVING bool_and(cancelled_at IS NOT NULL)), "
        "gone AS (SELECT r.customer FROM r SEMI JOIN s ON s.customer = r.customer) "
        "SELECT (SELECT count(*) FROM gone ANTI JOIN clean_customers AS c "
        "ON c.customer = gone.customer), (SELECT count(*) FROM gone)",
    )
    known_gone -= gone
    if gone < _NEARLY_ALL * lost or known_gone * lost * _RARER > gone * (people - lost):
        return
    yield DataError(
        f"{gone:,} of the {lost:,} customers who answered and are not in [tables.customers] have "
        f"cancelled, {known_gone:,} of the {people - lost:,} who are in it: does it list only "
        "current customers?",
        "the customers table holds those who left as well: without them everybody seems to stay",
        "Export all customers, those who left included, or read the study without "
        "[tables.customers]",
    )


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
