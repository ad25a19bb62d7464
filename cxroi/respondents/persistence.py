"""Persistence: how much of a move to the better group is left a wave later, as answers show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate
from .pair_estimates import average, interval_of, require_pairs
from .wave_pairs import Pairs, wave_pairs

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from ..study.declared import Study

MONTHS_OF_QUARTER, DAYS_OF_MONTH = 3.0, 365.25 / 12


@dataclass(frozen=True)
class Persistence:
    """What the transitions from wave to wave say of how long a move lasts.

    Attributes
    ----------
    excess
        ``moves.persistence``: `stayed` less `came`, of itself; 1 where nobody of the `to` group
        leaves it and nobody else comes there, 0 where both are there alike a wave later.
    stayed, came
        Share of the `to`, and of the `from` group, that is in the `to` group a wave later.
    wave_months
        Months from wave to wave; of a study's own waves, the median between two answers.
    """

    excess: Estimate
    stayed: Estimate
    came: Estimate
    wave_months: float


def observe_persistence(panel: Panel) -> Persistence:
    """Return how much more of the `to` than of the `from` group is in `to` a wave later.

    The share of `to` customers who are in `to` again in their next answer, less the share of
    `from` customers who are there in theirs: those would have been there anyway. Of a panel of
    one quarter, the moves into that quarter, as `count_moves` has them. Part of every move is
    chance in the answer, so the experience behind it may last longer than the answers do.

    Raises
    ------
    ModelError
        A single wave, answers without dates, or under 30 customers of either group with answers
        in two consecutive waves, or own waves without dates.
    """
    pairs = wave_pairs(panel)
    if panel.quarter:
        pairs = pairs.ending(panel.quarter)
    study = panel.study
    for label in (study.origin, study.target):
        require_pairs(pairs, label)
    arrived = np.where(pairs.destination == pairs.code(study.target), 1.0, 0.0)
    members = [pairs.origin == pairs.code(label) for label in (study.target, study.origin)]
    names = (f"moves.{label}.{study.target}" for label in (study.target, study.origin))
    stayed, came = (
        average(pairs, arrived, group, name, study.target)
        for group, name in zip(members, names, strict=True)
    )
    (high, psi), (low, psi_low) = (
        influence.mean(arrived, np.where(group, pairs.weights, 0.0)) for group in members
    )
    error = influence.std_error(psi - psi_low, pairs.clusters)
    how, dof, summed = interval_of(pairs, members[0] | members[1])
    excess = Estimate(
        "moves.persistence",
        high - low,
        *influence.normal_interval(high - low, error, CONF_LEVEL, dof),
        error,
        "share of those moved, a wave later",
        stayed.n + came.n,
        f"difference of shares, {how} {summed}",
        term="persistence",
    )
    return Persistence(excess, stayed, came, _wave_months(pairs))


def _wave_months(pairs: Pairs) -> float:
    """Return the mean time between consecutive waves, by their names or else their answers.

    Raises
    ------
    ModelError
        Waves of the study's own without dates: how long a wave lasts is not known.
    """
    study = pairs.panel.study
    if study.own_waves:
        days = pairs.median_days()
        if not np.isfinite(days):
            raise ModelError(
                "the time from wave to wave is not known",
                "persistence is a share a wave later",
                "Declare answered_at beside wave",
            )
        return days / DAYS_OF_MONTH
    per_year = 12 if study.waves == "month" else 4
    dates = (re.findall(r"\d+", wave) for wave in (pairs.waves[0], pairs.waves[-1]))
    first, last = (int(year) * per_year + int(part) for year, part in dates)
    return months_between(study) * (last - first) / (len(pairs.waves) - 1)


def months_between(study: Study) -> float:
    """Return the months from one wave to the next by the calendar; a quarter of own waves."""
    return 1.0 if study.waves == "month" else MONTHS_OF_QUARTER
