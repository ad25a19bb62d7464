"""Does the package find what the simulator planted?

Simulates companies of 5,000 to 20,000 customers, analyses each as a user would, and prints how
often the intervals cover the planted truth (one thread a process: the models are small):

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/recovery/recover.py --companies 400

A row an outcome: `adjusted` (straight lines), `robust` (doubly robust, which carries the money)
and `raw` are shares of companies whose 95 % interval holds the truth, `bias` of each is the mean
error in standard errors, with `+-` twice the simulation's own error of that of `robust`; `useful`
counts verdicts "useful". `wrong sign` counts companies whose doubly robust gap points the wrong
way, `warned` those of them in which the planted confounder is stronger than the robustness value
stated for the interval (what it takes to make it hold zero), `reversed` than the one stated for
the gap itself. In the row `roi` intervals are those of 90 %, under `robust`, and `useful` counts
companies of which the words claim that the programme pays; the row `grid` counts companies with
any verdict "useful". `same period` is the gap in what was spent before the answer, over its
standard error: what a naive comparison of the same quarter would see.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

import cxroi as cx
from cxroi.checks.tools.bounds import robustness_value
from cxroi.simulate.simulate import simulate
from cxroi.value.figures import PAYS

OUTCOMES = ("spend", "retained", "contacts")
WORLDS = (
    "causal", "null", "hidden", "opposed", "bent_outcome", "bent_score", "reverse", "heavy",
)  # fmt: skip
SIZES = (5_000, 8_000, 12_000, 20_000)


def recover_one(world: str, customers: int, seed: int) -> list[dict[str, object]]:
    """Simulate one company, analyse it, and hold each estimate against the truth."""
    with tempfile.TemporaryDirectory() as folder:
        path = simulate(Path(folder) / "company", customers, seed, world, file_format="parquet")
        truth = json.loads(path.with_name("truth.json").read_text())
        panel = cx.build_panel(cx.read_tables(cx.load_study(path)))
        trait = _trait(panel, path.with_name("truth_trait.parquet"))
    regressions = {o.name: cx.regress_outcome(panel, o.name) for o in panel.study.outcomes}
    verdicts = {v.outcome: v.kind for v in cx.judge(panel.study, regressions, {})}
    rows = []
    for outcome in OUTCOMES:
        regression, true = regressions[outcome], truth["contrasts"][outcome]["contrast"]
        row = {"world": world, "what": outcome, "truth": true}
        row |= _held(regression.adjusted, true, "adjusted")
        row |= _held(regression.contrast, true, "robust") | _held(regression.raw, true, "raw")
        row["useful"] = verdicts[outcome] == "useful"
        if trait is not None:
            wrong = bool(true * regression.contrast.estimate < 0)
            row["wrong sign"] = wrong
            warned, reverses = _stronger_than_stated(regression, trait)
            row |= {"warned": wrong and warned, "reversed": wrong and reverses}
        rows.append(row)
    roi = cx.estimate_roi(panel, regressions)
    claims = roi["probability_positive"].estimate >= PAYS
    held = _held(roi["ratio"], truth["roi"]["ratio"], "robust")
    rows.append({"world": world, "what": "roi", "truth": truth["roi"]["ratio"], **held})
    rows[-1]["useful"] = claims
    rows.append({"world": world, "what": "grid", "useful": "useful" in verdicts.values()})
    rows.append({"world": world, "what": "same period", **_same_period(panel)})
    return rows


def _held(estimate: cx.Estimate, truth: float, name: str) -> dict[str, object]:
    return {
        name: estimate.conf_low <= truth <= estimate.conf_high,
        f"bias {name}": (estimate.estimate - truth) / estimate.std_error,
    }


def _same_period(panel: cx.panel.Panel) -> dict[str, object]:
    """Gap in spend before the answer, in standard errors (Welch)."""
    from scipy.stats import ttest_ind

    groups = panel.frame.groupby("group", observed=True)["spend_before"]
    pair = (panel.study.target, panel.study.origin)
    test = ttest_ind(*(groups.get_group(label) for label in pair), equal_var=False)
    return {"bias raw": float(test.statistic)}


def _trait(panel: cx.panel.Panel, path: Path) -> np.ndarray | None:
    """Return the unmeasured trait of each row of the panel, in worlds that have one."""
    if not path.exists():
        return None
    traits = duckdb.sql(f"SELECT * FROM '{path}'").df().set_index("customer_id")["trait"]
    return traits.reindex(panel.frame["customer"]).to_numpy()


def _stronger_than_stated(
    regression: cx.regress.Regression, trait: np.ndarray
) -> tuple[bool, bool]:
    """Hold the planted trait against the robustness values of the interval and of the gap.

    Its two partial R2, turned into the one that, equal on both sides, gives the same bias.
    """
    setting = regression.setting
    design, values = setting.design.matrix, setting.sample.values
    position = 1 + setting.others.index("promoter")
    others = np.delete(design, position, axis=1)
    trait = setting.sample.own(trait)
    with_group = _partial_r2(design[:, position], trait, others)
    with_outcome = _partial_r2(values, trait, design)
    factor = with_outcome * with_group / (1 - with_group)
    planted = (np.sqrt(factor**2 + 4 * factor) - factor) / 2
    group, outcome = (_left(column, others) for column in (design[:, position], values))
    slope = group @ outcome / (group @ group)
    dof = len(values) - design.shape[1]
    error = np.sqrt(((outcome - slope * group) ** 2).sum() / dof / (group @ group))
    t = slope / error
    return planted > robustness_value(t, dof, alpha=0.05), planted > robustness_value(t, dof)


def _partial_r2(a: np.ndarray, b: np.ndarray, given: np.ndarray) -> float:
    return float(np.corrcoef(_left(a, given), _left(b, given))[0, 1] ** 2)


def _left(column: np.ndarray, given: np.ndarray) -> np.ndarray:
    return column - given @ np.linalg.lstsq(given, column, rcond=None)[0]


def recover(
    worlds: list[str],
    companies: int,
    sizes: tuple[int, ...] = SIZES,
    first_seed: int = 1,
    workers: int = 1,
) -> pd.DataFrame:
    """Return one row a world and quantity, over companies whose sizes take turns."""
    seeds = range(first_seed, first_seed + companies)
    jobs = [(world, sizes[seed % len(sizes)], seed) for world in worlds for seed in seeds]
    if workers == 1:
        found = [recover_one(*job) for job in jobs]
    else:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(recover_one, *zip(*jobs, strict=True), chunksize=4))
    table = pd.DataFrame([row for rows in found for row in rows])
    grouped = table.groupby(["world", "what"], sort=False)
    return pd.DataFrame([_summed(*pair) for pair in grouped])


def _summed(key: tuple[str, str], rows: pd.DataFrame) -> dict[str, object]:
    found = dict(zip(("world", "what"), key, strict=True)) | {"companies": len(rows)}
    found["truth"] = rows["truth"].mean()
    for name in ("adjusted", "robust", "raw"):
        found[name] = rows[name].astype(float).mean()
        found[f"bias {name}"] = rows[f"bias {name}"].mean()
    found["+-"] = 2 * rows["bias robust"].std() / np.sqrt(len(rows))
    for name in ("useful", "wrong sign", "warned", "reversed"):
        known = name in rows and rows[name].notna().any()
        found[name] = rows[name].astype(float).sum() if known else np.nan
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--companies", type=int, default=400)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    sizes = tuple(given.sizes)
    table = recover(given.worlds, given.companies, sizes, given.first_seed, given.workers)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}", na_rep=""))


if __name__ == "__main__":
    main()
