"""Cuts that the data would choose, held to a search by hand; claims of better ones."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study

from cxroi.errors import ModelError, ScarceDataError
from cxroi.levers.scale.answer_curve import fit_curve
from cxroi.levers.scale.answer_cuts import best_cuts
from cxroi.levers.scale.answer_levels import answer_levels
from cxroi.models.sample import take_sample

SCORES = np.arange(4.0, 11.0)


def fitted(panel):
    sample = take_sample(panel, "x")
    return fit_curve(panel, sample, answer_levels(sample))


@pytest.fixture
def curve_of(tmp_path):
    study = make_study(tmp_path, {"x": "amount"})

    def make(means, n=200, seed=1, spread=1.0):
        rng = np.random.default_rng(seed)
        score = np.repeat(SCORES, n)
        values = 50 + np.repeat(means, n) + spread * rng.normal(size=len(score))
        panel = make_panel(study, pd.DataFrame({"score": score, "x_after": values}))
        return fitted(panel)

    return make


def within(values, shares, cuts):
    """Variance of a curve within the groups that cuts make, by hand."""
    total = 0.0
    for part in np.split(np.arange(len(values)), cuts):
        mean = np.average(values[part], weights=shares[part])
        total += shares[part] @ (values[part] - mean) ** 2
    return total


def test_every_choice_is_tried(curve_of):
    curve = curve_of(np.array([0.0, 0.1, 1.5, 1.6, 1.4, 4.0, 3.9]))
    found = best_cuts(curve)
    pairs = list(combinations(range(1, 7), 2))
    left = [within(curve.values, curve.shares, list(pair)) for pair in pairs]
    best = pairs[int(np.argmin(left))]
    assert found.chosen == tuple(SCORES[list(best)]) == (6.0, 9.0)
    whole = within(curve.values, curve.shares, [])
    assert found.kept_chosen == pytest.approx(1 - min(left) / whole)
    assert found.kept_declared == pytest.approx(1 - left[pairs.index((3, 5))] / whole)
    assert found.declared == (7.0, 9.0)
    assert found.better
    assert [place.name for place in found.places] == ["scale.x.best_cuts.1", "scale.x.best_cuts.2"]
    assert [(p.conf_low, p.conf_high) for p in found.places] == [(6.0, 6.0), (9.0, 9.0)]


def test_cuts_of_the_scale_stand_where_they_are_right(curve_of):
    found = best_cuts(curve_of(2.0 * (SCORES >= 7) + 2.0 * (SCORES >= 9)))
    assert found.chosen == found.declared
    assert not found.better
    assert found.gain.estimate == 0
    assert "choose the cuts of the scale" in found.gain.note


def test_a_choice_that_follows_noise_is_not_better(curve_of):
    step = 0.3 * (SCORES >= 7) + 0.3 * (SCORES >= 9)
    found = [best_cuts(curve_of(step, n=60, seed=seed)) for seed in range(3, 11)]
    assert any(one.chosen != one.declared for one in found)
    assert not any(one.better for one in found)
    assert all(one.kept_chosen >= one.kept_declared for one in found)
    wide = [p.conf_high - p.conf_low for one in found for p in one.places]
    assert np.mean(wide) > 1


def test_the_gain_is_what_other_answers_confirm(curve_of):
    """Its mean is that of two samples of half the size, one choosing and one judging."""
    means, rng = np.array([0.0, 0.0, 0.8, 0.8, 0.8, 1.6, 1.6]), np.random.default_rng(1)
    told = [best_cuts(curve_of(means, n=100, seed=s)).gain.estimate for s in range(12)]
    pairs, shares, seen = list(combinations(range(1, 7), 2)), np.full(7, 1 / 7), []
    for _ in range(300):
        chooses, judges = means + rng.normal(size=(2, 7)) / np.sqrt(50)
        best = min(pairs, key=lambda pair: within(chooses, shares, list(pair)))
        losses = []
        for cuts in (best, (3, 5)):
            group = np.searchsorted(cuts, np.arange(7), side="right")
            fitted = (np.bincount(group, chooses) / np.bincount(group))[group]
            losses.append(shares @ (judges - fitted) ** 2)
        seen.append((losses[1] - losses[0]) / np.var(means))
    assert np.mean(told) == pytest.approx(np.mean(seen), abs=0.05)
    assert np.mean(seen) > 0.1


def test_along_a_flat_curve_no_cut_is_chosen(curve_of):
    with pytest.raises(ModelError, match="does not differ between the answers"):
        best_cuts(curve_of(0.0 * SCORES, seed=3))


def test_a_group_without_answers_of_its_own_is_refused(tmp_path):
    study = make_study(tmp_path, {"x": "amount"})
    score = np.r_[np.repeat([7.0, 8.0, 9.0, 10.0], 50), [3.0] * 5]
    frame = pd.DataFrame({"score": score, "x_after": score + np.arange(205) % 2})
    with pytest.raises(ScarceDataError, match="too few answers, or too few with the outcome"):
        best_cuts(fitted(make_panel(study, frame)))
