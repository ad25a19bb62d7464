"""Whose rows those of each table are: of customers, of prospects, of others, of nobody known."""

from __future__ import annotations

from ..engine.quoting import text
from ..study.declared import Study
from ..study.journey_tables import PROSPECT
from ..study.table_schema import ROLES

# Their customer may be a visitor, whom no other table need know.
OF_VISITORS = ("visits", "page_views", "events")


def whose(study: Study) -> str:
    """Return the SQL of whose rows those of each clean table are, one row a table.

    Columns ``role``; ``people``, different ones; and how many of them are ``customers``, in the
    customers table and no prospects there; else ``prospects``, in it or in the table of that
    name; else ``elsewhere``, in another table of the study; or ``strangers``, in none. In one
    pass over each table; rows of nobody count in none of these.
    """
    parts = []
    for role, source in study.sources.items():
        if role not in ROLES or "customer" not in source.columns:
            continue
        customer, prospect = str(int(role == "customers")), str(int(role == "prospects"))
        if role == "customers" and "stage" in source.columns:
            customer = f"CASE WHEN stage = '{PROSPECT}' THEN 0 ELSE 1 END"
            prospect = f"1 - {customer}"
        parts.append(
            f"SELECT customer, {text(role)} AS role, max({customer}) AS is_customer, "
            f"max({prospect}) AS is_prospect FROM clean_{role} WHERE customer IS NOT NULL "
            "GROUP BY customer"
        )
    kinds = {
        "customers": "is_customer = 1",
        "prospects": "is_customer = 0 AND is_prospect = 1",
        "elsewhere": "is_customer + is_prospect = 0 AND roles > 1",
        "strangers": "is_customer + is_prospect = 0 AND roles = 1",
    }
    counts = ", ".join(
        f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS {name}"
        for name, condition in kinds.items()
    )
    return (
        f"WITH seen AS ({' UNION ALL '.join(parts)}), person AS (SELECT customer, "
        "max(is_customer) AS is_customer, max(is_prospect) AS is_prospect, count(*) AS roles "
        f"FROM seen GROUP BY customer) SELECT s.role AS role, count(*) AS people, {counts} FROM "
        "(SELECT customer, role FROM seen) AS s JOIN person AS p ON p.customer = s.customer "
        "GROUP BY s.role"
    )
