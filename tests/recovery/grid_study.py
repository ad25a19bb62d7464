"""How often the grid and the contest of scores are wrong, where the truth is planted.

    OMP_NUM_THREADS=1 python tests/recovery/grid_study.py --companies 400

Companies of 400 customers, three scores (NPS, CSAT, CES) and three outcomes (an amount with its
baseline, a yes/no, a count). Worlds: `nothing`, where no score has to do with any outcome but
through what was spent before, which is held equal; `one outcome`, where only the yes/no outcome
hangs on the trait that all scores show; `alike`, where the scores show the trait equally well;
`one better`, where CSAT shows it best.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from scored_studies import company, flat_study, panels_of, refilled

from cxroi.effects.verdicts import TOO_SMALL, USEFUL, WRONG_WAY
from cxroi.grid.asking import worth_asking
from cxroi.grid.contest import WINNER
from cxroi.grid.grid import score_grid

LEVEL = 0.05
FOUND = (USEFUL, WRONG_WAY, TOO_SMALL)
# World: what the trait does to the outcomes, which outcomes it spares, noise of the three scores.
WORLDS = {
    "nothing": (0.0, ("spend", "stays", "calls"), (1.0, 1.0, 1.0)),
    "one outcome": (1.0, ("spend", "calls"), (1.0, 1.0, 1.0)),
    "alike": (0.7, (), (1.0, 1.0, 1.0)),
    "one better": (1.0, (), (1.5, 0.3, 1.5)),
}


def draw(rng, world):
    """Return a company of a world."""
    effect, spared, noises = WORLDS[world]
    other, frame = np.random.default_rng(rng.integers(2**63)), company(rng, 400, effect, noises)
    if spared and effect:
        # the spared outcomes are those of customers with no effect but what they spent before
        still = np.exp(3.0 + 0.5 * np.log(frame["before"]) + 0.4 * other.normal(size=len(frame)))
        calm = {"spend": still.round(2), "calls": other.poisson(1.35, len(frame))}
        frame = frame.assign(**{name: calm[name] for name in spared})
    return frame


def discoveries(grid, spared):
    """Return how many cells are told to differ, and how many of these differ by chance alone."""
    told = [c for c in grid.cells.values() if c.verdict and (c.verdict.p_adjusted or 1) < LEVEL]
    return len(told), sum(cell.outcome in spared for cell in told)


def ask(world, companies, seed=1):
    """Return what the companies of a world give: discoveries, contests."""
    rng = np.random.default_rng([seed, *map(ord, world)])
    panels = panels_of(flat_study(), draw(rng, world))
    found, contests = [], []
    for _ in range(companies):
        own = refilled(panels, draw(rng, world))
        found.append(discoveries(score_grid(own), WORLDS[world][1]))
        contests.append(worth_asking(own).contests)
    return np.array(found), contests


def told(world, found, contests):
    """Say how often the grid and the contest were wrong, in one line."""
    rate = (found[:, 1] / np.maximum(found[:, 0], 1)).mean()
    any_found = (found[:, 0] > 0).mean()
    won = [[c.best for c in one.values() if c.kind == WINNER] for one in contests]
    wrong = np.mean([any(name != "csat" or world != "one better" for name in w) for w in won])
    covered = [
        held for outcome in ("spend", "stays", "calls") for held in covers(contests, outcome)
    ]
    return (
        f"{world}: {len(contests)} companies; false discovery rate {rate:.3f}, any discovery "
        f"{any_found:.3f}; a wrong winner {wrong:.3f}, winners an outcome "
        f"{np.mean([len(w) for w in won]) / 3:.3f}; intervals of differences hold "
        f"{np.mean(covered):.3f}"
    )


def covers(contests, outcome):
    """Say of each interval of CSAT less CES whether it holds the mean over all companies.

    Cross-validation has no bias for models fitted to four fifths of a company, so the mean over
    companies is the truth but for the simulation's own error.
    """
    leads = [csat_less_ces(one[outcome]) for one in contests if outcome in one]
    truth = np.mean([lead[0] for lead in leads])
    return [low <= truth <= high for _, low, high in leads]


def csat_less_ces(contest):
    [one] = [d for d in contest.differences if set(d.contrast.split(" - ")) == {"csat", "ces"}]
    ends = (one.estimate, one.conf_low, one.conf_high)
    return ends if one.term == "csat" else (-ends[0], -ends[2], -ends[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    given = parser.parse_args()
    for one in given.worlds:
        print(told(one, *ask(one, given.companies)), flush=True)
