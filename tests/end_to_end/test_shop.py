"""A shop without subscriptions: churn is no purchase, and the same faults as in real extracts."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

STUDY = """
[study]
name = "Shop"
currency = "EUR"
complete_until = {until}
[tables.customers]
path = "customers.csv"
customer = "id"
attributes = ["tier"]
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "at"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "at"
amount = "amount"
[tables.invitations]
path = "invitations.csv"
customer = "id"
invited_at = "at"
[controls]
columns = ["tier"]
[windows]
baseline_days = 60
outcome_days = 60
[scenario]
from = "passive"
to = "promoter"
share_moved = 0.1
cost_per_moved = 2.0
gross_margin = 0.5
causal_share = 0.5
"""


@pytest.fixture
def shop(tmp_path):
    rng = np.random.default_rng(3)
    n, day = 900, pd.Timestamp("2026-01-01")
    ids = [f"K{i:04d}" for i in range(n)]
    at = day + pd.to_timedelta(rng.integers(60, 230, n), unit="D") + pd.Timedelta("9h")
    scores = rng.integers(0, 11, n)
    pd.DataFrame({"id": ids, "tier": rng.choice(["a", "b"], n)}).to_csv(
        tmp_path / "customers.csv", index=False
    )
    answers = pd.DataFrame({"id": ids, "nps": scores, "at": at})
    unknown = pd.DataFrame({"id": ["X1", "X2", "X3"], "nps": [7, 8, 9], "at": at[:3]})
    pd.concat([answers, unknown]).to_csv(tmp_path / "responses.csv", index=False)
    who = rng.integers(0, n, 4 * n)
    when = day + pd.to_timedelta(rng.uniform(0, 303, 4 * n), unit="D")
    orders = pd.DataFrame({"id": np.array(ids)[who], "at": when.floor("s")})
    orders["amount"] = rng.gamma(2, 15, 4 * n).round(2)
    orders.to_csv(tmp_path / "orders.csv", index=False)
    asked = pd.DataFrame({"id": ids, "at": at - pd.Timedelta("1D")})
    asked.to_csv(tmp_path / "invitations.csv", index=False)

    def make(until="2026-10-31"):
        (tmp_path / "study.toml").write_text(STUDY.format(until=until))
        return cx.read_tables(cx.load_study(tmp_path / "study.toml"))

    return make


def test_answers_of_unknown_customers_are_counted_and_left_out(shop):
    panel = cx.build_panel(shop())
    reasons = {e.reason: e.rows for e in panel.ledger.entries if e.action == "set aside"}
    assert reasons["by a customer who is not in the customers table"] == 3
    assert not panel.frame["customer"].str.startswith("X").any()
    assert len(panel.scores) == 900
    assert panel.ledger.unaccounted("responses") == 0


def test_buying_nothing_for_a_while_is_not_leaving_so_only_the_first_window_counts(shop):
    analysis = cx.analyse(cx.build_panel(shop()))
    roi, spend = analysis.roi, analysis.regressions["spend"].contrast.estimate
    assert roi.horizon_months == pytest.approx(60 / 30.4375)
    # margin 0.5, half of the gap causal, no discount
    assert roi["value_per_moved"].estimate == pytest.approx(0.5 * 0.5 * spend)
    assert "may come back" in " ".join(roi.notes)


def test_a_complete_until_long_after_the_last_order_is_refused_or_warned_of(shop):
    with pytest.raises(cx.CxroiError, match=r"last order is of 2026-10-3\d, but complete_until"):
        cx.build_panel(shop("2027-06-30"))
    panel = cx.build_panel(shop("2026-11-20"))
    assert "complete_until is 2026-11-20" in " ".join(panel.ledger.warnings)
    [never] = cx.build_panel(shop()).ledger.warnings
    assert "cannot be lost" in never


def test_a_quarter_is_held_against_those_invited_in_it(shop, tmp_path):
    asked = pd.read_csv(tmp_path / "invitations.csv", parse_dates=["at"])["at"]
    coverage = cx.build_panel(shop(), quarter="2026Q2").coverage
    assert coverage.invited == int(asked.dt.quarter.eq(2).sum())
    assert coverage.share_answered == pytest.approx(1, abs=0.02)


def test_windows_agree_with_pandas(shop, tmp_path):
    panel = cx.build_panel(shop())
    orders = pd.read_csv(tmp_path / "orders.csv", parse_dates=["at"])
    both = panel.frame[["customer", "answered_at"]].merge(orders, left_on="customer", right_on="id")
    gap = both["at"] - both["answered_at"]
    window = dt.timedelta(days=60)
    for side, inside in {
        "after": (gap > dt.timedelta(0)) & (gap <= window),
        "before": (gap < dt.timedelta(0)) & (gap >= -window),
    }.items():
        expected = both[inside].groupby("customer")["amount"].agg(["sum", "size"])
        found = panel.frame.set_index("customer")
        expected = expected.reindex(found.index).fillna(0)
        assert found[f"spend_{side}"].to_numpy() == pytest.approx(expected["sum"].to_numpy())
        assert found[f"orders_{side}"].to_numpy() == pytest.approx(expected["size"].to_numpy())
