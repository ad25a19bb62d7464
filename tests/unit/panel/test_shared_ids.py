"""Ids that stand for many people are named, as far as that gives nobody away."""

import pandas as pd
import pytest
from customer_files import tables_of

import cxroi as cx

IDS = [f"C{i}" for i in range(60)]


def told(folder, shared="guest", answers=1, orders=0, contacts=0, fits="rows", others=1):
    """Build a panel in which one id has more of something than sixty others."""
    frames = {
        "responses": pd.DataFrame({"id": [*IDS, *[shared] * answers]}).assign(
            nps=[i % 11 for i in range(60 + answers)], day="2026-03-02"
        ),
        "orders": pd.DataFrame({"id": [*IDS * others, *[shared] * orders]}).assign(
            day="2026-03-10", amount=[9.0 + i for i in range(60 * others + orders)]
        ),
        "contacts": pd.DataFrame({"id": [*IDS[:30], *[shared] * contacts]}).assign(
            day="2026-02-20"
        ),
    }
    panel = cx.build_panel(tables_of(folder, frames), fits=fits)
    return [w for w in panel.ledger.warnings if w.startswith("The id")]


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_a_guest_account_is_named_with_the_line_that_leaves_it_out(fits, tmp_path):
    [warning] = told(tmp_path, "Guest", answers=25, orders=100, fits=fits)
    assert warning == (
        "The id 'Guest' has 25 answers, 100 orders and 0 contacts: that is hardly one customer. If "
        'it stands for many, leave it out with drop = {id = ["Guest"]} in [tables.responses]'
    )


@pytest.mark.parametrize("many", [{"answers": 10}, {"contacts": 30}, {"orders": 60, "others": 6}])
def test_another_id_is_named_by_its_row_alone(many, tmp_path):
    [warning] = told(tmp_path, "mia@x.org", **many)
    assert warning.startswith("The id in data row 61 of [tables.responses] has")
    assert "mia" not in warning


@pytest.mark.parametrize(
    "few", [{"answers": 9, "orders": 29, "contacts": 29}, {"orders": 59, "others": 6}]
)
def test_busy_customers_are_not_named(few, tmp_path):
    assert told(tmp_path, "mia@x.org", **few) == []


def test_a_word_is_named_from_its_second_answer(tmp_path):
    assert told(tmp_path, "Unknown", answers=1) == []
    assert told(tmp_path, "Unknown", answers=2)[0].startswith("The id 'Unknown' has 2 answers")


def test_the_line_leaves_it_out(tmp_path):
    ids = [*IDS, *["guest"] * 20]
    frames = {
        "responses": pd.DataFrame({"id": ids, "nps": 9, "day": "2026-03-02"}),
        "orders": pd.DataFrame({"id": ids, "day": "2026-03-10", "amount": 9.0}),
    }
    tables = tables_of(tmp_path, frames, tables={"responses": {"drop": {"id": ["guest"]}}})
    panel = cx.build_panel(tables)
    assert panel.ledger.rows("responses", "set aside") == 20
    assert not [w for w in panel.ledger.warnings if w.startswith("The id")]
