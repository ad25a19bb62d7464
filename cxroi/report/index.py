"""One page of all runs below a folder: what each said, how sure, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import OutputError, ParameterError
from ..files.outputs import complete_file
from ..results.formats import chance, whole_percent
from ..runs.history import Found, runs_below

if TYPE_CHECKING:
    from ..runs.remembered import Remembered

INDEX, DATA, REPORT = "index.html", "index.json", "report.html"
MADE_BY = "cxroi index"
_TEMPLATE = Path(__file__).resolve().parent / "template"
_CHECKS = ("failed", "warning", "passed", "not possible")


@dataclass(frozen=True)
class Row:
    """A run as the page lists it, every field as it is in the run's own files.

    Attributes
    ----------
    folder
        Relative to the page.
    problem
        Why the folder cannot be read; then all else is empty.
    roi
        Estimate and ends of its interval, net value per unit of cost; empty without one.
    chance
        Share of simulations in which it pays; None without a ROI.
    checks
        Of what carries money: failed, warned, passed, not possible.
    """

    folder: str
    made: str = ""
    study: str = ""
    quarter: str = ""
    verdict: str = ""
    roi: tuple[float | None, ...] = ()
    chance: float | None = None
    rating: str = ""
    checks: tuple[int, ...] = ()
    problem: str = ""


def make_index(folder: str | Path) -> Path:
    """Write ``index.html`` and ``index.json`` of all runs below a folder, the newest first.

    Returns
    -------
    Path
        The page. It replaces an earlier one, and no other file of its name.

    Raises
    ------
    ParameterError
        No such folder, or no run below it.
    OutputError
        A file that cxroi did not write has the name of the page, or it cannot be written.
    """
    root = Path(folder)
    rows = [row for one in reversed(runs_below(root)) for row in _rows(root, one)]
    if not rows:
        raise ParameterError(
            f"{root.name or root} holds no report folder",
            "a folder with report folders in it",
            "Make some there: cxroi report STUDY --out FOLDER",
        )
    page = root / INDEX
    if page.exists() and MADE_BY not in page.read_text(encoding="utf-8", errors="replace"):
        raise OutputError(
            f"{INDEX} is there and was not written by {MADE_BY}",
            "no other file of that name",
            "Move it away",
        )
    plain = {"runs": [asdict(row) for row in rows]}
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    for path, content in ((root / DATA, text), (page, _page(rows))):
        with complete_file(path, force=True) as partial:
            partial.write_text(content, encoding="utf-8")
    return page


def _rows(root: Path, found: Found) -> Iterator[Row]:
    name = found.folder.relative_to(root).as_posix()
    yield _row(name, found.run) if found.run else Row(name, problem=found.problem)


def _row(name: str, run: Remembered) -> Row:
    ratio, likely = run.roi("ratio"), run.roi("probability_positive")
    counts = run.run.get("checks", {}).get("money", {})
    return Row(
        folder=name,
        made=run.run["started"],
        study=run.study,
        quarter=run.quarter,
        verdict=run.run.get("verdict", {}).get("kind", ""),
        roi=(ratio.estimate, ratio.conf_low, ratio.conf_high) if ratio else (),
        chance=likely.estimate if likely else None,
        rating=run.run.get("rating", {}).get("level", ""),
        checks=tuple(counts.get(verdict, 0) for verdict in _CHECKS) if counts else (),
    )


def _page(rows: Sequence[Row]) -> str:
    from jinja2 import Environment, FileSystemLoader

    made = Environment(loader=FileSystemLoader(_TEMPLATE), autoescape=True)
    template = made.get_template("runs.html.j2")
    shown = [_shown(row) for row in rows if not row.problem]
    problems = [(row.folder, row.problem) for row in rows if row.problem]
    return str(template.render(rows=shown, problems=problems, made_by=MADE_BY))


def _shown(row: Row) -> dict[str, Any]:
    """Return the cells of a row, worded."""
    low_high = " to ".join(whole_percent(end) for end in row.roi[1:])
    return {
        "made": row.made[:10],
        "study": row.study,
        "quarter": row.quarter or "all",
        "verdict": row.verdict or "–",
        "roi": whole_percent(row.roi[0]) if row.roi else "–",
        "interval": low_high or "–",
        "chance": "–" if row.chance is None else chance(row.chance),
        "rating": row.rating or "–",
        "checks": ", ".join(map(str, row.checks)) or "–",
        "link": quote(f"{row.folder}/{REPORT}" if row.folder != "." else REPORT),
    }
