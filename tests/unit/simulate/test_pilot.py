"""The planted pilot: chances against drawn noise, and nothing in the null world."""

import numpy as np
import pytest

from cxroi.simulate.pilot import PlantedPilot
from cxroi.simulate.scores import draw_scores_and_noise, groups_of
from cxroi.simulate.truth import TO
from cxroi.simulate.worlds import WORLDS, design, draw_outcomes

N = 150_000


def drawn(world, loading_of=True):
    rng = np.random.default_rng(2)
    baseline = [rng.gamma(1.0, 80.0, N), rng.integers(0, 3, N), rng.integers(0, 2, N)]
    segment, region = rng.integers(0, 3, N), rng.integers(0, 3, N)
    x = design(segment, region, rng.integers(4, 60, N), baseline)
    trait = rng.standard_normal(N)
    score, noise = draw_scores_and_noise(world, x, trait, rng)
    pilot = PlantedPilot.of(2, 5, planted=loading_of)
    rows = pilot.offer(world, x, trait, noise, np.arange(N), np.zeros(N, dtype=np.int64))
    who, offered = rows["customer"], rows["offered"] == 1
    outcomes = draw_outcomes(world, x, trait, groups_of(score), rng)
    return pilot.truth, who, offered, groups_of(score), outcomes, x, trait


def test_the_truth_is_what_was_drawn():
    truth, who, offered, group, outcomes, x, trait = drawn(WORLDS["causal"])
    assert len(who) == pytest.approx(N / 2, rel=0.02)
    assert offered.mean() == pytest.approx(0.5, abs=0.01)
    at_target = group[who] == TO
    for side, mask in (("offered", offered), ("held_out", ~offered)):
        seen = at_target[mask].mean()
        assert seen == pytest.approx(
            truth["share_in_target"][side], abs=4 * 0.5 / mask.sum() ** 0.5
        )
    for name, values in (("contacts", outcomes.contacts), ("churned", outcomes.churned)):
        own = values[who].astype(float)
        seen = own[offered].mean() - own[~offered].mean()
        error = own.std() * 2 / len(who) ** 0.5
        assert truth["effects"][name] == pytest.approx(seen, abs=4 * error)
        assert abs(truth["effects"][name]) > 2 * error
    for before in (x[who, 3], trait[who]):  # chosen whatever was known, and what nobody knows
        apart = before[offered].mean() - before[~offered].mean()
        assert abs(apart) < 4 * before.std() * 2 / len(who) ** 0.5


def test_in_the_null_world_the_offer_does_nothing():
    truth, who, offered, group, *_ = drawn(WORLDS["null"], loading_of=False)
    assert truth["share_in_target"]["offered"] == pytest.approx(
        truth["share_in_target"]["held_out"]
    )
    assert set(truth["effects"].values()) == {0.0}
    apart = (group[who][offered] == TO).mean() - (group[who][~offered] == TO).mean()
    assert abs(apart) < 4 / len(who) ** 0.5
