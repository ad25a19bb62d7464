"""How often choosing whom to move is right, where it is known for whom a move does something.

    OMP_NUM_THREADS=1 python tests/recovery/targeting_study.py --companies 200

Worlds of 3,000 customers: `even`, where a move does the same for all and costs exactly that, so
that neither everybody nor nobody nor any rule is better; `even pays`, the same at half the cost;
`segments`, where it does much in one segment, little in another and nothing in the third; and
`tenure`, where it does much for those of long tenure alone. Truths are means over the passives of
100,000 customers, at the prices of outcomes that the company's own ROI gives them.

Printed: shares in which a rule is recommended; in which the rule learned from all gains less than
the interval of its gain says (`loses`); in which intervals hold the truth: of moving everybody, of
the slopes of the effect, of the gain of this rule and of the rules of the folds, which it is made
of, of the mean effect in quarters of the effect foretold; in which differences are called: a slope
after Holm (`false slope` where there is none), all slopes at once (`any`), what others foretell
(`foretold`), the order of customers (`ranked`). Then means: what the rule truly gains over moving
everybody, what is said, what moving nobody and what the best choice would.

`--pooling` prints instead how often intervals of groups drawn together hold their true figures.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).parents[1]))

import customers as who
import noises
from worlds import PASSIVE, PROMOTER, Line, World, cuts, population

import cxroi as cx
from cxroi.levers.whom.random_effects import draw_together
from cxroi.levers.whom.targeting import Targeting, deal, tell, worth_of

POPULATION = 100_000


def _long(table):
    """Return the shift of an effect that is another from 45 months on."""
    return np.column_stack([np.ones(len(table["tenure"])), table["tenure"] >= 45])


def _world(name, about, shift, gaps, roi=0.0):
    spend, stays, calls = gaps
    return World(
        name, about, who.shop, who.straight, (0.3, 0.7, 0.6, 0.9),
        Line(60.0, (5.0, 15.0, 8.0, 30.0), spend, "identity", noises.lognormal(0.45)),
        Line(0.8, (0.02, 0.03, 0.02, 0.02), stays, "identity", noises.yes_no),
        Line(0.9, (0.05, 0.1, -0.08, 0.08), calls, "identity", noises.poisson),
        shift=shift, size=3_000, roi=roi, people=POPULATION,
    )  # fmt: skip


_SAME = ((8.0,), (0.04,), (-0.15,))
EVEN = _world("even", "the same for all", lambda t: np.ones((len(t["tenure"]), 1)), _SAME)
WORLDS = {
    "even": EVEN,
    "even pays": replace(EVEN, name="even pays", roi=1.0),
    "segments": _world(
        "segments", "much in Business, little in Family, nothing in Consumer",
        who.by_segment, ((0.0, 6.0, 30.0), (0.0, 0.02, 0.06), (0.0, -0.1, -0.3)),
    ),
    "tenure": _world(
        "tenure", "much from 45 months on, nothing before",
        _long, ((0.0, 20.0), (0.0, 0.04), (0.0, -0.2)),
    ),
}  # fmt: skip
NULL = ("even", "even pays")


@dataclass(frozen=True)
class People:
    """The customers of a world: what a panel's frame has of them, how likely each is passive."""

    frame: pd.DataFrame
    passive: np.ndarray
    effects: dict[str, np.ndarray]

    def mean(self, values):
        """Return a mean over the passives."""
        return float(np.average(values, weights=self.passive))


@cache
def people(name: str) -> People:
    """Return the customers on whom the truth is taken."""
    world = WORLDS[name]
    table = population(world.draw, POPULATION)
    low, high = cuts(world)
    latent = world.latent(table)
    names = {n: n if n.endswith("_before") else f"attr_{n}" for n in table}
    frame = pd.DataFrame({names[n]: values for n, values in table.items()})
    effects = {
        o: world.mean(o, table, PROMOTER) - world.mean(o, table, PASSIVE)
        for o in ("spend", "retained", "contacts")
    }
    return People(frame, expit(high - latent) - expit(low - latent), effects)


def panel_of(company):
    """Return the panel of a company."""
    study = cx.load_study(company.study)
    return cx.build_panel(cx.read_tables(study, frames=company.frames))


def hold(name: str, seed: int, size: int = 0) -> dict[str, object]:
    """Return what one company says, held against what is true."""
    company = WORLDS[name].company(seed, size)
    panel = panel_of(company)
    dealt = deal(panel, worth_of(panel))
    found = tell(dealt)
    own = against(found, people(name)) | among(found, dealt, company)
    return {"world": name, "seed": seed, "decision": found.decision, **own}


def among(found: Targeting, dealt, company) -> dict[str, object]:
    """Return which intervals hold what is true of the rules and quarters of the deals.

    A customer's rule and quarter come from other customers and are others in each deal: the truth
    is the mean over the deals, of the effects that these customers have.
    """
    world, rows = WORLDS[company.study["study"]["name"]], dealt.ground.panel.frame["customer"]
    at = rows.astype(int).to_numpy()
    value = sum(
        price * (world.mean(o, company.table, PROMOTER) - world.mean(o, company.table, PASSIVE))[at]
        for o, price in found.worth.prices.items()
    )
    net = value - found.worth.cost
    gain = np.mean([np.average(net * (d.moved - 1), weights=d.over) for d in dealt.deals])
    parts = [[np.average(value, weights=d.over * (d.place * 4 // 1 == k)) for k in range(4)]
             for d in dealt.deals]  # fmt: skip
    quarters = zip(found.quarters[:4], np.mean(parts, axis=0), strict=True)
    return {
        "rules held": _holds(found.gain, gain),
        "quarters held": np.mean([_holds(e, truth) for e, truth in quarters]),
    }


def against(found: Targeting, whole: People) -> dict[str, object]:
    """Return which intervals hold the truth, and what the rule truly gains."""
    value = sum(price * whole.effects[o] for o, price in found.worth.prices.items())
    net = value - found.worth.cost
    moved = found.policy.moves(whole.frame)
    gain, all_of = whole.mean(net * (moved - 1.0)), whole.mean(net)
    best = whole.mean(np.maximum(net, 0.0)) - all_of
    slopes = _slopes(found, whole, value)
    return {
        "recommended": found.recommended,
        "loses": _above(found.gain.conf_low, gain),
        "gain held": _holds(found.gain, gain),
        "everybody held": _holds(found.everybody, all_of),
        "slopes held": np.mean([_holds(e, slopes[e.term]) for e in _of_value(found)]),
        "false slope": any((e.p_value or 1.0) < 0.05 for e in _of_value(found)),
        "any": found.any_of("value").p_value < 0.05,
        "foretold": found.foretold.conf_low > 0,
        "ranked": found.ranking.conf_low > 0,
        "gain": gain,
        "said": found.gain.estimate,
        "nobody": -all_of,
        "best": best,
    }


def _holds(estimate, truth: float) -> bool:
    slack = 1e-9
    return bool(estimate.conf_low - slack <= truth <= estimate.conf_high + slack)


def _above(low: float, truth: float) -> bool:
    return bool(low > truth + 1e-9)


def _of_value(found: Targeting):
    return [e for e in found.heterogeneity if e.outcome == "value" and e.term != "any"]


def _slopes(found: Targeting, whole: People, value: np.ndarray) -> dict[str, float]:
    """Return the true slopes of the effect: least squares over the passives of the population."""
    table = whole.frame
    columns = {
        "segment = Business": table["attr_segment"] == "Business",
        "segment = Family": table["attr_segment"] == "Family",
        "tenure (per SD)": table["attr_tenure"] / table["attr_tenure"].std(),
        "spend before (per SD)": table["spend_before"] / table["spend_before"].std(),
    }
    design = np.column_stack([np.ones(len(table)), *columns.values()]).astype(float)
    root = np.sqrt(whole.passive)
    params = np.linalg.lstsq(design * root[:, None], value * root, rcond=None)[0]
    return dict(zip(columns, params[1:], strict=True))


def study(names, companies: int, size: int = 0, first: int = 1, workers: int = 1) -> pd.DataFrame:
    """Return one row a company."""
    jobs = [(name, seed, size) for name in names for seed in range(first, first + companies)]
    if workers == 1:
        rows = [hold(*job) for job in jobs]
    else:
        with ProcessPoolExecutor(workers) as pool:
            rows = list(pool.map(hold, *zip(*jobs, strict=True), chunksize=4))
    return pd.DataFrame(rows)


def pooling(draws: int, seed: int = 1) -> pd.DataFrame:
    """Return how often intervals hold true figures, their mean and their spread.

    By the number of groups and the spread of true figures over their usual error, which itself
    differs between groups by a factor of about three.
    """
    rng, rows = np.random.default_rng(seed), []
    for groups in (2, 3, 5, 10):
        for ratio in (0.0, 0.3, 1.0, 3.0):
            held = []
            for _ in range(draws):
                errors = np.exp(0.4 * rng.standard_normal(groups))
                true = ratio * rng.standard_normal(groups)
                found = draw_together(true + errors * rng.standard_normal(groups), errors)
                own = np.mean((found.lows <= true) & (true <= found.highs))
                mean = found.mean_low <= 0 <= found.mean_high
                held.append((own, mean, found.spread_low <= ratio <= found.spread_high))
            rows.append((groups, ratio, *np.mean(held, axis=0)))
    return pd.DataFrame(rows, columns=["groups", "spread over error", "figures", "mean", "spread"])


def told(found: pd.DataFrame) -> pd.DataFrame:
    """Return shares by world."""
    shares = found.drop(columns=["seed", "decision"]).astype({"world": str})
    return shares.groupby("world", sort=False).mean()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pooling", action="store_true")
    given = parser.parse_args()
    if given.pooling:
        print(pooling(given.companies).to_string(index=False, float_format="{:.3f}".format))
        return
    rows = study(given.worlds, given.companies, given.size, given.first_seed, given.workers)
    print(told(rows).T.to_string(float_format=lambda v: f"{v:.3f}"))
    print(rows.groupby("world", sort=False)["decision"].value_counts().to_string())


if __name__ == "__main__":
    main()
