"""The notebooks of a report once they ran: finished for the reader, and kept in the cache."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ..files import cache
from ..runs.shelves import rests_on
from ..study.declared import Study
from .manifest import notebook_warnings
from .notebooks import Job
from .parameters import Value

RESULTS = "results"  # the parameter that says where to write; no number depends on it
_ALL = ""
_RENDERING = threading.Lock()


@dataclass(frozen=True)
class Executed:
    """What an executed notebook leaves in a report.

    Attributes
    ----------
    notebook, page
        The notebook as nbformat writes it, and the page rendered from it.
    results
        The file of key numbers that it wrote; empty where it writes none.
    warnings
        What its cells wrote to stderr.
    computed_at
        ISO 8601, UTC.
    """

    notebook: str
    page: str
    results: str
    warnings: list[dict[str, str]]
    computed_at: str


def finish(job: Job, node: Any, title: str, folders: Sequence[Path]) -> Executed:
    """Return an executed notebook as the report needs it.

    Parameters
    ----------
    title
        Heading of the page.
    folders
        Folders of this machine that must not be named in it.

    Raises
    ------
    OutputError
        It wrote no readable results, or none, where it has the parameter to write them.
    RenderError
        It must not become a page.
    """
    import nbformat

    from .render import render
    from .scrub import scrub

    name = job.notebook.stem
    results = _results(Path(str(job.parameters[RESULTS])), name) if _writes(job) else ""
    with _RENDERING:  # kernels end in threads of their own
        node = scrub(node, folders)
        text = str(nbformat.writes(node)) + "\n"  # type: ignore[no-untyped-call]
        page = render(node, name=name, title=title)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Executed(text, page, results, notebook_warnings(name, node), now)


class ReportCache:
    """What the cache holds of one report, keyed by study, data, notebooks and environment.

    Nothing is kept of a run during which any of these changed: which state it saw is unknown.
    """

    def __init__(
        self,
        study: Study,
        text: bytes,
        quarter: str,
        notebooks: Sequence[Path],
        on: bool,
        before: Sequence[str] = (),
    ) -> None:
        """Take the state of everything now.

        Parameters
        ----------
        text
            The study file from before it was read.
        before
            With which runs the notebook that writes results may be compared.
        """
        self._before = list(before)
        self._study, self._quarter, self._notebooks = study, quarter, notebooks
        self._state = self._now(text) if on and cache.folder() else None

    @property
    def basis(self) -> str:
        """What `rests_on` said; empty where nothing is kept."""
        return self._state[_ALL] if self._state else ""

    def kept(
        self, name: str, make: Callable[[], Mapping[str, Any]], **of: Value
    ) -> Mapping[str, Any]:
        """Return what is no notebook, such as the check of the study: as kept, or made and kept.

        Parameters
        ----------
        of
            What else it depends on.
        """
        key = self._key(name, of)
        found: Mapping[str, Any] | None = self._fetch(key)
        if found is None:
            found = make()
            self._keep(key, found)
        return found

    def executed(self, job: Job) -> Executed | None:
        """Return the executed notebook of a job, if it is kept."""
        found = self._fetch(self._job_key(job))
        return Executed(**found) if found else None

    def keep_executed(self, job: Job, executed: Executed) -> None:
        """Keep an executed notebook."""
        self._keep(self._job_key(job), asdict(executed))

    def _now(self, text: bytes) -> dict[str, str] | None:
        """Return a hash of what all of the report rests on, and one for each notebook."""
        basis = rests_on(self._study, text, self._quarter)
        if not basis:
            return None
        state = {_ALL: basis}
        try:
            for path in self._notebooks:
                state[path.stem] = cache.digest(source=path.read_text(encoding="utf-8"))
        except OSError:  # a file of the package was replaced while it was read
            return None
        return state

    def _job_key(self, job: Job) -> str:
        given = {name: value for name, value in job.parameters.items() if name != RESULTS}
        writes = {RESULTS: _writes(job)}
        compared = {"before": json.dumps(self._before)} if _writes(job) else {}
        return self._key(job.notebook.stem, given | writes | compared)

    def _key(self, name: str, parameters: Mapping[str, Value] | None = None) -> str:
        if self._state is None:
            return ""
        source = self._state.get(name, "")
        return cache.digest(
            basis=self._state[_ALL], name=name, source=source, parameters=parameters or {}
        )

    def _fetch(self, key: str) -> dict[str, Any] | None:
        content = cache.fetch(key) if key else None
        return json.loads(content) if content else None

    def _keep(self, key: str, content: Mapping[str, Any]) -> None:
        with suppress(OSError):  # a file that is gone by now has changed
            if key and self._now(self._study.path.read_bytes()) == self._state:
                cache.keep(key, json.dumps(content).encode())


def _writes(job: Job) -> bool:
    return bool(job.parameters.get(RESULTS))


def _results(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        entries = json.loads(text)["results"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise OutputError(
            f"{name} wrote no readable {path.name}", "a file with a list of results"
        ) from error
    if not entries:
        raise OutputError(f"the {path.name} of {name} is empty", "at least one result")
    return text
