"""Who the customers of the worlds are: covariates as companies keep them, and their features."""

from __future__ import annotations

import numpy as np

Table = dict[str, np.ndarray]
SEGMENTS = np.array(["Consumer", "Family", "Business"])
REGIONS = np.array(["North", "South", "East", "West"])


def shop(rng: np.random.Generator, n: int) -> Table:
    """Segment, months of tenure, and what was spent in the quarter before (mean 60)."""
    tenure = np.clip(np.ceil(rng.gamma(2.0, 20.0, n)), 1, 120)
    return {
        "segment": rng.choice(SEGMENTS, n, p=[0.5, 0.3, 0.2]),
        "tenure": tenure,
        "spend_before": np.round(rng.gamma(2.0, 25.0, n) + 0.25 * tenure, 2),
    }


def unequal_shop(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, but most spent little before and some a lot (exponential, mean 60)."""
    return shop(rng, n) | {"spend_before": np.round(rng.exponential(60.0, n), 2)}


def skewed_shop(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, but a quarter spent nothing before, and the rest very unequally (mean 60)."""
    amounts = 80 * np.exp(0.9 * rng.standard_normal(n) - 0.405)
    spent = np.where(rng.random(n) < 0.75, amounts, 0.0)
    return shop(rng, n) | {"spend_before": np.round(spent, 2)}


def evenly(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, tenure evenly spread over 1 to 100 months."""
    return shop(rng, n) | {"tenure": rng.integers(1, 101, n).astype(float)}


def long_stays(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, with nights of which most are few and a handful in a thousand are hundreds."""
    nights = np.ceil(np.exp(0.8 + 0.7 * rng.standard_normal(n)))
    long = rng.random(n) < 0.003
    return shop(rng, n) | {"nights": np.where(long, rng.integers(60, 400, n), nights) * 1.0}


def accounts(rng: np.random.Generator, n: int) -> Table:
    """Contacts of accounts of 1 to 8; what they have in common is seen, but for their mood."""
    sizes = rng.choice([1, 2, 3, 5, 8], n, p=[0.25, 0.3, 0.2, 0.15, 0.1])
    account = np.repeat(np.arange(n), sizes)[:n]
    one = {name: v[account] for name, v in shop(rng, n).items()}
    own = np.round(one["spend_before"] * rng.gamma(8.0, 1 / 8, n), 2)
    return one | {
        "spend_before": own,
        "account": np.char.add("a", account.astype(str)),
        "_mood": rng.standard_normal(n)[account],
        "_liking": 1.2 * rng.standard_normal(n)[account],
    }


def gaps_in_files(rng: np.random.Generator, n: int) -> Table:
    """As `shop`; tenure is blank for those who came by an acquisition, segment for a tenth."""
    table = shop(rng, n)
    acquired, unknown = rng.random(n) < 0.2, rng.random(n) < 0.1
    segment = table["segment"].astype(object)
    segment[unknown] = None
    return table | {"tenure": np.where(acquired, np.nan, table["tenure"]), "segment": segment}


def regulars(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, with a count and a yes/no before: contacts, and whether the plan was renewed."""
    table = shop(rng, n)
    worn = rng.gamma(1.0, 1.0, n)
    return table | {
        "contacts_before": rng.poisson(0.8 * worn).astype(float),
        "retained_before": (rng.random(n) < 1 / (1 + np.exp(-1.5 + 0.7 * worn))).astype(float),
    }


def many_columns(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, with eight more controls, some of which hang together."""
    common = rng.standard_normal(n)
    return shop(rng, n) | {
        "region": rng.choice(REGIONS, n, p=[0.4, 0.3, 0.2, 0.1]),
        "channel": np.where(common + rng.standard_normal(n) > 0.5, "online", "store"),
        "plan": rng.choice(np.array(["S", "M", "L"]), n, p=[0.5, 0.35, 0.15]),
        "age": np.round(np.clip(45 + 14 * (0.5 * common + rng.standard_normal(n)), 18, 90)),
        "visits": rng.poisson(np.exp(1.0 + 0.3 * common)).astype(float),
        "discount": np.round(np.clip(rng.beta(1.5, 6.0, n), 0, 1), 2),
        "distance": np.round(rng.gamma(1.5, 6.0, n), 1),
        "app": (rng.random(n) < 1 / (1 + np.exp(-common))).astype(float),
    }


def refunded(rng: np.random.Generator, n: int) -> Table:
    """As `shop`, with what was spent before net of refunds, so that some is below zero."""
    return shop(rng, n) | {"spend_before": np.round(60 + 45 * rng.standard_normal(n), 2)}


def _columns(*columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.asarray(c, dtype=float) for c in columns])


def _segments(table: Table) -> tuple[np.ndarray, np.ndarray]:
    return table["segment"] == "Family", table["segment"] == "Business"


def straight(table: Table) -> np.ndarray:
    """Segments, tenure and baseline spend, in straight lines."""
    tenure = table["tenure"] / 40 - 1
    return _columns(*_segments(table), tenure, table["spend_before"] / 60 - 1)


def u_shape(table: Table) -> np.ndarray:
    """The newest and the oldest customers are alike, those in the middle differ."""
    return _columns(straight(table), ((table["tenure"] - 50) / 30) ** 2 - 1)


def sine(table: Table) -> np.ndarray:
    """Two waves over the tenure."""
    return _columns(straight(table), np.sin(table["tenure"] * 2 * np.pi / 50))


def crossing(table: Table) -> np.ndarray:
    """Tenure works one way in Business and the other in Consumer."""
    family, business = _segments(table)
    tenure = table["tenure"] / 50 - 1
    return _columns(straight(table), family * tenure, business * tenure)


def by_segment(table: Table) -> np.ndarray:
    """The effect is another in each segment."""
    return _columns(np.ones(len(table["tenure"])), *_segments(table))


def log_nights(table: Table) -> np.ndarray:
    """What counts is how many times longer a stay is."""
    return _columns(straight(table), np.log(table["nights"]) - 1)


def known_and_blank(table: Table) -> np.ndarray:
    """Tenure where it is known, and whether it and the segment are."""
    blank = np.isnan(table["tenure"])
    tenure = np.where(blank, 0.0, table["tenure"] / 40 - 1)
    unknown = np.array([s is None for s in table["segment"]])
    spent = table["spend_before"] / 60 - 1
    return _columns(*_segments(table), tenure, spent, blank, unknown)


def all_befores(table: Table) -> np.ndarray:
    """Every baseline, each in a straight line."""
    return _columns(straight(table), table["contacts_before"], table["retained_before"])


def wide(table: Table) -> np.ndarray:
    """Some of many columns."""
    large, online = table["plan"] == "L", table["channel"] == "online"
    age, visits = (table["age"] - 45) / 15, np.sqrt(table["visits"])
    return _columns(straight(table), large, online, age, visits, table["app"])


def far_apart(table: Table) -> np.ndarray:
    """Bounded, so that probabilities may be straight lines in it."""
    return _columns(*_segments(table), np.tanh(straight(table)[:, 2:]))
