"""Subscriptions of which an undeclared status contradicts the end."""

import pandas as pd
import pytest
from customer_files import rows, tables_of

PEOPLE = [f"c{i}" for i in range(20)]
ANSWERS = pd.DataFrame({"id": PEOPLE, "nps": [8, 10] * 10, "day": "2026-02-01 12:00"})
ENDS = ["2026-03-01"] * 5 + [None] * 15


@pytest.mark.parametrize("kind", ["frame", "csv", "duckdb"])
@pytest.mark.parametrize(
    ("status", "ends", "words"),
    [
        (["canceled"] * 5 + ["active"] * 15, ENDS, ""),
        (["canceled"] * 9 + ["active"] * 11, ENDS, "4 subscriptions have no end though column"),
        (["canceled"] * 2 + ["Aktiv"] * 18, ENDS, "3 subscriptions have ended though column"),
        (["canceled"] * 2 + ["active"] * 18, ["2026-12-31"] * 20, ""),  # an end that lies ahead
    ],
)
def test_a_status_against_the_end_is_told_of(status, ends, words, kind, tmp_path):
    held = pd.DataFrame({"id": PEOPLE, "began": "2025-06-01", "ended": ends, "status": status})
    tables = tables_of(tmp_path, {"responses": ANSWERS, "subscriptions": held}, kind)
    told = [entry.reason for entry in tables.ledger.entries if entry.action == "warning"]
    assert [reason[: len(words)] for reason in told] == ([words] if words else [])


DAYS = {"contacts": "2026-02-20", "responses": "2026-02-01", "invitations": "2026-01-20"}
ASKED = {"invitations": {"customer": "id", "invited_at": "day"}}


def told_of(tmp_path, role, kind, table=None, **columns):
    """Read one answer, contact or invitation a customer; return what is told, and the rows."""
    held = ANSWERS.assign(day=DAYS[role], **columns)
    events = ANSWERS.assign(day="2026-04-04")
    tables = tables_of(
        tmp_path,
        {"responses": ANSWERS, "contacts": events, role: held},
        kind,
        tables={role: ASKED.get(role, {}) | (table or {})},
    )
    warnings = [said for said in tables.ledger.warnings if f"count as {role}" in said]
    return warnings, rows(tables, f"SELECT count(*) FROM clean_{role}")[0][0]


@pytest.mark.parametrize(
    ("role", "header", "word", "other", "kind"),
    [
        ("contacts", "Ticket Status", "Deleted", "closed", "csv"),
        ("contacts", "Kategorie", "Dublette", "Rechnung", "frame"),
        ("contacts", "is_test", True, False, "frame"),
        ("contacts", "handled_by", "bot", "agent", "frame"),
        ("contacts", "Bearbeitet von", "Chatbot Emma", "Team Nord", "csv"),
        ("responses", "response_status", "Screened out", "complete", "frame"),
        ("invitations", "delivery_status", "bounced", "delivered", "frame"),
    ],
)
def test_rows_that_are_none_are_told_of_and_left_out(role, header, word, other, kind, tmp_path):
    cells = [word] * 3 + [other] * 17
    [said], count = told_of(tmp_path, role, kind, **{header: cells})
    assert said.startswith(f"3 rows count as {role} though column {header!r}")
    assert "add drop = {" in said
    assert count == 20
    table = {"drop": {header: [str(word).lower() if word is True else word]}}
    assert told_of(tmp_path, role, "frame", table, **{header: cells}) == ([], 17)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("status", ["open", "closed"] * 10),
        ("subject", ["spam", "a question"] * 10),
        ("tags", ["spam_question", "delivery, deleted_account"] * 10),
        ("is_test", [0] * 20),
    ],
)
def test_contacts_that_are_some_are_left_alone(header, cells):
    assert told_of(None, "contacts", "frame", **{header: cells}) == ([], 20)
