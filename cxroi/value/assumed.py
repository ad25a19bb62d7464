"""What a scenario assumes, at its likely values and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CxroiError, ModelError, attempt
from ..respondents.persistence import (
    MONTHS_OF_QUARTER,
    Persistence,
    months_between,
    observe_persistence,
)
from ..study.scenario import OBSERVED, Prior, Range

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..panel.panel import Panel
    from ..study.scenario import Scenario


@dataclass(frozen=True)
class Lasting:
    """How long the effect of a move lasts: what is assumed, and what the transitions show.

    Attributes
    ----------
    assumed
        Persistence from wave to wave, of the study file or as observed; None where neither is
        taken, and nothing fades.
    error
        Standard error of an observed one; 0 of a declared one.
    seen
        What the transitions show; None where they cannot be seen.
    between
        Months from wave to wave by the calendar.
    """

    assumed: Range | None
    error: float
    seen: Persistence | None
    between: float = MONTHS_OF_QUARTER

    @property
    def wave_months(self) -> float:
        """Months from wave to wave, as seen or else as waves are declared."""
        return self.seen.wave_months if self.seen else self.between

    @property
    def central(self) -> float:
        """Persistence at which figures are computed, within 0 and 1."""
        return float(np.clip(self.assumed.central, 0, 1)) if self.assumed else 1.0


def lasting(panel: Panel, scenario: Scenario, beyond: bool) -> Lasting:
    """Return how long effects last; the transitions are looked at only `beyond` the first window.

    Raises
    ------
    ModelError
        It is declared as observed, and cannot be seen; or a wave is of a length not known.
    """
    declared = scenario.persistence
    if not beyond:
        return Lasting(declared if isinstance(declared, Range) else None, 0.0, None)
    seen = attempt(lambda: panel.store.get("persistence", lambda: observe_persistence(panel)))
    if isinstance(seen, CxroiError):
        if declared == OBSERVED:
            raise ModelError(
                f'[scenario] persistence = "observed" cannot be seen: {seen.found}',
                seen.expected,
                "Declare it as a share, such as persistence = [0.3, 0.5, 0.8]",
            )
        if isinstance(declared, Range) and panel.study.own_waves:
            raise ModelError(
                f"how long a wave lasts is not known: {seen.found}",
                "[scenario] persistence is a share a wave later",
                "Take persistence out of [scenario], or wave out of the tables",
            )
        between = months_between(panel.study)
        return Lasting(declared if isinstance(declared, Range) else None, 0.0, None, between)
    if declared == OBSERVED:
        excess = seen.excess
        return Lasting(Range.of(excess.estimate or 0.0), excess.std_error or 0.0, seen)
    return Lasting(declared if isinstance(declared, Range) else None, 0.0, seen)


def central_values(scenario: Scenario, lasts: Lasting) -> dict[str, Floats]:
    """Return every assumption at its likely value; of a prior with mass at zero, its mean."""
    known = {name: np.asarray(value.central) for name, value in scenario.ranges.items()}
    return known | {"persistence": np.asarray(lasts.central)}


def drawn_values(
    scenario: Scenario, lasts: Lasting, count: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw what is not known: ranges triangular, priors with their mass at zero and below."""
    drawn = {
        name: _draw(value, count, rng) for name, value in scenario.ranges.items() if not value.known
    }
    if lasts.assumed and lasts.error:
        normal = rng.normal(lasts.assumed.likely, lasts.error, size=count)
        drawn["persistence"] = np.clip(normal, 0, 1)
    return drawn


def _draw(value: Range, count: int, rng: np.random.Generator) -> Floats:
    sizes = np.full(count, value.likely)
    if value.low < value.high:
        sizes = rng.triangular(value.low, value.likely, value.high, size=count)
    if not isinstance(value, Prior):
        return sizes
    which = rng.random(count)
    sign = np.where(which < value.none + value.opposite, -1.0, 1.0)
    return np.where(which < value.none, 0.0, sign * sizes)
