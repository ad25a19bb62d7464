"""The marketplace sample: people looked up through orders, the reviewed order left out."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx
from cxroi.levers.driver_table import Driver, DriverTable
from cxroi.levers.estimate import estimate_levers
from cxroi.presentation.levers import lever_sentences
from cxroi.study.levers import make_levers

DATA = Path(__file__).parents[3] / "shared" / "data" / "olist_sample"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="../shared/data/olist_sample is not here; its licence bars shipping"
)

STUDY = """
[study]
name = "Olist reviews"
currency = "BRL"
complete_until = 2018-08-31

[tables.people]
path = "{data}/olist_customers_dataset.csv"

[tables.purchases]
path = "{data}/olist_orders_dataset.csv"

[tables.responses]
path = "{data}/olist_order_reviews_dataset.csv"
via = ["purchases.order_id", "people.customer_id"]
customer = "customer_unique_id"
score = "review_score"
answered_at = "review_answer_timestamp"

[tables.responses.derive.days_late]
from = "order_estimated_delivery_date"
to = "order_delivered_customer_date"

[tables.orders]
path = "{data}/olist_order_payments_dataset.csv"
via = ["purchases.order_id", "people.customer_id"]
customer = "customer_unique_id"
id = "order_id"
ordered_at = "order_purchase_timestamp"
amount = "payment_value"

[scale]
kind = "csat"

[controls]
columns = ["days_late"]

[windows]
baseline_days = 180
outcome_days = 180

[scenario]
from = "neutral"
to = "satisfied"
share_moved = 0.1
cost_per_moved = 5.0
gross_margin = 0.2
causal_share = [0.3, 0.5, 0.8]
"""


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    path = tmp_path_factory.mktemp("olist") / "study.toml"
    path.write_text(STUDY.format(data=DATA.as_posix()), encoding="utf-8")
    return cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(path))))


@pytest.fixture(scope="module")
def by_pandas():
    """Orders of each person with their payments, by pandas alone."""
    orders = pd.read_csv(DATA / "olist_orders_dataset.csv")
    orders["order_purchase_timestamp"] = pd.to_datetime(orders["order_purchase_timestamp"])
    people = pd.read_csv(DATA / "olist_customers_dataset.csv")
    paid = pd.read_csv(DATA / "olist_order_payments_dataset.csv")
    amounts = paid.groupby("order_id")["payment_value"].sum().rename("amount")
    orders = orders.merge(people, on="customer_id").join(amounts, on="order_id", how="inner")
    return orders[["order_id", "customer_unique_id", "order_purchase_timestamp", "amount"]]


def test_responses_reach_a_person_and_the_ledger_balances(analysis):
    ledger = analysis.panel.ledger
    assert ledger.rows("responses", "read") == 14_944
    assert ledger.unaccounted("responses") == 0
    assert ledger.unaccounted("orders") == 0


def test_the_reviewed_order_is_not_in_the_outcome(analysis, by_pandas):
    """Spend after each answer agrees with a join in pandas that excludes the order reviewed."""
    reviews = pd.read_csv(
        DATA / "olist_order_reviews_dataset.csv", parse_dates=["review_answer_timestamp"]
    ).merge(by_pandas[["order_id", "customer_unique_id"]], on="order_id")
    later = reviews.merge(by_pandas, on="customer_unique_id", suffixes=("_reviewed", ""))
    wait = later["order_purchase_timestamp"] - later["review_answer_timestamp"]
    later = later[(later["order_id"] != later["order_id_reviewed"]) & (wait > pd.Timedelta(0))]
    later = later[later["order_purchase_timestamp"] - later["review_answer_timestamp"] <= "180D"]
    keys = ["customer_unique_id", "review_answer_timestamp"]
    expected = later.groupby(keys)["amount"].sum()
    found = analysis.panel.frame.set_index(["customer", "answered_at"])["spend_after"]
    assert (found > 0).sum() > 5
    assert found.to_numpy() == pytest.approx(expected.reindex(found.index).fillna(0).to_numpy())


def test_repeat_purchase_is_too_rare_to_tell_and_the_report_says_so(analysis):
    after = analysis.panel.frame.groupby("group", observed=True)["repeat_purchase_after"].sum()
    assert after["neutral"] < 10
    verdict = next(v for v in analysis.verdicts if v.outcome == "repeat_purchase")
    assert verdict.kind == "too little data"
    answer = str(cx.words.answer(analysis))
    assert "repeat purchase" in answer
    assert "too rare to tell" in answer
    assert "No ROI is claimed" in answer


def test_the_promised_day_moves_reviews_and_no_money_is_claimed(analysis):
    """Late ones would be like those of the five days up to the promised one, counted by pandas."""
    frame = analysis.panel.frame
    own = [{"name": "In time", "input": "days_late", "at_most": 0.0, "cost_per_customer": 2.0}]
    study = replace(analysis.study, levers=tuple(make_levers(own)))
    driver = Driver("days_late", "Days after the promised day", "days", "lower", True, "", "orders")
    keys = frame[["customer", "wave", "answered_at", "score", "response"]]
    table = keys.rename(columns={"response": "answer"}).assign(
        wave=frame["wave"].astype(str), x_days_late=frame["attr_days_late"].astype(float)
    )
    [one] = estimate_levers(
        replace(analysis.panel, study=study), DriverTable(study, table, (driver,), {})
    )
    late = frame[frame["attr_days_late"] > 0]
    near = frame[frame["attr_days_late"].between(-5, 0)]
    up = [0.0, *one.moves.net, 0.0]  # who rises out of a group, and into it
    for label, (into, out) in zip(one.moves.labels, pairwise(up), strict=True):
        after = (late["group"] == label).mean() + into - out
        assert after == pytest.approx((near["group"] == label).mean(), abs=0.05)
    assert one["share_moved"].conf_low > 0.5
    assert one.shown
    assert "'dissatisfied' to 'neutral' cannot be valued: spend is too rare" in str(one.unpriced)
    assert "No ROI is claimed" in str(lever_sentences(one, study))
