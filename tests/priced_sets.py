"""Levers whose value in each of four draws is known, and what prices sets of them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Money:
    values: np.ndarray
    costs: np.ndarray


def priced(single, costs, overlap=None):
    """Prices sets of levers: their values less what pairs of them have in common."""
    overlap = overlap or {}
    draws = len(next(iter(single.values())))

    def price(sets):
        return [
            Money(
                sum(single[name] for name in chosen)
                - sum(overlap.get(pair, 0.0) for pair in combinations(chosen, 2)),
                np.full(draws, float(sum(costs[name] for name in chosen))),
            )
            for chosen in sets
        ]

    return price


FOUR = {  # value in four draws, all as likely; the cost of each is 10
    "a": np.array([30.0, 30.0, 5.0, 5.0]), "b": np.array([12.0, 40.0, 8.0, 2.0]),
    "c": np.array([11.0, 11.0, 11.0, 9.0]),
}  # fmt: skip
TEN = dict.fromkeys(FOUR, 10.0)
NAMES = {"a": "Reply within a day", "b": "Deliver in time", "c": "Train the team"}
