"""The report folder: run the notebooks, render the report, write down what it rests on.

Everything is made in a hidden folder beside the final one and renamed at the very end, so that
a run which fails or is killed at any point leaves no report. Notebooks that were done by then
are in the cache, from which the next run takes them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..engine.engines import check_address
from ..errors import CxroiError, ParameterError, nearest, raise_all
from ..files.locked import clear_away
from ..files.outputs import complete_folder, refuse_occupied
from ..files.progress import cells, line
from ..study.declared import Study
from ..study.loading import load_study
from ..study.quarters import check_quarter
from . import shipped
from .executed import Executed, ReportCache, finish
from .manifest import manifest
from .notebooks import Job, count_cells, execute_all
from .parameters import Value, check_value, declared

REPORT_NOTEBOOK = "quarterly_report"
REPORT, RUN, RESULTS, NOTEBOOKS = "report.html", "run.json", "results.json", "notebooks"
_OWN = frozenset({REPORT, RUN, RESULTS, NOTEBOOKS})
_WORKERS = 2
_SET_HERE = {
    "study": "Name the study file as the argument: cxroi report STUDY",
    "quarter": "Give it as --quarter",
    "engine": "Give it as --engine",
    "results": "The report writes its results.json itself",
}


@dataclass(frozen=True)
class _Checked:
    """What reading the tables and building the panel found, as run.json has it."""

    tables: list[dict[str, Any]]
    warnings: list[str]


@dataclass(frozen=True)
class _Bar:
    """What moves the bar of a report: a cell that ran, a notebook that ended."""

    update: Callable[[], object]
    ended: Callable[[Job], None]


def report(
    study: Path | None = None,
    quarter: str = "",
    out: Path | None = None,
    *,
    force: bool = False,
    parameters: Mapping[str, object] | None = None,
    progress: bool = True,
    engine: str = "",
    cached: bool = True,
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
    engine
        ``duckdb``, ``local[*]`` or ``spark://host:port``; what the study file says when empty.
    cached
        Take notebooks from the cache that ran on the same study, data, parameters and versions,
        and keep those that run now. Studies with tables in databases have no cache.

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
    check_address(engine)
    if out is not None:
        refuse_occupied(out.absolute(), _OWN, force)
    path = study or shipped.demo_study()
    text = path.read_bytes() if path.is_file() else b""
    loaded = load_study(path)
    memory = ReportCache(loaded, text, quarter, notebooks, cached)
    checked = _checked(loaded, quarter, memory, progress)
    target = (out or Path(default_name(loaded.name, quarter))).absolute()
    with complete_folder(target, _OWN, force) as partial:
        common = {
            "study": str(study.resolve()) if study else "",
            "quarter": quarter,
            "engine": engine,
        }
        local = (engine or loaded.engine) == "duckdb"
        jobs = [
            Job(path, common | values | _results_of(path, partial))
            for path, values in zip(notebooks, extra, strict=True)
        ]
        hits = {job.notebook.stem: hit for job in jobs if (hit := memory.executed(job))}
        done = hits | _run(jobs, hits, _finisher(loaded, quarter, partial, memory), progress, local)
        clear_away(loaded.engine_folder)  # what Spark left there for its kernels
        _write_notebooks(done, partial)
        _write_json(
            partial / RUN,
            manifest(
                study=loaded,
                tables=checked.tables,
                quarter=quarter,
                parameters={**given, **({"engine": engine} if engine else {})},
                warnings=_warnings(checked, [done[path.stem] for path in notebooks]),
                started=started,
                seconds=time.monotonic() - clock,
                cached={
                    path.stem: hits[path.stem].computed_at
                    for path in notebooks
                    if path.stem in hits
                },
            ),
        )
    return target


def default_name(study: str, quarter: str = "") -> str:
    """Return the folder name of a report, such as ``report-olist-reviews-2026Q3``."""
    plain = unicodedata.normalize("NFKD", study).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")[:60].strip("-")
    return "-".join(part for part in ("report", slug or "study", quarter) if part)


def _checked(study: Study, quarter: str, memory: ReportCache, progress: bool) -> _Checked:
    """Check the study before any notebook runs: all its problems, at once and soon."""
    kept = memory.check()
    if kept:
        return _Checked(**kept)
    with line("Report: checking the study", shown=progress):
        found = _check(study, quarter)
    memory.keep_check(asdict(found))
    return found


def _check(study: Study, quarter: str) -> _Checked:
    from ..panel.building import build_panel
    from ..reading.tables import read_tables

    tables = read_tables(study, engine="duckdb")  # to check it needs no cluster
    panel = build_panel(tables, quarter=quarter)
    read = [
        {"table": s.table, "source": s.where, "sha256": s.sha256 or None, "rows": s.rows}
        for s in tables.sources
    ]
    return _Checked(read, list(panel.ledger.warnings))


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


def _finisher(
    study: Study, quarter: str, partial: Path, memory: ReportCache
) -> Callable[[Job, Any], Executed]:
    """Return what makes an executed notebook ready for the report, and keeps it."""
    heading = f"{study.name}, {quarter}" if quarter else study.name

    def ready(job: Job, node: Any) -> Executed:
        name = job.notebook.stem
        title = heading if name == REPORT_NOTEBOOK else f"{name}: {heading}"
        executed = finish(job, node, title, (study.path.parent, partial))
        memory.keep_executed(job, executed)
        return executed

    return ready


def _run(
    jobs: Sequence[Job],
    hits: Mapping[str, Executed],
    ready: Callable[[Job, Any], Executed],
    progress: bool,
    local: bool,
) -> dict[str, Executed]:
    """Run what the cache lacks, the report's notebook first: it takes longest."""
    order = sorted(
        (job for job in jobs if job.notebook.stem not in hits),
        key=lambda job: job.notebook.stem != REPORT_NOTEBOOK,
    )
    if not order:
        return {}
    # A Spark application takes the cores that it gets: one notebook after the other.
    workers = _WORKERS if local else 1
    with _bar(jobs, order, workers, progress) as bar:

        def finished(job: Job, node: Any) -> Executed:
            executed = ready(job, node)
            bar.ended(job)
            return executed

        done = execute_all(order, workers=workers, on_cell=bar.update, finish=finished)
    return {job.notebook.stem: executed for job, executed in zip(order, done, strict=True)}


@contextmanager
def _bar(jobs: Sequence[Job], order: Sequence[Job], workers: int, progress: bool) -> Iterator[_Bar]:
    """Show the cells that are done, and which of the notebooks in `order` run now."""
    number = {job.notebook.stem: count_cells(job.notebook) for job in jobs}
    left = [job.notebook.stem for job in order]
    total = sum(number.values())
    done = total - sum(number[name] for name in left)

    def doing() -> str:
        said = f"Report: {len(jobs) - len(left)} of {len(jobs)} done"
        return f"{said}, now {', '.join(left[:workers])}" if left else said

    with cells(total, doing(), done=done, shown=progress) as bar:

        def ended(job: Job) -> None:
            left.remove(job.notebook.stem)  # they start in their order: the next one runs now
            bar.set_description_str(doing())

        yield _Bar(bar.update, ended)


def _write_notebooks(done: Mapping[str, Executed], partial: Path) -> None:
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


def _warnings(checked: _Checked, done: Sequence[Executed]) -> list[dict[str, str]]:
    found = [{"from": "tables", "text": text} for text in checked.warnings]
    return found + [warning for executed in done for warning in executed.warnings]


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(
        json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
