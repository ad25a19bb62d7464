import numpy as np
import pandas as pd
import pytest
from remembered_runs import DAYS, INPUTS

from cxroi.value.decomposed import shapley
from cxroi.value.kept_inputs import as_dict, from_dict, sampling_covariance, sampling_error
from cxroi.value.money import evaluate

# A moved customer earns 0.5 * 20 = 10 at a cost of 4: 1.5 over cost.
BEFORE = from_dict(INPUTS | {"horizon_months": DAYS, "cost_per_moved": 4.0})
AFTER = BEFORE.with_values(spend_gap=40.0, cost_per_moved=5.0)


def test_inputs_come_back_as_they_were_written():
    written = INPUTS | {"horizon_months": DAYS, "cost_per_moved": 4.0}
    brought = ("referrals", "referrals_gap", "value_per_referral", "referral_share")
    assert as_dict(BEFORE) == written | dict.fromkeys(brought, 0.0)  # which earlier runs lack
    assert float(evaluate(BEFORE).ratio) == pytest.approx(1.5)
    with pytest.raises(KeyError):
        from_dict({name: 1.0 for name in INPUTS if name != "spend"})


def test_each_cause_adds_its_mean_over_both_orders():
    """Gap first: 1.5 -> 4 -> 3. Cost first: 1.5 -> 1 -> 3."""
    parts = shapley(BEFORE, AFTER, {"gap": ["spend_gap"], "cost": ["cost_per_moved"], "none": []})
    assert parts["gap"] == pytest.approx((2.5 + 2.0) / 2)
    assert parts["cost"] == pytest.approx((-1.0 - 0.5) / 2)
    assert parts["none"] == 0
    assert sum(parts.values()) == pytest.approx(3.0 - 1.5)


def test_the_sampling_error_of_a_return_by_hand():
    """A ratio of 0.5 / 4 per unit of the gap, an error of 3; spend itself earns nothing more."""
    covariance = pd.DataFrame(
        [[9.0, 5.0], [5.0, 16.0]], ["spend_gap", "spend"], ["spend_gap", "spend"]
    )
    assert sampling_error(BEFORE, covariance) == pytest.approx(3 * 0.5 / 4)
    assert sampling_error(BEFORE, covariance, "net") == pytest.approx(100 * 3 * 0.5)


def test_only_what_the_data_tells_is_sampling():
    rng = np.random.default_rng(1)
    gap, cost = rng.normal(20, 3, 500), rng.uniform(3, 5, 500)
    draws = BEFORE.with_values(spend_gap=gap, cost_per_moved=cost)
    found = sampling_covariance(draws, ["spend_gap", "spend"])
    assert list(found.index) == ["spend_gap"]
    assert found.iloc[0, 0] == pytest.approx(gap.var(ddof=1))
    assert sampling_covariance(BEFORE, ["spend"]).shape == (0, 0)
