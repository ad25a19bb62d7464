"""What the data says of the money: means and gaps with their joint error; retention bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..effects.adjusted import PairGap
from ..moments import influence
from ..moments.normal_draws import normal_draws
from ..results.estimate import CONF_LEVEL
from ..results.on_demand import FITTED, on_demand
from .money import MONEY_OUTCOMES

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..effects.adjusted import Regression
    from ..effects.within import Within
    from ..panel.panel import Panel


CARRIES = "doubly_robust"  # the rung that carries the money


@dataclass(frozen=True)
class RetentionBound:
    """Retention that has no contrast, bounded by what the two groups had.

    Attributes
    ----------
    share, size
        Retention of the `from` group, and the independent customers it counts for.
    low, high
        Ends of what the gap may be: those of Newcombe's interval (95 per cent) of the raw
        difference, moved out to zero where zero is outside.
    """

    share: float
    size: float
    low: float
    high: float

    def central(self) -> dict[str, Floats]:
        """Return retention as it was, and no gap."""
        return {"retained": np.asarray(self.share), "retained_gap": np.asarray(0.0)}

    def sampled(self, count: int, rng: np.random.Generator) -> dict[str, Floats]:
        """Draw retention from its posterior (Jeffreys' prior), the gap evenly from its bound."""
        stayed, left = self.share * self.size, (1 - self.share) * self.size
        return {
            "retained": rng.beta(stayed + 0.5, left + 0.5, size=count),
            "retained_gap": rng.uniform(self.low, self.high, size=count),
        }


@on_demand
@dataclass(frozen=True)
class Evidence:
    """Means of the `from` group and contrasts, with the influence of each row on them.

    Attributes
    ----------
    names
        Outcomes that enter the money, retention among them where it has a contrast.
    values, covariance
        Mean and gap of each in turn, and their joint covariance over customers.
    influence, clusters
        How far each row moves each value, and whose it is: for customers taken again.
    bound
        Retention where it has none but was measured; None where it has one, or was not.
    apart
        Standard error of each value that has no influence values; zero of others.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    influence: tuple[Vector, ...] = field(metadata=FITTED)
    clusters: Vector | None = field(metadata=FITTED)
    n: int
    bound: RetentionBound | None
    apart: Floats

    @property
    def retention_known(self) -> bool:
        """Whether anything is known of who stays beyond the first window."""
        return "retained" in self.names or self.bound is not None

    def central(self) -> dict[str, Floats]:
        """Return means and gaps by name."""
        return self.by_name(self.values) | (self.bound.central() if self.bound else {})

    def sampled(
        self, count: int, rng: np.random.Generator, bounds: np.random.Generator, bootstrap: bool
    ) -> dict[str, Floats]:
        """Draw means and gaps with their joint error; of customers taken again if `bootstrap`."""
        bounded = self.bound.sampled(count, bounds) if self.bound else {}
        own = self.apart * rng.standard_normal((count, len(self.apart))) if any(self.apart) else 0.0
        if bootstrap:
            moved = influence.bootstrap(self.influence, self.clusters, count, rng)
            return self.by_name(self.values + moved + own) | bounded
        # Drawn in standard errors: spend in the thousands would drown a share's in rounding.
        errors = np.sqrt(np.diag(self.covariance))
        scale = np.where(errors > 0, errors, 1.0)
        correlation = self.covariance / np.outer(scale, scale)
        standard = normal_draws(correlation, count, rng)
        return self.by_name(np.asarray(self.values + errors * standard + own)) | bounded

    def by_name(self, values: Floats) -> dict[str, Floats]:
        """Return values or draws of them, laid out as `values` is, by name."""
        found = {}
        for position, name in enumerate(self.names):
            found[name] = values[..., 2 * position]
            found[f"{name}_gap"] = values[..., 2 * position + 1]
        return found


def gather(
    panel: Panel,
    regressions: Mapping[str, Regression | PairGap],
    rung: str = CARRIES,
    within: Mapping[str, Within] = MappingProxyType({}),
) -> Evidence:
    """Return the evidence of a panel; churn stands for retention, mirrored, where that is missing.

    Where churn means that nothing was bought, retention enters no money: who buys nothing for a
    while has not left.

    Parameters
    ----------
    rung
        The gaps that are taken: ``doubly_robust``, ``raw``, ``adjusted`` or ``within``.
    within
        Changes within customers by outcome, for that rung; an outcome that has none (who answers
        again had not left) keeps the doubly robust gap.
    """
    stays = panel.study.churn != "no_purchase"
    names, values, columns, apart = [], [], [], []
    for name in MONEY_OUTCOMES:
        mirrored = name == "retained" and name not in regressions
        regression = regressions.get("churned" if mirrored else name)
        if regression is None or (name == "retained" and not stays):
            continue
        gap, psi_gap, error = _gap(regression, rung, within.get(regression.outcome))
        mean, psi_mean = regression.mean_from.estimate or 0.0, regression.influence[0]
        names.append(name)
        values += [1 - mean, -gap] if mirrored else [mean, gap]
        columns += [-psi_mean, -psi_gap] if mirrored else [psi_mean, psi_gap]
        apart += [0.0, error]
    unknown = stays and "retained" not in names
    return Evidence(
        names=tuple(names),
        values=np.array(values, dtype=float),
        covariance=influence.covariance(tuple(columns), panel.clusters),
        influence=tuple(columns),
        clusters=panel.clusters,
        n=min(r.contrast.n for n, r in regressions.items() if n in (*names, "spend")),
        bound=bound_retention(panel) if unknown else None,
        apart=np.array(apart, dtype=float),
    )


def _gap(
    regression: Regression | PairGap, rung: str, within: Within | None
) -> tuple[float, Vector, float]:
    """Return a gap, its influence values, and its error where it has none of them."""
    if rung == "within" and within is not None:
        found, own = within.estimate, regression.influence[1]
        return found.estimate or 0.0, 0.0 * own, found.std_error or 0.0
    if rung in (CARRIES, "within") or isinstance(regression, PairGap):
        return regression.contrast.estimate or 0.0, regression.influence[1], 0.0
    found = {"raw": regression.raw, "adjusted": regression.adjusted}[rung]
    return found.estimate or 0.0, regression.rungs[rung], 0.0


def bound_retention(panel: Panel) -> RetentionBound | None:
    """Bound the gap in retention by the raw shares of the two groups; None where not measured."""
    measured = [n for n in ("retained", "churned") if f"{n}_after" in panel.rows.names]
    if not measured:
        return None
    name = measured[0]
    (low, size), (high, size_to) = (
        _share(panel, name, label) for label in (panel.study.origin, panel.study.target)
    )
    if not size or not size_to:
        return None
    if name == "churned":
        low, high = 1 - low, 1 - high
    ends = newcombe_ends(high, size_to, low, size)
    return RetentionBound(low, size, min(ends[0], 0.0), max(ends[1], 0.0))


def newcombe_ends(p: float, n: float, q: float, m: float) -> tuple[float, float]:
    """Return Newcombe's interval of ``p - q``, of shares of n and m, which need not be whole.

    Hybrid score interval (Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10).
    """
    low_p, high_p = influence.wilson_interval(p, n, CONF_LEVEL)
    low_q, high_q = influence.wilson_interval(q, m, CONF_LEVEL)
    down = sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    up = sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return p - q - down, p - q + up


def _share(panel: Panel, outcome: str, label: str) -> tuple[float, float]:
    """Return a group's share of yes, and how many independent customers it counts for."""
    rows, column = panel.rows, f"{outcome}_after"
    members = rows.groups == panel.study.scale.labels.index(label)
    weights = np.where(rows.is_known(column) & members, rows.weights, 0.0)
    if not weights.sum():
        return 0.0, 0.0
    share = influence.mean(rows.number(column)[0], weights)[0]
    return share, influence.effective_units(weights, rows.clusters)
