import json
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study
from roi_by_hand import KINDS, PER_GAP, SHORT, N, make_roi, regression
from scipy import stats
from scipy.special import beta as beta_function

from cxroi.errors import ModelError, StudyError
from cxroi.study.loading import load_study
from cxroi.value.roi import estimate_roi


@pytest.fixture
def roi_of(tmp_path):
    return partial(make_roi, tmp_path)


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
    # 200 passives answered; the scenario reaches 20,000.
    said = " ".join(there.notes)
    assert "taken to reach 20,000 customers in 'passive', but 200 are known to be there" in said
    assert "of 19,800 who did not answer it is assumed" in said
    assert "not known" in said
    none_more = roi_of(regressions, {**SHORT, "from_customers": 150})
    assert "taken to reach" not in " ".join(none_more.notes)


def test_a_gap_the_wrong_way_never_pays(roi_of):
    roi = roi_of({"spend": regression(100.0, -30.0, error=1.0)})
    for name in ("payback_months", "break_even_causal_share"):
        found = roi[name]
        assert (found.estimate, found.conf_low, found.conf_high) == (None, None, None)
        assert "in 100.0 % of the simulations" in found.note
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


def test_figures_of_the_first_window_have_names_of_their_own(roi_of):
    roi = roi_of({"spend": regression(100.0, 30.0)}, {"horizon_months": 12})
    assert not roi.whole_horizon
    assert {e.name.endswith("_first_window") for e in roi.estimates} == {True}
    assert roi["ratio"].name == "roi.ratio_first_window"
    assert "first 90 days only" in roi["ratio"].note
    # 90 days stand for three months: nothing is cut there.
    quarter = roi_of({"spend": regression(100.0, 30.0)}, {"horizon_months": 3})
    assert quarter.whole_horizon
    assert quarter["ratio"].name == "roi.ratio"


def test_churn_stands_for_retention_mirrored(roi_of):
    rng = np.random.default_rng(3)
    psi = rng.normal(size=N)
    spend = regression(100.0, 20.0, error=5.0, psi=rng.normal(size=N) + psi)
    stays = roi_of({"spend": spend, "retained": regression(0.8, 0.1, error=0.02, psi=psi)}, {})
    leaves = roi_of({"spend": spend, "churned": regression(0.2, -0.1, error=0.02, psi=-psi)}, {})
    assert leaves.ratio_draws == pytest.approx(stays.ratio_draws, abs=1e-12)
    assert leaves["ratio"].estimate == pytest.approx(stays["ratio"].estimate)
    assert leaves.horizon_months == 12


def test_retention_without_a_contrast_is_bounded_over_the_whole_horizon(roi_of):
    # 2 of 200 passives and 1 of 100 promoters left: no model, but .99 of both stayed.
    left = np.zeros(N)
    left[[100, 300, 200]] = 1.0
    roi = roi_of({"spend": regression(100.0, 10.0)}, {}, retained=1 - left)
    assert roi.retention_bounded
    assert roi.whole_horizon
    assert roi["ratio"].name == "roi.ratio"
    # The spend gap alone at the likely values, for .99 of those there a window before.
    lengths = [90 / 30.4375] * 4 + [12 - 4 * 90 / 30.4375]
    worth = sum(5 * 0.99**k * length / lengths[0] for k, length in enumerate(lengths))
    assert roi["value_per_moved"].estimate == pytest.approx(worth)
    assert "retained gap" in roi.tornado["input"].tolist()
    assert "could not be estimated" in " ".join(roi.notes)
    assert roi["ratio"].std_error > 0


def test_observed_persistence_is_drawn_and_has_a_break_even(roi_of):
    roi = roi_of(*_two_waves("observed"), groups=_answers(60, 40))
    # Of 100 promoters 60 stay, of 100 passives 40 come: .2, with an error of .0693.
    assert roi.persistence.estimate == pytest.approx(0.2)
    row = roi.tornado.set_index("input").loc["persistence"]
    assert (row["low"], row["high"]) == pytest.approx((0.2 - 0.114, 0.2 + 0.114), abs=0.005)
    assert "as observed" in " ".join(roi.notes)
    # Spend gap 20 at .5: 10 now, then 10 p^(90 days) of those .8 who stay, and so on.
    window = 90 / 30.4375
    lengths = [window] * 4 + [12 - 4 * window]
    terms = [10 * (0.8 * 0.2 ** (window / 3)) ** k for k in range(5)]
    worth = sum(t * length / window for t, length in zip(terms, lengths, strict=True))
    assert roi["value_per_moved"].estimate == pytest.approx(worth)


def test_undeclared_persistence_keeps_all_and_says_what_is_seen(roi_of):
    roi = roi_of(*_two_waves(None), groups=_answers(60, 40))
    said = " ".join(roi.notes)
    assert "No persistence is declared" in said
    assert "'promoter' 60.0 % are there again" in said
    assert "of those in 'passive' 40.0 % came there" in said
    assert "an excess of 20.0 %" in said
    declared = roi_of(*_two_waves(1.0), groups=_answers(60, 40))
    assert declared["ratio"].estimate == pytest.approx(roi["ratio"].estimate)
    as_seen = roi_of(*_two_waves("observed"), groups=_answers(60, 40))["ratio"].estimate
    assert f"would be {100 * as_seen:.1f} % instead of {100 * roi['ratio'].estimate:.1f} %" in said


def test_persistence_that_cannot_be_seen_is_refused_with_what_to_declare(roi_of):
    with pytest.raises(ModelError, match=r"cannot be seen: the answers have no dates.*\[0.3, 0.5"):
        roi_of(*_two_waves("observed"))


def test_break_even_persistence_says_none_where_none_would_pay(roi_of):
    regressions, scenario = _two_waves(0.5)
    never = roi_of(regressions, {**scenario, "cost_per_moved": 1e4})["break_even_persistence"]
    assert (never.estimate, never.conf_low) == (None, None)
    assert "100.0 % of the simulations no persistence would pay" in never.note
    at_once = roi_of(regressions, {**scenario, "cost_per_moved": 9.0})["break_even_persistence"]
    assert at_once.estimate == 0


def test_a_prior_keeps_its_mass_at_zero_and_below(roi_of):
    prior = "{none = 0.3, opposite = 0.1, low = 0.4, likely = 0.4, high = 0.4}"
    roi = roi_of({"spend": regression(100.0, 30.0)}, {**SHORT, "causal_share": prior})
    per_share = 30 * PER_GAP / 5
    outcomes = [-0.4 * per_share - 1, -1.0, 0.4 * per_share - 1]
    chances = [np.isclose(roi.ratio_draws, ratio).mean() for ratio in outcomes]
    assert chances == pytest.approx([0.1, 0.3, 0.6], abs=0.015)
    # The mean of the prior, .6 * .4 - .1 * .4, stands at the likely values.
    assert roi["ratio"].estimate == pytest.approx(0.2 * per_share - 1)
    assert "With a probability of 30.0 % none of the gap" in " ".join(roi.notes)


def test_retention_of_customers_who_differ_is_followed_over_three_years(roi_of):
    # Each leaves in 90 days with a chance of their own, beta(.2, 1.8), and is followed for a year.
    alpha, beta, n = 0.2, 1.8, 6000
    rng = np.random.default_rng(8)
    period = rng.geometric(rng.beta(alpha, beta, n))
    gone = 90.0 * (period - 0.9 * rng.random(n))
    frame = pd.DataFrame({"score": 7.0, "churn_days": np.minimum(gone, 400.0)}, index=range(n))
    frame = frame.assign(churn_seen=gone < 400.0, customer=[f"c{i}" for i in range(n)])
    stays = beta / (alpha + beta)
    known = {"spend": regression(100.0, 0.0), "retained": regression(stays, 0.03)}
    nothing = (np.zeros(n), np.zeros(n))
    known = {name: replace(one, influence=nothing) for name, one in known.items()}
    roi = roi_of(known, {"horizon_months": 36, "cost_per_moved": 20.0}, groups=frame)
    # Exact: 12 whole windows of 90 days and part of a thirteenth; share there after k windows
    # is B(a, b + k) / B(a, b), with a mean retention of .03 more for those moved.
    window, total = 90 / 30.4375, alpha + beta
    parts = np.append(np.ones(12), 36 / window - 12)

    def there(mean):
        b = mean * total
        return beta_function(total - b, b + np.arange(13)) / beta_function(total - b, b)

    exact = 50 * parts @ (there(stays + 0.03) - there(stays))
    constant = 50 * parts @ ((stays + 0.03) ** np.arange(13) - stays ** np.arange(13))
    assert constant > 1.4 * exact
    assert roi["value_per_moved"].estimate == pytest.approx(exact, rel=0.05)
    assert roi["value_per_moved"].conf_low < exact < roi["value_per_moved"].conf_high
    assert "how far customers differ in retention" in roi.tornado["input"].tolist()
    assert "Retention was followed over 4 times 90 days" in " ".join(roi.notes)


def _two_waves(persistence):
    scenario = {"cost_per_moved": 20.0}
    if persistence is not None:
        scenario["persistence"] = persistence
    return {"spend": regression(100.0, 20.0), "retained": regression(0.8, 0.0)}, scenario


def _answers(stay, come):
    """Two waves of 100 promoters, of whom some stay, and 100 passives, of whom some come."""
    second = np.repeat([10.0, 7.0, 10.0, 7.0], [stay, 100 - stay, come, 100 - come])
    first = np.repeat([10.0, 7.0], 100)
    return pd.DataFrame(
        {
            "score": np.concatenate([first, second]),
            "customer": [f"c{i}" for i in range(200)] * 2,
            "wave": np.repeat(["2026Q1", "2026Q2"], 200),
        }
    )


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
