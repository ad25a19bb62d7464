"""The contrast that carries the money where groups are small or weights are far apart."""

import numpy as np
import pandas as pd
import pytest

from cxroi.effects import doubly_robust
from cxroi.effects.adjusted import regress_outcome
from cxroi.errors import ModelError


def few_promoters(n, promoters=60, levels=25, seed=0, pull=0.8):
    """A few promoters among many answers, and many columns for their number."""
    rng = np.random.default_rng(seed)
    level, x = rng.integers(0, levels, n), rng.normal(size=n)
    chance = np.exp(pull * x)
    score = np.full(n, 7.0)
    score[rng.choice(n, promoters, replace=False, p=chance / chance.sum())] = 10.0
    spend = np.maximum(100 + 5 * x + 10 * rng.normal(size=n), 0)
    plan = [f"plan {one}" for one in level]
    return pd.DataFrame({"score": score, "attr_plan": plan, "attr_x": x, "spend_after": spend})


def test_a_small_group_among_many_answers_has_leverages_of_its_own(panel_of, monkeypatch):
    """With their mean, columns over effective rows, the error was up to 50 times as large."""
    panel = panel_of(few_promoters(3_200), {"spend": "amount"}, controls=["plan", "x"])
    many = regress_outcome(panel, "spend").contrast
    monkeypatch.setattr(doubly_robust, "OWN_LEVERAGE", 10_000)
    own = regress_outcome(panel, "spend").contrast
    assert many.std_error == pytest.approx(own.std_error, rel=0.01)
    assert own.std_error < 4


def weighted(heavy, n=3_000, seed=1):
    """A control drives score and spend of the pair; detractors have other survey weights."""
    rng = np.random.default_rng(seed)
    x, pair = rng.normal(size=n), rng.random(n) < 0.2
    promoter = rng.random(n) < 1 / (1 + np.exp(-x))
    return pd.DataFrame(
        {
            "score": np.where(pair, np.where(promoter, 10.0, 7.0), 3.0),
            "attr_x": x,
            "spend_after": 200 + 15 * x + 5 * rng.normal(size=n),
            "weight": np.where(pair, 1.0, heavy),
        }
    )


def test_weights_of_a_third_group_do_not_move_the_contrast(panel_of):
    """The gap is 0; with the ridge as for weights of mean one it was 4 at a weight of 100."""
    plain, heavy = (
        regress_outcome(panel_of(weighted(w), {"spend": "amount"}, controls=["x"]), "spend")
        for w in (1.0, 100.0)
    )
    assert abs(plain.contrast.estimate) < 2 * plain.contrast.std_error
    assert heavy.contrast.estimate == pytest.approx(
        plain.contrast.estimate, abs=0.1 * plain.contrast.std_error
    )
    assert heavy.contrast.std_error == pytest.approx(plain.contrast.std_error, rel=0.1)


def test_a_refusal_names_the_weight_that_is_lacking(panel_of):
    frame = few_promoters(3_000, promoters=35, seed=1, pull=1.2)
    with pytest.raises(ModelError, match=r"have \d+ % of their weight.*10 with 80 % of the weight"):
        regress_outcome(panel_of(frame, {"spend": "amount"}, controls=["plan", "x"]), "spend")
