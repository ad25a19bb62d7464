"""Tables without a row, and tables of blanks: refused by name, in every role and kind of file."""

from pathlib import Path

import pandas as pd
import pytest
from customer_files import SOME, tables_of

import cxroi as cx

PEOPLE = [f"c{n}" for n in range(30)]
FRAMES = {
    "responses": pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 10, "day": "2026-02-01"}),
    "orders": pd.DataFrame({"id": PEOPLE, "day": "2026-04-04", "amount": 1.5, "qty": 2}),
    "contacts": pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "status": "open"}),
    "returns": pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "status": "done"}),
    "subscriptions": pd.DataFrame({"id": PEOPLE, "began": "2025-02-20", "ended": None}),
    "customers": pd.DataFrame({"id": PEOPLE, "tenure": range(30)}),
    "invitations": pd.DataFrame({"id": PEOPLE, "day": "2026-01-20"}),
}
DECLARED = {
    "orders": {"quantity": "qty"},
    "returns": {"customer": "id", "returned_at": "day"},
    "invitations": {"customer": "id", "invited_at": "day"},
    "customers": {"attributes": ["tenure"]},
}


def read(role, frame, kind, folder):
    """Read all tables, one of them replaced."""
    return tables_of(folder, FRAMES | {role: frame}, kind, tables=DECLARED)


@pytest.mark.parametrize(
    ("role", "kind"),
    [("orders", "frame"), ("responses", "frame"), *(("contacts", kind) for kind in SOME)],
)
def test_a_header_and_no_rows_is_refused(role, kind, tmp_path):
    with pytest.raises(cx.CxroiError, match=rf"\[tables\.{role}\].* no rows"):
        read(role, FRAMES[role].iloc[:0], kind, tmp_path)


@pytest.mark.parametrize(
    ("role", "kind"), [*((role, "frame") for role in FRAMES), ("responses", "csv")]
)
def test_rows_of_blanks_are_refused(role, kind, tmp_path):
    frame = FRAMES[role].assign(**dict.fromkeys(FRAMES[role].columns))
    with pytest.raises(cx.CxroiError, match=rf"no row of \[tables\.{role}\] is left"):
        read(role, frame, kind, tmp_path)


@pytest.mark.parametrize("role", ["responses", "subscriptions"])
def test_blanks_beside_the_customers_are_refused(role, tmp_path):
    blank = dict.fromkeys(set(FRAMES[role].columns) - {"id"})
    with pytest.raises(cx.CxroiError, match=rf"no row of \[tables\.{role}\] is left"):
        read(role, FRAMES[role].assign(**blank), "frame", tmp_path)


def test_no_count_is_null_where_nothing_is_counted():
    """`count_if` of DuckDB gives NULL, and not 0, over no rows and where its condition is NULL."""
    package = Path(cx.__file__).parent
    held = [path.name for path in package.rglob("*.py") if "count_if" in path.read_text("utf-8")]
    assert not held
