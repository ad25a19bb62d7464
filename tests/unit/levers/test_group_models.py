"""Models of groups against statsmodels, weights against copies, Brant's test against its parts."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import f as f_distribution
from statsmodels.miscmodels.ordinal_model import OrderedModel

from cxroi.errors import ModelError
from cxroi.levers.drivers import group_fits
from cxroi.levers.drivers.group_fits import refuse_infinite
from cxroi.levers.drivers.multinomial import fit_multinomial
from cxroi.levers.drivers.parallel_lines import parallel_lines
from cxroi.levers.drivers.proportional_odds import fit_proportional_odds


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(1)
    n = 400
    x = rng.normal(size=(n, 3))
    latent = x @ [0.8, -0.5, 0.0] + rng.logistic(size=n)
    cluster = np.unique(rng.integers(0, 150, n), return_inverse=True)[1]
    return np.digitize(latent, [-1.0, 0.5, 2.0]), x, np.ones(n), cluster


def test_proportional_odds_is_that_of_statsmodels(rows):
    group, x, weight, _ = rows
    own = fit_proportional_odds(group, x, weight, np.arange(len(group)))
    model = OrderedModel(group, x, distr="logit")
    other = model.fit(method="newton", disp=0)
    assert own.slopes[0] == pytest.approx(other.params[:3], abs=1e-6)
    thresholds = model.transform_threshold_params(other.params)[1:-1]
    assert own.params[:3] == pytest.approx(thresholds, abs=1e-6)
    assert own.log_likelihood == pytest.approx(other.llf)
    assert np.sqrt(np.diag(own.bread))[3:] == pytest.approx(other.bse[:3], rel=1e-4)


def test_the_multinomial_is_that_of_statsmodels_errors_by_cluster_too(rows):
    group, x, weight, cluster = rows
    own = fit_multinomial(group, x, weight, cluster, base=0)
    kinds = {"cov_type": "cluster", "cov_kwds": {"groups": cluster}}
    other = sm.MNLogit(group, sm.add_constant(x)).fit(disp=0, **kinds)
    assert own.params.reshape(3, 4) == pytest.approx(other.params.T, abs=1e-8)
    n, k, clusters = len(group), 12, cluster.max() + 1
    # statsmodels' factor is G / (G - 1) times (n - 1) / (n - k); ours the first alone
    factor = np.sqrt((n - 1) / (n - k))
    errors = np.sqrt(np.diag(own.covariance)).reshape(3, 4)
    assert errors * factor == pytest.approx(np.asarray(other.bse).T, rel=1e-5)
    assert len(own.sums) == clusters


def test_another_base_is_the_difference_of_slopes(rows):
    group, x, weight, cluster = rows
    low = fit_multinomial(group, x, weight, cluster, base=0)
    middle = fit_multinomial(group, x, weight, cluster, base=1)
    assert middle.slopes[0] == pytest.approx(-low.slopes[0], abs=1e-8)
    assert middle.slopes[2] == pytest.approx(low.slopes[2] - low.slopes[0], abs=1e-8)


@pytest.mark.parametrize("fit", [fit_proportional_odds, fit_multinomial])
def test_a_weight_of_two_is_two_copies_of_one_customer(rows, fit):
    group, x, _, _ = rows
    weight = np.where(np.arange(len(group)) % 3 == 0, 2.0, 1.0)
    copied = np.repeat(np.arange(len(group)), weight.astype(int))
    one = fit(group, x, weight, np.arange(len(group)))
    two = fit(group[copied], x[copied], np.ones(len(copied)), copied)
    assert one.params == pytest.approx(two.params, abs=1e-8)
    assert one.covariance == pytest.approx(two.covariance, abs=1e-8)


def test_a_fit_begun_on_few_rows_ends_at_the_same(rows, monkeypatch):
    group, x, weight, cluster = rows
    whole = [fit(group, x, weight, cluster) for fit in (fit_proportional_odds, fit_multinomial)]
    monkeypatch.setattr(group_fits, "DRAFT", 60)
    monkeypatch.setattr(group_fits, "_CHUNK", 37)
    for fit, one in zip((fit_proportional_odds, fit_multinomial), whole, strict=True):
        again = fit(group, x, weight, cluster)
        assert again.params == pytest.approx(one.params, abs=1e-9)


def test_parallel_lines_against_logits_of_statsmodels(rows):
    group, x, weight, cluster = rows
    found = parallel_lines(group, x, weight, cluster)
    design, moved, slopes = sm.add_constant(x), [], []
    for cut in range(3):
        fit = sm.Logit(group > cut, design).fit(disp=0)
        scores = fit.model.score_obs(fit.params)
        summed = np.array([np.bincount(cluster, column) for column in scores.T]).T
        moved.append((summed @ np.linalg.inv(-fit.model.hessian(fit.params)))[:, 1:])
        slopes.append(fit.params[1:])
    clusters = cluster.max() + 1
    apart = np.concatenate([slopes[1] - slopes[0], slopes[2] - slopes[0]])
    each = np.hstack([moved[1] - moved[0], moved[2] - moved[0]])
    matrix = each.T @ each * clusters / (clusters - 1)
    wald = apart @ np.linalg.inv(matrix) @ apart
    p_value = f_distribution.sf(wald * (clusters - 6) / (6 * (clusters - 1)), 6, clusters - 6)
    assert found.p_value == pytest.approx(p_value, rel=1e-6)
    assert 0.01 < p_value < 0.99
    assert found.fits[2].slopes[0] == pytest.approx(slopes[2], abs=1e-8)


def test_slopes_that_differ_between_steps_are_seen():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1500, 2))
    bad = rng.random(1500) < 1 / (1 + np.exp(2 + 1.5 * x[:, 0]))  # only the fall goes with it
    group = np.where(bad, 0, 1 + (rng.random(1500) < 0.4))
    found = parallel_lines(group, x, np.ones(1500), np.arange(1500))
    assert found.p_of([0]) < 1e-6
    assert found.p_of([1]) > 0.01
    two = parallel_lines(np.minimum(group, 1), x, np.ones(1500), np.arange(1500))
    assert two.p_value == two.p_of([0]) == 1.0


def test_a_group_that_is_told_apart_wholly_is_refused():
    x = np.linspace(-1, 1, 80)[:, None]
    group = (x[:, 0] > 0).astype(int)
    for fit in (fit_proportional_odds, fit_multinomial):
        with pytest.raises(ModelError, match="Days late tells a group of the score apart"):
            fit(group, x, np.ones(80), np.arange(80), names=["Days late"])
    with pytest.raises(ModelError, match="Days late tells a group of the score apart"):
        refuse_infinite(np.array([[16.0]]), ["Days late"])
