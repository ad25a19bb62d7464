"""Groups, spend by least squares and retention by logit from sums, beside row-level fits.

    python tests/benchmarks/fits.py --customers 10000000 --beside statsmodels pyfixest
    python tests/benchmarks/fits.py --customers 1000000 10000000 100000000

All from one Parquet file, each fit in a process of its own: means and variances of spend by
group; spend by least squares with HC1 errors; retention by logit with HC1 errors; thirteen columns:
intercept, two group dummies, eight of categories, two quantities. Prints seconds, the largest
difference of coefficients and errors from the other's, peak memory, how often the columns could
have been read once in the same time, and how cost grows with the rows. What is not installed, or
runs out of memory or of time, is said to be so.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

COLUMNS = ("score", "region", "segment", "tenure", "before", "spend", "retained")
LEVELS = {
    "region": ("Centre", "East", "Middle", "North", "South", "West"),
    "segment": ("Business", "Family", "Private", "Public"),
}


def make_file(path: Path, customers: int) -> None:
    """Write customers with a score, two categories, two quantities and two outcomes."""
    con = duckdb.connect()
    con.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false")
    con.execute("SELECT setseed(0.5)")
    lists = {name: str(list(levels)) for name, levels in LEVELS.items()}
    con.execute(f"""
        COPY (
            WITH drawn AS (
                SELECT floor(random() * 11)::TINYINT AS score,
                       {lists["region"]}[1 + floor(random() * 6)::INT] AS region,
                       {lists["segment"]}[1 + floor(random() * 4)::INT] AS segment,
                       floor(random() * 120)::SMALLINT AS tenure,
                       round(exp(5 * random()), 2) AS before,
                       random() AS u, random() AS v, random() AS w
                FROM range({customers})
            ), known AS (
                SELECT *, 1 / (1 + exp(0.8 - 0.12 * score - 0.004 * tenure - 0.002 * before)) AS p
                FROM drawn
            )
            SELECT {", ".join(COLUMNS[:5])},
                   CASE WHEN u < p THEN round(-ln(v + 1e-12) * exp(
                       2.5 + 0.08 * score + 0.003 * before + 0.2 * (region = 'North')::INT), 2)
                        ELSE 0 END AS spend,
                   (w < p)::TINYINT AS retained
            FROM known
        ) TO '{path}'""")


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a step took, and what it returned."""
    begin = time.perf_counter()
    result = step()
    return time.perf_counter() - begin, result


def read_once(path: Path) -> dict[str, Any]:
    """Read every value of the columns once."""
    con = duckdb.connect()
    con.execute("SET memory_limit = '800MB'")
    each = "sum(score), max(region), max(segment), sum(tenure), sum(before), sum(spend)"
    seconds, _ = timed(
        lambda: con.execute(f"SELECT {each}, sum(retained) FROM '{path}'").fetchall()
    )
    return {"seconds": seconds}


def by_cxroi(path: Path) -> dict[str, Any]:
    """Take all three from sums in DuckDB."""
    import scipy.special  # noqa: F401 - used within, and no part of what is timed

    from cxroi.engine.engines import DuckDB
    from cxroi.models.newton import Model, fit_together
    from cxroi.panel.rows import make_rows
    from cxroi.study.scales import make_scale

    con = duckdb.connect()
    con.execute("SET memory_limit = '800MB'; SET preserve_insertion_order = false")

    def all_three() -> dict[str, Any]:
        rows = make_rows(
            DuckDB(con),
            f"'{path}'",
            scale=make_scale({"kind": "nps"}),
            cuts=(7.0, 9.0),
            categories=tuple(LEVELS),
            kept=False,
        )
        names, columns = ["intercept"], [np.ones(rows.cell_count)]
        for key, levels in {"grp": (0, 1, 2), **LEVELS}.items():
            for level in levels[1:]:
                names.append(f"{key} = {level}")
                columns.append((np.array(rows.cells[key]) == level).astype(float))
        tenure = (rows.column("CAST(tenure AS DOUBLE)") - 60.0) / 35.0
        before = (rows.column("before") - 30.0) / 35.0
        design = rows.matrix([*columns, tenure, before], [*names, "tenure", "before"])
        spend, retained = rows.column("spend"), rows.column("CAST(retained AS DOUBLE)")
        groups = rows.fetch(["count(*)", "avg(v)", "var_samp(v)"], {"v": spend}, by=["grp"])
        models = [Model("ols", spend), Model("logit", retained)]
        fits = dict(
            zip(("spend", "retained"), fit_together(models, design, robust=True), strict=True)
        )
        return {
            "groups": sorted(groups),
            "passes": {name: fit.passes for name, fit in fits.items()},
            **{name: [fit.params.tolist(), fit.std_errors.tolist()] for name, fit in fits.items()},
        }

    seconds, found = timed(all_three)
    return {"seconds": seconds, **found}


def _frame(path: Path) -> Any:
    frame = duckdb.connect().execute(f"SELECT * FROM '{path}'").df()
    frame["grp"] = np.searchsorted([7, 9], frame["score"], side="right")
    frame["tenure"] = (frame["tenure"] - 60.0) / 35.0
    frame["before"] = (frame["before"] - 30.0) / 35.0
    return frame


def by_statsmodels(path: Path) -> dict[str, Any]:
    """Fit both to rows in memory; reading and the design count, as they do for cxroi."""
    import statsmodels.api as sm

    def all_three() -> dict[str, Any]:
        frame = _frame(path)
        groups = frame.groupby("grp")["spend"].agg(["size", "mean", "var"]).reset_index()
        columns = [np.ones(len(frame))]
        for key, levels in {"grp": (0, 1, 2), **LEVELS}.items():
            columns += [(frame[key] == level).to_numpy(dtype=float) for level in levels[1:]]
        design = np.column_stack([*columns, frame["tenure"], frame["before"]])
        spend, retained = frame["spend"].to_numpy(), frame["retained"].to_numpy(dtype=float)
        del frame, columns
        ols = sm.OLS(spend, design).fit(cov_type="HC1")
        family = sm.families.Binomial()
        logit = sm.GLM(retained, design, family=family).fit(cov_type="HC1")
        # Of a GLM statsmodels leaves out the factor n / (n - k) that HC1 has for least squares.
        widened = np.sqrt(len(design) / (len(design) - design.shape[1]))
        return {
            "groups": groups.to_numpy().tolist(),
            "spend": [ols.params.tolist(), ols.bse.tolist()],
            "retained": [logit.params.tolist(), (logit.bse * widened).tolist()],
        }

    seconds, found = timed(all_three)
    return {"seconds": seconds, **found}


def by_pyfixest(path: Path) -> dict[str, Any]:
    """Fit both with pyfixest, categories as dummies, so that coefficients are alike."""
    import pyfixest

    def all_three() -> dict[str, Any]:
        frame = _frame(path)
        groups = frame.groupby("grp")["spend"].agg(["size", "mean", "var"]).reset_index()
        right = "C(grp) + C(region) + C(segment) + tenure + before"
        ols = pyfixest.feols(f"spend ~ {right}", data=frame, vcov="HC1")
        logit = pyfixest.feglm(f"retained ~ {right}", data=frame, family="logit", vcov="HC1")
        return {
            "groups": groups.to_numpy().tolist(),
            "spend": [ols.coef().tolist(), ols.se().tolist()],
            "retained": [logit.coef().tolist(), logit.se().tolist()],
        }

    seconds, found = timed(all_three)
    return {"seconds": seconds, **found}


WAYS = {
    "read": read_once,
    "cxroi": by_cxroi,
    "statsmodels": by_statsmodels,
    "pyfixest": by_pyfixest,
}


def apart(way: str, path: Path, python: str, limit: float) -> dict[str, Any]:
    """Run one way in a process of its own; say why where it gives nothing."""
    command = [python, __file__, "--way", way, "--file", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"why": f"not finished after {limit:,.0f} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed, out of memory"])[-1]
        return {"why": f"ended with code {done.returncode}: {last}"}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def furthest(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Return the largest relative difference of coefficients and of errors."""
    parts = []
    for position, what in enumerate(("coefficients", "errors")):
        pairs = [(ours[y][position], theirs[y][position]) for y in ("spend", "retained")]
        size = max(np.max(np.abs(np.array(a) / np.array(b) - 1)) for a, b in pairs)
        parts.append(f"{what} differ by {size:.1e} at most")
    return ", ".join(parts)


def compare(path: Path, beside: list[str], other: str, limit: float) -> float:
    """Print one size; return the seconds of cxroi."""
    reads = [apart("read", path, sys.executable, limit)["seconds"] for _ in range(3)]
    ours = apart("cxroi", path, sys.executable, limit)
    if "why" in ours:
        raise SystemExit(ours["why"])
    reading = sorted(reads)[1]
    print(
        f"  cxroi {ours['seconds']:.1f} s, peak {ours['peak_gib']:.2f} GiB, passes "
        f"{ours['passes']}; reading the columns once {reading:.2f} s, ratio "
        f"{ours['seconds'] / reading:.1f} (target: at most 12)"
    )
    for way in beside:
        theirs = apart(way, path, sys.executable if way == "statsmodels" else other, limit)
        if "why" in theirs:
            print(f"  {way}: {theirs['why']}")
            continue
        print(
            f"  {way} {theirs['seconds']:.1f} s, peak {theirs['peak_gib']:.2f} GiB, ratio "
            f"{theirs['seconds'] / ours['seconds']:.0f} (target for statsmodels: at least 40); "
            f"{furthest(ours, theirs)}"
        )
    return float(ours["seconds"])


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--beside", nargs="*", choices=["statsmodels", "pyfixest"], default=[])
    parser.add_argument("--other-python", default=sys.executable, help="that has pyfixest")
    parser.add_argument("--limit", type=float, default=1800, help="seconds for one way")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        found = WAYS[given.way](given.file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({**found, "peak_gib": peak}))
        return
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as folder:
        for customers in given.customers:
            path = Path(folder) / f"{customers}.parquet"
            make_file(path, customers)
            print(f"{customers:,} customers")
            seconds = compare(path, given.beside, given.other_python, given.limit)
            if before:
                rows, cost = customers / before[0], seconds / before[1]
                print(f"  {rows:g} times the rows, {cost:.1f} times the seconds")
            before = customers, seconds
            path.unlink()


if __name__ == "__main__":
    main()
