import numpy as np
import pandas as pd
import pytest
from journey_tables import stand
from scipy import stats

from cxroi.errors import ModelError, ScarceDataError
from cxroi.journeys.volume import contact_volume, volume_by

MONDAY = pd.Timestamp("2026-01-05")
SCENARIO = """
[scenario]
from = "passive"
to = "promoter"
share_moved = 0.1
cost_per_moved = 10.0
gross_margin = 0.5
causal_share = 1.0
horizon_months = 12
cost_per_contact = 4.0
"""


def contacts(of_days, start=MONDAY):
    days = np.repeat(np.arange(len(of_days)), of_days)
    moments = start + pd.to_timedelta(days + 0.5, unit="D")
    return pd.DataFrame({"customer": "a", "opened_at": moments, "row": range(len(days))})


def test_levels_change_and_cost_by_hand(tmp_path):
    """Days of 1 or 2 contacts for 20 weeks, then of 3 or 4; two days before the first Monday."""
    weeks = [[1, 2, 1, 2, 1, 2, 1], [2, 1, 2, 1, 2, 1, 2]] * 10
    later = [[day + 2 for day in week] for week in weeks]
    days = [5, 5, *np.ravel([*weeks, *later])]
    frames = {"contacts": contacts(days, MONDAY - pd.Timedelta(days=2))}
    found = contact_volume(stand(tmp_path, frames, SCENARIO))
    assert list(found.weeks["contacts"][:2]) == [10, 11]
    assert len(found.weeks) == 40
    (change,) = found.changes
    assert [one.estimate for one in found.levels] == [10.5, 24.5]
    assert change.estimate == 14
    assert change.term == "change on 2026-05-25"
    # weeks vary less than Poisson's, which is taken: variance of a mean of 20 weeks
    assert change.std_error == pytest.approx(np.sqrt(10.5 / 20 + 24.5 / 20))
    (cost,) = found.costs
    assert cost.estimate == pytest.approx(14 * 4 * 365.25 / 7)
    assert (cost.unit, change.unit) == ("EUR a year", "contacts a week")
    assert found.notes[0].startswith("How many customers there were")


def test_growth_is_not_a_change_where_customers_are_known(tmp_path):
    """Twice the customers from half of the time on, and twice the contacts."""
    frames = {
        "contacts": contacts([2] * 140 + [4] * 140),
        "customers": pd.DataFrame(
            {
                "customer": [f"c{k}" for k in range(2000)],
                "acquired_at": [MONDAY - pd.Timedelta(days=9)] * 1000
                + [MONDAY + pd.Timedelta(days=140)] * 1000,
            }
        ),
    }
    found = contact_volume(stand(tmp_path, frames))
    assert found.changes == ()
    assert found.levels[0].estimate == pytest.approx(14)
    assert found.levels[0].unit == "contacts a week per 1,000 customers"
    assert found.weeks["customers"].iloc[[0, -1]].tolist() == [1000, 2000]


def test_the_step_at_a_dated_change(tmp_path):
    rng = np.random.default_rng(0)
    days = rng.poisson(np.r_[np.full(200, 3.0), np.full(200, 6.0)])
    event = MONDAY + pd.Timedelta(days=200)
    frames = {
        "contacts": contacts(days),
        "company_events": pd.DataFrame(
            {"happened_at": [event, MONDAY + pd.Timedelta(days=390)], "event": ["line", "late"]}
        ),
    }
    found = contact_volume(stand(tmp_path, frames))
    (step,) = found.around  # eight whole weeks after the second are not known
    before, after = (days[a:b].reshape(-1, 7).sum(axis=1) for a, b in ((144, 200), (200, 256)))
    assert step.estimate == pytest.approx(after.mean() - before.mean())
    assert step.std_error == pytest.approx(np.sqrt(before.var(ddof=1) / 8 + after.var(ddof=1) / 8))
    half = stats.t.ppf(0.975, 14) * step.std_error
    assert (step.conf_low, step.conf_high) == pytest.approx(
        (step.estimate - half, step.estimate + half)
    )
    assert step.p_value < 0.05
    assert "its rank among" in step.method


def test_seasons_are_told(tmp_path):
    days = np.repeat((10 + 8 * np.sin(np.arange(60) / 4)).astype(int), 7)
    found = contact_volume(stand(tmp_path, {"contacts": contacts(days)}))
    assert any("High weeks follow high weeks" in note for note in found.notes)


def test_too_little_is_refused(tmp_path):
    with pytest.raises(ScarceDataError, match="4 whole weeks"):
        contact_volume(stand(tmp_path, {"contacts": contacts([3] * 30)}))
    with pytest.raises(ModelError, match=r"no \[tables.contacts\]"):
        contact_volume(stand(tmp_path, {"orders": pd.DataFrame({"customer": ["a"]})}))


def test_one_reason_that_changes_is_found_and_the_others_are_not(tmp_path):
    """Two contacts a day about bills, five from day 140 on; three about the app throughout."""
    app = contacts([3] * 280).assign(reason="app")
    bills = contacts([2] * 140 + [5] * 140).assign(reason="bill")
    frame = pd.concat([app, bills], ignore_index=True)
    found = volume_by(stand(tmp_path, {"contacts": frame}), "reason")
    assert list(found.parts) == ["bill", "app"]
    (change,) = found.parts["bill"].changes
    assert (change.estimate, change.term) == (21, "change on 2026-05-25")
    assert change.name == "volume.contacts.bill.change.2026-05-25"
    assert found.parts["app"].changes == ()
    assert set(found.tidy()["reason"]) == {"bill", "app"}


def test_a_record_that_fills_up_is_no_change(tmp_path):
    """One contact a day for 12 weeks, three from then on, six from week 30: the last is told."""
    days = [1] * 84 + [3] * 126 + [6] * 140
    found = contact_volume(stand(tmp_path, {"contacts": contacts(days)}, SCENARIO))
    (change,) = found.changes
    assert (change.term, change.estimate) == ("change on 2026-08-03", 21)
    assert [one.estimate for one in found.levels] == [21, 42]
    assert len(found.costs) == 1
    assert any("first 13 weeks" in note for note in found.notes)
