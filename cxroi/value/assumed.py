"""What a scenario assumes, at its likely values and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from ..errors import CxroiError, ModelError
from ..respondents.persistence import MONTHS_OF_QUARTER, Persistence, months_between
from ..study.scenario import BOUNDS, OBSERVED, Learned, Prior, Range

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..study.declared import Study
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


def lasting(study: Study, scenario: Scenario, seen: Persistence | CxroiError | None) -> Lasting:
    """Return how long effects last.

    Parameters
    ----------
    seen
        What the transitions show, or why they show nothing; None within the first window, where
        they are not looked at.

    Raises
    ------
    ModelError
        It is declared as observed, and cannot be seen; or a wave is of a length not known.
    """
    declared = scenario.persistence
    if seen is None:
        return Lasting(declared if isinstance(declared, Range) else None, 0.0, None)
    if isinstance(seen, CxroiError):
        if declared == OBSERVED:
            raise ModelError(
                f'[scenario] persistence = "observed" cannot be seen: {seen.found}',
                seen.expected,
                "Declare it as a share, such as persistence = [0.3, 0.5, 0.8]",
            )
        if isinstance(declared, Range) and study.own_waves:
            raise ModelError(
                f"how long a wave lasts is not known: {seen.found}",
                "[scenario] persistence is a share a wave later",
                "Take persistence out of [scenario], or wave out of the tables",
            )
        between = months_between(study)
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
    planned: Scenario, scenario: Scenario, lasts: Lasting, count: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw what is not known: ranges triangular, priors with their mass at zero and below.

    Parameters
    ----------
    planned
        The scenario of the study. Each draw of an input stands at the same chance in every
        scenario (common random numbers), so that two of them differ by what they assume alone.
    """
    chances = _chances(planned, count, rng)
    drawn = {
        name: _at(value, chances[name])
        for name, value in scenario.ranges.items()
        if not value.known
    }
    if lasts.assumed and lasts.error:
        normal = rng.standard_normal(count)
        drawn["persistence"] = np.clip(lasts.assumed.likely + lasts.error * normal, 0, 1)
    return drawn


def _chances(
    planned: Scenario, count: int, rng: np.random.Generator
) -> dict[str, tuple[Floats, Floats]]:
    """Return two uniform draws of each input: of its size, and of whether it is nothing.

    What the planned scenario takes as known has a generator of its own, so that it shifts no
    other input.
    """
    seed = rng.bit_generator.seed_seq.entropy  # type: ignore[attr-defined]
    found = {}
    for name in BOUNDS:
        own = np.random.default_rng([seed, crc32(name.encode())])
        found[name] = own.random(count), own.random(count)
    for name, value in planned.ranges.items():
        sizes, which = found[name]
        if not value.known:
            sizes = rng.random(count) if value.low < value.high else sizes
            which = rng.random(count) if isinstance(value, Prior) else which
        found[name] = sizes, which
    return found


def drawn_range(value: Range, count: int, rng: np.random.Generator) -> Floats:
    """Draw a range by itself."""
    if value.known:
        return np.full(count, value.likely)
    return _at(value, (rng.random(count), rng.random(count)))


def _at(value: Range, chances: tuple[Floats, Floats]) -> Floats:
    """Return the values of a range, triangular or learned, or of a prior, at given chances."""
    at, which = chances
    if isinstance(value, Learned):
        return np.interp(at, value.chances, value.values)
    sizes = np.full(len(at), value.likely)
    if value.low < value.high:
        span, rise = value.high - value.low, value.likely - value.low
        up = value.low + np.sqrt(at * (rise * span))
        down = value.high - np.sqrt((1.0 - at) * ((value.high - value.likely) * span))
        sizes = np.where(at <= rise / span, up, down)
    if not isinstance(value, Prior):
        return sizes
    sign = np.where(which < value.none + value.opposite, -1.0, 1.0)
    return np.where(which < value.none, 0.0, sign * sizes)
