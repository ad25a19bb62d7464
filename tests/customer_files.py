"""Small tables of customers, answers and events, written out in every kind of file."""

import datetime as dt
import os
import sqlite3
from unittest.mock import patch

import duckdb

import cxroi as cx

KINDS = ("csv", "parquet", "xlsx", "duckdb", "sqlite", "frame")
SOME = ("csv", "xlsx")
ROLES = {
    "responses": {"customer": "id", "score": "nps", "answered_at": "day"},
    "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
    "contacts": {"customer": "id", "opened_at": "day"},
    "subscriptions": {"customer": "id", "started_at": "began", "cancelled_at": "ended"},
    "customers": {"customer": "id"},
}
STUDY = {"name": "customers", "complete_until": dt.date(2026, 4, 5)}
WINDOWS = {"baseline_days": 30, "outcome_days": 30}


def written(folder, kind, name, frame):
    """Write a table; return what the study file says of where it is."""
    if kind == "frame":
        return {}
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE t AS SELECT * FROM frame")
        return {"path": str(path), "table": "t"}
    else:
        with sqlite3.connect(path) as connection:
            frame.to_sql("t", connection, index=False)
        return {"database": f"CX_{name}".upper(), "table": "t"}
    return {"path": str(path)}


def tables_of(folder, frames, kind="frame", **parts):
    """Read tables, all of them in one kind of file.

    Parameters
    ----------
    frames
        Table -> frame with the columns of `ROLES`.
    parts
        Sections of the study; those of ``tables`` are added to what is known of the table.
    """
    declared = parts.pop("tables", {})
    places = {name: written(folder, kind, name, frame) for name, frame in frames.items()}
    document = {
        "study": STUDY | parts.pop("study", {}),
        "windows": WINDOWS | parts.pop("windows", {}),
        "tables": {n: ROLES.get(n, {}) | places[n] | declared.get(n, {}) for n in frames},
        **parts,
    }
    if "responses" not in frames:
        del document["study"]["complete_until"], document["windows"]["baseline_days"]
    addresses = {
        place["database"]: f"sqlite:///{folder}/{name}.sqlite"
        for name, place in places.items()
        if "database" in place
    }
    with patch.dict(os.environ, addresses):
        study = cx.load_study(document)
        return cx.read_tables(study, frames=frames if kind == "frame" else None)


def rows(tables, statement):
    return tables.connection.execute(statement).fetchall()


def matched(tables, role="orders"):
    """Return how many answers find a row of an event table by their customer."""
    statement = f"SELECT count(*) FROM clean_responses SEMI JOIN clean_{role} USING (customer)"
    return rows(tables, statement)[0][0]


def entries(tables, action, role=""):
    found = [e for e in tables.ledger.entries if e.action == action and role in ("", e.table)]
    return {e.reason: e.rows for e in found}
