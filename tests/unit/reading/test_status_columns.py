"""Subscriptions of which an undeclared status contradicts the end."""

import pandas as pd
import pytest
from customer_files import tables_of

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
