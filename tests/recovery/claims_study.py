"""How often a claim seems to hold in companies in which there is nothing to it.

    python tests/recovery/claims_study.py --companies 200

Prints, of each claim of a direction, the share of companies where the interval alone says that it
holds (2.5 per cent is what one end of a 95 % interval allows) and where the verdict beside all
other claims does; and of each planted number the share of intervals that hold it.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

import cxroi as cx
from cxroi.claims import CLAIMS, examine_claims
from cxroi.claims.rule import HOLDS

sys.path.insert(0, str(Path(__file__).parents[1]))

import claims_company

DIRECTIONS = tuple(name for name, c in CLAIMS.items() if c.said is not None and c.said.low is None)
TRUTHS = {
    "best_spend_more": 0.0,
    "treatment_is_most": 0.70,
    "lost_in_five_years": 0.475,
    "selling_to_prospects": 0.12,
    "few_complain": 1 / 26,
}


def run(seeds, customers=1_000, names=()):
    """Return a row a company and claim: verdicts of the interval alone and among all, interval."""
    rows = []
    for seed in seeds:
        frames = claims_company.frames_of(customers, effect=0.0, seed=seed)
        study = cx.load_study(claims_company.study_of())
        tables, _ = cx.read_for_metrics(study, frames=frames)
        found = examine_claims(tables, names)
        rows += [
            {
                "company": seed,
                "claim": one.name,
                "alone": one.alone == HOLDS,
                "among_all": one.verdict == HOLDS,
                "low": one.estimate.conf_low,
                "high": one.estimate.conf_high,
            }
            for one in found.examined
            if one.estimate is not None
        ]
    return pd.DataFrame(rows)


def holding(found):
    """Return the share of companies in which each claim of a direction seems to hold."""
    of = found[found["claim"].isin(DIRECTIONS)]
    return of.groupby("claim", sort=False).agg(
        companies=("company", "size"), alone=("alone", "mean"), among_all=("among_all", "mean")
    )


def covering(found):
    """Return the share of intervals that hold what is true of each number."""
    of = found[found["claim"].isin(TRUTHS)]
    truth = of["claim"].map(TRUTHS)
    return (
        of.assign(held=(of["low"] <= truth) & (truth <= of["high"])).groupby("claim")["held"].mean()
    )


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--companies", type=int, default=200)
    options.add_argument("--customers", type=int, default=1_000)
    chosen = options.parse_args()
    found = run(range(1_000, 1_000 + chosen.companies), chosen.customers)
    table = holding(found)
    print(table.round(3).to_string())
    print(f"all directions: alone {found_mean(found, 'alone'):.4f}, ", end="")
    print(f"among all {found_mean(found, 'among_all'):.4f}")
    print(covering(found).round(3).to_string())


def found_mean(found, column):
    """Return the share over all claims of a direction."""
    return found.loc[found["claim"].isin(DIRECTIONS), column].mean()


if __name__ == "__main__":
    main()
