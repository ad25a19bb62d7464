"""Links: whether the customers who answered occur in the other tables at all."""

from __future__ import annotations

import duckdb

from ..errors import DataError
from ..ledger import Ledger
from ..study import Study
from .sql import one_row

WARN, REFUSE = 0.05, 0.50
_HELD_AGAINST = ("customers", "orders", "subscriptions")


def check_links(connection: duckdb.DuckDBPyConnection, study: Study, ledger: Ledger) -> Ledger:
    """Hold respondents against the other tables; warn above 5 % unknown.

    Raises
    ------
    DataError
        More than half of the respondents occur in no other table.
    """
    others = [role for role in _HELD_AGAINST if role in study.sources]
    if not study.dated or not others:
        return ledger
    people, lost = 0, 0
    for number in range(1, len(others) + 1):
        people, lost = _unknown(connection, others[:number])
        if not lost:
            return ledger
    tables = " or ".join(others)
    found = f"{lost:,} of {people:,} customers who answered ({100 * lost / max(people, 1):.3g} %)"
    if lost > REFUSE * people:
        raise DataError(
            f"{found} occur in no table of {tables}",
            "at least half of them do",
            "Check that the customer columns of the tables hold the same kind of id",
        )
    if lost > WARN * people:
        reason = f"{found} occur in no table of {tables}: their outcomes read as zero"
        return ledger.add("responses", "warning", lost, reason)
    return ledger


def _unknown(connection: duckdb.DuckDBPyConnection, others: list[str]) -> tuple[int, int]:
    """Return how many customers answered, and how many of them occur in none of some tables."""
    unknown = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM clean_{role} AS o WHERE o.customer = r.customer)"
        for role in others
    )
    people, lost = one_row(
        connection,
        f"SELECT (SELECT count(DISTINCT customer) FROM clean_responses), count(*) "
        f"FROM (SELECT DISTINCT customer FROM clean_responses) AS r WHERE {unknown}",
    )
    return int(people), int(lost)
