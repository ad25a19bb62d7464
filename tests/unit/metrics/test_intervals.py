"""Intervals against published figures, statsmodels, and how often they hold what is true."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from cxroi.metrics.intervals import adjusted_wald, critical, wilson
from cxroi.metrics.kinds import KINDS, Sums, function_of, share_interval
from cxroi.metrics.loyalty import _clv
from cxroi.metrics.word_of_mouth import word_of_mouth


def sums_of(unit, *columns):
    """Return the sums of columns over units, by loops alone."""
    by_unit = [[c[unit == u].sum() for c in columns] for u in np.unique(unit)]
    totals = [sum(row[i] for row in by_unit) for i in range(len(columns))]
    products = [
        [sum(row[i] * row[j] for row in by_unit) for j in range(len(columns))]
        for i in range(len(columns))
    ]
    apart = len(by_unit) == len(unit)
    return Sums(len(unit), len(by_unit), np.array(totals), np.array(products), apart)


def alone(*columns):
    return sums_of(np.arange(len(columns[0])), *map(np.asarray, columns))


@pytest.mark.parametrize(("yes", "n"), [(40, 50), (0, 7), (7, 7), (1, 1), (3, 1000)])
def test_a_share_of_independent_answers_has_the_interval_of_statsmodels(yes, n):
    x = np.repeat([1.0, 0.0], [yes, n - yes])
    found = KINDS["share"].make(alone(x, np.ones(n)))
    assert (found.low, found.high) == pytest.approx(proportion_confint(yes, n, method="wilson"))
    assert found.estimate == yes / n  # 40 of 50 are 80 %


@pytest.mark.parametrize(
    ("answers", "nps", "low", "high"),
    [((50, 40, 10), 40.0, 25.934, 51.736), ((15, 14, 7), 22.222, -2.983, 44.009)],
)
def test_nps_has_the_published_interval(answers, nps, low, high):
    up, down = np.repeat([1.0, 0, 0], answers), np.repeat([0.0, 0, 1], answers)
    found = KINDS["nps"].make(alone(up, down, np.ones(len(up))))
    assert (found.estimate, found.low, found.high) == pytest.approx((nps, low, high), abs=5e-4)
    assert 100 * adjusted_wald(*(k / sum(answers) for k in answers[::2]), sum(answers), critical())[
        0
    ] == pytest.approx(low, abs=5e-4)


def test_all_who_agree_lie_in_the_interval_of_nps():
    found = KINDS["nps"].make(alone([1.0], [0.0], [1.0]))
    assert found.low < found.estimate == found.high == 100


def test_published_examples():
    assert _clv(20.0 * 12 * 3, 3, 1) == pytest.approx(720)  # of three a year one leaves
    lost = KINDS["share"].make(alone(np.repeat([1.0, 0], [10, 90]), np.ones(100)))
    assert lost.estimate == 0.1
    dell = word_of_mouth(4e6 * 0.25 * 210, 40e6, 8, 1)
    assert (dell, word_of_mouth(4e6 * 0.25 * 210, 40e6, 1, 1)) == (42, 5.25)


def test_a_sum_over_a_count_has_the_interval_of_the_count():
    """Garwood's limits of 10 are 4.795 and 18.390 (Pearson and Hartley, table 40)."""
    found = KINDS["cost_of_one"].make(alone(np.full(10, 20.0)))
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (20, 200 / 18.390, 200 / 4.795), rel=1e-3
    )


def test_a_function_of_sums_has_the_error_of_a_regression():
    """A slope made of sums has the clustered error of statsmodels, without small corrections."""
    import statsmodels.regression.linear_model as sm

    rng = np.random.default_rng(3)
    unit = rng.integers(0, 40, 200)
    a = rng.normal(size=200) + 0.5 * unit % 3
    b = 2 * a + rng.normal(size=200) + 0.3 * (unit % 5)

    def slope(ab, aa, sum_a, sum_b, n):
        return (ab / n - sum_a / n * sum_b / n) / (aa / n - (sum_a / n) ** 2)

    sums = sums_of(unit, a * b, a * a, a, b, np.ones(200))
    found = function_of(slope, 5).make(sums)
    fit = sm.OLS(b, np.column_stack([np.ones(200), a])).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    assert found.estimate == pytest.approx(fit.params[1])
    assert found.error == pytest.approx(fit.bse[1] * np.sqrt(sums.units / (sums.units - 1)))


def test_nothing_to_divide_by_is_no_estimate():
    for kind in ("share", "mean", "ratio", "share_of"):
        assert KINDS[kind].make(alone([0.0, 0.0], [0.0, 0.0])).estimate is None
    assert function_of(lambda x, y: x / y, 2).make(alone([1.0], [0.0])).estimate is None


def test_one_customer_has_no_interval_of_a_mean_and_the_widest_of_a_share():
    one = sums_of(np.zeros(5), np.array([1.0, 0, 1, 0, 0]), np.ones(5))
    assert KINDS["mean"].make(one).low is None
    share = KINDS["share"].make(one)
    assert (share.low, share.high) == pytest.approx(wilson(0.4, 1, critical()))


def test_a_share_is_worth_no_more_answers_than_it_has():
    """Customers who differ less than chance would have it."""
    pairs = np.array([[1.0, 0.0]] * 18 + [[1.0, 1.0], [0.0, 0.0]])
    sums = sums_of(np.repeat(np.arange(20), 2), pairs.ravel(), np.ones(40))
    assert share_interval(sums) == (40, critical(19))


DRAWS = 400


@pytest.mark.parametrize("kind", ["share", "ratio", "nps", "median"])
def test_nineteen_of_twenty_intervals_of_clustered_answers_hold_the_truth(kind):
    """Customers with 1 to 5 answers that are alike; the truth is of very many customers."""
    rng = np.random.default_rng(7)
    held = sum(_holds(kind, rng) for _ in range(DRAWS))
    assert 0.92 <= held / DRAWS <= 0.98


def _holds(kind, rng, customers=80):
    answers = rng.integers(1, 6, customers)
    unit = np.repeat(np.arange(customers), answers)
    z = np.repeat(rng.normal(0, 0.7, customers), answers) + rng.normal(0, 0.7, len(unit))
    ones = np.ones(len(unit))
    if kind == "share":
        found, truth = KINDS[kind].make(sums_of_fast(unit, (z > 0.5) * 1.0, ones)), 0.30674
    elif kind == "ratio":
        found, truth = KINDS[kind].make(sums_of_fast(unit, z + 1, ones)), 1.0
    elif kind == "nps":
        found = KINDS[kind].make(sums_of_fast(unit, (z > 0) * 1.0, (z < -0.5) * 1.0, ones))
        truth = 100 * (0.5 - 0.30674)
    else:
        below = (z <= np.median(z)) * 1.0
        worth, point = share_interval(sums_of_fast(unit, below, ones))
        low, high = np.quantile(z, wilson(0.5, worth, point))
        return low <= 0 <= high
    return found.low <= truth <= found.high


def sums_of_fast(unit, *columns):
    by_unit = np.stack([np.bincount(unit, c) for c in columns], axis=1)
    return Sums(len(unit), len(by_unit), by_unit.sum(0), by_unit.T @ by_unit, apart=False)
