"""The whole demo report beside the floor: as many notebooks that only import the same libraries.

    python tests/benchmarks/report.py --runs 3

Both are whole processes and run their notebooks in the same way (through papermill, two at a
time), in turn; each report begins with an empty cache, every other one has none. Prints the median
seconds of each and the median ratio of pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from cxroi.report import shipped

IMPORTS = """\
import duckdb, matplotlib.figure, numpy, pandas, seaborn
import scipy.stats, statsmodels.api, statsmodels.duration.hazard_regression
import statsmodels.stats.api
"""
RUN_ALL = """\
import sys
from pathlib import Path
from cxroi.report.notebooks import Job, execute_all
execute_all([Job(Path(name), {}) for name in sys.argv[1:]], workers=2)
"""


def empty_notebooks(folder: Path) -> list[str]:
    """Write one import-only notebook for each notebook of the report."""
    names = []
    for name in shipped.REPORT_NOTEBOOKS:
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        node = new_notebook(cells=[new_code_cell(IMPORTS)], metadata={"kernelspec": kernel})
        path = folder / f"{name}.ipynb"
        nbformat.write(node, path)
        names.append(str(path))
    return names


def seconds(command: list[str], cache: str = "off") -> float:
    """Return how long a command took; its failure is ours."""
    begin = time.perf_counter()
    environment = os.environ | {"CXROI_CACHE": cache}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - begin


def main() -> None:
    """Print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    pairs = []
    with tempfile.TemporaryDirectory() as name:
        floor = [sys.executable, "-c", RUN_ALL, *empty_notebooks(Path(name))]
        seconds(floor)
        for run in range(runs):
            empty = seconds(floor)
            out = str(Path(name) / f"report-{run}")
            cache = "off" if run % 2 else str(Path(name) / f"cache-{run}")
            whole = seconds([sys.executable, "-m", "cxroi", "report", "--out", out], cache)
            pairs.append((whole, empty))
    whole, empty = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"report {whole:.1f} s, import-only notebooks {empty:.1f} s, ratio {ratio:.2f}")
    print("target: at most 1.2")


if __name__ == "__main__":
    main()
