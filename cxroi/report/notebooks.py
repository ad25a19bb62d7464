"""Run notebooks through papermill: checked parameters, this interpreter, nothing half written.

papermill gives the executed notebook back instead of writing it after each cell, so that a
run that fails or is killed has left nothing. Its kernel is the interpreter that runs cxroi,
whatever kernelspec named ``python3`` the machine has, over an encrypted connection.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import CxroiError, OutputError
from ..files import cache
from ..files.locked import clear_away
from ..files.outputs import complete_file
from ..files.progress import cells
from . import parameters as declared_parameters
from .kernels import WORKERS, Kernels, how_it_ended, manager_class
from .parameters import Value

# What jupyter_client says of a kernel that ended before it answered; no cell has run then.
_NOT_UP = "before replying to kernel_info"
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")


class NotebookError(CxroiError):
    """A notebook that stopped before its end; the message is that of the cell."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)
        self.found, self.expected, self.fix = message, "", ""


@dataclass(frozen=True)
class Job:
    """A notebook and the checked parameters to run it with."""

    notebook: Path
    parameters: Mapping[str, Value] = field(default_factory=dict)


def run_notebook(
    notebook: Path,
    given: Mapping[str, object],
    out: Path,
    *,
    force: bool = False,
    progress: bool = True,
) -> Path:
    """Run one notebook and write what it gave, or leave nothing.

    Parameters
    ----------
    notebook
        The notebook file.
    given
        Parameters by name; a text stands for a value of the declared type.
    out
        An ``.ipynb``, or an ``.html`` that is rendered from it.
    force
        Replace an existing output once the new one is complete.
    progress
        Show a progress bar on stderr where that is a terminal.

    Raises
    ------
    ParameterError
        An unknown or ill-typed parameter; nothing has run.
    OutputError
        The output exists or cannot be written, or the cache folder cannot be used; nothing has
        run.
    NotebookError
        A cell raised, or the kernel died.
    """
    job = Job(notebook, declared_parameters.checked(declared_parameters.declared(notebook), given))
    _check_out(notebook, out, force)
    cache.folder()  # refused once and now, not by every table that the notebook reads
    with cells(count_cells(notebook), notebook.stem, shown=progress) as bar:
        [node] = execute_all([job], workers=1, on_cell=bar.update)
    with complete_file(out, force) as partial:
        partial.write_text(_content(node, out), encoding="utf-8")
    return out


def count_cells(notebook: Path) -> int:
    """Return how many cells run: papermill adds one with the parameters."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code: int = sum(
        cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) for cell in found
    )
    return 1 + code


def in_order(jobs: Sequence[Job], longest: str) -> list[Job]:
    """Return jobs as they are to start: those that read little, then the one that takes longest."""
    own = [job for job in jobs if job.notebook.stem == longest]
    others = [job for job in jobs if job not in own]
    return [*others[:WORKERS], *own, *others[WORKERS:]]


def execute_all(
    jobs: Sequence[Job],
    *,
    workers: int = WORKERS,
    on_cell: Callable[[], object] | None = None,
    finish: Callable[[Job, Any], Any] | None = None,
    meanwhile: Iterable[object] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> list[Any]:
    """Run notebooks side by side and return them executed; they start in the order given.

    The first that fails stops the others. An exception in the calling thread (an interrupt, a
    termination) stops all kernels before it goes on.

    Parameters
    ----------
    workers
        How many run at a time.
    on_cell
        Called after every cell that ran, in the thread of its notebook.
    finish
        Called with each notebook as soon as it has run, in its thread; what it returns stands
        in the place of the notebook.
    meanwhile
        Work of the calling thread, taken step by step while the notebooks run.
    environment
        Variables for the kernels, besides those of this process.
    """
    kernels = Kernels(workers, environment)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="cxroi")
    try:
        futures = [pool.submit(_finished, job, kernels, on_cell, finish) for job in jobs]
        for _ in meanwhile:
            if any(future.done() and future.exception() for future in futures):
                break
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        failed = [future for future in futures if future in done and future.exception()]
        return [future.result() for future in failed or futures]
    finally:
        kernels.stop()
        pool.shutdown(wait=True, cancel_futures=True)
        clear_away()  # a killed kernel removes nothing itself


def _finished(
    job: Job,
    kernels: Kernels,
    on_cell: Callable[[], object] | None,
    finish: Callable[[Job, Any], Any] | None,
) -> Any:
    node = _started(job, kernels, on_cell)
    return finish(job, node) if finish else node


def _started(job: Job, kernels: Kernels, on_cell: Callable[[], object] | None) -> Any:
    """Run a notebook; once more where its kernel did not come up, as when another took its port."""
    try:
        return _execute(job, kernels, on_cell)
    except NotebookError as error:
        if _NOT_UP not in str(error.__cause__):
            raise
        return _execute(job, kernels, on_cell)


def _execute(job: Job, kernels: Kernels, on_cell: Callable[[], object] | None) -> Any:
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    hooks = {"on_cell_executed": lambda **_: on_cell()} if on_cell else {}
    begun: list[Any] = []
    path = str(job.notebook.resolve()).replace("{", "{{").replace("}", "}}")
    try:
        node = papermill.execute_notebook(
            path,  # papermill formats a path, hence the doubled braces
            None,
            parameters=dict(job.parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            kernel_manager_class=manager_class(kernels, begun.append),
            shutdown_kernel="immediate",  # a cell that ended has nothing left to say goodbye to
            **hooks,
        )
    except PapermillExecutionError as error:
        raise _cell_error(job.notebook, error) from None
    except (DeadKernelError, RuntimeError) as error:
        process = begun[-1] if begun else None
        raise NotebookError(f"{job.notebook.stem}: {how_it_ended(process)}.") from error
    node.metadata.papermill.update(input_path=job.notebook.name, output_path="")
    if not node.metadata.papermill.get("end_time") or node.metadata.papermill.get("exception"):
        raise NotebookError(f"{job.notebook.stem}: the notebook did not run to its end.")
    return node


def _cell_error(notebook: Path, error: Any) -> NotebookError:
    """Return the message of a refusal, or the place of any other exception.

    The text of a foreign exception may quote a cell of a table, so it is not repeated.
    """
    if error.ename in {kind.__name__ for kind in _refusals(CxroiError)}:
        return NotebookError(f"{notebook.stem}: {error.evalue}")
    lines = _LINE.findall(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)))
    place = f"In [{error.exec_count}]" + (f", line {lines[-1]}" if lines else "")
    return NotebookError(
        f"{notebook.stem}: {error.ename} in {place}. The text of the exception may hold data and "
        "is not repeated here: open the notebook in JupyterLab with the same parameters to see it."
    )


def _refusals(kind: type[CxroiError]) -> Iterator[type[CxroiError]]:
    yield kind
    for sub in kind.__subclasses__():
        yield from _refusals(sub)


def _check_out(notebook: Path, out: Path, force: bool) -> None:
    if out.suffix not in (".ipynb", ".html"):
        raise OutputError(f"the output {out.name!r} has another ending", "one in .ipynb or .html")
    if out.resolve() == notebook.resolve():
        raise OutputError("the output is the notebook itself", "another file", "Name it with --out")
    if out.is_dir() or not out.parent.is_dir():
        state = "is a folder" if out.is_dir() else "lies in a folder that does not exist"
        raise OutputError(f"the output {out.name!r} {state}", "a file in an existing folder")
    if out.exists() and not force:
        raise OutputError(
            f"{out.name} exists", fix="Name another --out, or replace it with --force"
        )


def _content(node: Any, out: Path) -> str:
    if out.suffix == ".html":
        from .render import render

        return render(node, name=out.stem)
    import nbformat

    return str(nbformat.writes(node)) + "\n"  # type: ignore[no-untyped-call]
