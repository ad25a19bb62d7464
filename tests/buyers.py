"""Customers who buy and leave as BG/NBD and gamma-gamma say, drawn one by one."""

import datetime as dt

import numpy as np

from cxroi.models.lifetime.histories import Histories


def buyers(n=1500, r=0.6, alpha=8.0, a=0.8, b=3.0, p=4.0, q=4.0, v=60.0, seed=1, weeks=60.0):
    """Return the histories, and each customer's purchases and spend in the year after."""
    rng = np.random.default_rng(seed)
    age = weeks - rng.uniform(0, 20, n)
    end = age + 365.25 / 7
    rate, leaves, scale = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.gamma(q, 1 / v, n)
    x, last, spent, later, later_spent = np.zeros((5, n))
    time, active = np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        time = time + rng.exponential(1 / rate)
        active &= time <= end
        amount = rng.gamma(p, 1 / scale)
        before, after = active & (time <= age), active & (time > age)
        x, spent, last = x + before, spent + before * amount, np.where(before, time, last)
        later, later_spent = later + after, later_spent + after * amount
        active &= rng.random(n) >= leaves
    mean = spent / np.maximum(x, 1)
    day = dt.date(2026, 6, 30)
    return Histories(x, 7 * last, 7 * age, mean, np.ones(n), n, day), later, later_spent
