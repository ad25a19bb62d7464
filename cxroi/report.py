"""The report folder: run the notebooks, render the report, write down what it rests on.

Everything is made in a hidden folder beside the final one and renamed at the very end, so that
a run which fails or is killed at any point leaves no report.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import shipped
from .errors import CxroiError, OutputError, ParameterError, nearest, raise_all
from .outputs import complete_folder, refuse_occupied
from .parameters import Value, check_value, declared
from .quarters import check_quarter
from .rendering.manifest import manifest, notebook_warnings
from .rendering.scrub import scrub
from .run import Job, execute_all

if TYPE_CHECKING:
    from .study import Study
    from .tables import SourceFile

REPORT_NOTEBOOK = "quarterly_report"
REPORT, RUN, RESULTS, NOTEBOOKS = "report.html", "run.json", "results.json", "notebooks"
_OWN = frozenset({REPORT, RUN, RESULTS, NOTEBOOKS})
_WORKERS = 2
_SET_HERE = {
    "study": "Name the study file as the argument: cxroi report STUDY",
    "quarter": "Give it as --quarter",
    "results": "The report writes its results.json itself",
}


@dataclass(frozen=True)
class _Checked:
    """A study whose tables were read and whose panel was built."""

    study: Study
    sources: tuple[SourceFile, ...]
    warnings: tuple[str, ...]


def report(
    study: Path | None = None,
    quarter: str = "",
    out: Path | None = None,
    *,
    force: bool = False,
    parameters: Mapping[str, object] | None = None,
    progress: bool = True,
) -> Path:
    """Check the study, run the notebooks and leave a complete report folder.

    Parameters
    ----------
    study
        The study file; None for the shipped demo.
    quarter
        Such as ``2026Q3``; empty for all waves.
    out
        The folder to make; by default ``report-<study>[-<quarter>]`` in the working directory.
    force
        Replace an earlier report at `out` once the new one is complete.
    parameters
        Further notebook parameters; each goes to the notebooks that declare it.
    progress
        Show a progress bar on stderr where that is a terminal.

    Returns
    -------
    Path
        The folder, with ``report.html``, ``results.json``, ``run.json`` and ``notebooks/``.

    Raises
    ------
    CxroiError
        Whatever keeps the report from being complete; nothing is left at `out`.
    """
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    given = parameters or {}
    notebooks = [shipped.notebook(name) for name in shipped.REPORT_NOTEBOOKS]
    extra = _shared_out(notebooks, given)
    check_quarter(quarter)
    if out is not None:
        refuse_occupied(out.absolute(), _OWN, force)
    checked = _check(study or shipped.demo_study(), quarter)
    target = (out or Path(default_name(checked.study.name, quarter))).absolute()
    with complete_folder(target, _OWN, force) as partial:
        common = {"study": str(study.resolve()) if study else "", "quarter": quarter}
        jobs = [
            Job(path, common | values | _results_of(path, partial))
            for path, values in zip(notebooks, extra, strict=True)
        ]
        nodes = _run(jobs, progress)
        nodes = [scrub(node, (checked.study.path.parent, partial)) for node in nodes]
        _check_results(partial / RESULTS)
        _write_notebooks(jobs, nodes, partial, _title(checked.study.name, quarter))
        _write_json(
            partial / RUN,
            manifest(
                study=checked.study,
                sources=checked.sources,
                quarter=quarter,
                parameters=given,
                warnings=_warnings(checked, jobs, nodes),
                started=started,
                seconds=time.monotonic() - clock,
            ),
        )
    return target


def default_name(study: str, quarter: str = "") -> str:
    """Return the folder name of a report, such as ``report-olist-reviews-2026Q3``."""
    plain = unicodedata.normalize("NFKD", study).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60].strip("-")
    return "-".join(part for part in ("report", slug or "study", quarter) if part)


def _title(study: str, quarter: str) -> str:
    return f"{study}, {quarter}" if quarter else study


def _check(path: Path, quarter: str) -> _Checked:
    """Load and check the study before any notebook runs: all its problems, at once and soon."""
    from .panel import build_panel
    from .study import load_study
    from .tables import read_tables

    study = load_study(path)
    tables = read_tables(study)
    panel = build_panel(tables, quarter=quarter)
    return _Checked(study, tables.sources, tuple(panel.ledger.warnings))


def _shared_out(notebooks: Sequence[Path], given: Mapping[str, object]) -> list[dict[str, Value]]:
    """Return, for each notebook, those of the given values that it declares, checked."""
    known = [declared(path) for path in notebooks]
    names = [name for parameters in known for name in parameters]
    problems: list[CxroiError] = []
    shares: list[dict[str, Value]] = [{} for _ in notebooks]
    for name, value in given.items():
        if name in _SET_HERE:
            problems.append(ParameterError(f"{name!r} is set by the report", fix=_SET_HERE[name]))
        elif name not in names:
            free = dict.fromkeys(n for n in names if n not in _SET_HERE) | {"quarter": None}
            problems.append(ParameterError(f"unknown parameter {name!r}", fix=nearest(name, free)))
        else:
            try:
                for share, parameters in zip(shares, known, strict=True):
                    if name in parameters:
                        share[name] = check_value(parameters[name], value)
            except ParameterError as error:
                problems.append(error)
    raise_all(problems)
    return shares


def _results_of(notebook: Path, partial: Path) -> dict[str, Value]:
    return {"results": str(partial / RESULTS)} if notebook.stem == REPORT_NOTEBOOK else {}


def _run(jobs: Sequence[Job], progress: bool) -> list[Any]:
    """Run the report's notebook first: it is the longest, and the one whose failure matters."""
    order = sorted(jobs, key=lambda job: job.notebook.stem != REPORT_NOTEBOOK)
    with _bar(jobs, progress) as bar:
        nodes = execute_all(order, workers=_WORKERS, on_cell=bar.update)
    done = {job.notebook: node for job, node in zip(order, nodes, strict=True)}
    return [done[job.notebook] for job in jobs]


@contextmanager
def _bar(jobs: Sequence[Job], progress: bool) -> Iterator[Any]:
    from tqdm import tqdm

    texts = [json.loads(job.notebook.read_text(encoding="utf-8")) for job in jobs]
    cells = sum(
        cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())
        for text in texts
        for cell in text["cells"]
    )
    with tqdm(
        total=cells + len(jobs),  # papermill adds a cell with the parameters to each
        desc="Report",
        unit="cell",
        disable=None if progress else True,
        leave=False,
    ) as bar:
        yield bar


def _check_results(path: Path) -> None:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise OutputError(
            f"{REPORT_NOTEBOOK} wrote no readable {RESULTS}", "a file with a list of results"
        ) from error
    if not entries:
        raise OutputError(f"the {RESULTS} of {REPORT_NOTEBOOK} is empty", "at least one result")


def _write_notebooks(jobs: Sequence[Job], nodes: Sequence[Any], partial: Path, title: str) -> None:
    """Write every executed notebook with its page, and the report's page at the top."""
    import nbformat

    from .rendering.render import render

    (partial / NOTEBOOKS).mkdir()
    for job, node in zip(jobs, nodes, strict=True):
        name = job.notebook.stem
        top = name == REPORT_NOTEBOOK
        text = nbformat.writes(node) + "\n"  # type: ignore[no-untyped-call]
        (partial / NOTEBOOKS / f"{name}.ipynb").write_text(text, encoding="utf-8")
        page = render(node, name=name, title=title if top else f"{name}: {title}")
        target = partial / REPORT if top else partial / NOTEBOOKS / f"{name}.html"
        target.write_text(page, encoding="utf-8")


def _warnings(checked: _Checked, jobs: Sequence[Job], nodes: Sequence[Any]) -> list[dict[str, str]]:
    found = [{"from": "tables", "text": text} for text in checked.warnings]
    for job, node in zip(jobs, nodes, strict=True):
        found += notebook_warnings(job.notebook.stem, node)
    return found


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(
        json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
