"""The causal share that pilots leave, against Bayes' rule by hand."""

import numpy as np
import pytest
from scipy import stats

from cxroi.evidence.causal_share import Earned, learn_share
from cxroi.study.scenario import Prior, Range
from cxroi.value.assumed import drawn_range

JUDGED = Range(0.3, 0.5, 0.8)


def test_a_sure_pilot_stands_in_place_of_the_judgement():
    # 10 of money where 0.25 move and each is worth 40: all of the gap. Error of the share: 0.1.
    found = learn_share(JUDGED, 40.0, 0.0, [Earned(10.0, 0.25, 1.0, 0.0, 0.0)])
    assert found.mean == pytest.approx(1.0, abs=0.01)
    assert (found.low, found.high) == pytest.approx((1 - 0.1645, 1 + 0.1645), abs=0.005)
    assert found.conflict


def test_a_pilot_that_moved_nobody_says_nothing():
    found = learn_share(JUDGED, 40.0, 4.0, [Earned(0.3, 0.0, 1.0, 0.0001, 0.0)])
    assert found.high - found.low > 1.9
    assert found.doubt == pytest.approx(0.5, abs=0.02)


def test_errors_of_gap_and_move_enter_with_their_covariance():
    one = Earned(money=4.0, moved=0.2, variance=0.5, moved_variance=0.0004, covariance=0.003)
    found = learn_share(Range(0.0, 0.5, 1.0), 40.0, 25.0, [one])
    grid = np.linspace(-1, 1.5, 4001)
    variance = 0.5 + grid**2 * (40**2 * 0.0004 + 0.2**2 * 25) - 2 * grid * 40 * 0.003
    density = stats.norm.pdf(4.0 - grid * 8.0, scale=np.sqrt(variance))
    assert found.mean == pytest.approx(np.average(grid, weights=density), abs=0.002)


def test_a_judgement_of_full_weight_is_updated_as_bayes_says():
    one = Earned(8.0, 0.25, 4.0, 0.0, 0.0)
    found = learn_share(JUDGED, 40.0, 0.0, [one], judgement=1.0)
    grid = np.linspace(0.3, 0.8, 2001)
    prior = stats.triang.pdf(grid, 0.4, loc=0.3, scale=0.5)
    weights = prior * stats.norm.pdf(8.0 - 10.0 * grid, scale=2.0)
    assert found.mean == pytest.approx(np.average(grid, weights=weights), abs=0.002)
    none = Prior(low=0.3, likely=0.5, high=0.8, none=0.6)
    sceptic = learn_share(none, 40.0, 0.0, [Earned(0.0, 0.25, 1.0, 0.0, 0.0)], judgement=1.0)
    assert sceptic.mean < 0.02


def test_several_pilots_are_pooled_with_their_spread():
    alike = [Earned(5.0, 0.25, 1.0, 0.0, 0.0)] * 4
    apart = [Earned(m, 0.25, 1.0, 0.0, 0.0) for m in (0.0, 10.0, -1.0, 11.0)]
    narrow, wide = (learn_share(JUDGED, 40.0, 0.0, found) for found in (alike, apart))
    assert narrow.mean == pytest.approx(0.5, abs=0.01)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_what_is_learned_is_drawn_as_it_is():
    found = learn_share(JUDGED, 40.0, 0.0, [Earned(10.0, 0.25, 1.0, 0.0, 0.0)])
    draws = drawn_range(found.learned, 20_000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(found.mean, abs=0.005)
    assert np.quantile(draws, [0.05, 0.95]) == pytest.approx([found.low, found.high], abs=0.01)
    assert found.learned.central == found.mean
    assert found.learned.declared() == [found.low, found.learned.likely, found.high]


def test_shares_are_held_at_the_nominal_rate():
    rng, held = np.random.default_rng(8), 0
    for _ in range(300):
        money, gap = rng.normal(0.2 * 40 * 0.3, 1.0), rng.normal(40.0, 3.0)
        moved = rng.normal(0.3, 0.02)
        found = learn_share(JUDGED, gap, 9.0, [Earned(money, moved, 1.0, 0.0004, 0.0)])
        held += found.low <= 0.2 <= found.high
    assert stats.binomtest(held, 300, 0.9).pvalue > 0.001
