"""How far customers differ in retention: published fits, and curves that are known."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from scipy.special import beta as beta_function

from cxroi.models.lifetime.beta_geometric import fit_mixing, seen_mixing

# Fader and Hardie, Journal of Interactive Marketing 21 (2007), table 1: per cent who survive,
# years 0 to 7, which their fits use, and 8 to 12, which they forecast.
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]


def fitted(percents):
    there = 10 * np.array(percents)
    return fit_mixing(there[:-1], there[:-1] - there[1:])


@pytest.mark.parametrize(
    ("percents", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)]
)
def test_the_published_fits_are_met(percents, alpha, beta):
    found = fitted(percents)
    total = 1 / found.estimate
    assert (1 - found.share) * total == pytest.approx(alpha, abs=0.002)
    assert found.share * total == pytest.approx(beta, abs=0.012)
    # The fitted curve, written with beta functions, lies within two points of what was seen.
    fit = (1 - found.share) * total, found.share * total
    curve = beta_function(fit[0], fit[1] + np.arange(1, 8)) / beta_function(*fit)
    assert 100 * curve == pytest.approx(percents[1:], abs=2)


def test_customers_who_are_alike_show_no_mixing():
    there = 1000 * 0.8 ** np.arange(6)
    found = fit_mixing(there[:-1], there[:-1] - there[1:])
    assert found.estimate == pytest.approx(0, abs=1e-3)
    assert found.share == pytest.approx(0.8, abs=1e-3)


def test_draws_spread_as_the_likelihood_does():
    # Two periods, .8 then .9 of those left, 4,000 customers: mixing is (.9 - .8) / (1 - .9) = 1;
    # by the delta method, with errors of the two retentions sqrt(.8 * .2 / 4000) and
    # sqrt(.9 * .1 / 3200): m = (b - a) / (1 - b), dm = -da / (1 - b) + db (1 - a) / (1 - b)^2.
    found = fit_mixing(np.array([4000.0, 3200.0]), np.array([800.0, 320.0]))
    error = np.hypot(np.sqrt(0.16 / 4000) / 0.1, np.sqrt(0.09 / 3200) * 0.2 / 0.01)
    draws = found.sampled(20_000, np.random.default_rng(1))
    assert found.estimate == pytest.approx(1.0, rel=0.01)
    assert found.share == pytest.approx(0.8, abs=0.001)
    assert draws.std() == pytest.approx(error, rel=0.1)


@pytest.fixture(params=["memory", "engine"])
def mixing_of(panel_of, request):
    def make(frame):
        panel = panel_of(frame, {"churned": "yes_no"}, days=90)
        return seen_mixing(in_engine(panel) if request.param == "engine" else panel)

    return make


def leavers(n=4000, follow=400.0, alpha=0.7, beta=3.0, seed=1):
    """Customers who leave with a chance of their own in each 90 days, followed for a time."""
    rng = np.random.default_rng(seed)
    period = rng.geometric(rng.beta(alpha, beta, n))
    gone = 90.0 * (period - rng.random(n) * 0.9)
    frame = pd.DataFrame({"churn_days": np.minimum(gone, follow), "churn_seen": gone < follow})
    frame["churned_after"] = 1.0 * (gone <= 90)
    return frame.assign(group="passive")


def test_a_dated_curve_shows_how_customers_differ(mixing_of):
    # Each followed for another time, as answers of several months are.
    rng = np.random.default_rng(2)
    found = mixing_of(leavers(follow=rng.uniform(100, 500, 4000)))
    assert found.periods >= 4
    spread = np.sqrt(found.chances @ (found.grid - found.chances @ found.grid) ** 2)
    assert abs(found.estimate - 1 / 3.7) < 2.5 * spread
    assert 0.005 < spread < 0.1
    assert found.share == pytest.approx(3 / 3.7, abs=0.02)


def test_a_curve_of_less_than_two_periods_shows_nothing(mixing_of):
    assert mixing_of(leavers(follow=170.0)) is None
    assert mixing_of(leavers().drop(columns=["churn_days", "churn_seen"])) is None
    assert mixing_of(leavers().assign(group="promoter")) is None


def test_several_answers_of_a_customer_count_as_one(mixing_of):
    once = leavers(n=1500).assign(customer=[f"c{i}" for i in range(1500)])
    once["cluster"] = once["customer"]
    twice = pd.concat([once, once], ignore_index=True)
    one, two = mixing_of(once), mixing_of(twice)
    assert two.estimate == pytest.approx(one.estimate, abs=1e-6)
    assert two.chances @ two.grid == pytest.approx(one.chances @ one.grid, abs=1e-6)
