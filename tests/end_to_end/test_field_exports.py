"""Exports from the field, and drafts of real files, read as they come."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx
from cxroi.draft.drafting import draft_study
from cxroi.study.table_schema import CORE, TABLES

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"


def drafted(*paths):
    missing = [path for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"{missing[0].name} is not here")
    return tomllib.loads(draft_study(paths, folder=ROOT).text)


def test_the_choices_of_surveymonkey_are_named_and_joined():
    case = SHARED / "field-cases" / "surveymonkey_two_header_rows"
    if not case.is_dir():
        pytest.skip("the field case is not here")
    document = tomllib.loads((case / "study.toml").read_text(encoding="utf-8"))
    document["tables"]["customers"] |= {"path": str(case / "sm.csv"), "attributes": ["Gender"]}
    tables = cx.read_tables(cx.load_study(document))
    told = {entry.reason: entry.rows for entry in tables.ledger.entries}
    assert told["second header row of a SurveyMonkey export"] == 1
    assert not any("no customer id" in reason for reason in told)
    raw = pd.read_csv(case / "sm.csv", header=None, skiprows=2)
    expected = raw[2].fillna(raw[3])  # the two columns of Gender
    found = tables.connection.execute("SELECT attr_Gender FROM clean_customers").df()
    assert found["attr_Gender"].tolist() == expected.tolist()


def test_the_demo_is_drafted_from_its_own_files():
    written = tomllib.loads((ROOT / "data/demo/study.toml").read_text(encoding="utf-8"))
    plain = ("customers", "responses", "orders", "returns")
    roles = set(CORE) - {"referrals"}  # which no draft looks for
    files = [f"{role}.csv" if role in plain else f"{role}.csv.gz" for role in sorted(roles)]
    document = drafted(*(ROOT / "data/demo" / file for file in files))
    assert set(document["tables"]) == roles
    for role, found in document["tables"].items():
        columns = {key for key in CORE[role] if TABLES[role].keys[key].cells or key == "attributes"}
        known = {k: v for k, v in written["tables"][role].items() if k in columns}
        if role == "responses":  # whose attributes are in a table that no draft looks up
            known.pop("attributes")
        assert known.items() <= found.items()
        assert "customer" in found
    assert document["scale"] == written["scale"]
    assert document["controls"] == written["controls"]
    # the files hold what happened from 2025-10-01 to 2026-12-31
    begin = document["study"]["complete_from"] - written["study"]["complete_from"]
    assert 0 <= begin.days <= 14
    end = written["study"]["complete_until"] - document["study"]["complete_until"]
    assert 0 <= end.days <= 14


def test_a_flat_survey_is_drafted_but_for_its_outcome():
    document = drafted(ROOT / "data/sfo/2017_SFO_Customer_Survey.csv")
    people = document["tables"]["customers"]
    assert (people["customer"], people["score"]) == ("RESPNUM", "NETPRO")
    assert people["weight"] == "WEIGHT"
    assert document["scale"] == {"kind": "nps", "missing": [11]}
    assert document["outcomes"]["columns"]["outcome"] == {"column": "?", "kind": "?"}


def test_shares_before_and_after_a_rating_are_outcome_and_baseline():
    document = drafted(ROOT / "data/medicare/contracts.csv")
    people = document["tables"]["customers"]
    assert (people["customer"], people["wave"]) == ("contract", "star_year")
    assert people["score"] == "plan_rating"
    left = document["outcomes"]["columns"]["churned"]
    assert (left["column"], left["baseline"]) == ("left_after", "left_before")
    assert (left["kind"], left["percent"], left["better"]) == ("rate", True, "lower")
    panel = cx.build_panel(
        cx.read_tables(cx.load_study(_at(document, ROOT / "data/medicare/contracts.csv")))
    )
    rows = pd.read_csv(ROOT / "data/medicare/contracts.csv")
    assert panel.ledger.rows("customers", "used") == rows["plan_rating"].notna().sum()


def test_people_are_looked_up_through_orders():
    data = SHARED / "data" / "olist_sample"
    document = drafted(*(data / f"olist_{name}_dataset.csv" for name in NAMES))
    steps = ["olist_orders_dataset.order_id", "olist_customers_dataset.customer_id"]
    for role in ("responses", "orders"):
        assert document["tables"][role]["via"] == steps
        assert document["tables"][role]["customer"] == "customer_unique_id"
    orders = document["tables"]["orders"]
    assert (orders["amount"], orders["ordered_at"]) == ("price", "order_purchase_timestamp")
    assert document["scale"]["kind"] == "csat"


NAMES = ("customers", "order_items", "order_payments", "order_reviews", "orders")


def _at(document, path):
    document["tables"]["customers"]["path"] = str(path)
    return document
