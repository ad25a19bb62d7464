from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from panels import answers, by_group, customers
from scipy import stats

import cxroi as cx
from cxroi.effects.adjusted import contrast_of, regress_outcome, regress_pair
from cxroi.errors import ModelError, ScarceDataError
from cxroi.models.outcome_models import Prediction, leaves_the_data
from cxroi.moments import influence

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
FAMILIES = {"retained": sm.families.Binomial(), "contacts": sm.families.Poisson()}
RUNGS = ("raw", "adjusted", "mean_from")
GAMMA = sm.families.Gamma(sm.families.links.Log())


@pytest.fixture
def regress(panel_of):
    def make(frame, outcome, *, controls=("tenure", "region"), weighted=None, kinds=KINDS):
        return regress_outcome(
            panel_of(frame, kinds, controls=controls), outcome, weighted=weighted
        )

    return make


def groups(frame):
    return pd.cut(frame["score"], [-1, 6, 8, 10], labels=["d", "p", "r"]).astype(str)


def predicted_difference(fits, frame):
    """Mean of the predicted product in passives, as promoters minus as passives."""
    data = frame.assign(g=groups(frame))
    passives = data[data["g"] == "p"]
    product = {
        g: np.prod([fit.predict(passives.assign(g=g)) for fit in fits], axis=0) for g in "pr"
    }
    return np.average(product["r"] - product["p"], weights=passives["weight"])


def described(made):
    """The contrast of the model that describes the outcome, standardised."""
    [found] = [e for e in made.beside if e.rung == "model"]
    return found


def formula(frame, outcome, family, data=None):
    data = frame.assign(g=groups(frame)) if data is None else data
    text = f"{outcome} ~ g + attr_tenure + C(attr_region)"
    return smf.glm(text, data, family=family, var_weights=data["weight"]).fit(tol=1e-12)


def same(a, b, rel=1e-6):
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), rel=rel), name


@pytest.mark.parametrize("weights", ["equal", "unequal"])
@pytest.mark.parametrize("outcome", KINDS)
def test_contrast_is_the_prediction_by_formula(regress, outcome, weights):
    frame = customers()
    if weights == "unequal":
        frame["weight"] = np.random.default_rng(8).choice([1.0, 2.0, 3.5], len(frame))
    if outcome == "spend":
        data = frame.assign(g=groups(frame), any=(frame["spend_after"] > 0).astype(float))
        chance = formula(frame, "any", sm.families.Binomial(), data)
        amount = formula(frame, "spend_after", GAMMA, data[data["any"] == 1])
        fits = [chance, amount]
    else:
        fits = [formula(frame, f"{outcome}_after", FAMILIES[outcome])]
    found = described(regress(frame, outcome))
    assert found.estimate == pytest.approx(predicted_difference(fits, frame), rel=1e-5)
    assert found.contrast == "promoter - passive"


@pytest.mark.parametrize("outcome", KINDS)
def test_without_controls_every_rung_is_the_raw_gap(regress, outcome):
    # Saturated models fit each group's mean (share times mean of the buyers).
    made = regress(customers(), outcome, controls=())
    for rung in (described(made), made.adjusted, made.contrast):
        assert rung.estimate == pytest.approx(made.raw.estimate, rel=1e-6)
        assert rung.std_error == pytest.approx(made.raw.std_error, rel=0.01)
        assert rung.statistic == pytest.approx(rung.estimate / rung.std_error)
    assert [d.estimate for d in made.differences] == pytest.approx([0, 0], abs=1e-9)


def test_every_other_group_is_contrasted_with_the_one_moved_from(regress):
    frame = customers()
    mean = frame["retained_after"].groupby(groups(frame)).mean()
    made = {c.contrast: c.estimate for c in regress(frame, "retained", controls=()).contrasts}
    assert made == {
        "detractor - passive": pytest.approx(mean["d"] - mean["p"]),
        "promoter - passive": pytest.approx(mean["r"] - mean["p"]),
    }


@pytest.mark.parametrize("outcome", KINDS)
def test_adjusted_is_the_coefficient_of_least_squares(regress, outcome):
    frame = customers()
    frame["spend_before"] = np.random.default_rng(1).gamma(1, 50, 600)
    data = frame.assign(g=pd.Categorical(groups(frame), ["p", "d", "r"]))
    text = f"{outcome}_after ~ g + attr_tenure + C(attr_region) + spend_before"
    fit = smf.ols(text, data).fit(cov_type="HC1")
    made = regress(frame, outcome)
    # The contrast of a linear model is its coefficient, with its error.
    assert made.adjusted.estimate == pytest.approx(fit.params["g[T.r]"])
    assert made.adjusted.std_error == pytest.approx(fit.bse["g[T.r]"], rel=1e-6)
    assert "spend before (per SD)" in made.controls  # as it is, not bent


def test_winsorised_is_the_doubly_robust_contrast_of_amounts_that_are_cut(regress):
    frame = customers()
    cut = np.minimum(frame["spend_after"], np.quantile(frame["spend_after"], 0.99))
    found = regress(frame, "spend").beside[-1]
    same(found, regress(frame.assign(spend_after=cut), "spend").contrast)
    assert (found.name, found.rung) == ("contrast.spend.winsorised", "winsorised")
    assert len(regress(frame, "contacts").beside) == 1  # of amounts alone


def test_amounts_below_zero_take_least_squares(regress):
    frame = customers()
    frame.loc[::9, "spend_after"] = -5.0
    made = regress(frame, "spend")
    assert "least squares" in described(made).method
    assert described(made).estimate == pytest.approx(made.adjusted.estimate)


def test_amounts_all_above_zero_take_one_gamma_model(regress):
    frame = customers()
    frame["spend_after"] += 1.0
    made = regress(frame, "spend", controls=())
    assert set(made.models) == {"straight", "mean"}
    assert "Gamma" in described(made).method
    assert described(made).estimate == pytest.approx(made.raw.estimate, rel=1e-6)


def test_names_of_rungs_parts_and_models(regress):
    made = regress(customers(), "spend")
    assert set(made.models) == {"straight", "any", "amount"}
    names = ["raw", "adjusted", "doubly_robust", "model", "winsorised"]
    rows = [made.raw, made.adjusted, made.contrast, *made.beside]
    assert [e.name for e in rows] == [f"contrast.spend.{name}" for name in names]
    assert len(made.tidy()) == 5
    assert set(made.coefficients["part"]) == {"straight", "any", "amount"}
    assert list(made.rungs) == names[:3]


@pytest.mark.parametrize("outcome", KINDS)
def test_the_pair_alone_has_the_contrast_that_carries_the_money(panel_of, outcome):
    panel = panel_of(customers(), KINDS, controls=("tenure", "region"))
    whole, alone = regress_outcome(panel, outcome).contrast, regress_pair(panel, outcome)
    assert replace(alone, term=whole.term) == whole
    few = panel_of(plain_answers("yes_no", promoter=answers(15, 29)), {"x": "yes_no"})
    with pytest.raises(ScarceDataError, match="29 responses"):
        regress_pair(few, "x")


def test_a_difference_of_rungs_is_tested_on_the_same_customers(regress):
    """Jackknife: the differences again, without one block of customers at a time."""
    frame = customers(900, seed=3)
    raw, straight = (made := regress(frame, "spend")).differences
    assert raw.estimate == pytest.approx(made.raw.estimate - made.contrast.estimate)
    assert straight.estimate == pytest.approx(made.adjusted.estimate - made.contrast.estimate)
    blocks = np.random.default_rng(1).permutation(900) % 90
    left = [regress(frame[blocks != b], "spend") for b in range(90)]
    gaps = np.array([[d.estimate for d in one.differences] for one in left])
    errors = np.sqrt(89 / 90 * ((gaps - gaps.mean(axis=0)) ** 2).sum(axis=0))
    # A jackknife over 90 blocks tells an error to 1 / sqrt(2 * 89), 7.5 %: three times that.
    assert [raw.std_error, straight.std_error] == pytest.approx(list(errors), rel=0.22)
    # Errors that are shared cancel: apart, the rungs would seem far less certain to differ.
    apart = np.hypot(made.adjusted.std_error, made.contrast.std_error)
    assert straight.std_error < 0.6 * apart
    half = stats.norm.ppf(0.975) * raw.std_error
    assert (raw.conf_low, raw.conf_high) == pytest.approx(
        (raw.estimate - half, raw.estimate + half)
    )
    assert raw.p_value == pytest.approx(2 * stats.norm.sf(abs(raw.estimate) / raw.std_error))
    assert (raw.name, straight.name) == ("difference.spend.raw", "difference.spend.adjusted")


def test_error_counts_whom_the_average_is_taken_over(regress):
    # Counts in the hundreds leave the coefficients nearly certain; what is left is that another
    # sample of passives would have other tenures: deviation of the predicted gap over root n.
    frame = customers()
    rate = 300 * np.exp(0.3 * (frame["score"] > 8) + frame["attr_tenure"])
    frame["contacts_after"] = np.random.default_rng(3).poisson(rate).astype(float)
    fit = formula(frame, "contacts_after", FAMILIES["contacts"])
    passives = frame.assign(g="p")[groups(frame) == "p"]
    gaps = fit.predict(passives.assign(g="r")) - fit.predict(passives)
    found = described(regress(frame, "contacts")).std_error
    assert found == pytest.approx(gaps.std() / np.sqrt(len(gaps)), rel=0.1)


def test_weights_scaled_by_a_constant_change_nothing(regress):
    frame = customers()
    frame["weight"] = np.random.default_rng(4).uniform(0.5, 3, len(frame))
    once = regress(frame, "spend")
    scaled = regress(frame.assign(weight=frame["weight"] * 1000), "spend")
    for name in RUNGS:
        a, b = getattr(once, name), getattr(scaled, name)
        assert (b.estimate, b.std_error) == pytest.approx((a.estimate, a.std_error))
    plain = regress(frame, "spend", weighted=False)
    for name in RUNGS:
        assert getattr(plain, name).estimate != getattr(once, name).estimate


@pytest.mark.parametrize("outcome", KINDS)
def test_whole_weights_count_like_repeated_rows_of_one_customer(regress, outcome):
    frame = customers()
    frame["customer"] = [f"c{i}" for i in range(len(frame))]
    frame["weight"] = np.random.default_rng(4).choice([1.0, 2.0, 3.0], len(frame))
    made = regress(frame, outcome)
    rows = frame.index.repeat(frame["weight"].astype(int))
    repeated = regress(frame.loc[rows].assign(weight=1.0), outcome)
    for name in RUNGS:
        a, b = getattr(made, name), getattr(repeated, name)
        assert (b.estimate, b.std_error) == pytest.approx((a.estimate, a.std_error), rel=1e-3)


@pytest.mark.parametrize("outcome", KINDS)
def test_repeating_all_rows_of_a_customer_does_not_shrink_errors(regress, outcome):
    frame = customers().assign(customer=[f"c{i}" for i in range(600)])
    once = regress(frame, outcome)
    four = regress(pd.concat([frame] * 4), outcome)
    for name in RUNGS:
        a, b = getattr(once, name), getattr(four, name)
        assert b.std_error == pytest.approx(a.std_error, rel=0.005)
    assert "errors clustered by customer" in four.adjusted.method


@pytest.mark.parametrize("outcome", KINDS)
def test_order_and_names_of_rows_do_not_matter(regress, outcome):
    frame = customers().assign(customer=[f"c{i // 2}" for i in range(600)])
    turned = frame.sample(frac=1, random_state=3)
    turned["customer"] = turned["customer"].str[::-1]
    one, two = regress(frame, outcome), regress(turned, outcome)
    same(one.adjusted, two.adjusted)
    same(described(one), described(two))


def test_currency_scales_money_and_leaves_p_values(regress):
    frame = customers()
    frame["spend_before"] = np.random.default_rng(1).gamma(1, 50, 600)
    made = regress(frame, "spend")
    frame["spend_after"] *= 1000
    scaled = regress(frame, "spend")
    for name in RUNGS:
        a, b = getattr(made, name), getattr(scaled, name)
        figures = (a.estimate, a.std_error, a.conf_low, a.conf_high)
        assert (b.estimate, b.std_error, b.conf_low, b.conf_high) == pytest.approx(
            tuple(1000 * figure for figure in figures), rel=1e-5
        )
    assert scaled.adjusted.p_value == pytest.approx(made.adjusted.p_value, rel=1e-4)


def test_influence_of_rows_without_the_outcome_is_zero_and_errors_match(regress):
    frame = customers()
    frame.loc[::7, "contacts_after"] = np.nan
    made = regress(frame, "contacts")
    assert [len(psi) for psi in made.influence] == [600, 600]
    assert not any(psi[::7].any() for psi in made.influence)
    errors = np.sqrt(np.diag(influence.covariance(made.influence, np.arange(600))))
    assert errors == pytest.approx([made.mean_from.std_error, made.contrast.std_error], rel=0.005)
    known = regress(frame.dropna(), "contacts")
    same(made.adjusted, known.adjusted)
    same(made.contrast, known.contrast)


def newton(x, y, family):
    """Fit a logit, Poisson or Gamma regression with log link by Newton's method."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean()) if family != "logit" else 0.0
    for _ in range(30):
        eta = x @ beta
        mu = 1 / (1 + np.exp(-eta)) if family == "logit" else np.exp(eta)
        score = (y - mu) / (mu if family == "gamma" else 1)
        curve = {"logit": mu * (1 - mu), "poisson": mu, "gamma": y / mu}[family]
        step = np.linalg.solve((x * curve[:, None]).T @ x, x.T @ score)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def bootstrapped(frame, draws, seed):
    """Estimates of every customer resample: mean and contrast of spend, retained, contacts."""
    g = groups(frame).to_numpy()
    region = frame["attr_region"].to_numpy()
    x = np.column_stack(
        [
            np.ones(len(frame)),
            g == "d",
            g == "r",
            frame["attr_tenure"],
            region == "south",
            region == "west",
        ]
    ).astype(float)
    spend, stays, calls = (frame[f"{name}_after"].to_numpy() for name in KINDS)
    rng, rows = np.random.default_rng(seed), []
    for _ in range(draws):
        pick = rng.integers(0, len(frame), len(frame))
        xs, s, r, c = x[pick], spend[pick], stays[pick], calls[pick]
        passive = xs[:, 1:3].sum(axis=1) == 0
        low, bought, known = xs[passive], s > 0, np.isfinite(c)
        high = low + np.eye(6)[2]
        any_, much = (
            newton(xs, bought.astype(float), "logit"),
            newton(xs[bought], s[bought], "gamma"),
        )
        stay, call = newton(xs, r, "logit"), newton(xs[known], c[known], "poisson")
        asked = known[passive]

        def expit(v):
            return 1 / (1 + np.exp(-v))

        rows.append(
            [
                s[passive].mean(),
                (expit(high @ any_) * np.exp(high @ much)).mean()
                - (expit(low @ any_) * np.exp(low @ much)).mean(),
                r[passive].mean(),
                (expit(high @ stay) - expit(low @ stay)).mean(),
                c[passive][asked].mean(),
                (np.exp(high @ call) - np.exp(low @ call))[asked].mean(),
            ]
        )
    return np.array(rows)


def test_joint_errors_of_all_outcomes_match_a_bootstrap_over_customers(panel_of):
    # Contacts are missing for a fifth: each influence is then scaled by its own rows.
    frame = customers(900, seed=6)
    frame.loc[np.random.default_rng(9).random(900) < 0.2, "contacts_after"] = np.nan
    panel = panel_of(frame, KINDS, controls=("tenure", "region"))
    columns = []
    for name in KINDS:
        made = regress_outcome(panel, name)
        own = contrast_of(made.fitted, "promoter")[1]
        columns += [made.influence[0], made.fitted.setting.sample.spread(own)]
    ours = influence.covariance(columns, panel.clusters)
    draws = bootstrapped(frame, 800, seed=2)
    errors = np.sqrt(np.diag(ours))
    assert errors == pytest.approx(draws.std(axis=0, ddof=1), rel=0.12)
    # A correlation from 800 draws is known to about 0.035: four times that.
    difference = ours / np.outer(errors, errors) - np.corrcoef(draws.T)
    assert np.abs(difference).max() < 0.14


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ({"passive": answers(15, 29)}, "yes_no", "29 responses"),
        ({"promoter": answers(15, 29)}, "yes_no", "29 responses"),
        ({"promoter": answers(4, 60)}, "yes_no", "too rare"),
        ({"promoter": answers(4, 60)}, "amount", "too rare"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(panel_of, values, kind, words):
    with pytest.raises(ScarceDataError, match=words):
        regress_outcome(panel_of(plain_answers(kind, **values), {"x": kind}), "x")


def plain_answers(kind, **values):
    """Answers by group, some of them as given; amounts need spread: one of them is 2."""
    usual = {"detractor": answers(20, 60), "passive": answers(30, 60), "promoter": answers(40, 60)}
    frame = by_group("x", **{**usual, **values})
    frame.loc[frame["x_after"].idxmax(), "x_after"] = 1.0 if kind == "yes_no" else 2.0
    return frame


def test_another_group_that_is_too_small_costs_its_own_contrast_alone(panel_of):
    frame = plain_answers("yes_no", detractor=answers(15, 29))
    made = regress_outcome(panel_of(frame, {"x": "yes_no"}), "x")
    assert [e.contrast for e in made.contrasts] == ["promoter - passive"]
    assert made.contrast.estimate == pytest.approx(40 / 60 - 30 / 60)


def test_what_the_describing_model_refuses_is_a_note_and_costs_nothing_else(panel_of):
    frame = plain_answers("yes_no", detractor=answers(0, 60))
    made = regress_outcome(panel_of(frame, {"x": "yes_no"}), "x")
    assert made.fitted is None
    assert made.beside == ()
    assert set(made.models) == {"straight"}
    assert "'group = detractor' separates" in made.notes[-1]
    for rung in (made.adjusted, made.contrast):
        assert rung.estimate == pytest.approx(40 / 60 - 30 / 60)


def long_stays(n=600):
    """Amounts above zero that hang on a quantity whose last value is far from all others."""
    rng = np.random.default_rng(7)
    frame = customers(n, seed=7)
    frame["attr_nights"] = rng.poisson(2.0, n) + 1.0
    frame["spend_after"] = frame["attr_nights"] * rng.gamma(20, 5, n)
    row = np.flatnonzero(frame["score"] == 8)[0]
    frame.loc[row, ["attr_nights", "spend_after"]] = 60.0, 6_000.0
    return frame


def test_a_prediction_that_leaves_the_data_is_not_told(regress):
    """exp(60 nights) in a Gamma regression: that model gives way, and the notes say to what."""
    frame = long_stays()
    data = frame.assign(g=groups(frame))
    told = smf.glm("spend_after ~ g + attr_nights", data, family=GAMMA).fit()
    assert told.predict(data).max() > 3 * frame["spend_after"].max()  # what would be told
    made = regress(frame, "spend", controls=("nights",))
    if made.fitted is None:
        assert "predicts" in made.notes[-1]
    else:
        assert "log-link model of the mean, as the Gamma regression" in described(made).method
        assert leaves_the_data(made.fitted, "promoter") == ""
    lowest = frame["spend_after"].min() - frame["spend_after"].max()
    assert lowest < made.contrast.conf_low < made.contrast.conf_high < -lowest
    assert made.contrast.std_error < 10


def test_predictions_leave_the_data_by_mean_by_range_or_by_one_row(regress):
    """Each reason by hand, with a model that predicts what it is told."""
    frame = customers()
    made = regress(frame, "contacts", controls=()).fitted
    values = frame["contacts_after"].to_numpy()
    means = frame["contacts_after"].groupby(groups(frame)).transform("mean").to_numpy()

    def said(mean, under=None):
        pairs = {id(made.setting.design): mean}

        def predict(design):
            known = pairs.get(id(design), mean if under is None else under)
            return Prediction(known, ())

        return leaves_the_data(replace(made, predict=predict), "promoter")

    passive = (frame["score"] == 8).to_numpy()
    assert said(means) == ""
    assert "a mean of" in said(np.where(passive, 2 * means, means))
    one = means.copy()
    one[np.flatnonzero(passive)[0]] = 3.1 * values.max()
    assert "where the largest is" in said(one)
    carries = np.where(np.arange(600) == np.flatnonzero(passive)[0], passive.sum(), 1.0)
    assert "one single customer" in said(means, carries)


def test_declared_clusters_have_students_interval_and_p_value(regress):
    frame = customers().assign(cluster=[f"account {i % 50 if i < 500 else 0}" for i in range(600)])
    made, plain = regress(frame, "spend"), regress(customers(), "spend")
    # 49 accounts of 10 rows and one of 110: 600² / (49 · 10² + 110²) effective ones.
    every = 600**2 / (49 * 10**2 + 110**2)
    # The doubly robust gap is made of passives and promoters alone.
    own = frame.loc[frame["score"] >= 7, "cluster"].value_counts()
    pair = own.sum() ** 2 / (own**2).sum()
    for estimate in (made.adjusted, made.contrast, *made.beside):
        of_pair = estimate.rung in ("doubly_robust", "winsorised")
        effective = pair if of_pair else every
        half = stats.t(effective - 1).ppf(0.975) * estimate.std_error
        assert estimate.conf_high == pytest.approx(estimate.estimate + half)
        p_value = 2 * stats.t(effective - 1).sf(abs(estimate.estimate) / estimate.std_error)
        assert estimate.p_value == pytest.approx(p_value)
        words = f"clustered by declared cluster, Student interval with {effective:.0f} effective"
        assert words in estimate.method
    assert "Student interval with" in made.mean_from.method
    half = stats.norm.ppf(0.975) * plain.adjusted.std_error
    assert plain.adjusted.conf_high == pytest.approx(plain.adjusted.estimate + half)


def test_the_cap_of_winsorised_spend_leaves_one_per_cent_of_the_weight_above(regress):
    """Few weights on large amounts: the cap is that of the population, not of the rows."""
    rng = np.random.default_rng(1)
    frame = customers(2_000)
    big = np.arange(2_000) < 1_000
    frame["spend_after"] = np.where(big, rng.gamma(2, 500, 2_000), rng.gamma(2, 10, 2_000))
    frame["weight"] = np.where(big, 1.0, 50.0)
    order = np.argsort(frame["spend_after"].to_numpy())
    reached = np.cumsum(frame["weight"].to_numpy()[order]) / frame["weight"].sum()
    cap = frame["spend_after"].to_numpy()[order][np.argmax(reached >= 0.99)]
    assert cap < 0.5 * np.quantile(frame["spend_after"], 0.99)
    cut = frame.assign(spend_after=np.minimum(frame["spend_after"], cap))
    found, expected = regress(frame, "spend").beside[-1], regress(cut, "spend").contrast
    assert found.estimate == pytest.approx(expected.estimate, rel=1e-9)
    assert found.std_error == pytest.approx(expected.std_error, rel=1e-9)


def test_few_clusters_are_refused_whatever_the_rows(panel_of):
    frame = customers().assign(cluster=[f"account {i % 20}" for i in range(600)])
    with pytest.raises(ScarceDataError, match="of 20 customers or clusters"):
        regress_outcome(panel_of(frame, KINDS), "retained")


def test_a_control_that_is_the_group_under_another_name_is_refused(panel_of):
    frame = customers()
    frame["attr_fan"] = np.where(frame["score"] >= 9, "yes", "no")
    with pytest.raises(ModelError, match=r"collinear .*group = promoter"):
        regress_outcome(panel_of(frame, KINDS, controls=("fan",)), "spend")


def test_a_control_that_is_the_outcome_under_another_name_describes_nothing(panel_of):
    frame = customers()
    frame["attr_leak"] = frame["retained_after"] + 0.001 * np.arange(600) / 600
    made = regress_outcome(panel_of(frame, KINDS, controls=("leak",)), "retained")
    assert made.fitted is None
    assert "leak (per SD) separates 'retained'" in made.notes[-1]


def test_where_everybody_in_a_group_buys_a_log_link_model_takes_the_place_of_two_parts(panel_of):
    """Saturated in the groups, so its contrast is the raw gap: the mean of a Poisson score."""
    rng = np.random.default_rng(5)
    bought = {"detractor": 0.6, "passive": 0.7, "promoter": 1.0}
    frame = by_group(
        "x", **{g: rng.gamma(2, 20, 200) * (rng.random(200) < p) for g, p in bought.items()}
    )
    found = regress_outcome(panel_of(frame, {"x": "amount"}), "x")
    assert "log-link" in described(found).method
    assert described(found).estimate == pytest.approx(found.raw.estimate, rel=1e-8)


@pytest.fixture(scope="module")
def demo_fits():
    """The models of the demo's spend, fitted to rows and to sums in the engine."""
    tables = cx.read_tables(cx.load_study(cx.demo_study()))
    return [
        regress_outcome(cx.build_panel(tables, fits=fits), "spend").models
        for fits in ("rows", "engine")
    ]


@pytest.mark.parametrize("part", ["any", "amount", "straight"])
def test_coefficients_from_sums_have_the_intervals_of_statsmodels(demo_fits, part):
    rows, sums = (models[part] for models in demo_fits)
    assert sums.params.to_dict() == pytest.approx(rows.params.to_dict(), rel=1e-8)
    # statsmodels' clustered errors of a GLM leave out the factor (n - 1) / (n - k).
    assert np.diff(sums.conf_int()) == pytest.approx(np.diff(rows.conf_int()), rel=3e-3)
