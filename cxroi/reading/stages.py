"""Stages: prospects, and what people said before they became customers, are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import DataError
from ..study.journey_tables import PROSPECT
from .columns.shares import percent
from .ledger import NOT_CHOSEN

if TYPE_CHECKING:
    from ..study.declared import Study
    from .tables import Tables

_AT = {"responses": "answered_at", "invitations": "invited_at"}
_STARTS = {"orders": "ordered_at", "subscriptions": "started_at"}
PROSPECTS = f"{NOT_CHOSEN}customers but of prospects, who have no outcomes"
TOO_EARLY = f"{NOT_CHOSEN}customers at that time, as far as is known"
_MANY = 0.05


def of_customers(tables: Tables) -> Tables:
    """Return tables without what prospects said, where the stage of customers is declared.

    Prospects, their answers and their invitations are left out, and so is what a customer of
    today was asked or said before becoming one: on ``acquired_at``, or, where that is blank or
    not declared, with the first order or subscription. Whoever has none of these before an
    answer is left out whatever came after it: a rule that looked at later orders would choose
    answers by their outcome. Where nothing is declared that could tell, answers stay.

    Raises
    ------
    DataError
        No answer is left.
    """
    sources = tables.study.sources
    if "customers" not in sources or "stage" not in sources["customers"].columns:
        return tables
    columns = sources["customers"].columns
    early = "false"
    if {"acquired_at", "answered_at"} <= columns.keys():  # of a flat study
        early = _later(tables, "customers", "r.acquired_at", "answered_at")
    found = _without(tables, "customers", f"{tables.relation('customers')} AS r", early)
    for role, at in _AT.items():
        if role in sources and at in sources[role].columns:
            rows = f"{tables.relation(role)} AS r LEFT JOIN ({_whose(tables.study)}) AS w "
            rows += "ON w.customer = r.customer"
            found = _without(found, role, rows, _too_early(tables, role, at))
    base = "responses" if tables.study.dated else "customers"
    if not tables.engine.fetch(f"SELECT 1 FROM {found.relation(base)} LIMIT 1"):
        raise DataError(
            f"every answer of [tables.{base}] is of a prospect, or of a time at which its customer "
            "is not known to have been one",
            "answers of customers, whose outcomes are known",
            "Check stage and acquired_at of [tables.customers]",
        )
    return found


def _whose(study: Study) -> str:
    """Return the SQL of customers: their stage, and when they are known to have become one."""
    acquired = "acquired_at" in study.sources["customers"].columns
    begun = " UNION ALL ".join(
        f"SELECT customer, {at} AS began FROM clean_{role}"
        for role, at in _STARTS.items()
        if role in study.sources
    )
    begun = begun or "SELECT NULL::VARCHAR AS customer, NULL::TIMESTAMP AS began"
    return (
        f"SELECT c.customer, c.stage, {'c.acquired_at' if acquired else 'NULL::TIMESTAMP'} "
        "AS acquired, b.began FROM clean_customers AS c LEFT JOIN (SELECT customer, min(began) AS "
        f"began FROM ({begun}) AS e GROUP BY customer) AS b ON b.customer = c.customer"
    )


def _too_early(tables: Tables, role: str, at: str) -> str:
    """Return the condition that something is of a time before its customer became one."""
    began = "false"
    if any(start in tables.study.sources for start in _STARTS):
        began = f"w.began IS NULL OR {_later(tables, role, 'w.began', at)}"
    acquired = _later(tables, role, "w.acquired", at)
    # Who is not in the customers table is unknown, which is a reason of its own.
    return (
        "w.customer IS NOT NULL AND "
        f"(CASE WHEN w.acquired IS NOT NULL THEN {acquired} ELSE {began} END)"
    )


def _later(tables: Tables, role: str, begin: str, at: str) -> str:
    """Return the condition that a customer began later, by the day where times are not known."""
    begins = _STARTS.items() if begin == "w.began" else [("customers", "acquired_at")]
    dates = {(role, at), *begins} & tables.date_only
    by_day = "date_trunc('day', {})" if dates else "{}"
    return f"{by_day.format(begin)} > {by_day.format(f'r.{at}')}"


def _without(tables: Tables, role: str, rows: str, early: str) -> Tables:
    """Leave out the rows of a table that are of no customer, or not yet, and enter them."""
    prospect = f"coalesce(stage, '') = '{PROSPECT}'"
    reason = f"CASE WHEN {prospect} THEN 2 WHEN {early} THEN 1 ELSE 0 END"
    counted = f"SELECT {reason} AS reason, count(*) FROM {rows} GROUP BY {reason}"
    counts = {int(why): int(n) for why, n in tables.engine.fetch(counted)}
    prospects, early_rows = counts.get(2, 0), counts.get(1, 0)
    if not prospects + early_rows:
        return tables
    ledger = tables.ledger.add(role, "set aside", prospects, PROSPECTS)
    ledger = ledger.add(role, "set aside", early_rows, TOO_EARLY)
    whole = sum(counts.values())
    if early_rows > _MANY * whole:
        # Goes with all else that is told of a part of the tables.
        said = (
            f"{TOO_EARLY}: {early_rows:,} of {whole:,} rows of [tables.{role}] "
            f"({percent(early_rows, whole)}); declare acquired_at in [tables.customers] if orders "
            "and subscriptions do not reach back far enough to tell"
        )
        ledger = ledger.add(role, "warning", early_rows, said)
    chosen = {**tables.chosen, role: f"(SELECT r.* FROM {rows} WHERE ({reason}) = 0)"}
    return replace(tables, ledger=ledger, chosen=chosen)
