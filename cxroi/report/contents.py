"""What lies in the report folder: names of its files, and how they are written."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .executed import Executed

REPORT_NOTEBOOK = "quarterly_report"
REPORT, RUN, RESULTS, NOTEBOOKS = "report.html", "run.json", "results.json", "notebooks"


def default_name(study: str, quarter: str = "") -> str:
    """Return the folder name of a report, such as ``report-olist-reviews-2026Q3``."""
    plain = unicodedata.normalize("NFKD", study).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60].strip("-")
    return "-".join(part for part in ("report", slug or "study", quarter) if part)


def write_notebooks(done: Mapping[str, Executed], partial: Path) -> None:
    """Write every executed notebook with its page; the report's page and results at the top."""
    (partial / NOTEBOOKS).mkdir()
    for name, executed in done.items():
        top = name == REPORT_NOTEBOOK
        page = partial / REPORT if top else partial / NOTEBOOKS / f"{name}.html"
        page.write_text(executed.page, encoding="utf-8")
        notebook = partial / NOTEBOOKS / f"{name}.ipynb"
        notebook.write_text(executed.notebook, encoding="utf-8")
        if executed.results:
            (partial / RESULTS).write_text(executed.results, encoding="utf-8")


def all_warnings(of_tables: Sequence[str], done: Sequence[Executed]) -> list[dict[str, str]]:
    """Return the warnings of reading the tables, then of the notebooks, with their places."""
    found = [{"from": "tables", "text": text} for text in of_tables]
    return found + [warning for executed in done for warning in executed.warnings]


def write_run(path: Path, content: Mapping[str, Any]) -> None:
    """Write what the report rests on."""
    path.write_text(
        json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
