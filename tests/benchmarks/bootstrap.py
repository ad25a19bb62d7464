"""The bootstrap of a whole ROI beside refitting statsmodels in every replicate, in one run.

    python tests/benchmarks/bootstrap.py --customers 100000 --replicates 1000

cxroi fits each model once and resamples influence values; its time holds the fits. The refits
are timed on a few replicates (statsmodels alone: no checks, no influence values) and multiplied.
On a smaller company every replicate is refitted, on the same resamples of customers, and the
ends of the 90 per cent interval of the ROI are held side by side.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import statsmodels.api as sm

import cxroi as cx
from cxroi.simulate.company_files import SCENARIO
from cxroi.simulate.simulate import simulate
from cxroi.simulate.truth import customer_value

OUTCOMES = ("spend", "retained", "contacts", "returns")


def company(customers, seed):
    with tempfile.TemporaryDirectory() as folder:
        path = simulate(Path(folder) / "company", customers, seed, file_format="parquet")
        return cx.build_panel(cx.read_tables(cx.load_study(path)))


def bootstrapped(panel, replicates):
    regressions = {name: cx.regress_outcome(panel, name) for name in OUTCOMES}
    return regressions, cx.estimate_roi(panel, regressions, bootstrap=replicates)


def refitted(regressions, weights):
    """ROI of the scenario with every model fitted again, rows weighted by how often taken."""
    means_from, means_to = {}, {}
    for name in OUTCOMES:
        setting = regressions[name].fitted.setting
        values, design = setting.sample.values, setting.design.matrix
        as_is, moved = design, setting.under("promoter").matrix
        if name == "spend":
            bought = values > 0
            chance = fit(sm.families.Binomial(), bought, design, weights)
            gamma = sm.families.Gamma(sm.families.links.Log())
            amount = fit(gamma, values[bought], design[bought], weights[bought])
            gap = chance(moved) * amount(moved) - chance(as_is) * amount(as_is)
        else:
            logit = name == "retained"
            family = sm.families.Binomial() if logit else sm.families.Poisson()
            mean = fit(family, values, design, weights)
            gap = mean(moved) - mean(as_is)
        passive = np.where(setting.sample.members("passive"), weights, 0)
        means_from[name] = np.average(values, weights=passive)
        means_to[name] = means_from[name] + np.average(gap, weights=passive)
    value = customer_value(means_to, SCENARIO) - customer_value(means_from, SCENARIO)
    return value / SCENARIO["cost_per_moved"] - 1


def fit(family, values, design, weights):
    taken = weights > 0
    model = sm.GLM(values[taken], design[taken], family=family, freq_weights=weights[taken])
    results = model.fit()
    return lambda matrix: results.predict(matrix)


def resamples(panel, replicates):
    """Yield how often each row counts: the resamples that the bootstrap draws."""
    units = int(panel.clusters.max()) + 1
    rng = np.random.default_rng(panel.study.seed).spawn(2)[0]
    for _ in range(replicates):
        taken = rng.integers(0, units, units, dtype=np.int32)
        yield np.bincount(taken, minlength=units)[panel.clusters].astype(float)


def main() -> None:
    """Print the ratio of times, and both intervals on the smaller company."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--refits", type=int, default=5)
    parser.add_argument("--smaller", type=int, default=20_000)
    parser.add_argument("--smaller-replicates", type=int, default=1_000)
    given = parser.parse_args()
    warnings.simplefilter("ignore")

    panel = company(given.customers, 1)
    bootstrapped(panel, 2)  # once before, so that no library is loaded while the clock runs
    start = time.perf_counter()
    regressions, _ = bootstrapped(panel, given.replicates)
    own = time.perf_counter() - start
    start = time.perf_counter()
    for weights in resamples(panel, given.refits):
        refitted(regressions, weights)
    one = (time.perf_counter() - start) / given.refits
    whole = one * given.replicates
    print(f"{given.customers:,} customers, {len(panel.frame):,} answers, {given.replicates:,} reps")
    print(f"cxroi {own:.2f} s, fits included; statsmodels {one:.2f} s a replicate, {whole:,.0f} s")
    print(f"ratio {whole / own:,.0f}")

    panel = company(given.smaller, 2)
    regressions, roi = bootstrapped(panel, given.smaller_replicates)
    again = [refitted(regressions, w) for w in resamples(panel, given.smaller_replicates)]
    ends = np.quantile(again, [0.05, 0.95], method="nearest")
    print(f"smaller: {given.smaller:,} customers, {given.smaller_replicates} replicates")
    for side, influence, refit in zip(
        ("low", "high"), (roi["ratio"].conf_low, roi["ratio"].conf_high), ends, strict=True
    ):
        print(f"{side}: influence {influence:.4f}, refitted {refit:.4f}, {influence / refit:.3f}")


if __name__ == "__main__":
    main()
