"""Does the package find what a lever moves and earns, in companies whose truth is known?

Companies in memory; how often the 95 % interval of the share moved and the 90 % interval of the
ROI hold the truth, those of the effects on spend beside the score and by way of it, how often a
lever is shown to move anybody, and how often it is said to pay:

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/recovery/lever_study.py --companies 200
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
from panels import make_panel, make_study

from cxroi.errors import CxroiError, attempt
from cxroi.levers.driver_table import Driver, DriverTable
from cxroi.levers.estimate import estimate_levers
from cxroi.study.levers import Lever
from cxroi.study.scenario import Range

# Spend that comes with the step from one group to the next, and what a customer reached costs.
STEPS = (16.0, 28.0)
COST = 1.0
MARGIN = 0.5
WINDOW_MONTHS = 90 / (365.25 / 12)
FREE = Range.of(0.0)


@dataclass(frozen=True)
class LeverWorld:
    """How an input comes about, what it does to liking, and the lever that changes it.

    Attributes
    ----------
    draw
        Generator and control -> input.
    effect
        Input -> its part of liking, in logits.
    lever
        ``to``, ``by``, ``at_most`` or ``at_least`` with the value.
    confounds
        What the control does to liking.
    """

    name: str
    draw: Callable[[np.random.Generator, np.ndarray], np.ndarray]
    effect: Callable[[np.ndarray], np.ndarray]
    lever: dict[str, float | str]
    confounds: float = 0.5
    customers: int = 3_000

    def changed(self, x: np.ndarray) -> np.ndarray:
        """Return the input under the lever, by hand."""
        ((change, value),) = self.lever.items()
        if change == "by":
            return np.where(x + value < 0, x, x + value)  # nobody waits less than not at all
        limits = {"at_most": np.minimum, "at_least": np.maximum}
        return limits[change](x, value) if change in limits else np.full_like(x, value)


def _waits(rng: np.random.Generator, w: np.ndarray) -> np.ndarray:
    return rng.gamma(2.0, 12.0, len(w))


def _waits_by_control(rng: np.random.Generator, w: np.ndarray) -> np.ndarray:
    return rng.gamma(2.0, 12.0, len(w)) * np.exp(0.4 * w)


def _late_days(rng: np.random.Generator, w: np.ndarray) -> np.ndarray:
    late = rng.random(len(w)) < 1 / (1 + np.exp(0.8 - 0.5 * w))
    return np.where(late, rng.exponential(4.0, len(w)), 0.0)


def _channel(rng: np.random.Generator, w: np.ndarray) -> np.ndarray:
    chosen = np.digitize(0.5 * w + rng.logistic(size=len(w)), [-0.5, 0.8])
    return np.array(["mail", "phone", "shop"], dtype=object)[chosen]


def _of_channel(x: np.ndarray) -> np.ndarray:
    return np.select([x == "phone", x == "shop"], [0.5, 0.9], 0.0)


WORLDS = {
    world.name: world
    for world in (
        LeverWorld("linear", _waits, lambda x: -0.04 * x, {"by": -6.0}),
        LeverWorld("limit", _waits, lambda x: -0.04 * x, {"at_most": 24.0}),
        LeverWorld("curved", _waits, lambda x: -0.5 * np.sqrt(x), {"at_most": 12.0}),
        LeverWorld("confounded", _waits_by_control, lambda x: -0.03 * x, {"at_most": 24.0}, -0.8),
        LeverWorld("null", _waits_by_control, lambda x: 0.0 * x, {"at_most": 24.0}, -0.8),
        LeverWorld("null_by", _waits_by_control, lambda x: 0.0 * x, {"by": -5.0}, -0.8),
        LeverWorld("threshold", _waits, lambda x: -1.0 * (x > 24), {"at_most": 24.0}),
        LeverWorld(
            "atom", _late_days, lambda x: -0.6 * (x > 0) - 0.1 * x, {"at_most": 0.0}, -0.5
        ),
        LeverWorld("category", _channel, _of_channel, {"to": "shop"}),
    )
}  # fmt: skip


def _liking(world: LeverWorld, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return 0.6 + world.effect(x) + world.confounds * w


def _centre(world: LeverWorld) -> float:
    rng = np.random.default_rng(0)
    w = rng.normal(size=20_000)
    return float(world.effect(world.draw(rng, w)).mean())


@cache
def truth(name: str) -> tuple[float, float]:
    """Return share moved and ROI of a world, over 300,000 customers."""
    world, rng = WORLDS[name], np.random.default_rng(99)
    w = rng.normal(size=300_000)
    x = world.draw(rng, w)
    to = world.changed(x)
    reached = to != x
    cuts = np.array([-0.3, 1.2]) + _centre(world) + 0.6
    after, before = (
        [float((1 / (1 + np.exp(cut - _liking(world, v, w)[reached]))).mean()) for cut in cuts]
        for v in (to, x)
    )
    # Who keeps his place in the order of all: the least movement.
    places = (np.arange(10_000) + 0.5) / 10_000
    was, becomes = (np.digitize(places, [1 - share for share in over]) for over in (before, after))
    value = float(np.dot(np.subtract(after, before), STEPS)) * MARGIN
    return float(np.sign(becomes - was).mean()), value / COST - 1


def company(world: LeverWorld, seed: int, folder: Path):
    """Return panel, table and lever of one company."""
    rng = np.random.default_rng([seed, 7])
    n = world.customers
    w = rng.normal(size=n)
    x = world.draw(rng, w)
    cuts = np.array([-0.3, 1.2]) + _centre(world) + 0.6
    step = np.digitize(_liking(world, x, w) + rng.logistic(size=n), cuts)
    spend = 120 + np.array([0.0, STEPS[0], sum(STEPS)])[step] + 15 * w + rng.normal(0, 40, n)
    frame = pd.DataFrame(
        {
            "score": np.array([4.0, 8.0, 10.0])[step],
            "attr_size": w,
            "spend_after": spend,
        }
    )
    scenario = {"causal_share": 1.0, "gross_margin": MARGIN, "horizon_months": WINDOW_MONTHS}
    more = "[analysis]\ndraws = 2000\n"
    study = make_study(folder, {"spend": "amount"}, controls=["size"], scenario=scenario, more=more)
    number = not isinstance(x[0], str)
    driver = Driver("wait", "Hours until the reply", "hours", "lower", number, "", "tickets")
    lever = Lever("Answer sooner", "wait", FREE, Range.of(COST), **world.lever)
    panel = make_panel(study, frame)
    panel = replace(panel, study=replace(study, levers=(lever,)))
    own = panel.frame[["customer", "wave", "answered_at", "score"]]
    table = own.assign(answer=np.arange(n), x_wait=x)
    return panel, DriverTable(panel.study, table, (driver,), {})


def hold_one(name: str, seed: int) -> dict[str, object]:
    """Return what one company shows, held against the truth."""
    with tempfile.TemporaryDirectory() as folder:
        panel, table = company(WORLDS[name], seed, Path(folder))
    moved, roi = truth(name)
    row: dict[str, object] = {"world": name, "seed": seed, "true_moved": moved, "true_roi": roi}
    found = attempt(lambda: estimate_levers(panel, table)[0])
    if isinstance(found, CxroiError):
        return row | {"refused": str(found)}
    if found.refusal:
        return row | {"refused": str(found.refusal)}
    share, ratio = found["share_moved"], found["roi"]
    row |= {"moved": share.estimate, "error": share.std_error, "roi": ratio.estimate}
    row["held"] = share.conf_low <= moved <= share.conf_high
    row["roi_held"] = ratio.conf_low <= roi <= ratio.conf_high
    # By no other way than the score does an input move what is spent.
    direct, through = found["direct.spend"], found["through_score.spend"]
    by_score = (roi + 1) * COST / MARGIN
    row["direct_held"] = direct.conf_low <= 0 <= direct.conf_high
    row["through_held"] = through.conf_low <= by_score <= through.conf_high
    return row | {"shown": found.moves.shown, "pays": found.pays}


def coverage(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return shares by world."""
    table = pd.DataFrame(rows)
    table["refused"] = table["refused"].notna() if "refused" in table else False
    found = []
    for name, own in table.groupby("world", sort=False):
        known = own[~own["refused"]]
        off = known["moved"] - known["true_moved"]
        found.append(
            {
                "world": name,
                "companies": len(own),
                "true_moved": own["true_moved"].iloc[0],
                "held": known["held"].mean(),
                "bias": off.mean() / known["moved"].std(),
                "ratio": known["error"].mean() / known["moved"].std(),
                "true_roi": own["true_roi"].iloc[0],
                "roi_held": known["roi_held"].mean(),
                "direct_held": known["direct_held"].mean(),
                "through_held": known["through_held"].mean(),
                "shown": known["shown"].mean(),
                "pays": known["pays"].mean(),
                "refused": own["refused"].mean(),
            }
        )
    return pd.DataFrame(found)


def run(worlds: list[str], seeds: range, workers: int = 1) -> list[dict[str, object]]:
    """Return the rows of all companies."""
    jobs = [(world, seed) for world in worlds for seed in seeds]
    if workers == 1:
        return [hold_one(*job) for job in jobs]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(hold_one, *zip(*jobs, strict=True), chunksize=5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="seed of the first company")
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    rows = run(asked.worlds, range(asked.first, asked.first + asked.companies), asked.workers)
    print(coverage(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
