"""The parts of an R squared against those that relaimpo prints for R's data `swiss`."""

from pathlib import Path

import numpy as np
import pytest

from cxroi.claims.shares_of_spread import linear_sums, shapley_r_squared

PUBLISHED = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]  # lmg, in the file's order


def test_fertility_in_swiss_provinces():
    data = np.loadtxt(Path(__file__).with_name("swiss.dat"), skiprows=1)
    sums = linear_sums(data, np.arange(47), 47).sum(axis=0, keepdims=True)
    [found] = shapley_r_squared(sums)
    assert found == pytest.approx(PUBLISHED, abs=5e-9)
    assert found.sum() == pytest.approx(0.706735, abs=5e-9)
