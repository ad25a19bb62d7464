"""Baselines of dated tables: zero where nothing happened, unknown where nothing can be seen."""

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

DAY = pd.Timestamp("2025-01-01")
SIZE = 240
# By day: no sum that runs up.
AMOUNTS = {0: 400.0, 150: 151.0, 230: 231.0, 295: 96.0}


def panel_of(fits="rows", baseline_days=90, contacts=(), **study):
    """Customers who answer on day 30 or 200 after the first order, in turn."""
    ids = np.arange(SIZE)
    answered = DAY + pd.to_timedelta(np.where(ids % 2, 200, 30), unit="D")
    responses = pd.DataFrame({"c": ids, "nps": 5 + ids // 2 % 6, "at": answered})
    orders = pd.concat(
        pd.DataFrame({"c": ids, "day": DAY + pd.Timedelta(days=n), "amount": AMOUNTS[n] + ids % 7})
        for n in AMOUNTS
    )
    frames = {"responses": responses, "orders": orders}
    tables = {
        "responses": {"customer": "c", "score": "nps", "answered_at": "at"},
        "orders": {"customer": "c", "ordered_at": "day", "amount": "amount"},
    }
    if len(contacts):
        frames["contacts"] = pd.DataFrame({"c": 1, "day": pd.to_datetime(list(contacts))})
        tables["contacts"] = {"customer": "c", "opened_at": "day"}
    document = {
        "study": {"name": "b", "complete_until": (DAY + pd.Timedelta(days=300)).date(), **study},
        "tables": tables,
        "windows": {"baseline_days": baseline_days, "outcome_days": 90},
    }
    return cx.build_panel(cx.read_tables(cx.load_study(document), frames=frames), fits=fits)


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_only_answers_whose_window_is_seen_have_a_baseline(fits):
    panel = panel_of(fits)
    frame = panel.frame.sort_values("customer")
    late = frame["customer"].astype(int) % 2 == 1
    # 90 days before day 200 lies the order of day 150; 90 days before day 30 nothing is known.
    assert frame.loc[~late, "spend_before"].isna().all()
    expected = 151.0 + frame.loc[late, "customer"].astype(int) % 7
    assert (frame.loc[late, "spend_before"] == expected).all()
    [warning] = panel.ledger.warnings
    assert warning.startswith("The first of orders is of 2025-01-01: the baseline of 120 of 240")


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_what_is_declared_complete_holds_zeros(fits):
    panel = panel_of(fits, complete_from=(DAY - pd.Timedelta(days=90)).date())
    assert panel.frame["spend_before"].notna().all()
    [warning] = panel.ledger.warnings
    assert "complete_from is 2024-10-03: nothing until then is taken for zero" in warning


def test_each_table_has_its_own_first_day():
    panel = panel_of(contacts=["2025-05-30", "2025-10-20"])  # days 149 and 292
    assert panel.frame["contacts_before"].isna().all()  # both windows begin before day 149
    assert panel.frame["spend_before"].notna().sum() == SIZE / 2


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_no_days_of_a_baseline_are_no_baselines(fits):
    panel = panel_of(fits, baseline_days=0)
    assert not [name for name in panel.frame.columns if name.endswith("_before")]
    assert panel.ledger.warnings == ()
    analysis = cx.analyse(panel)
    assert "spend" in analysis.regressions
    assert "baseline" not in str(cx.sentences.method(analysis)).split("Churned")[0]
    checks = cx.run_checks(analysis)
    [placebo] = [c for c in checks.checks if (c.name, c.outcome) == ("placebo", "spend")]
    assert placebo.verdict == "not possible"
