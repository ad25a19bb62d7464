"""A few companies of `scale_study.py`, with every run of the tests."""

import numpy as np
import pytest
from scale_study import ask


@pytest.fixture(scope="module")
def step():
    return ask("step", 4)


def test_points_and_steps_hold_the_truth(step):
    # 8 curves of 9 to 11 points: .95 of them less four errors of the simulation
    assert step["point"].mean() > 0.85
    assert step["step"].mean() > 0.85
    assert step["differs"].all()


def test_no_cuts_are_better_than_those_that_are_true(step):
    assert not step["better cuts"].any()
    assert np.mean(step["asymmetry"]) < 0.5
