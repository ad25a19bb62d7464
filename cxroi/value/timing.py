"""When value comes and cost is paid: windows, growth and fading of an effect, who still stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..study.declared import Study
    from ..study.scenario import Scenario

DAYS_PER_MONTH = 365.25 / 12
# A window of 90 days stands for a horizon of three months.
NEARLY = 1.05
# Under this, customers are alike to six digits, and gamma functions of 1 / it lose theirs.
ALIKE = 1e-6


def first_window(study: Study) -> float:
    """Return the length of the outcome window in months."""
    return study.outcome_days / DAYS_PER_MONTH


def goes_beyond(study: Study, scenario: Scenario) -> bool:
    """Return whether a horizon is longer than the first outcome window."""
    return scenario.horizon_months > first_window(study) * NEARLY


def windows(window_months: float, horizon_months: float) -> Iterator[tuple[float, float]]:
    """Yield begin and length of each window up to the horizon, in months; the last in part."""
    begin = 0.0
    while horizon_months - begin > 1e-9:
        length = min(window_months, horizon_months - begin)
        yield begin, length
        begin += length


def effect_left(
    begin: float, length: float, ramp_up: Floats, persistence: Floats, wave_months: float
) -> Floats:
    """Return the share of the full effect of a move that a window has.

    Outcomes are measured after the score, so the first window after the move has the effect that
    was measured, whole. What follows fades: of those moved the share ``persistence`` is still in
    the better group a wave later, and with it the effect; a window that begins t months after the
    move has ``persistence ** (t / wave_months)`` of it. Where the share a of the better group is
    there again a wave later and the share b of the others comes there anyway, the excess of
    those moved over those not moved fades in just this way, by a - b a wave: the second
    eigenvalue of a Markov chain of two states. While the effect builds up, a window has the mean
    of a straight line from 0 at the move to 1 at `ramp_up`.

    Parameters
    ----------
    begin, length
        Of the window, in months from the move on.
    ramp_up
        Months until the effect has its full size; 0 for at once.
    persistence
        Share still there one wave later.
    wave_months
        Months from wave to wave.
    """
    end = begin + length
    grown = np.clip(ramp_up, begin, end)
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = np.where(ramp_up > 0, (grown**2 - begin**2) / (2 * ramp_up), 0.0)
    return np.asarray((rising + end - grown) / length * persistence ** (begin / wave_months))


def window_retention(share: Floats, start: float, span: float, mixing: Floats) -> Floats:
    """Return the share of those there at the start of a window who are there at its end.

    Shifted beta-geometric (Fader and Hardie, Journal of Interactive Marketing 21 (2007), 76-90):
    each customer leaves with a chance of their own, beta-distributed among customers with alpha
    and beta, so that those who leave easily leave first, and retention rises with time. With
    `share` = beta / (alpha + beta) and `mixing` = 1 / (alpha + beta) retention in period t = 0,
    1, ... is (share + t mixing) / (1 + t mixing); with no mixing it stays `share`. Periods that
    are no whole number follow from the gamma functions of the same curve.

    Parameters
    ----------
    share
        Retention in the first period, 0 to 1.
    start, span
        Begin and length of the window, in periods.
    mixing
        How far customers differ, 0 or more.
    """
    if np.ndim(mixing) == 0 and mixing < ALIKE:
        return np.asarray(share**span)
    if span == 1:
        return np.asarray((share + start * mixing) / (1 + start * mixing))
    from scipy.special import gammaln

    total = 1 / np.maximum(mixing, ALIKE)
    stay, all_of = share * total + start, total + start
    with np.errstate(invalid="ignore"):
        log = gammaln(stay + span) - gammaln(stay) + gammaln(all_of) - gammaln(all_of + span)
    return np.where(mixing < ALIKE, share**span, np.exp(log))


def paid(programme_months: Floats, discount_rate_annual: Floats) -> Floats:
    """Return what 1 of cost is worth at the start, paid evenly over some months."""
    log = np.log1p(discount_rate_annual) * programme_months / 12
    safe = np.where(log == 0, 1.0, log)
    return np.where(log == 0, 1.0, -np.expm1(-safe) / safe)
