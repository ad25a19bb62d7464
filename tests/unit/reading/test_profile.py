"""The profile of a table against counts made by hand, and what must never be in it."""

import json

import numpy as np
import pandas as pd
import pytest

from cxroi.reading.profile import profile
from cxroi.reading.tables import read_tables
from cxroi.study.loading import load_study

STUDY = {
    "study": {"name": "Shop", "currency": "EUR", "complete_until": "2026-06-30"},
    "tables": {
        "responses": {
            "customer": "id",
            "score": "nps",
            "answered_at": "day",
            "comment": "text",
            "attributes": ["plan", "city"],
        },
        "orders": {"customer": "id", "ordered_at": "day", "amount": "paid", "id": "order"},
    },
    "windows": {"baseline_days": 30, "outcome_days": 30},
}


@pytest.fixture(scope="module")
def found():
    return profile(tables_of(120))


def tables_of(n):
    document = json.loads(json.dumps(STUDY))
    document["study"]["complete_until"] = pd.Timestamp("2026-06-30").date()
    people = [f"person-{i}" for i in range(n)]
    answers = pd.DataFrame(
        {
            "id": people,
            "nps": [9, 7, 10, 3] * (n // 4),
            "day": ["2026-01-05", "2026-04-01"] * (n // 2),
            # 60 Basic, 57 Plus, 3 Secret of which there are too few to be named
            "plan": ["Basic"] * 60 + ["Plus"] * 57 + ["Secret"] * 3,
            "city": [f"Village {i}" for i in range(n)],
            "text": ["Call me on 555-0199"] * 30 + [None] * 90,
        }
    )
    orders = pd.DataFrame(
        {
            "id": people,
            "order": [f"order-{i}" for i in range(n)],
            "day": ["2026-02-01"] * 100 + ["2026-05-01"] * 20,
            "paid": np.arange(1.0, n + 1),
        }
    )
    return read_tables(load_study(document), frames={"responses": answers, "orders": orders})


def test_numbers_dates_and_ids_are_those_counted_by_hand(found):
    assert found["orders"]["rows"] == 120
    columns = found["orders"]["columns"]
    assert columns["customer"] == {"header": "id", "kind": "id", "blank": 0.0, "distinct": 120}
    assert columns["ordered_at"] == {
        "header": "day",
        "kind": "date",
        "blank": 0.0,
        "first": "2026-02-01",
        "last": "2026-05-01",
        "quarters": {"2026Q1": 100, "2026Q2": 20},
    }
    # 1 to 120: the mean is 121 / 2, quantiles lie at 1 + q x 119
    assert columns["amount"] == pytest.approx(
        {"header": "paid", "kind": "number", "blank": 0.0, "min": 1, "max": 120}
        | {"mean": 60.5, "median": 60.5, "q05": 6.95, "q95": 114.05}
    )


def test_levels_are_shares_and_those_of_few_rows_are_pooled(found):
    columns = found["responses"]["columns"]
    plan = columns["attr_plan"]
    assert (plan["header"], plan["kind"], plan["distinct"]) == ("plan", "category", 3)
    assert plan["levels"] == {"Basic": 0.5, "Plus": 0.475}
    assert plan["pooled"] == pytest.approx(0.025)
    assert columns["score"]["levels"] == {"3": 0.25, "7": 0.25, "9": 0.25, "10": 0.25}
    assert columns["score"]["kind"] == "number"


def test_no_id_no_comment_and_no_rare_level_is_in_it(found):
    columns = found["responses"]["columns"]
    assert columns["comment"] == {"header": "text", "kind": "text", "blank": 0.75}
    assert columns["attr_city"]["distinct"] == 120
    assert "levels" not in columns["attr_city"]
    text = json.dumps(found)
    for private in ("person", "order-", "555", "Secret", "Village"):
        assert private not in text
