"""The bar of a report: the cells that are done, what is made and which notebooks run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..files.progress import cells
from .kernels import WORKERS
from .notebooks import Job, count_cells


@dataclass(frozen=True)
class Bar:
    """What moves the bar of a report: a cell that ran, a notebook that ended, a part of the run."""

    update: Callable[[], object]
    ended: Callable[[Job], None]
    making: Callable[[str], None]


@contextmanager
def notebook_bar(jobs: Sequence[Job], order: Sequence[Job], progress: bool) -> Iterator[Bar]:
    """Show the cells that are done, and which of the notebooks in `order` run now."""
    number = {job.notebook.stem: count_cells(job.notebook) for job in jobs}
    left = [job.notebook.stem for job in order]
    total = sum(number.values())
    done = total - sum(number[name] for name in left)

    making = [""]

    def doing() -> str:
        said = f"Report: {len(jobs) - len(left)} of {len(jobs)} done"
        now = [*filter(None, making), *left[:WORKERS]]
        return f"{said}, now {', '.join(now)}" if now else said

    with cells(total, doing(), done=done, shown=progress) as bar:

        def ended(job: Job) -> None:
            left.remove(job.notebook.stem)  # they start in their order: the next one runs now
            bar.set_description_str(doing())

        def make(part: str) -> None:
            making[0] = part
            bar.set_description_str(doing())

        yield Bar(bar.update, ended, make)
