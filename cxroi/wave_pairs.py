"""Pairs of answers by the same customer in consecutive waves, and figures over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import influence
from .errors import ModelError, ScarceDataError
from .estimate import CONF_LEVEL, Estimate
from .panel_building import build_all_waves
from .sample import MINIMUM_GROUP, student

if TYPE_CHECKING:
    from .influence import Flags, Floats, Integers
    from .panel import Panel


@dataclass(frozen=True)
class Pairs:
    """Answers of one customer in two consecutive waves, one row a pair.

    Attributes
    ----------
    panel
        With all waves up to the one analysed.
    waves
        Their names, in order; consecutive means that no other wave lies between.
    first, second
        Rows of the panel that hold the two answers.
    """

    panel: Panel
    waves: tuple[str, ...]
    first: Integers
    second: Integers

    @property
    def origin(self) -> Integers:
        """Position of the group at the first answer among the scale's labels."""
        return self.panel.groups[self.first]

    @property
    def destination(self) -> Integers:
        """Position of the group at the second answer."""
        return self.panel.groups[self.second]

    @property
    def weights(self) -> Floats:
        """Survey weight of the first answer."""
        return self.panel.weights[self.first]

    @property
    def clusters(self) -> Integers:
        """The independent unit of each pair, coded as in the panel."""
        return np.asarray(self.panel.clusters[self.first], dtype=np.int64)

    @cached_property
    def unit(self) -> str:
        """What the independent unit is: ``customer`` or declared ``cluster``."""
        return self.panel.unit

    def effective_clusters(self, members: Flags) -> float | None:
        """Effective number of declared clusters behind some pairs; None of customers."""
        if self.unit == "customer" or not members.any():
            return None
        weights = np.where(members, self.weights, 0.0)
        return influence.effective_units(weights, self.clusters)

    def code(self, label: str) -> int:
        """Return a group's position among the scale's labels."""
        return self.panel.study.scale.labels.index(label)

    def ending(self, wave: str) -> Pairs:
        """Return the pairs whose second answer is of that wave."""
        keep = self.panel.frame["wave"].to_numpy()[self.second] == wave
        at = self.waves.index(wave)
        return Pairs(self.panel, self.waves[at - 1 : at + 1], self.first[keep], self.second[keep])


def wave_pairs(panel: Panel) -> Pairs:
    """Pair each answer with the same customer's answer in the wave before.

    Raises
    ------
    ModelError
        Answers without dates, or no wave before.
    """
    whole = build_all_waves(panel)
    names = whole.frame["wave"].astype(str)
    waves = sorted(set(names))
    if panel.quarter:
        waves = [wave for wave in waves if wave <= panel.quarter]
    if len(waves) < 2:
        undated = waves == ["all"]
        raise ModelError(
            "the answers have no dates" if undated else f"the only wave up to here is {waves[0]}",
            "moves need answers of the same customers in two waves",
            "Declare answered_at" if undated else "Add the responses of an earlier wave",
        )
    wave = names.map({name: at for at, name in enumerate(waves)}).to_numpy(dtype=float)
    usable = np.flatnonzero(np.isfinite(wave) & (whole.weights > 0))
    customer = whole.frame["customer"].factorize()[0].astype(np.int64)
    key = (customer * (len(waves) + 1) + np.where(np.isfinite(wave), wave, 0).astype(np.int64))[
        usable
    ]
    order = np.argsort(key)
    follows = np.flatnonzero(np.diff(key[order]) == 1)
    rows = usable[order]
    return Pairs(whole, tuple(waves), rows[follows], rows[follows + 1])


def require_pairs(pairs: Pairs, label: str) -> None:
    """Refuse pairs that hold too few customers of a group at the first answer.

    Raises
    ------
    ScarceDataError
        Under 30 customers (or declared clusters).
    """
    units = len(np.unique(pairs.clusters[pairs.origin == pairs.code(label)]))
    if units < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{units} {pairs.unit}s of group {label!r} answered in two consecutive waves",
            f"moves are shown from {MINIMUM_GROUP} on",
            "Pool more waves, or ask the same customers again",
        )


def average(
    pairs: Pairs, values: Floats, members: Flags, name: str, term: str, unit: str = ""
) -> Estimate:
    """Return the mean over some pairs with its interval; of customers where no unit is given.

    Wilson's interval for the share of independent, equally weighted pairs; otherwise a logit
    interval for a share, a normal one for a mean, from influence values summed per customer, or
    per declared cluster and then Student's.
    """
    unit, n = unit or "share of customers", int(members.sum())
    clusters = np.unique(pairs.clusters[members], return_inverse=True)[1]
    units = int(clusters.max(initial=-1)) + 1
    if units < MINIMUM_GROUP:
        note = f"suppressed: under {MINIMUM_GROUP} {pairs.unit}s"
        return Estimate(name, None, None, None, None, unit, n, "none", note, term=term)
    interval, dof, summed = _interval(pairs, members)
    values, weights = values[members], pairs.weights[members]
    value, psi = influence.mean(values, weights)
    error = influence.std_error(psi, clusters)
    is_share = unit.startswith("share") and bool(np.all((values == 0) | (values == 1)))
    if not is_share:
        method = f"mean, {interval} {summed}"
        low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    elif (units == n and np.ptp(weights) == 0) or not 0 < value < 1:
        method = "share, Wilson interval"
        effective = influence.effective_units(weights, clusters)
        low, high = influence.wilson_interval(value, effective, CONF_LEVEL)
    else:
        interval = interval.replace("normal", "logit").replace("Student", "logit Student")
        method = f"share, {interval} {summed}"
        low, high = influence.logit_interval(value, error, CONF_LEVEL, dof)
    return Estimate(name, value, low, high, error, unit, n, method, term=term)


def _interval(pairs: Pairs, members: Flags) -> tuple[str, float | None, str]:
    """Name of the interval over some pairs, its degrees of freedom, and where its error is from."""
    summed = f"from influence values summed per {pairs.unit}"
    effective = pairs.effective_clusters(members)
    if effective is None:
        return "normal interval", None, summed
    return student(effective), effective - 1, summed


def change(
    pairs: Pairs, values: Floats, groups: list[Flags], unit: str, name: str, note: str
) -> Estimate:
    """Return the mean change of one group of pairs, or of the first minus that of the second."""
    contrast = ("second - first", "moved - stayed")[len(groups) - 1]
    n = int(sum(members.sum() for members in groups))
    if min(len(np.unique(pairs.clusters[members])) for members in groups) < MINIMUM_GROUP:
        scarce = f"suppressed: under {MINIMUM_GROUP} {pairs.unit}s"
        return Estimate(name, None, None, None, None, unit, n, "none", scarce, contrast=contrast)
    known = np.where(np.isfinite(values), values, 0.0)
    parts = [influence.mean(known, np.where(g, pairs.weights, 0.0)) for g in groups]
    value, psi = parts[0]
    if len(parts) == 2:
        value, psi = value - parts[1][0], psi - parts[1][1]
    error = influence.std_error(psi, np.unique(pairs.clusters, return_inverse=True)[1])
    interval, dof, summed = _interval(pairs, np.logical_or.reduce(groups))
    return Estimate(
        name,
        value,
        *influence.normal_interval(value, error, CONF_LEVEL, dof),
        error,
        unit,
        n,
        f"paired change, {interval} {summed}",
        note,
        contrast=contrast,
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
    )
