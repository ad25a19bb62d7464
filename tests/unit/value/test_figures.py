"""Figures of a ROI: the interval of a share against statsmodels."""

import pytest
from statsmodels.stats.proportion import proportion_confint

from cxroi.value.figures import wilson


@pytest.mark.parametrize(("count", "of"), [(0, 50), (3, 400), (9_628, 10_000), (200, 200)])
def test_the_interval_of_a_share_is_that_of_wilson(count, of):
    expected = proportion_confint(count, of, method="wilson")
    assert wilson(count, of) == pytest.approx(expected, rel=1e-12, abs=1e-15)
