"""Opening a run: its panel, analysis and checks, each when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import CxroiError, StudyError
from ..files import cache
from ..panel.store import Store
from ..study.declared import Study
from ..study.loading import load_study
from ..study.overrides import parsed_table
from ..study.parts import measures, of_the_roi
from ..study.quarters import check_quarter
from . import beside, levers
from .shelves import CacheShelf, Shelf, hand_over, handed_over, identity, rests_on
from .whole import whole_analysis, whole_checks

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..claims.examining import Claims
    from ..evidence.pilot import Pilot
    from ..evidence.returns import Evidenced
    from ..grid.contest import WorthAsking
    from ..grid.grid import Grid
    from ..journeys.every import Figures
    from ..levers.drivers.found import Drivers
    from ..levers.estimate import LeverResult
    from ..levers.portfolio import Portfolio
    from ..levers.scale.whole_scale import WholeScale
    from ..levers.whom.pooled_segments import PooledSegments
    from ..levers.whom.targeting import Targeting
    from ..metrics.changes import Changes
    from ..metrics.compute import Metrics
    from ..metrics.linked import Linked
    from ..panel.overview import Overview
    from ..panel.panel import Panel
    from ..reading.ledger import SourceFile
    from ..results.estimate import Estimate
    from ..voice.theme import Voice

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Run:
    """What is found of a study and a quarter: read where it is kept, made and kept otherwise.

    Attributes
    ----------
    engine
        ``duckdb``, ``local[*]`` or ``spark://host:port``; what the study file says when empty.
    identity
        Of the study file, the quarter and the engine.
    shelf
        Where the findings are kept.
    store
        What was asked for before.
    """

    study: Study
    quarter: str
    engine: str
    identity: str = ""
    shelf: Shelf = field(default_factory=CacheShelf)
    store: Store = field(default_factory=Store, compare=False, repr=False)

    def __repr__(self) -> str:
        which = f"answers of {self.quarter}" if self.quarter else "all answers"
        where = "DuckDB" if self.engine == "duckdb" else f"Spark at {self.engine}"
        return f"Run of {self.study.name} ({self.study.path.name}): {which}, computed by {where}"

    @property
    def panel(self) -> Panel:
        """The panel with its rows: built, for findings are read without it."""
        return self.store.get("panel", self._build)

    @property
    def overview(self) -> Overview:
        """What a reader is told of the panel."""
        from ..panel.overview import overview

        return self._part("overview", lambda: overview(self.panel), lambda found: found)

    @property
    def analysis(self) -> Analysis:
        """Everything the study says; what is fitted is made when it is asked for."""
        from ..analysis import analyse

        whole = partial(whole_analysis, self)
        found: Analysis = self._part("analysis", lambda: analyse(self.panel), whole)
        return found

    @property
    def checks(self) -> Checks:
        """What could make the numbers wrong."""
        from ..checks.run import run_checks

        whole = partial(whole_checks, self)
        found: Checks = self._part("checks", lambda: run_checks(self.analysis), whole)
        return found

    @property
    def profile(self) -> dict[str, Any]:
        """What each table looks like in a few numbers: see `reading.profile`."""
        from ..reading.profile import profile

        made: Callable[[], dict[str, Any]] = lambda: profile(self.panel.tables)  # noqa: E731
        return self._part("profile", made, dict)

    @property
    def measures(self) -> bool:
        """Whether the study declares anything that only metrics read."""
        return measures(self.study)

    @property
    def metrics(self) -> Metrics:
        """The metrics that the tables allow, of the wave, or of all."""
        return self._beside("metrics", beside.measured)

    @property
    def metrics_by_quarter(self) -> Metrics:
        """The same of each wave by itself."""
        return self._beside("metrics_by_quarter", beside.by_quarter)

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """Where every table comes from, those that only metrics read among them."""
        return self._beside("sources", beside.sources) if self.measures else self.overview.sources

    @property
    def metric_changes(self) -> Changes | None:
        """What changed since the wave before, that of the run or the last; None without two."""
        return self._beside("metric_changes", beside.metric_changes)

    @property
    def linked(self) -> Linked:
        """Whose rows the tables hold: of customers, prospects, others, nobody known."""
        return self._beside("linked", beside.linked)

    @property
    def score_grid(self) -> Grid:
        """Every score against every outcome."""
        return self._beside("score_grid", beside.score_grid)

    @property
    def worth_asking(self) -> WorthAsking:
        """Which of the scores foretells each outcome best, if any does."""
        return self._beside("worth_asking", beside.worth_asking)

    @property
    def journeys(self) -> Figures:
        """What customers do between their answers, as tables; see `journeys.find_journeys`."""
        return self._beside("journeys", beside.journeys)

    @property
    def claims(self) -> Claims:
        """The claims of the field, each held against the tables; see `claims.examine_claims`."""
        return self._beside("claims", beside.claims)

    @property
    def beside(self) -> tuple[Estimate, ...]:
        """Estimates of all that is found beside the ROI, for ``results.json``."""
        return (*beside.estimates(self), *levers.estimates(self))

    @property
    def drivers(self) -> Drivers | CxroiError:
        """Which inputs go with the score; see `cx.find_drivers`."""
        return self._beside("drivers", levers.drivers)

    @property
    def levers(self) -> tuple[LeverResult, ...] | CxroiError:
        """What each lever of the study moves and earns."""
        return self._beside("levers", levers.levers)

    @property
    def portfolio(self) -> Portfolio | CxroiError:
        """The levers held against one another: the best, the best set, what knowing is worth."""
        return self._beside("portfolio", levers.portfolio)

    @property
    def targeting(self) -> Targeting | CxroiError:
        """Whom to move, if the effect differs between customers; see `cx.whom_to_move`."""
        return self._beside("targeting", levers.targeting)

    @property
    def pooled(self) -> PooledSegments | CxroiError:
        """Segments in the light of one another; see `cx.pooled_segments`."""
        return self._beside("pooled", levers.pooled)

    @property
    def curves(self) -> Mapping[str, WholeScale | CxroiError]:
        """Each outcome along the whole scale; see `cx.whole_scale`."""
        return self._beside("curves", levers.curves)

    @property
    def voice(self) -> Voice | CxroiError:
        """What customers write about, and what goes with it; see `cx.find_themes`."""
        return self._beside("voice", levers.voice)

    @property
    def pilots(self) -> tuple[Pilot, ...]:
        """What the pilots of the study show."""
        return self._beside("pilots", levers.pilots)

    @property
    def evidenced(self) -> Evidenced | None:
        """The ROI at the causal share that pilots leave; None where they leave none."""
        return self._beside("evidenced", levers.evidenced)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of what the study asks for beside its ROI, such as ``levers`` or ``pilots``."""
        return (*beside.of_study(self.study), *levers.of_study(self.study))

    def measure(self, names: Sequence[str] = (), by: str = "") -> Metrics:
        """Return metrics, all or some, by an attribute or ``quarter``; see `metrics.compute`."""
        return beside.measured(self, names, by)

    def _beside(self, part: str, make: Callable[[Run], T]) -> T:
        return self._part(part, lambda: make(self), lambda found: found)

    def fill(self) -> Iterator[str]:
        """Make all that is not kept; the name of each part is yielded before it is made."""
        for part in ("overview", "analysis", "checks", "profile", *self.parts):
            yield part
            getattr(self, part)

    def handed(self, folder: Path) -> Run:
        """Return the run as one that others read from a folder, which is made.

        It remembers tables and panel alone: a part that was asked for before is handed over too.
        """
        store = Store()
        if "panel" in self.store:
            store.get("panel", lambda: self.panel)
        if "all_tables" in self.store:
            store.get("all_tables", lambda: beside.all_tables(self))
        return replace(self, shelf=hand_over(folder, self.shelf, self.identity), store=store)

    def _build(self) -> Panel:
        from ..panel.building import build_panel
        from ..reading.tables import read_tables

        return build_panel(read_tables(self.study, engine=self.engine), quarter=self.quarter)

    def _part(self, part: str, make: Callable[[], T], whole: Callable[[T], T]) -> T:
        return self.store.get(part, lambda: self._fetched(part, make, whole))

    def _fetched(self, part: str, make: Callable[[], T], whole: Callable[[T], T]) -> T:
        from .codec import read, write

        kept = self.shelf.fetch(part)
        if kept is not None:
            own = part not in self.parts
            return whole(read(kept, of_the_roi(self.study) if own else self.study))
        made = make()
        self.shelf.keep(part, lambda: write(made))
        return made


def open_run(
    study: str | Path | Mapping[str, Any] | Study,
    quarter: str = "",
    engine: str = "",
    *,
    scenario: str | Mapping[str, Any] = "",
    only: str | Mapping[str, Any] = "",
) -> Run:
    """Open the run of a study and a quarter.

    Nothing is read or fitted here but the study: panel, analysis and checks are taken from the
    cache when they are asked for, or made then, and kept for the next time where the study and
    all its tables are files.

    Parameters
    ----------
    study
        The study file; a mapping of the same shape, or what `load_study` returned, is not kept.
    quarter
        Such as ``2026Q3``; empty for all waves together.
    engine
        ``duckdb``, ``local[*]`` or ``spark://host:port``; what the study file says when empty.
    scenario
        Keys of ``[scenario]`` with values in place of those of the study file: a mapping, or a
        text such as ``cost_per_moved = 5, share_moved = [0.05, 0.1, 0.2]``.
    only
        The customers that the run is of, as `load_study` takes them: ``{"segment": "Business"}``,
        or the text ``segment = "Business"``.

    Raises
    ------
    StudyError, Problems
        The study cannot be used, or not with these values.
    ParameterError
        The quarter is not written as the study's waves are.
    """
    changes = {"scenario": _table(scenario, "scenario"), "only": _table(only, "only")}
    if isinstance(study, Study):
        if any(changes.values()):
            raise StudyError(
                "the study is loaded already",
                "scenario and only change a study file as it is loaded",
                "Give them to load_study",
            )
        check_quarter(quarter, study)
        return Run(study, quarter, engine or study.engine)
    path = None if isinstance(study, Mapping) else Path(study)
    text = path.read_bytes() if path is not None and path.is_file() else b""
    loaded = load_study(study, **changes)
    check_quarter(quarter, loaded)
    return run_of(loaded, text, quarter, engine)


def _table(given: str | Mapping[str, Any], what: str) -> Mapping[str, Any]:
    return parsed_table(given, what) if isinstance(given, str) else given


def run_of(
    study: Study, text: bytes, quarter: str, engine: str = "", *, basis: str | None = None
) -> Run:
    """Return the run of a study that was loaded from a file with this text.

    Parameters
    ----------
    basis
        What `rests_on` said when the text was read; empty where nothing is to be kept. By
        default it is asked now.
    """
    engine = engine or study.engine
    about = {"place": str(study.path), "study": identity(study, text)}
    named = cache.digest(**about, quarter=quarter, engine=engine)
    handed = handed_over(named) if text else None
    if handed is not None:
        return Run(study, quarter, engine, named, handed)
    if basis is None:
        basis = rests_on(study, text, quarter) if text and cache.folder() else ""

    def unchanged() -> bool:
        return study.path.is_file() and rests_on(study, study.path.read_bytes(), quarter) == basis

    key = basis and cache.digest(basis=basis, engine=engine)
    return Run(study, quarter, engine, named, CacheShelf(key, unchanged))
