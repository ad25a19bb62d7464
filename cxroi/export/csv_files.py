"""Results, ledger and checks as CSV files: numbers as numbers, no text that a sheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import content
from .folder import RunFolder
from .labels import label

FILES = ("results.csv", "checks.csv", "ledger.csv")
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(folder: RunFolder, out: Path) -> None:
    """Write `FILES` into the folder `out`: UTF-8 with a mark that Excel needs to see it."""
    results = ((label(e.name), *e.as_dict().values()) for e in folder.results.values())
    first = next(iter(folder.results.values()))
    _write(out / "results.csv", ("what", *first.as_dict()), results)
    heads = ("check", "outcome", "verdict", "what was found")
    _write(out / "checks.csv", heads, folder.checks())
    _write(out / "ledger.csv", ("table", "action", "rows", "reason"), content.ledger(folder))


def _write(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        writer.writerows([defused(cell) for cell in row] for row in rows)


def defused(cell: Any) -> Any:
    """Return a cell, a text that a spreadsheet would take for a formula behind an apostrophe.

    Examples
    --------
    >>> defused("=1+1"), defused(-1.5), defused("promoter")
    ("'=1+1", -1.5, 'promoter')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUN) else cell
