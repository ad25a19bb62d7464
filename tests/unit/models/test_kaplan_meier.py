"""Steps of Kaplan-Meier's curves, in memory and in an engine, against those of statsmodels."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import plain_rows
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from cxroi.models import kaplan_meier
from cxroi.models.kaplan_meier import Times, steps_of


def arrays(groups, days, seen):
    return Times(np.asarray(groups), np.asarray(days, dtype=float), np.asarray(seen, dtype=float))


def columns(groups, days, seen):
    made = arrays(groups, days, seen)
    rows = plain_rows(pd.DataFrame({"grp": made.groups, "days": made.days, "seen": made.seen}))
    return Times(rows.groups, rows.values("days"), rows.values("seen"))


both = pytest.mark.parametrize("times_in", [arrays, columns])


def hold(times_in, groups, days, seen, labels):
    """Hold each group's steps to those of statsmodels."""
    groups, days, seen = map(np.asarray, (groups, days, seen))
    found = list(steps_of(times_in(groups, days, seen), labels, 90))
    assert len(found) == labels
    for group, (at, survival, error, at_risk) in enumerate(found):
        rows = groups == group
        if not seen[rows].any():  # nobody is lost: no step
            assert not any(map(len, (at, survival, error, at_risk)))
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            theirs = SurvfuncRight(days[rows], seen[rows])
        np.testing.assert_array_equal(at, theirs.surv_times)
        np.testing.assert_array_equal(at_risk, theirs.n_risk)
        assert at_risk.dtype.kind == "i"
        np.testing.assert_allclose(survival, theirs.surv_prob, rtol=1e-12, atol=1e-15)
        # Where all at risk are lost Greenwood's error is not known.
        np.testing.assert_allclose(error, theirs.surv_prob_se, rtol=1e-11, equal_nan=True)


@both
@pytest.mark.parametrize("seed", range(3))
def test_steps_with_ties_and_withdrawals(times_in, seed):
    rng = np.random.default_rng(seed)
    groups, days = rng.integers(0, 3, 400), np.ceil(rng.exponential(40, 400))
    hold(times_in, groups, days, rng.random(400) < 0.6, 3)


@both
def test_everyone_still_there_is_lost_at_the_last_time(times_in):
    groups, days = [0] * 5 + [1] * 3, [3.0, 3.0, 5.0, 8.0, 8.0, 4.0, 4.0, 4.0]
    seen = [1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    hold(times_in, groups, days, seen, 2)
    (at, survival, error, at_risk), (_, others, _, _) = steps_of(
        times_in(groups, days, seen), 2, 90
    )
    # By hand: four of five stay on after day 3; two of the three left after day 5; none after 8.
    assert at.tolist() == [3, 5, 8]
    assert at_risk.tolist() == [5, 3, 2]
    assert survival == pytest.approx([4 / 5, 4 / 5 * 2 / 3, 0], rel=1e-14, abs=0)
    # Greenwood: 1 / (5 x 4), then 1 / (3 x 2) more.
    known = [4 / 5 * np.sqrt(1 / 20), 8 / 15 * np.sqrt(1 / 20 + 1 / 6)]
    assert error == pytest.approx([*known, np.nan], rel=1e-14, nan_ok=True)
    assert others.tolist() == [0]


@both
def test_someone_withdraws_after_the_last_loss(times_in):
    hold(times_in, [0] * 4, [2.0, 5.0, 5.0, 9.0], [1.0, 1.0, 0.0, 0.0], 1)


@both
def test_a_group_without_a_loss_has_no_step(times_in):
    hold(times_in, [0, 0, 2, 2], [2.0, 5.0, 5.0, 9.0], [1.0, 0.0, 0.0, 0.0], 3)


@both
@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.data())
def test_steps_of_a_few(times_in, data):
    n = data.draw(st.integers(1, 25))
    row = st.tuples(st.integers(0, 2), st.integers(1, 6), st.booleans())
    groups, days, seen = zip(*data.draw(st.lists(row, min_size=n, max_size=n)), strict=True)
    assume(any(seen))
    hold(times_in, groups, np.array(days, dtype=float), np.array(seen, dtype=float), 3)


def test_curves_of_rows_in_an_engine_are_thinned_but_for_the_end_of_the_window(monkeypatch):
    monkeypatch.setattr(kaplan_meier, "MOST_STEPS", 10)
    rng = np.random.default_rng(1)
    groups, days = rng.integers(0, 2, 3000), np.ceil(rng.exponential(60, 3000))
    seen = rng.random(3000) < 0.8
    held = steps_of(arrays(groups, days, seen), 2, 90)
    thinned = steps_of(columns(groups, days, seen), 2, 90)
    for whole, few in zip(held, thinned, strict=True):
        assert len(whole[0]) > 100
        assert 10 <= len(few[0]) <= 12
        place = np.searchsorted(whole[0], few[0])
        for one, other in zip(whole, few, strict=True):
            np.testing.assert_allclose(other, one[place], rtol=1e-11)
        assert few[0][0] == whole[0][0]
        assert few[0][-1] == whole[0][-1]
        assert whole[0][whole[0] <= 90][-1] in few[0]
