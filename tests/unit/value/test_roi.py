import json

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study
from scipy import stats

from cxroi.effects.adjusted import Regression
from cxroi.errors import ModelError, StudyError
from cxroi.results.estimate import Estimate
from cxroi.study.loading import load_study
from cxroi.value.roi import estimate_roi

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count", "returns": "count"}
N = 400
# Value of a gap of 1 over two months of a window of 90 days, at a margin of 0.5.
PER_GAP = 0.5 * 2 / (90 / 30.4375)
SHORT = {"horizon_months": 2, "cost_per_moved": 5.0}


@pytest.fixture
def roi_of(tmp_path):
    def make(regressions, scenario=SHORT, *, draws=20_000, days=90, waves=1):
        more = f"[analysis]\ndraws = {draws}\nseed = 7\n"
        study = make_study(tmp_path, KINDS, scenario=scenario, more=more, days=days)
        frame = pd.DataFrame({"score": np.repeat([3.0, 7.0, 10.0, 7.0], N // 4)})
        frame["customer"] = [f"c{row // waves}" for row in range(N)]
        return estimate_roi(make_panel(study, frame), regressions)

    return make


def estimate(value):
    return Estimate("x", value, None, None, 1.0, "EUR", N, "test")


def regression(mean, gap, *, error=0.0, psi=None):
    """Return a regression whose contrast has this sampling error, and whose mean has none."""
    if psi is None:
        psi = np.resize([1.0, -1.0], N)
    spread = psi / np.sqrt((psi**2).sum() * N / (N - 1)) * error
    columns = (np.zeros(N), spread)
    whole = estimate(gap)
    return Regression(
        outcome="x",
        raw=whole,
        adjusted=whole,
        contrast=whole,
        mean_from=estimate(mean),
        differences=(),
        beside=(),
        contrasts=(whole,),
        left_out=0.0,
        influence=columns,
        rungs={},
        models={},
        controls=(),
        setting=None,
        robust=None,
        fitted=None,
        notes=(),
        coefficients=None,
    )


def test_central_case_by_hand(roi_of):
    # 200 passives, a tenth moved: 20 * (10 * 0.3382 - 5) / 100.
    roi = roi_of({"spend": regression(100.0, 30.0)})
    value = 30 * PER_GAP
    assert roi.moved == pytest.approx(20)
    assert roi["value_per_moved"].estimate == pytest.approx(value)
    assert roi["net_value"].estimate == pytest.approx(20 * (value - 5))
    assert roi["ratio"].estimate == pytest.approx(value / 5 - 1)
    assert roi["break_even_cost_per_moved"].estimate == pytest.approx(value)
    assert roi["break_even_causal_share"].estimate == pytest.approx(5 / value)
    assert roi["payback_months"].estimate == pytest.approx(2 * 5 / value)
    assert roi["ratio"].unit == "net value per unit of cost"
    assert roi["net_value"].unit == "EUR"


def test_probability_and_interval_are_those_of_a_normal_gap(roi_of):
    gap, error = 20.0, 10.0
    roi = roi_of({"spend": regression(100.0, gap, error=error)})
    z = (gap - 5 / PER_GAP) / error
    positive = roi["probability_positive"]
    assert positive.estimate == pytest.approx(stats.norm.cdf(z), abs=0.015)
    assert positive.conf_low < positive.estimate < positive.conf_high
    ends = (gap + np.array([-1, 1]) * 1.6449 * error) * PER_GAP / 5 - 1
    ratio = roi["ratio"]
    assert (ratio.conf_low, ratio.conf_high) == pytest.approx(tuple(ends), abs=0.04)
    assert ratio.std_error == pytest.approx(error * PER_GAP / 5, rel=0.02)


@pytest.mark.parametrize("together", [1.0, -1.0, 0.0])
def test_errors_of_outcomes_are_drawn_together(roi_of, together):
    # Net per moved is 0.3382 (spend gap) - 1.3528 (contacts gap) and so its variance is
    # (0.338 * 10)^2 + (1.353 * 2)^2 - 2 r (0.338 * 10)(1.353 * 2), r the correlation.
    psi = np.resize([1.0, -1.0], N)
    other = together * psi if together else np.resize([1.0, 1.0, -1.0, -1.0], N)
    roi = roi_of(
        {
            "spend": regression(100.0, 20.0, error=10.0),
            "contacts": regression(50.0, -1.0, error=2.0, psi=other),
        },
        {**SHORT, "cost_per_contact": 2.0},
    )
    a, b = PER_GAP * 10, 2 * PER_GAP * 2 * 2
    expected = np.sqrt(a**2 + b**2 - 2 * together * a * b)
    assert roi["value_per_moved"].estimate == pytest.approx(PER_GAP * 20 + 2 * PER_GAP * 2)
    assert roi["value_per_moved"].std_error == pytest.approx(expected, rel=0.02)


def test_the_currency_does_not_change_the_return(roi_of):
    # Spend in the millions beside a share: both must keep their digits in the joint draw.
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2, N))
    long = {"horizon_months": 24}

    def ratios(scale):
        spend = regression(100.0 * scale, 20.0 * scale, error=5.0 * scale, psi=noise[0])
        stays = regression(0.7, 0.05, error=0.02, psi=noise[0] + noise[1])
        return roi_of(
            {"spend": spend, "retained": stays}, {**long, "cost_per_moved": 30.0 * scale}, draws=500
        ).ratio_draws

    assert ratios(1e7) == pytest.approx(ratios(1.0), rel=1e-6)


def test_rows_of_one_customer_count_once(roi_of):
    # Pairs of equal influence: twice the variance of independent rows.
    psi = np.repeat(np.resize([1.0, -1.0], N // 2), 2)
    single = roi_of({"spend": regression(100.0, 20.0, error=5.0, psi=psi)})
    paired = roi_of({"spend": regression(100.0, 20.0, error=5.0, psi=psi)}, waves=2)
    growth = paired["ratio"].std_error / single["ratio"].std_error
    assert growth == pytest.approx(np.sqrt(2), rel=0.005)


def test_ranges_are_triangular(roi_of):
    # Margin [0.2, 0.3, 0.7]: mean 0.4; 5 per cent point 0.2 + sqrt(0.05 * 0.5 * 0.1) = 0.25,
    # 95 per cent point 0.7 - sqrt(0.05 * 0.5 * 0.4) = 0.6. Value is 2 * 30 * margin * 0.3382.
    scenario = {**SHORT, "gross_margin": [0.2, 0.3, 0.7]}
    roi = roi_of({"spend": regression(100.0, 30.0)}, scenario)
    per_margin = 30 * 2 * PER_GAP / 5
    assert roi.ratio_draws.mean() == pytest.approx(0.4 * per_margin - 1, abs=0.01)
    assert roi["ratio"].estimate == pytest.approx(0.3 * per_margin - 1)
    ends = (0.25 * per_margin - 1, 0.6 * per_margin - 1)
    assert (roi["ratio"].conf_low, roi["ratio"].conf_high) == pytest.approx(ends, abs=0.03)
    assert roi.tornado["input"].tolist() == ["gross margin"]
    row = roi.tornado.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((0.25, 0.6), abs=0.006)
    assert (row["roi_low"], row["roi_high"]) == pytest.approx(ends, abs=0.03)


def test_tornado_has_the_widest_first_and_holds_the_rest_at_likely(roi_of):
    scenario = {**SHORT, "causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4.9, 5.0, 5.1]}
    roi = roi_of({"spend": regression(100.0, 60.0, error=20.0)}, scenario)
    assert roi.tornado["input"].tolist() == ["spend gap", "causal share", "cost per moved"]
    row = roi.tornado.set_index("input").loc["causal share"]
    assert row["roi_low"] == pytest.approx(row["low"] * 60 * PER_GAP / 5 - 1)


def test_grid_holds_the_net_value_of_each_cell(roi_of):
    roi = roi_of({"spend": regression(100.0, 30.0)}, {**SHORT, "fixed_cost": 100.0})
    # 0.05 of 200 customers is 10 moved: 10 * 0.5 * 10.146 less 10 * 5 and 100.
    expected = 10 * 0.5 * 30 * PER_GAP - (10 * 5 + 100)
    assert roi.grid.loc[0.05, 0.5] == pytest.approx(expected)
    assert roi.grid.loc[0.1, 0.0] == pytest.approx(-200)


def test_customers_offered_scale_net_value_only(roi_of):
    regressions = {"spend": regression(100.0, 30.0, error=5.0)}
    here = roi_of(regressions)
    there = roi_of(regressions, {**SHORT, "from_customers": 20_000})
    assert there.moved == 2000
    assert there["net_value"].estimate == pytest.approx(100 * here["net_value"].estimate)
    assert there["net_value"].conf_low == pytest.approx(100 * here["net_value"].conf_low)
    assert there["ratio"].conf_low == pytest.approx(here["ratio"].conf_low)


def test_a_gap_the_wrong_way_never_pays(roi_of):
    roi = roi_of({"spend": regression(100.0, -30.0, error=1.0)})
    for name in ("payback_months", "break_even_causal_share"):
        found = roi[name]
        assert (found.estimate, found.conf_low, found.conf_high) == (None, None, None)
        assert "in 100.0 % of the draws" in found.note
    assert roi["probability_positive"].estimate == 0
    json.dumps([e.as_dict() for e in roi.estimates], allow_nan=False)


def test_an_interval_that_reaches_never_has_one_end(roi_of):
    # The gap is above zero in 84 per cent of draws; the break-even share is then above 0.
    roi = roi_of({"spend": regression(100.0, 20.0, error=20.0)})
    found = roi["break_even_causal_share"]
    # The 5 per cent point of the share belongs to the 95 per cent point of the gap.
    assert found.conf_low == pytest.approx(5 / PER_GAP / (20 + 1.6449 * 20), rel=0.03)
    assert found.conf_high is None
    assert found.std_error is None
    # Never: gap below 5 / 0.3382 / 10 (shares up to 10 count), z = -0.926.
    never = stats.norm.cdf((5 / PER_GAP / 10 - 20) / 20)
    assert float(found.note.split("%")[0].split()[-1]) == pytest.approx(100 * never, abs=1.5)


def test_without_retention_value_ends_with_the_window(roi_of):
    roi = roi_of({"spend": regression(100.0, 30.0)}, {"horizon_months": 12})
    assert roi["value_per_moved"].estimate == pytest.approx(15)  # 0.5 * 30 in the window
    assert "first 90 days only" in " ".join(roi.notes)


def test_costs_to_serve_that_cannot_be_counted_are_noted(roi_of):
    regressions = {"spend": regression(100.0, 30.0), "returns": regression(1.0, -0.1)}
    roi = roi_of(regressions, {**SHORT, "cost_per_contact": 3.0})
    assert "contacts has no contrast" in " ".join(roi.notes)
    assert "a change in returns is worth nothing" in " ".join(roi.notes)


def test_the_same_seed_gives_the_same_draws(roi_of):
    regressions = {"spend": regression(100.0, 30.0, error=5.0)}
    assert (roi_of(regressions).ratio_draws == roi_of(regressions).ratio_draws).all()


def test_a_return_needs_a_scenario_spend_and_a_window(roi_of):
    spend = {"spend": regression(100.0, 30.0)}
    with pytest.raises(StudyError, match="no \\[scenario\\]"):
        roi_of(spend, None)
    with pytest.raises(ModelError, match="no adjusted contrast of 'spend'"):
        roi_of({"retained": regression(0.8, 0.1)})


def test_a_return_needs_the_length_of_the_window(tmp_path):
    study = make_study(tmp_path, KINDS, scenario=SHORT)
    text = (tmp_path / "study.toml").read_text().replace("outcome_days = 90", "")
    (tmp_path / "study.toml").write_text(text)
    panel = make_panel(load_study(study.path), pd.DataFrame({"score": [7.0] * N}))
    with pytest.raises(StudyError, match="length of the outcome window"):
        estimate_roi(panel, {"spend": regression(100.0, 30.0)})


def test_the_bridge_leads_from_each_gap_to_the_net_value(roi_of):
    regressions = {
        "spend": regression(100.0, 30.0),
        "retained": regression(0.8, 0.1),
        "contacts": regression(2.0, -0.5),
    }
    roi = roi_of(regressions, {**SHORT, "horizon_months": 5, "cost_per_contact": 3.0})
    amounts = dict(zip(roi.bridge["item"], roi.bridge["amount"], strict=True))
    net = amounts.pop("net value")
    assert sum(amounts.values()) == pytest.approx(net)
    assert net == pytest.approx(roi["net_value"].estimate)
    # The spend gap alone: margin 0.5 on 30 for one window of 90 days and the part of the
    # second that lies within 5 months, for the 80 % who are still there.
    window = 90 / 30.4375
    alone = 0.5 * 30 * (1 + 0.8 * (5 - window) / window)
    assert amounts["value of the spend gap"] == pytest.approx(roi.moved * alone)
    assert amounts["cost of moving"] == pytest.approx(-5.0 * roi.moved)
