"""What a run finds beside the ROI: metrics, scores, journeys, claims; each made when asked for.

All but the scores stand on one reading of all tables, which a run does once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ..study.parts import measures

if TYPE_CHECKING:
    from ..claims.examining import Claims
    from ..grid.contest import WorthAsking
    from ..grid.grid import Grid
    from ..grid.panels import ScorePanels
    from ..journeys.every import Figures
    from ..metrics.changes import Changes
    from ..metrics.compute import Metrics
    from ..metrics.linked import Linked
    from ..panel.store import Store
    from ..reading.ledger import SourceFile
    from ..reading.tables import Tables
    from ..results.estimate import Estimate
    from ..study.declared import Study


_WAVE = re.compile(r"\.quarter=[^.]*$")


class Measuring(Protocol):
    """A run as what is found beside the ROI needs it."""

    @property
    def study(self) -> Study:
        """The study."""
        ...

    @property
    def quarter(self) -> str:
        """The wave, empty for all."""
        ...

    @property
    def engine(self) -> str:
        """Where steps run."""
        ...

    @property
    def store(self) -> Store:
        """What was asked for before."""
        ...

    @property
    def measures(self) -> bool:
        """Whether there is anything to measure."""
        ...

    @property
    def metrics(self) -> Metrics:
        """The metrics."""
        ...

    @property
    def metrics_by_quarter(self) -> Metrics:
        """The metrics of each wave."""
        ...

    @property
    def claims(self) -> Claims:
        """The claims."""
        ...

    @property
    def score_grid(self) -> Grid:
        """The grid of scores and outcomes."""
        ...

    @property
    def worth_asking(self) -> WorthAsking:
        """Which score is worth asking."""
        ...


def of_study(study: Study) -> tuple[str, ...]:
    """Return the parts that a study allows, those first on which others stand."""
    if not measures(study):
        return ()
    scores = ("score_grid", "worth_asking") if study.scores else ()
    measured = ("metrics", "metrics_by_quarter", "metric_changes", "linked")
    return (*measured, "sources", "journeys", "claims", *scores)


def all_tables(run: Measuring) -> tuple[Tables, dict[str, str]]:
    """Return all tables, and of those that cannot be read what is wrong with each."""
    from ..metrics.reading import read_for_metrics

    made = lambda: read_for_metrics(run.study, engine=run.engine)  # noqa: E731
    return run.store.get("all_tables", made)


def measured(run: Measuring, names: Sequence[str] = (), by: str = "") -> Metrics:
    """Return metrics, all or some; see `metrics.compute`."""
    from ..metrics.compute import compute

    tables, unread = all_tables(run)
    found = compute(tables, names, by=by, quarter="" if by == "quarter" else run.quarter)
    return replace(found, unread=unread)


def by_quarter(run: Measuring) -> Metrics:
    """Return the metrics of each wave by itself."""
    return measured(run, by="quarter")


def estimates(run: Measuring) -> tuple[Estimate, ...]:
    """Return the estimates of all that is found, by the names of ``results.json``.

    These are the same every quarter, so that of a metric does not name its wave.
    """
    if not run.measures:
        return ()
    scores = (run.score_grid, run.worth_asking) if run.study.scores else ()
    found = [one.estimate for one in run.metrics.measured]
    of_metrics = [one.named(_WAVE.sub("", one.name)) for one in found]
    of_scores = [estimate for one in scores for estimate in one.estimates]
    return (*of_metrics, *of_scores, *run.claims.estimates)


def sources(run: Measuring) -> tuple[SourceFile, ...]:
    """Return where every table comes from."""
    return all_tables(run)[0].sources


def metric_changes(run: Measuring) -> Changes | None:
    """Return what changed since the wave before, that of the run or the last."""
    from ..metrics.changes import changes

    return changes(run.metrics_by_quarter, run.quarter)


def linked(run: Measuring) -> Linked:
    """Return whose rows the tables hold."""
    from ..metrics.linked import linked

    return linked(all_tables(run)[0])


def journeys(run: Measuring) -> Figures:
    """Return what customers do between their answers, as tables."""
    from ..journeys.every import figures_of, find_journeys

    by = next((name for name, role in run.study.attributes.items() if role == "customers"), "")
    return figures_of(find_journeys(all_tables(run)[0], by=by))


def claims(run: Measuring) -> Claims:
    """Return the claims of the field, held against the tables."""
    from ..claims.examining import examine_claims

    tables, unread = all_tables(run)
    return examine_claims(tables, left_out=unread)


def _score_panels(run: Measuring) -> ScorePanels:
    from ..grid.panels import score_panels

    made = lambda: score_panels(run.study, run.quarter, engine=run.engine)  # noqa: E731
    return run.store.get("score_panels", made)


def score_grid(run: Measuring) -> Grid:
    """Return every score against every outcome."""
    from ..grid.grid import score_grid as made

    return made(_score_panels(run))


def worth_asking(run: Measuring) -> WorthAsking:
    """Return which score foretells each outcome best."""
    from ..grid.asking import worth_asking as made

    return made(_score_panels(run))
