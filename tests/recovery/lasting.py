"""A lasting trait that nobody measured: three waves of the same customers, orders and contacts.

Those who like the company answer better and spend more, always have; the score adds 8 to spend and
takes 0.2 contacts away, for everybody. What was bought before an answer shows the trait in part,
and nothing of the score's effect: earlier outcome windows end before the baseline begins. So only
change within customers finds the truth.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from worlds import SCENARIO, SHARES, Company, Truth, draw_score

from cxroi.simulate.truth import DAYS_PER_MONTH

FIRST_DAYS = pd.to_datetime(["2025-01-01", "2025-04-01", "2025-07-01"])
OUTCOME_DAYS, BASELINE_DAYS = 40, 20
HORIZON_MONTHS = 1.3  # within the window: what is earned later hangs on nothing seen
SPEND_GAP, CONTACTS_GAP = 8.0, -0.2
NOON = pd.Timedelta(hours=12)
LIKING = 1.2  # slope of the score's latent on the trait


@dataclass(frozen=True)
class Lasting:
    """The world; its `about` says what is true in it."""

    name: str = "lasting_trait"
    about: str = "a lasting trait, unmeasured, drives score and outcomes; three waves"
    size: int = 800
    roi: float = 0.0

    def company(self, seed: int, size: int = 0) -> Company:
        """Draw one company; of `table`, each row is an answer."""
        rng = np.random.default_rng([seed, 77])
        n = size or self.size
        trait = np.clip(rng.standard_normal(n), -2.5, 2.5)
        customer, wave = (v.ravel() for v in np.indices((n, len(FIRST_DAYS))))
        answered = rng.random(len(customer)) < 0.8
        customer, wave = customer[answered], wave[answered]
        step = _steps(rng, trait[customer])
        day = FIRST_DAYS[wave] + pd.to_timedelta(rng.integers(30, 51, len(wave)), "D")
        table = {"customer": customer, "wave": wave, "trait": trait[customer]}
        values = _outcomes(rng, table["trait"], step)
        frames = {
            "responses": pd.DataFrame(
                {
                    "id": customer,
                    "score": draw_score(rng, step),
                    "day": day + pd.Timedelta(hours=12),
                }
            ),
            "orders": _events(rng, customer, day, values["spend_before"], values["spend"]),
            "contacts": _events(rng, customer, day, values["contacts_before"], values["contacts"]),
        }
        frames["contacts"] = _each_once(frames["contacts"])
        truth = _truth()
        return Company(_study(self.name, truth), frames, truth, table | values, step)


LASTING = Lasting()


def _steps(rng: np.random.Generator, trait: np.ndarray) -> np.ndarray:
    many = np.random.default_rng(5)
    population = LIKING * many.standard_normal(100_000) + many.logistic(size=100_000)
    latent = LIKING * trait + rng.logistic(size=len(trait))
    return np.searchsorted(np.quantile(population, SHARES), latent) - 1


def _outcomes(rng: np.random.Generator, trait: np.ndarray, step: np.ndarray) -> dict[str, Any]:
    factor, before = np.exp(0.25 * rng.standard_normal((2, len(step))) - 0.25**2 / 2)
    return {
        "spend": (60 + 12 * trait + SPEND_GAP * step) * factor,
        "spend_before": (20 + 4 * trait) * before,
        "contacts": rng.poisson(0.8 - 0.12 * trait + CONTACTS_GAP * step),
        "contacts_before": rng.poisson(0.4 - 0.06 * trait),
    }


def _events(
    rng: np.random.Generator,
    customer: np.ndarray,
    day: pd.DatetimeIndex,
    before: np.ndarray,
    after: np.ndarray,
) -> pd.DataFrame:
    """One event before and one after each answer, with what it amounts to."""
    earlier = day - pd.to_timedelta(rng.integers(3, BASELINE_DAYS - 2, len(day)), "D")
    later = day + pd.to_timedelta(rng.integers(3, OUTCOME_DAYS - 2, len(day)), "D")
    parts = ((earlier, before), (later, after))
    return pd.concat(
        [pd.DataFrame({"id": customer, "day": d, "amount": a}) for d, a in parts], ignore_index=True
    )


def _each_once(events: pd.DataFrame) -> pd.DataFrame:
    return events.loc[events.index.repeat(events["amount"])].drop(columns="amount")


def _truth() -> Truth:
    window = OUTCOME_DAYS / DAYS_PER_MONTH
    a_window = SCENARIO["gross_margin"] * SPEND_GAP - SCENARIO["cost_per_contact"] * CONTACTS_GAP
    discount = (1 + SCENARIO["discount_rate_annual"]) ** (-HORIZON_MONTHS / 2 / 12)
    value = a_window * HORIZON_MONTHS / window * discount
    return Truth({"spend": SPEND_GAP, "contacts": CONTACTS_GAP}, {}, value, 0.0)


def _study(name: str, truth: Truth) -> dict[str, Any]:
    scenario = SCENARIO | {"horizon_months": HORIZON_MONTHS}
    who = {"customer": "id"}
    return {
        "study": {
            "name": name,
            "currency": "EUR",
            "complete_from": dt.date(2025, 1, 1),
            "complete_until": dt.date(2025, 9, 30),
        },
        "tables": {
            "responses": who | {"score": "score", "answered_at": "day"},
            "orders": who | {"ordered_at": "day", "amount": "amount"},
            "contacts": who | {"opened_at": "day"},
        },
        "outcomes": {"names": ["spend", "contacts"]},
        "windows": {"baseline_days": BASELINE_DAYS, "outcome_days": OUTCOME_DAYS},
        "scenario": scenario | {"cost_per_moved": truth.cost_per_moved},
        "analysis": {"draws": 1_000},
    }
