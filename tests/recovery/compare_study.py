"""Does `compare_runs` keep still where nothing changed, and name what was planted?

Quarters of a company are drawn with `cxroi.simulate`, the truth the same, from different seeds.
The run of one quarter is compared with that of the next: as it is, and with one thing planted.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 CXROI_CACHE=off \\
        python tests/recovery/compare_study.py --quarters 40 --planted 10
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

import cxroi as cx
from cxroi.reading.profile import profile
from cxroi.runs.compare import Changes
from cxroi.runs.record import assumptions, definitions
from cxroi.runs.remembered import Remembered, remember
from cxroi.runs.results_file import results_content
from cxroi.simulate.company import Calendar, live
from cxroi.simulate.company_files import study_text, write_tables
from cxroi.simulate.worlds import WORLDS

CUSTOMERS = 20_000
OUTCOMES = ("spend", "retained", "contacts")
# Of quarters that share no day, so that nothing but the truth is the same.
FIRST, LATER = ("2026Q1",), ("2026Q4",)
BOTH = ("2026Q1", "2026Q2")
EFFECT = 2.0  # in place of 1: a doubling is then seen in one quarter of 5,000 answers
TABLES = {
    "responses": "answered_at", "orders": "ordered_at", "contacts": "opened_at",
    "returns": "returned_at", "invitations": "invited_at",
}  # fmt: skip


def company(
    folder: Path, seed: int, waves: Sequence[str], effect: float = EFFECT, size: int = CUSTOMERS
) -> Path:
    """Write a company in which groups differ so many times as in the world `causal`."""
    folder.mkdir()
    calendar = Calendar.of(waves)
    world = replace(WORLDS["causal"], effect=effect)
    write_tables(
        live(world, size, calendar, seed, lambda _: None), folder, "parquet", lambda _: None
    )
    study = folder / "study.toml"
    study.write_text(study_text("Company", calendar, "parquet", True), encoding="utf-8")
    return study


def run_of(study: Path, quarter: str, change: Callable[[Any], Any] = lambda s: s) -> Remembered:
    """Analyse a quarter as a report does, and return what it would leave behind."""
    loaded = cx.load_study(study)
    some = tuple(outcome for outcome in loaded.outcomes if outcome.name in OUTCOMES)
    loaded = change(replace(loaded, outcomes=some, draws=2_000))
    panel = cx.build_panel(cx.read_tables(loaded), quarter=quarter)
    run = {
        "definitions": definitions(loaded),
        "assumptions": assumptions(loaded),
        "profile": profile(panel.tables),
        "tables": [{"table": s.table, "sha256": s.sha256} for s in panel.tables.sources],
    }
    return remember(results_content(cx.analyse(panel)), run, quarter)


def rewrite(folder: Path, table: str, select: str) -> None:
    """Write a table of a company again, as a query over it."""
    path = folder / f"{table}.parquet"
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE t AS SELECT * FROM '{path}'")
        engine.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def until(folder: Path, day: str) -> None:
    """Leave of a company's tables what was known on a day."""
    for table, column in TABLES.items():
        rewrite(folder, table, f"SELECT * FROM t WHERE {column} < '{day}'")
    gone = f"CASE WHEN cancelled_at < '{day}' THEN cancelled_at END AS cancelled_at"
    rewrite(folder, "subscriptions", f"SELECT * REPLACE ({gone}) FROM t")


def cheaper(study: Any) -> Any:
    """Return a study whose programme costs a quarter less."""
    cost = study.scenario.cost_per_moved
    less = replace(cost, low=9.0, likely=9.0, high=9.0)
    return replace(study, scenario=replace(study.scenario, cost_per_moved=less))


def shorter(study: Any) -> Any:
    """Return a study that follows outcomes for 60 days."""
    return replace(study, outcome_days=60)


def cut(study: Any) -> Any:
    """Return a study whose promoters begin at 8 of 10."""
    return replace(study, scale=replace(study.scale, cuts=(7, 8)))


def planted(folder: Path, seed: int, size: int = CUSTOMERS) -> Iterator[tuple[str, str, Changes]]:
    """Yield what was planted, the cause it is of, and what is found."""
    a = run_of(company(folder / "a", seed, FIRST, size=size), FIRST[0])
    later = company(folder / "b", seed + 500_000, LATER, size=size)
    yield "nothing", "", cx.compare_runs(a, run_of(later, LATER[0]))
    for name, cause, change in (
        ("cost 12 -> 9", "assumption", cheaper),
        ("90 -> 60 days", "definition", shorter),
        ("cut 9 -> 8", "definition", cut),
    ):
        yield name, cause, cx.compare_runs(a, run_of(later, LATER[0], change))
    doubled = company(folder / "c", seed + 600_000, LATER, 2 * EFFECT, size)
    yield "effect doubled", "effect", cx.compare_runs(a, run_of(doubled, LATER[0]))
    consumers = "SELECT customer_id FROM '{}' WHERE segment = 'Consumer'"
    some = consumers.format(folder / "b" / "customers.parquet")
    fewer = f"hash(response_id) % 2 = 0 OR customer_id NOT IN ({some})"
    rewrite(folder / "b", "responses", f"SELECT * FROM t WHERE {fewer}")
    yield "few consumers", "population", cx.compare_runs(a, run_of(later, LATER[0]))
    rewrite(folder / "b", "orders", "SELECT * REPLACE (amount * 100 AS amount) FROM t")
    yield "cents", "data", cx.compare_runs(a, run_of(later, LATER[0]))
    yield from deleted(folder, seed, size)


def deleted(folder: Path, seed: int, size: int) -> Iterator[tuple[str, str, Changes]]:
    """Yield the next quarter of one company, whole and with a fifth of all orders lost."""
    whole = company(folder / "whole", seed + 700_000, BOTH, size=size)
    early = company(folder / "early", seed + 700_000, BOTH, size=size)
    until(early.parent, "2026-07-01")
    a = run_of(early, BOTH[0], lambda s: replace(s, complete_until=dt.date(2026, 6, 30)))
    rewrite(whole.parent, "orders", "SELECT * FROM t WHERE hash(order_id) % 5 > 0")
    yield "orders deleted", "data", cx.compare_runs(a, run_of(whole, BOTH[1]))


def null(folder: Path, seed: int, size: int = CUSTOMERS) -> Changes:
    """Return what is found between two quarters in which the truth is the same."""
    a = run_of(company(folder / "a", seed, FIRST, size=size), FIRST[0])
    b = run_of(company(folder / "b", seed + 500_000, LATER, size=size), LATER[0])
    return cx.compare_runs(a, b)


def study(quarters: int, with_planted: int, seed: int, size: int) -> None:
    """Print how often a change is called where there is none, and how often the cause is named."""
    called, tests, named, of = 0, [], Counter[str](), Counter[str]()
    for number in range(quarters):
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            if number >= with_planted:
                found = [("nothing", "", null(Path(name), seed + number, size))]
            else:
                found = list(planted(Path(name), seed + number, size))
        for what, cause, changes in found:
            if not cause:
                called += changes.changed
                tests.append(min(d.p_value for d in changes.differences if d.p_value is not None))
                continue
            of[what] += 1
            named[what] += changes.causes[:1] == (cause,)
            if changes.causes != (cause,):
                print(f"  {what}: {changes.causes}", flush=True)
        print(f"{number + 1}: {called} called, {time.monotonic() - begin:.0f} s", flush=True)
    print(f"\ncalled where nothing changed: {called} of {quarters}; smallest adjusted p values:")
    print(np.round(sorted(tests)[:5], 3))
    for what, count in of.items():
        print(f"{what}: named first in {named[what]} of {count}")
    if of:
        print(f"all: {named.total()} of {of.total()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--planted", type=int, default=10, help="of them, with something planted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    chosen = parser.parse_args()
    study(chosen.quarters, chosen.planted, chosen.seed, chosen.customers)
