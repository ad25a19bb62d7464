"""All figures of journeys of a study; of what its tables do not allow, which column is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..errors import CxroiError, attempt
from ..metrics.relations import scores_of
from ..results.display import TidyMixin
from .asking import when_to_ask
from .company_events import around_events
from .effort import observed_effort
from .last_wave import since_last_wave
from .not_asking import whom_not_to_ask
from .paths import Paths, find_paths
from .score_changes import before_change
from .scores import score_named
from .service import call_abandonment, cart_abandonment, service_times, task_completion
from .volume import contact_volume, volume_by

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore


@dataclass(frozen=True, repr=False)
class Journeys(TidyMixin):
    """All figures of journeys.

    Attributes
    ----------
    found
        By name, such as ``paths``: what was found.
    missing
        By name: why there is nothing, and which table or column would change that.
    """

    found: Mapping[str, TidyMixin]
    missing: Mapping[str, str]

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure: how many rows it has, or what is missing."""
        import pandas as pd

        there = [(name, len(one.tidy()), "") for name, one in self.found.items()]
        rows = [*there, *((name, 0, why) for name, why in self.missing.items())]
        return pd.DataFrame(rows, columns=["figure", "rows", "missing"])


@dataclass(frozen=True)
class Figures:
    """The figures of journeys as tables: what a run keeps.

    Attributes
    ----------
    tables, missing
        By name, as of `Journeys`.
    """

    tables: Mapping[str, pd.DataFrame]
    missing: Mapping[str, str]


def figures_of(found: Journeys) -> Figures:
    """Return what was found as tables; of paths the ways too, as ``paths_ways``."""
    tables = {name: one.tidy() for name, one in found.found.items()}
    paths = {name: one for name, one in found.found.items() if isinstance(one, Paths)}
    ways = {f"{name}_ways": one.ways_table() for name, one in paths.items()}
    return Figures({**tables, **ways}, found.missing)


def find_journeys(tables: Tables, *, score: str = "", by: str = "") -> Journeys:
    """Find everything that the tables of a study tell of journeys.

    Parameters
    ----------
    tables
        As read for metrics.
    score
        A score of the study; that of ``[scale]`` by default.
    by
        An attribute by which the change since the last wave is parted.

    Raises
    ------
    StudyError
        The study has no such score.
    """
    asked = score_named(tables, score)
    tries = {name: attempt(make) for name, make in _figures(tables, asked, by).items()}
    return Journeys(
        {name: one for name, one in tries.items() if not isinstance(one, CxroiError)},
        {name: str(one) for name, one in tries.items() if isinstance(one, CxroiError)},
    )


def _figures(tables: Tables, score: DeclaredScore, by: str) -> dict[str, Callable[[], TidyMixin]]:
    return {
        "paths": partial(find_paths, tables),
        "paths_to_answers": partial(find_paths, tables, score=score),
        "when_to_ask": partial(when_to_ask, tables),
        "whom_not_to_ask": partial(whom_not_to_ask, tables),
        "service_times": partial(service_times, tables),
        "call_abandonment": partial(call_abandonment, tables),
        "cart_abandonment": partial(cart_abandonment, tables),
        "task_completion": partial(task_completion, tables),
        "observed_effort": partial(observed_effort, tables),
        "contacts_before_a_fall": partial(before_change, tables, score, "contacts"),
        "contacts_before_a_rise": partial(
            before_change, tables, score, "contacts", direction="rose"
        ),
        "spend_after_a_fall": partial(before_change, tables, score, "spend"),
        "contact_volume": partial(contact_volume, tables),
        "contact_volume_by_reason": partial(volume_by, tables),
        "company_events": partial(around_events, tables, score),
        **{
            f"company_events_{other.name}": partial(around_events, tables, other)
            for other in scores_of(tables.study)
            if other.name != score.name
        },
        "since_last_wave": partial(since_last_wave, tables, score, by=by),
    }
