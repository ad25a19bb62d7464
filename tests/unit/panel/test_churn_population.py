"""Churn as no purchase: of customers who had bought before; and what complete_from may say."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from customer_files import tables_of

import cxroi as cx
from cxroi.models.sample import take_sample

DAY = pd.Timestamp("2026-03-02 12:00")
BEFORE, LONG_BEFORE, AFTER, LATER = (DAY + pd.Timedelta(days=n) for n in (-5, -50, 5, 25))
# By customer: when they ordered, and whether they churned within 20 days of the answer.
CUSTOMERS = {
    "never": ((), np.nan),
    "first time after": ((AFTER,), np.nan),
    "before and after": ((BEFORE, AFTER), 0.0),
    "before alone": ((BEFORE,), 1.0),
    "after, but too late": ((BEFORE, LATER), 1.0),
    "long before": ((LONG_BEFORE,), np.nan),
    "long before and after": ((LONG_BEFORE, AFTER), np.nan),
}
FIRST = pd.Timestamp("2025-12-01")


def panel_of(folder, fits="rows", baseline_days=30, known_from=FIRST, names=(), **study):
    orders = [(name, at) for name, (days, _) in CUSTOMERS.items() for at in days]
    orders = pd.DataFrame([("somebody", known_from), *orders], columns=["id", "day"])
    frames = {
        "responses": pd.DataFrame({"id": list(CUSTOMERS) * 3, "nps": 9, "day": DAY}),
        "orders": orders.assign(amount=10.0),
    }
    parts = {"outcomes": {"names": list(names)}} if names else {}
    tables = tables_of(
        folder,
        frames,
        study=study,
        windows={"baseline_days": baseline_days},
        churn={"within_days": 20},
        **parts,
    )
    return cx.build_panel(tables, fits=fits)


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_who_had_not_bought_in_the_baseline_is_neither_lost_nor_kept(fits, tmp_path):
    panel = panel_of(tmp_path, fits)
    frame = panel.frame.set_index("customer")
    for name, (_, churned) in CUSTOMERS.items():
        assert frame.loc[name, "churned_after"] == pytest.approx(churned, nan_ok=True), name
        assert frame.loc[name, "retained_after"] == pytest.approx(1 - churned, nan_ok=True), name
    assert frame["spend_after"].sum() == 40  # of everybody: AFTER three times, LATER once
    [warning] = [w for w in panel.ledger.warnings if "cannot be lost" in w]
    assert warning == (
        "4 of 7 answers are by customers of whom no order in the 30 days before is known: who had "
        "not bought cannot be lost, and they count in no figure of retained or churned"
    )


@pytest.mark.parametrize("fits", ["rows", "engine"])
@pytest.mark.parametrize(
    ("baseline_days", "known_from"), [(0, FIRST), (90, LONG_BEFORE)], ids=["none", "unknown"]
)
def test_without_a_known_baseline_all_that_is_known_before_counts(
    fits, baseline_days, known_from, tmp_path
):
    frame = panel_of(tmp_path, fits, baseline_days, known_from).frame.set_index("customer")
    if baseline_days:
        assert frame["orders_before"].isna().all()
    expected = {name: churned for name, (_, churned) in CUSTOMERS.items()}
    expected |= {"long before": 1.0, "long before and after": 0.0}
    for name, churned in expected.items():
        assert frame.loc[name, "churned_after"] == pytest.approx(churned, nan_ok=True), name


def test_nothing_is_said_where_churn_is_not_asked_for(tmp_path):
    panel = panel_of(tmp_path, names=["spend"])
    assert not [w for w in panel.ledger.warnings if "cannot be lost" in w]


@pytest.mark.parametrize("fits", ["rows", "engine"])
def test_gaps_are_of_those_at_risk(fits, tmp_path):
    """150 customers a group, of whom two in three had bought; of these promoters stay longer."""
    ids = np.arange(450)
    nps = np.choose(ids % 3, [3, 7, 9])
    bought, stays = ids % 9 < 6, (ids // 9) % 10 < np.choose(ids % 3, [3, 5, 8])
    frames = {
        "responses": pd.DataFrame({"id": ids, "nps": nps, "day": DAY}),
        "orders": pd.concat(
            [
                pd.DataFrame({"id": ids[bought], "day": BEFORE}),
                pd.DataFrame({"id": ids[bought & stays], "day": AFTER}),
                pd.DataFrame({"id": [10_000], "day": [FIRST]}),
            ]
        ).assign(amount=10.0 + ids[0]),
    }
    panel = cx.build_panel(tables_of(tmp_path, frames), fits=fits)
    churned = take_sample(panel, "churned")
    groups = ("detractor", "passive", "promoter")
    assert [churned.answers(group) for group in groups] == [(70, 100), (50, 100), (20, 100)]
    assert [take_sample(panel, "spend").size(group) for group in groups] == [150, 150, 150]


# ------------------------------------------------------------------------------ complete_from


@pytest.mark.parametrize(("days", "refused"), [(31, True), (30, False)])
def test_complete_from_long_before_the_first_order_is_refused(days, refused, tmp_path):
    begin = (LONG_BEFORE - pd.Timedelta(days=days)).date()
    late = DAY - pd.Timedelta(days=45)
    frames = {
        "responses": pd.DataFrame({"id": ["a", "b"], "nps": 9, "day": [DAY, late]}),
        "orders": pd.DataFrame({"id": ["a", "a"], "day": [LONG_BEFORE, AFTER], "amount": 1.0}),
    }
    if refused:
        with pytest.raises(cx.CxroiError) as caught:
            cx.build_panel(tables_of(tmp_path, frames, study={"complete_from": begin}))
        assert "1 of 2 answers begin well before that order" in str(caught.value)
        assert f"the first order is of {LONG_BEFORE.date()}" in str(caught.value)
    else:
        panel = cx.build_panel(tables_of(tmp_path, frames, study={"complete_from": begin}))
        assert any("nothing until then is taken for zero" in w for w in panel.ledger.warnings)


def test_complete_from_that_no_baseline_reaches_is_not_refused(tmp_path):
    panel = panel_of(tmp_path, known_from=LONG_BEFORE, complete_from=dt.date(2025, 6, 1))
    assert panel.size == 7
