"""All runs that lie below a folder, and how scores, gaps and ROI went from quarter to quarter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CxroiError, ParameterError, nearest
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from .remembered import FIRST_WINDOW, RESULTS, RUN, Remembered, remembered

if TYPE_CHECKING:
    import pandas as pd

_FOLLOWED = ("score.", "share.", "contrast.", "roi.ratio", "roi.net_value", "roi.probability")
_RUNGS = (".raw", ".doubly_robust", ".weighted")


@dataclass(frozen=True)
class Found:
    """A report folder: the run in it, or why it cannot be read."""

    folder: Path
    run: Remembered | None
    problem: str = ""


@dataclass(frozen=True, repr=False)
class History(TidyMixin):
    """Figures of the runs of one study, by quarter.

    Attributes
    ----------
    runs
        One a quarter, the latest made, in the order of the quarters.
    estimates
        ``history.<quarter>.<name>``, the name that of results.json.
    problems
        A sentence for each folder that cannot be read.
    """

    study: str
    runs: tuple[Remembered, ...]
    estimates: tuple[Estimate, ...]
    problems: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """Return ``quarter, figure, estimate, conf_low, conf_high, n, unit``, a row an estimate."""
        import pandas as pd

        names = ("estimate", "conf_low", "conf_high", "n", "unit")
        rows = [
            (*e.name.split(".", 2)[1:], *(getattr(e, name) for name in names))
            for e in self.estimates
        ]
        return pd.DataFrame(rows, columns=["quarter", "figure", *names])


def runs_below(folder: str | Path, *, deep: bool = True) -> tuple[Found, ...]:
    """Return every report folder below a folder, in the order of when they were made.

    Hidden folders are left out; those that cannot be read are not, and say why.

    Parameters
    ----------
    deep
        Look into folders of folders too, however many.

    Raises
    ------
    ParameterError
        There is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ParameterError(
            f"{root.name or root} is no folder", "a folder with report folders in it"
        )
    places = {
        path.parent
        for name in (RESULTS, RUN)
        for path in root.glob(f"{'**' if deep else '*'}/{name}")
    }
    shown = [p for p in places if not any(q.startswith(".") for q in p.relative_to(root).parts)]
    found = [_found(place) for place in sorted(shown)]
    return tuple(sorted(found, key=lambda one: one.run.run["started"] if one.run else ""))


def _found(folder: Path) -> Found:
    try:
        return Found(folder, remembered(folder))
    except CxroiError as error:
        return Found(folder, None, str(error))


def last_before(folder: str | Path, study: str, quarter: str) -> Remembered | None:
    """Return the last run of a study before a quarter; where all waves are run, the last made.

    Only what lies in the folder itself is looked at: it may be anybody's home.

    Returns
    -------
    Remembered or None
        None where there is none that can be read.
    """
    if not Path(folder).is_dir():
        return None
    found = runs_below(folder, deep=False)
    runs = [one.run for one in found if one.run and one.run.study == study]
    if not quarter:
        return next((run for run in reversed(runs) if not run.quarter), None)
    earlier = [run for run in runs if run.quarter and run.quarter < quarter]
    return max(earlier, key=lambda run: (run.quarter, run.run["started"]), default=None)


def trends_over_runs(folder: str | Path, study: str = "") -> History:
    """Return how scores, gaps and ROI of a study went from quarter to quarter.

    Parameters
    ----------
    folder
        With report folders below it; runs of all waves together are no quarter and left out.
    study
        Its name; may be left out where all runs are of one.

    Raises
    ------
    ParameterError
        No such folder, no run of a quarter, or runs of several studies and none is named.

    Examples
    --------
    >>> cx.trends_over_runs("reports").tidy()  # doctest: +SKIP
    """
    found = runs_below(folder)
    runs = [one.run for one in found if one.run and one.run.quarter]
    names = list(dict.fromkeys(run.study for run in runs))
    if study not in names and (study or len(names) != 1):
        of = f"runs of {study!r}" if study else f"runs of {len(names)} studies"
        raise ParameterError(
            f"{Path(folder).name} holds {'no ' * bool(study or not names)}{of} and a quarter",
            "runs of one study",
            nearest(study, names) if names else "Make some: cxroi report STUDY --quarter 2026Q1",
        )
    chosen = {run.quarter: run for run in runs if run.study == (study or names[0])}
    ordered = tuple(chosen[quarter] for quarter in sorted(chosen))
    problems = tuple(f"{one.folder.name}: {one.problem}" for one in found if one.problem)
    return History(study or names[0], ordered, tuple(_followed(ordered)), problems)


def _followed(runs: Iterable[Remembered]) -> Iterator[Estimate]:
    for run in runs:
        for name, estimate in run.results.items():
            plain = name.removesuffix(FIRST_WINDOW)
            gap = name.startswith("contrast.") and not name.endswith(_RUNGS)
            rung = name.startswith("roi.") and plain.count(".") > 1
            if name.startswith(_FOLLOWED) and not gap and not rung:
                yield replace(estimate, name=f"history.{run.quarter}.{name}")
