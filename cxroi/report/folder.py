"""The report folder: run the notebooks, render the report, write down what it rests on.

Everything is made in a hidden folder beside the final one and renamed at the very end, so that
a run which fails or is killed at any point leaves no report. Notebooks that were done by then
are in the cache, from which the next run takes them.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from ..engine.engines import check_address
from ..errors import CxroiError, ParameterError, nearest, raise_all
from ..files.locked import clear_away
from ..files.outputs import complete_folder, refuse_occupied
from ..files.progress import line
from ..runs.beside import all_tables
from ..runs.opening import Run, run_of
from ..runs.shelves import HANDED
from ..study.declared import Study
from ..study.quarters import check_quarter
from . import events, shipped
from .bar import notebook_bar
from .contents import (
    NOTEBOOKS,
    REPORT,
    REPORT_NOTEBOOK,
    RESULTS,
    RUN,
    all_warnings,
    default_name,
    write_notebooks,
    write_run,
)
from .earlier import held_against, last_run, runs_beside
from .executed import Executed, ReportCache, finish
from .kernels import WORKERS
from .manifest import manifest
from .notebooks import Job, execute_all, in_order
from .parameters import Value, check_value, declared
from .study_changes import PARTS, folded, load_changed, table

_OWN = frozenset({REPORT, RUN, RESULTS, NOTEBOOKS})
PRIVATE, LOCAL = ".run", "duckdb"
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
    profile: dict[str, Any] = field(default_factory=dict)


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
    against: str = "",
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
        Further notebook parameters; each goes to the notebooks that declare it. Besides
        ``scenario.KEY`` and ``only.COLUMN``, which change the study for all of them.
    progress
        Show a progress bar on stderr where that is a terminal.
    engine
        ``duckdb``, ``local[*]`` or ``spark://host:port``; what the study file says when empty.
    cached
        Take notebooks from the cache that ran on the same study, data, parameters and versions,
        and keep those that run now. Studies with tables in databases have no cache.
    against
        The report folder whose data these are held against, or ``none``; when empty the last
        run of the same study, in `out` or beside it.

    Returns
    -------
    Path
        The folder, with ``report.html``, ``results.json``, ``run.json`` and ``notebooks/``.

    Raises
    ------
    CxroiError
        Whatever keeps the report from being complete, data among it that are not like those of
        the last run; nothing is left at `out`.
    """
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    given = folded(parameters or {})
    changes = {part: table(given.get(part, ""), part) for part in PARTS}
    _shared_out([shipped.notebook(name) for name in shipped.REPORT_NOTEBOOKS], given)
    check_address(engine)
    if out is not None:
        refuse_occupied(out.absolute(), _OWN, force)
    path = study or shipped.demo_study()
    text = path.read_bytes() if path.is_file() else b""
    loaded = _loaded(path, changes)
    check_quarter(quarter, loaded)
    notebooks = shipped.of_report(loaded)
    extra = _shared_out(notebooks, given)
    events.started(loaded, quarter)
    target = (out or Path(default_name(loaded.name, quarter))).absolute()
    memory = ReportCache(loaded, text, quarter, notebooks, cached, runs_beside(target))
    run = run_of(loaded, text, quarter, engine, basis=memory.basis)
    last = last_run(loaded.name, target, against)
    checked = _checked(run, memory, progress)
    drifted = held_against(last, loaded, text, checked.profile)
    with complete_folder(target, _OWN, force) as partial:
        common = {
            "study": str(study.resolve()) if study else "",
            "quarter": quarter,
            "engine": engine,
        }
        jobs = [
            Job(path, common | values | _results_of(path, partial))
            for path, values in zip(notebooks, extra, strict=True)
        ]
        hits = {job.notebook.stem: hit for job in jobs if (hit := memory.executed(job))}
        for name, hit in hits.items():
            events.notebook(name, hit.computed_at)
        ready = _finisher(loaded, quarter, partial, memory)
        done = hits | _run(jobs, hits, ready, run, partial / PRIVATE, progress)
        clear_away(loaded.engine_folder)  # what Spark left there
        write_notebooks(done, partial)
        write_run(
            partial / RUN,
            manifest(
                study=run.study,
                text=text,
                tables=checked.tables,
                profile=checked.profile,
                drift=drifted,
                concluded=memory.kept("conclusion", lambda: _conclusion(run), engine=run.engine),
                quarter=quarter,
                parameters={**given, **({"engine": engine} if engine else {})},
                warnings=all_warnings(checked.warnings, [done[path.stem] for path in notebooks]),
                started=started,
                seconds=time.monotonic() - clock,
                cached={
                    path.stem: hits[path.stem].computed_at
                    for path in notebooks
                    if path.stem in hits
                },
            ),
        )
    events.written(target, time.monotonic() - clock)
    return target


def _loaded(path: Path, changes: Mapping[str, Any]) -> Study:
    """Load the study; where it is refused, tell what is wrong with its tables too."""
    try:
        return load_changed(path, changes)
    except CxroiError:
        from ..reading.whole_study import read_study

        read_study(path)
        raise


def _checked(run: Run, memory: ReportCache, progress: bool) -> _Checked:
    """Check the study before any notebook runs: all its problems, at once and soon."""

    def check() -> dict[str, Any]:
        with line("Report: checking the study", shown=progress):
            return asdict(_check(run))

    found = _Checked(**memory.kept("check", check))
    events.checked(found.tables)
    return found


def _conclusion(run: Run) -> dict[str, Any]:
    from ..runs.record import conclusion

    return conclusion(run.analysis, run.checks)


def _check(run: Run) -> _Checked:
    # To check it needs no cluster.
    local = run if run.engine == LOCAL else Run(run.study, run.quarter, LOCAL)
    panel = local.panel
    sources, warnings = list(panel.tables.sources), list(panel.ledger.warnings)
    if local.measures:
        tables, unread = all_tables(local)
        known = {source.table for source in sources}
        sources += [source for source in tables.sources if source.table not in known]
        warnings += [said for said in tables.ledger.warnings if said not in warnings]
        warnings += unread.values()
    read = [
        {"table": s.table, "source": s.where, "sha256": s.sha256 or None, "rows": s.rows}
        for s in sources
    ]
    return _Checked(read, warnings, local.profile)


def _shared_out(notebooks: Sequence[Path], given: Mapping[str, object]) -> list[dict[str, Value]]:
    """Return, for each notebook, those of the given values that it declares, checked."""
    known = [declared(path) for path in notebooks]
    names = [name for parameters in known for name in parameters]
    problems: list[CxroiError] = []
    shares: list[dict[str, Value]] = [{} for _ in notebooks]
    for name, value in given.items():
        if name in _SET_HERE:
            problems.append(ParameterError(f"{name!r} is set by the report", fix=_SET_HERE[name]))
        elif name not in names or (name in PARTS and not all(name in k for k in known)):
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
        events.notebook(name)
        return executed

    return ready


def _run(
    jobs: Sequence[Job],
    hits: Mapping[str, Executed],
    ready: Callable[[Job, Any], Executed],
    run: Run,
    private: Path,
    progress: bool,
) -> dict[str, Executed]:
    """Run what the cache lacks, and meanwhile make what the notebooks read."""
    order = in_order([job for job in jobs if job.notebook.stem not in hits], REPORT_NOTEBOOK)
    if not order:
        return {}
    with notebook_bar(jobs, order, progress) as bar:

        def finished(job: Job, node: Any) -> Executed:
            executed = ready(job, node)
            bar.ended(job)
            return executed

        done = execute_all(
            order,
            workers=WORKERS,
            on_cell=bar.update,
            finish=finished,
            meanwhile=map(bar.making, chain(_fill(run, private), [""])),
            environment={HANDED: str(private)},
        )
    shutil.rmtree(private, ignore_errors=True)
    return {job.notebook.stem: executed for job, executed in zip(order, done, strict=True)}


def _fill(run: Run, private: Path) -> Iterator[str]:
    """Return what makes the run part by part, for the notebooks to read from a private folder."""
    return run.handed(private).fill()
