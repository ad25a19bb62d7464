"""What a run finds of levers, of whom to move, of comments and pilots; each made when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..errors import CxroiError, attempt
from ..results.estimate import Estimate
from ..study.lever_rules import asked_inputs
from .beside import Measuring, all_tables

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..evidence.pilot import Pilot
    from ..evidence.returns import Evidenced
    from ..levers.driver_table import DriverTable
    from ..levers.drivers.found import Drivers
    from ..levers.estimate import LeverResult
    from ..levers.portfolio import Portfolio
    from ..levers.scale.whole_scale import WholeScale
    from ..levers.whom.pooled_segments import PooledSegments
    from ..levers.whom.targeting import Targeting
    from ..panel.panel import Panel
    from ..study.declared import Study
    from ..voice.theme import Voice


class Moving(Measuring, Protocol):
    """A run as what is found of levers, customers and pilots needs it."""

    @property
    def panel(self) -> Panel:
        """The panel with its rows."""
        ...

    @property
    def analysis(self) -> Analysis:
        """Everything the study says."""
        ...

    @property
    def pilots(self) -> tuple[Pilot, ...]:
        """What the pilots show."""
        ...


def of_study(study: Study) -> tuple[str, ...]:
    """Return the parts that a study asks for, those first on which others stand."""
    drivers = ("drivers",) if asked_inputs(study) else ()
    levers = ("levers", "portfolio") if study.levers and study.outcomes else ()
    asked = bool(study.by or study.levers) and bool(study.outcomes)
    whom = ("targeting", "pooled", "curves") if asked else ()
    pilots = ("pilots", "evidenced") if study.pilots and study.outcomes else ()
    voice = ("voice",) if study.voice.asked else ()
    return (*drivers, *levers, *whom, *voice, *pilots)


def _table(run: Moving) -> DriverTable:
    from ..levers.driver_table import driver_table

    def made() -> DriverTable:
        tables, unread = all_tables(run)
        return driver_table(tables, quarter=run.quarter, unread=unread)

    return run.store.get("driver_table", made)


def drivers(run: Moving) -> Drivers | CxroiError:
    """Return which inputs go with the score, or why that cannot be told."""
    from ..levers.drivers.found import find_drivers

    return attempt(lambda: find_drivers(_table(run)))


def levers(run: Moving) -> tuple[LeverResult, ...] | CxroiError:
    """Return what each lever moves and earns, or why that cannot be told."""
    from ..levers.estimate import estimate_levers

    made = lambda: attempt(lambda: estimate_levers(run.panel, _table(run)))  # noqa: E731
    return run.store.get("fitted_levers", made)


def portfolio(run: Moving) -> Portfolio | CxroiError:
    """Return the levers held against one another, or why they cannot be."""
    from ..levers.initiatives import initiatives

    found = levers(run)  # not as they are kept: what they are made of is asked for
    if isinstance(found, CxroiError):
        return found
    why = [one.refusal or one.unpriced for one in found]
    if why and why[0] is not None and None not in why:
        return why[0]
    return attempt(lambda: initiatives(run.panel, _table(run), found))


def targeting(run: Moving) -> Targeting | CxroiError:
    """Return whom to move, or why that cannot be told."""
    from ..levers.whom.targeting import whom_to_move

    return attempt(lambda: whom_to_move(run.panel, run.analysis))


def pooled(run: Moving) -> PooledSegments | CxroiError:
    """Return the segments in the light of one another, or why there are none."""
    from ..levers.whom.pooled_segments import pooled_segments

    return attempt(lambda: pooled_segments(run.analysis))


def curves(run: Moving) -> Mapping[str, WholeScale | CxroiError]:
    """Return each outcome along the whole scale, or why it cannot be had."""
    from ..levers.scale.whole_scale import whole_scale

    names = [outcome.name for outcome in run.study.outcomes]
    return {name: attempt(partial(whole_scale, run.panel, name)) for name in names}


def voice(run: Moving) -> Voice | CxroiError:
    """Return what customers write about, or why that cannot be told."""
    from ..voice.themes import find_themes

    outcomes = run.panel.frame if run.study.outcomes else None
    return attempt(lambda: find_themes(all_tables(run)[0], outcomes=outcomes))


def pilots(run: Moving) -> tuple[Pilot, ...]:
    """Return what the pilots show."""
    from ..evidence.pilots import estimate_pilots

    tables, unread = all_tables(run)
    return estimate_pilots(tables, unread)


def evidenced(run: Moving) -> Evidenced | None:
    """Return the ROI at the causal share that pilots leave; None where they leave none."""
    from ..evidence.returns import with_pilots

    roi = run.analysis.roi
    return with_pilots(roi, run.pilots) if roi else None


def estimates(run: Moving) -> tuple[Estimate, ...]:
    """Return the estimates of all that is found, by the names of ``results.json``."""
    found = [getattr(run, part) for part in of_study(run.study)]
    flat = [one for part in found for one in _parts(part)]
    return tuple({e.name: e for one in flat for e in one.estimates}.values())


def _parts(found: object) -> list[Estimated]:
    if found is None or isinstance(found, CxroiError):
        return []
    if isinstance(found, Mapping):
        return [part for one in found.values() for part in _parts(one)]
    if isinstance(found, tuple):
        return [part for one in found for part in _parts(one)]
    return [found]  # type: ignore[list-item]


class Estimated(Protocol):
    """Anything with estimates."""

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Its figures."""
        ...
