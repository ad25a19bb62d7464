"""Rates per customer and length of time, as SQL."""

from __future__ import annotations

YEAR = 365.25


def per_customer(
    table: str, at: str, where: str = "", days: float = 90, what: str = "count(*)"
) -> str:
    """Return the SQL of how much of a table each customer has in so many days.

    Parameters
    ----------
    what
        How much, as an aggregate of its rows.
    """
    return (
        f"SELECT p.customer, CAST(NULL AS TIMESTAMP) AS seen_at, coalesce(k, 0) * {days!r} / "
        f"{{days}} AS x FROM {{people}} AS p LEFT JOIN (SELECT customer, {what} AS k FROM "
        f"{{{table}}} AS t WHERE {at} >= {{start}} AND {at} < {{end}}{where} GROUP BY customer) "
        "AS c ON c.customer = p.customer"
    )
