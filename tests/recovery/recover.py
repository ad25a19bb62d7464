"""Does the package find what the simulator planted?

Simulates companies, analyses each as a user would, and prints how often the intervals cover
the planted truth:

    python tests/recovery/recover.py --companies 20 --customers 20000

`covered` counts 95 % intervals of the adjusted contrast that hold the truth (90 % for the ROI),
`bias/se` is the mean error in standard errors, `raw covered` and `raw bias/se` are the same for
the raw gap, `useful` counts verdicts "useful". For the ROI, `claimed` counts companies for which
the words claim that the programme pays. `same period` is the gap in what was spent before the
answer, over its standard error: what a naive comparison of the same quarter would see.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

import cxroi as cx
from cxroi.simulate import simulate
from cxroi.words import PAYS

OUTCOMES = ("spend", "retained", "contacts")
WORLDS = ("causal", "null", "reverse", "hidden", "heavy")


def recover_one(world: str, customers: int, seed: int) -> list[dict[str, object]]:
    """Simulate one company, analyse it, and hold each estimate against the truth."""
    with tempfile.TemporaryDirectory() as folder:
        path = simulate(Path(folder) / "company", customers, seed, world)
        truth = json.loads(path.with_name("truth.json").read_text())
        panel = cx.build_panel(cx.read_tables(cx.load_study(path)))
    analysis = cx.analyse(panel)
    verdicts = {verdict.outcome: verdict.kind for verdict in analysis.verdicts}
    rows = []
    for outcome in OUTCOMES:
        regression, true = analysis.regressions[outcome], truth["contrasts"][outcome]["contrast"]
        useful = verdicts[outcome] == "useful"
        row = {"world": world, "what": outcome, "truth": true, "useful": useful}
        rows.append(row | _held(regression.adjusted, true) | _held(regression.raw, true, "raw "))
    roi = analysis.roi
    rows.append(
        {
            "world": world,
            "what": "roi",
            "truth": truth["roi"]["ratio"],
            "claimed": roi["probability_positive"].estimate >= PAYS,
        }
        | _held(roi["ratio"], truth["roi"]["ratio"])
    )
    rows.append({"world": world, "what": "same period spend", **_same_period(panel)})
    return rows


def _held(estimate: cx.Estimate, truth: float, prefix: str = "") -> dict[str, object]:
    return {
        f"{prefix}covered": estimate.conf_low <= truth <= estimate.conf_high,
        f"{prefix}bias/se": (estimate.estimate - truth) / estimate.std_error,
    }


def _same_period(panel: cx.panel.Panel) -> dict[str, object]:
    """Gap in spend before the answer, in standard errors (Welch)."""
    from scipy.stats import ttest_ind

    groups = panel.frame.groupby("group", observed=True)["spend_before"]
    pair = (panel.study.target, panel.study.origin)
    test = ttest_ind(*(groups.get_group(label) for label in pair), equal_var=False)
    return {"raw bias/se": float(test.statistic)}


def recover(
    worlds: list[str], companies: int, customers: int, first_seed: int = 1, workers: int = 1
) -> pd.DataFrame:
    """Return one row a world and quantity, summed over companies."""
    seeds = range(first_seed, first_seed + companies)
    jobs = list(zip(*((world, customers, seed) for world in worlds for seed in seeds), strict=True))
    if workers == 1:
        found = list(map(recover_one, *jobs))
    else:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(recover_one, *jobs))
    table = pd.DataFrame([row for rows in found for row in rows])
    counts = ["covered", "raw covered", "useful", "claimed"]
    means = ["truth", "bias/se", "raw bias/se"]
    grouped = table.groupby(["world", "what"], sort=False)
    summed = grouped[counts].agg(lambda column: np.nan if column.isna().all() else column.sum())
    result = pd.concat([grouped.size().rename("companies"), summed, grouped[means].mean()], axis=1)
    return result.reset_index()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    table = recover(given.worlds, given.companies, given.customers, given.first_seed, given.workers)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}", na_rep=""))


if __name__ == "__main__":
    main()
