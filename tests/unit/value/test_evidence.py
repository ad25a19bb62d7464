"""Retention that has no contrast: mirrored churn, and the bound of raw shares."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from panels import by_group
from statsmodels.stats.proportion import proportion_confint

from cxroi.value.evidence import bound_retention, newcombe_ends


@pytest.mark.parametrize(
    ("counts", "ends"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombes_published_intervals(counts, ends):
    a, m, b, n = counts
    assert newcombe_ends(a / m, m, b / n, n) == pytest.approx(ends, abs=6e-5)


@pytest.fixture(params=["memory", "engine"])
def bound_of(panel_of, request):
    def make(frame, **study):
        kinds = {c.removesuffix("_after"): "yes_no" for c in frame if c.endswith("_after")}
        panel = panel_of(frame, kinds or {"spend": "amount"}, **study)
        return bound_retention(in_engine(panel) if request.param == "engine" else panel)

    return make


def shares(outcome, passive=(196, 200), promoter=(150, 150)):
    """Yes and all of each group, of the outcome."""
    return by_group(
        outcome,
        passive=np.repeat([1.0, 0.0], [passive[0], passive[1] - passive[0]]),
        promoter=np.repeat([1.0, 0.0], [promoter[0], promoter[1] - promoter[0]]),
    )


def test_the_bound_is_newcombes_interval_moved_out_to_zero(bound_of):
    found = bound_of(shares("retained"))
    assert (found.share, found.size) == (0.98, pytest.approx(200))
    # By hand from Wilson's intervals of 196 / 200 and 150 / 150.
    low, high = proportion_confint(196, 200, method="wilson")
    least, _ = proportion_confint(150, 150, method="wilson")
    ends = 0.02 - np.hypot(1 - least, high - 0.98), 0.02 + np.hypot(0, 0.98 - low)
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-9)
    assert found.low < 0 < found.high
    apart = bound_of(shares("retained", (100, 200), (150, 150)))
    assert apart.low == 0 < 0.4 < apart.high  # the interval of .5 lies above zero


def test_churn_is_the_same_bound_mirrored(bound_of):
    stays = bound_of(shares("retained"))
    leaves = bound_of(shares("churned", (4, 200), (0, 150)))
    assert (leaves.share, leaves.size) == pytest.approx((stays.share, stays.size))
    assert (leaves.low, leaves.high) == pytest.approx((stays.low, stays.high), abs=1e-12)


def test_weights_several_answers_and_unknown_rows_count_for_less(bound_of):
    frame = shares("retained")
    twice = pd.concat([frame, frame], ignore_index=True)
    names = [f"c{row % len(frame)}" for row in range(len(twice))]
    twice = twice.assign(customer=names, cluster=names)
    assert bound_of(twice).size == pytest.approx(200)
    unknown = pd.concat([frame, frame.assign(retained_after=np.nan)], ignore_index=True)
    assert bound_of(unknown).size == pytest.approx(200)
    # Weights 1 and 3 in turn: (sum w)^2 / sum w^2 = (4 / 2)^2 / (10 / 2) of the rows.
    uneven = frame.assign(weight=np.resize([1.0, 3.0], len(frame)))
    assert bound_of(uneven).size == pytest.approx(0.8 * 200)


def test_nothing_measured_gives_no_bound(bound_of):
    assert bound_of(by_group("spend", passive=[1.0] * 40, promoter=[2.0] * 40)) is None
    assert bound_of(by_group("retained", passive=[1.0] * 40)) is None


def test_the_bound_is_drawn_evenly_and_retention_from_its_posterior(bound_of):
    bound = bound_of(shares("retained"))
    drawn = bound.sampled(40_000, np.random.default_rng(1))
    assert (drawn["retained_gap"].min(), drawn["retained_gap"].max()) == pytest.approx(
        (bound.low, bound.high), abs=1e-4
    )
    assert drawn["retained_gap"].mean() == pytest.approx((bound.low + bound.high) / 2, abs=3e-4)
    # Beta(196.5, 4.5): mean 196.5 / 201, variance 196.5 * 4.5 / (201^2 * 202).
    assert drawn["retained"].mean() == pytest.approx(196.5 / 201, abs=3e-4)
    assert drawn["retained"].std() == pytest.approx(np.sqrt(196.5 * 4.5 / (201**2 * 202)), rel=0.02)
    central = bound.central()
    assert (float(central["retained"]), float(central["retained_gap"])) == (0.98, 0.0)
