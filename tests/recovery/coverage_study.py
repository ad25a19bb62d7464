"""How often intervals hold the truth in the worlds of `ordinary.py` and `lasting.py`.

Every company is drawn from its seed, analysed as a user would, and written to a CSV, one line an
estimate; what is already there is not run again, so a run that was stopped goes on where it was.
A file belongs to one state of the code: take another name after a change.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 CXROI_CACHE=off \\
        python tests/recovery/coverage_study.py found.csv --companies 400

`--oracle` adds a rung `oracle`: the true form, fitted by statsmodels. Columns of the first table:
`held` the share of companies whose 95 % interval (90 % for the ROI) holds the truth, `bias` the
mean error in standard deviations of the estimate, `ratio` its mean standard error over its
standard deviation, `width` of the interval, `not_zero` the share of intervals without zero,
`refused` the companies without an estimate. The second has, a world, shares of companies that are
expected to pay, that are expected not to, whose grid says `useful`, and seconds a company.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pandas as pd
from lasting import LASTING, Lasting
from oracle import Z, oracle
from ordinary import ORDINARY
from worlds import Company, World

import cxroi as cx
from cxroi.errors import CxroiError, attempt
from cxroi.value.figures import LOSES, PAYS

WORLDS: dict[str, World | Lasting] = {world.name: world for world in (*ORDINARY, LASTING)}
COLUMNS = (
    "world", "seed", "outcome", "rung", "truth", "estimate", "std_error", "low", "high", "note",
)  # fmt: skip
NUMBERS = ("truth", "estimate", "std_error", "low", "high")
LADDER = ("raw", "adjusted", "doubly_robust", "within", "oracle", "ratio")
Row = dict[str, object]


def hold_one(name: str, seed: int, what: str) -> list[Row]:
    """Return the rows of one company, by `cxroi` or by the oracle."""
    world = WORLDS[name]
    company = world.company(seed)
    begin = time.process_time()
    rows = list(_by_oracle(world, company) if what == "oracle" else _by_cxroi(company))
    rows.append(_row("time", what, estimate=time.process_time() - begin))
    return [{"world": name, "seed": seed, **row} for row in rows]


def _by_oracle(world: World | Lasting, company: Company) -> Iterator[Row]:
    for outcome, (estimate, error) in oracle(world, company).items():
        truth = company.truth.contrasts[outcome]
        low, high = estimate - Z * error, estimate + Z * error
        yield _row(outcome, "oracle", truth, estimate, error, low, high)


def _by_cxroi(company: Company) -> Iterator[Row]:
    """Analyse as `cx.analyse` does, without the comparison of all groups, which takes longest."""
    study = cx.load_study(company.study)
    panel = cx.build_panel(cx.read_tables(study, frames=company.frames))
    names = [outcome.name for outcome in study.outcomes]
    made = {name: attempt(lambda n=name: cx.regress_outcome(panel, n)) for name in names}
    refused = {n: one for n, one in made.items() if isinstance(one, CxroiError)}
    regressions = {n: one for n, one in made.items() if n not in refused}
    for name, truth in company.truth.contrasts.items():
        if name in refused:
            yield _row(name, "refused", truth, note=type(refused[name]).__name__)
            continue
        for estimate in _ladder(panel, regressions[name], study.dated):
            yield _held(name, estimate.rung, truth, estimate)
    for verdict in cx.judge(study, regressions, refused):
        yield _row(verdict.outcome, "verdict", note=verdict.kind)
    yield from _roi(panel, regressions, company)


def _ladder(panel, regression, waves: bool) -> Iterator[cx.Estimate]:
    yield from (regression.raw, regression.adjusted)
    further = [lambda: regression.contrast]
    if waves:
        further.append(lambda: cx.change_within(panel, regression).estimate)
    for one in map(attempt, further):
        if not isinstance(one, CxroiError):
            yield one


def _roi(panel, regressions, company: Company) -> Iterator[Row]:
    roi = attempt(lambda: cx.estimate_roi(panel, regressions))
    if isinstance(roi, CxroiError):
        yield _row("roi", "refused", company.truth.roi, note=type(roi).__name__)
        return
    yield _held("roi", "ratio", company.truth.roi, roi["ratio"])
    chance = roi["probability_positive"].estimate
    said = "pays" if chance >= PAYS else "does not" if chance <= LOSES else "open"
    yield _row("roi", "said", company.truth.roi, chance, note=said)


def _held(outcome: str, rung: str, truth: float, found: cx.Estimate) -> Row:
    interval = found.conf_low, found.conf_high
    return _row(outcome, rung, truth, found.estimate, found.std_error, *interval)


def _row(outcome, rung, truth=None, estimate=None, error=None, low=None, high=None, note=""):
    values = (outcome, rung, truth, estimate, error, low, high, note)
    return dict(zip(COLUMNS[2:], values, strict=True))


def run(
    worlds: list[str],
    seeds: range,
    what: tuple[str, ...] = ("cxroi",),
    path: Path | None = None,
    workers: int = 1,
) -> pd.DataFrame:
    """Return the rows of companies, those of the file at `path` not made again but added to."""
    known = read(path) if path and path.exists() else pd.DataFrame(columns=COLUMNS)
    times = known[known["outcome"] == "time"]
    done = set(zip(times["world"], times["seed"], times["rung"], strict=True))
    jobs = [(w, s, one) for w in worlds for s in seeds for one in what]
    tables = [known] if len(known) else []
    for rows in _made([job for job in jobs if job not in done], workers):
        tables.append(pd.DataFrame(rows, columns=COLUMNS))
        if path:
            tables[-1].to_csv(path, mode="a", header=not path.exists(), index=False)
    found = pd.concat(tables, ignore_index=True)
    return found[found["world"].isin(worlds) & found["seed"].isin(seeds)]


def read(path: Path) -> pd.DataFrame:
    """Read the file of a run; the world `null` is not a blank."""
    return pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in NUMBERS})


def _made(jobs: list[tuple[str, int, str]], workers: int) -> Iterator[list[Row]]:
    if workers == 1:
        for job in jobs:
            yield hold_one(*job)
        return
    with ProcessPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(hold_one, *job) for job in jobs]):
            yield future.result()


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a world, outcome and rung."""
    found = found[found["rung"].isin((*LADDER, "refused")) & (found["outcome"] != "time")]
    rows = []
    for (world, outcome), every in found.groupby(["world", "outcome"], sort=False):
        companies = every["seed"].nunique()
        for rung in LADDER:
            of = every[(every["rung"] == rung) & every["estimate"].notna()]
            if len(of):
                key = {"world": world, "outcome": outcome, "rung": rung}
                rows.append(key | _summed(of) | {"refused": companies - len(of)})
    return pd.DataFrame(rows)


def _summed(of: pd.DataFrame) -> dict[str, float]:
    spread = of["estimate"].std()
    return {
        "companies": len(of),
        "truth": of["truth"].mean(),
        "held": ((of["low"] <= of["truth"]) & (of["truth"] <= of["high"])).mean(),
        "bias": (of["estimate"] - of["truth"]).mean() / spread,
        "ratio": of["std_error"].mean() / spread,
        "width": (of["high"] - of["low"]).mean(),
        "not_zero": ((of["low"] > 0) | (of["high"] < 0)).mean(),
    }


def claims(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a world: what is said of the programme and of the grid, and the time."""
    rows = []
    for world, every in found.groupby("world", sort=False):
        said = every[(every["outcome"] == "roi") & every["rung"].isin(("said", "refused"))]
        if said.empty:
            continue
        verdicts = every[every["rung"] == "verdict"]
        useful = verdicts.assign(is_so=verdicts["note"] == "useful").groupby("seed")["is_so"].any()
        seconds = every[(every["outcome"] == "time") & (every["rung"] == "cxroi")]["estimate"]
        row = {"world": world, "companies": len(said), "true_roi": said["truth"].mean()}
        row |= {word: (said["note"] == word).mean() for word in ("pays", "open", "does not")}
        rows.append(row | {"useful": useful.mean(), "seconds": seconds.mean()})
    return pd.DataFrame(rows)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, nargs="?", help="CSV, added to")
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--companies", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--oracle", action="store_true", help="the oracle beside cxroi")
    parser.add_argument("--only-oracle", action="store_true")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.companies)
    both = ("cxroi", "oracle") if given.oracle else ("cxroi",)
    what = ("oracle",) if given.only_oracle else both
    found = run(given.worlds, seeds, what, given.path, given.workers)
    for table in (coverage(found), claims(found)):
        if len(table):
            print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}", na_rep=""))


if __name__ == "__main__":
    main()
