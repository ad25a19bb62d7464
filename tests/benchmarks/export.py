"""The exported workbook, recalculated by LibreOffice, beside `value.money.evaluate`.

    python tests/benchmarks/export.py --inputs 1000
    python tests/benchmarks/export.py --run report-demo

Draws inputs of a ROI from wide ranges, edges among them (no discount, an effect that grows or
fades or is gone at once, customers who differ in how easily they leave, windows of another length
than periods of retention, gaps of either sign), writes a workbook of each as `cxroi export` does,
takes every value out of it, has LibreOffice compute it anew, and compares the value of a moved
customer, cost, net value, ROI, break-even cost and payback. With ``--run`` the workbook of a report
folder is held against its `results.json`. Prints the largest difference of each, in parts of the
value or of 1, whichever is larger. Needs soffice on the path.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from cxroi.export.brand import Brand
from cxroi.export.content import Input
from cxroi.export.exporting import export
from cxroi.export.folder import open_folder
from cxroi.export.labels import INPUTS
from cxroi.export.sheets import Book
from cxroi.export.value_sheet import TOTALS, assumptions_sheet, value_sheet
from cxroi.value.money import Inputs, evaluate, payback_months

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
CACHED = re.compile(r"(</f>)<v>[^<]*</v>")
NEVER = "not within the horizon"


def drawn(rng: np.random.Generator) -> Inputs:
    """Draw the inputs of a ROI, edges among them."""

    def either(value: float, edge: float, chance: float = 0.3) -> float:
        return edge if rng.random() < chance else value

    days = int(rng.integers(20, 366))
    values = {
        "spend": rng.uniform(0, 500),
        "spend_gap": rng.normal(20, 40),
        "retained": either(rng.uniform(0.3, 1), rng.choice([0.0, 1.0]), 0.1),
        "retained_gap": rng.normal(0.02, 0.05),
        "contacts": rng.uniform(0, 3),
        "contacts_gap": rng.normal(-0.2, 1.0),
        "returns": rng.uniform(0, 1),
        "returns_gap": rng.normal(0, 0.3),
        "share_moved": rng.uniform(0.01, 1),
        "cost_per_moved": rng.uniform(1, 100),
        "fixed_cost": either(rng.uniform(0, 20_000), 0.0),
        "gross_margin": rng.uniform(0.05, 1),
        "causal_share": rng.uniform(-0.3, 1),
        "discount_rate_annual": either(rng.uniform(-0.2, 1), 0.0),
        "cost_per_contact": rng.uniform(0, 20),
        "cost_per_return": rng.uniform(0, 20),
        "retention_mixing": either(10 ** rng.uniform(-3, 0.5), 0.0),
        "persistence": either(rng.uniform(0, 1), rng.choice([0.0, 1.0])),
        "ramp_up_months": either(rng.uniform(0, 24), 0.0),
        "programme_months": either(rng.uniform(0, 24), 0.0),
    }
    return Inputs(
        customers=int(rng.integers(10, 100_000)),
        window_days=days,
        churn_days=int(either(int(rng.integers(20, 366)), days, 0.5)),
        horizon_months=float(either(rng.uniform(0.5, 60), 12.0)),
        wave_months=float(rng.choice([1.0, 3.0, 12.0])),
        **{name: np.asarray(value) for name, value in values.items()},
    )


def write(inputs: Inputs, path: Path) -> None:
    """Write the two sheets that compute, without any value of a formula."""
    book = Book(path, "Drawn", "2026-01-01T00:00:00+00:00", Brand())
    named = [
        Input(name, INPUTS[name], float(getattr(inputs, name)), None, None, "", "drawn", None)
        for name in INPUTS
    ]
    assumptions_sheet(book, named, "EUR")
    value_sheet(book, inputs, "EUR")
    book.workbook.close()
    emptied(path)


def emptied(path: Path) -> None:
    """Put 0 in the place of every value that stands beside a formula."""
    with zipfile.ZipFile(path) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as again:
        for name, content in parts.items():
            if name.startswith("xl/worksheets/"):
                content = CACHED.sub(r"\1<v>0</v>", content.decode()).encode()
            again.writestr(name, content)


def recalculated(paths: list[Path], sheet: int, folder: Path) -> list[dict[str, str]]:
    """Return the named totals of each workbook as LibreOffice computes them, with every digit."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS)
    form = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,{sheet}"
    found = []
    for begin in range(0, len(paths), 100):
        some = paths[begin : begin + 100]
        home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", home, "--headless", "--convert-to", form, "--outdir", str(folder)]
        subprocess.run([*command, *map(str, some)], check=True, capture_output=True)
        for path in some:
            [made] = folder.glob(f"{path.stem}-*.csv")
            with made.open(newline="") as file:
                by_label = {row[0]: row[1] for row in csv.reader(file) if len(row) > 1}
            found.append({name: by_label[label] for name, label, *_ in TOTALS})
    return found


def expected(inputs: Inputs) -> dict[str, float]:
    """Return what `value.money` gives."""
    money = evaluate(inputs)
    return {
        "value_per_moved": float(money.value),
        "cost": float(money.cost),
        "net_value": float(money.net),
        "roi": float(money.ratio),
        "break_even_cost_per_moved": float(money.break_even_cost),
        "payback": float(payback_months(inputs)),
    }


def apart(found: str, known: float) -> float:
    """Return how far a cell is from what it should be, in parts of it or of 1."""
    if found == NEVER or np.isinf(known):
        return 0.0 if found == NEVER and np.isinf(known) else np.inf
    value = float(found[:-1]) / 100 if found.endswith("%") else float(found)
    return abs(value - known) / max(1.0, abs(known))


def main() -> None:
    """Print the largest difference of each figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=1000, help="how many are drawn")
    parser.add_argument("--run", type=Path, help="a report folder, in their place")
    options = parser.parse_args()
    begin, rng = time.perf_counter(), np.random.default_rng(20261127)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.run:
            paths = [export(options.run, "xlsx", folder / "run.xlsx")]
            emptied(paths[0])
            cases = [from_results(options.run)]
        else:
            inputs = [drawn(rng) for _ in range(options.inputs)]
            cases = [expected(one) for one in inputs]
            paths = [folder / f"w{number}.xlsx" for number in range(len(inputs))]
            for one, path in zip(inputs, paths, strict=True):
                write(one, path)
        found = recalculated(paths, 3 if options.run else 2, folder)
    for figure in cases[0]:
        worst = max(apart(f[figure], c[figure]) for f, c in zip(found, cases, strict=True))
        print(f"{figure:28}{worst:.1e}")
    covered = sum(one["covered"] == "TRUE" for one in found)
    print(f"{covered} of {len(cases)} workbooks cover their horizon")
    print(f"{len(cases)} workbooks in {time.perf_counter() - begin:.0f} s")


def from_results(run: Path) -> dict[str, float]:
    """Return the figures that follow from the likely values, as results.json has them."""
    folder = open_folder(run)
    figures = {
        "value_per_moved": "value_per_moved",
        "net_value": "net_value",
        "roi": "ratio",
        "break_even_cost_per_moved": "break_even_cost_per_moved",
        "payback": "payback_months",
    }
    known = {name: folder.roi(figure).estimate for name, figure in figures.items()}
    return {name: np.inf if value is None else value for name, value in known.items()}


if __name__ == "__main__":
    main()
