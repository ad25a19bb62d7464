"""Medians and quantiles from counts of values against definitions written out over sorted rows."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import plain_rows

from cxroi.moments.order_statistics import median, quantile


def rows_of(values, weights=None):
    values = np.asarray(values, dtype=float)
    weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    return plain_rows(pd.DataFrame({"v": values, "w": weights}))


def weighted_median(values, weights):
    """The midpoint of all values at which neither side holds over half of the weight."""
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    half = weights.sum() / 2
    fit = [
        v
        for v in np.unique(values)
        if weights[values < v].sum() <= half + 1e-9 and weights[values > v].sum() <= half + 1e-9
    ]
    return (fit[0] + fit[-1]) / 2


def found_median(values, weights):
    rows = rows_of(values, weights)
    return median(rows.column("v"), rows.column("w"), rows.flag("true"))


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], 2),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
        ([1, 2, 2, 4], [1, 1, 1, 1], 2),
        ([1, 2, 3], [1, 1, 2], 2.5),
        ([1, 2, 3], [1, 1, 3], 3),
        ([5], [0.3], 5),
        ([-1e9, 0, 1e-9], [1, 1, 1], 0),
        ([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.1, 0.2], 0.25),
    ],
)
def test_medians_by_hand(values, weights, expected):
    assert found_median(values, weights) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize("seed", range(12))
def test_medians_with_ties_and_weights(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    values, weights = rng.integers(-3, 6, n) / 3, rng.integers(1, 4, n) / 7
    assert found_median(values, weights) == pytest.approx(weighted_median(values, weights))


def test_the_median_is_of_members_alone():
    rows = rows_of([1, 2, 3, 100, 200, 300])
    found = median(rows.column("v"), rows.column("w"), rows.column("v") > 50)
    assert found == 200


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_plain_quantiles_are_those_of_numpy(share, n):
    values = np.random.default_rng(n).integers(0, 12, n) / 8
    rows = rows_of(values)
    found = quantile(rows.column("v"), None, share)
    assert found == pytest.approx(np.quantile(values, share), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99, 1.0])
def test_weighted_quantiles_reach_their_share(share):
    rng = np.random.default_rng(1)
    values, weights = rng.integers(0, 30, 200) / 7, rng.integers(1, 5, 200).astype(float)
    # A weight of k is k rows.
    expected = np.quantile(np.repeat(values, weights.astype(int)), share, method="inverted_cdf")
    rows = rows_of(values, weights)
    assert quantile(rows.column("v"), rows.column("w"), share) == pytest.approx(expected, rel=1e-15)
