"""Movers against customers put side by side, one by one."""

import numpy as np
import pytest

from cxroi.levers.moves.coupling import movers


def one_by_one(before, after, count=20_000):
    """Give each of many customers his group before and after, both in the order of all."""
    places = (np.arange(count) + 0.5) / count
    was, becomes = (np.digitize(places, np.cumsum(shares)[:-1]) for shares in (before, after))
    return np.sign(becomes - was).mean()


@pytest.mark.parametrize("seed", range(8))
def test_share_and_derivatives_for_any_number_of_groups(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.dirichlet(np.ones(2 + seed % 4), 2)
    net = np.cumsum(before - after)[:-1]
    share, by_before, by_net = movers(before, net)
    assert share == pytest.approx(one_by_one(before, after), abs=2e-4)
    for cut in range(len(net)):
        step = 1e-7 * np.eye(len(net))[cut]
        assert (movers(before, net + step)[0] - share) / 1e-7 == pytest.approx(
            by_net[cut], abs=1e-4
        )
        shifted = before + np.append(step, 0) - np.append(0, step)
        found = (movers(shifted, net)[0] - share) / 1e-7
        assert found == pytest.approx(by_before[cut], abs=1e-4)


def test_rises_and_falls_that_meet_take_each_other_away():
    """From 0.2, 0.5, 0.3 a tenth falls to the lowest and a tenth rises to the highest."""
    assert movers(np.array([0.2, 0.5, 0.3]), np.array([-0.1, 0.1]))[0] == pytest.approx(0.0)
