"""Cox's proportional hazards fitted from sums, by Newton's method, ties as Breslow has them.

Exact: sums over those at risk are running sums over the times in their order, taken by the
engine. With S0(t), S1(t) the sums of exp(x'b) and x exp(x'b) over those at risk at t, and H the
cumulative hazard (Breslow, Biometrics 30 (1974), 89-99), the second derivatives need no running
sums of products: the sum over losses of S2 / S0 is the sum over rows of H exp(x'b) x x'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import ident
from ..errors import ModelError
from ..moments import influence
from ..moments.columns import Column, Rows
from ..moments.design import design_columns
from .newton import SMALL_STEP, solve_scaled
from .refusals import LARGEST_LOG_RATIO, refuse_runaway

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..moments.design import Design

MOST_STEPS = 35
SIDES = ("mean", "gathered")


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Coefficients of a Cox model fitted from sums.

    Attributes
    ----------
    covariance
        The inverse of the information; for errors by unit see `robust_errors`.
    passes
        How many steps were taken over all rows.
    """

    params: Floats
    covariance: Floats
    names: tuple[str, ...]
    passes: int


@dataclass(frozen=True, eq=False)
class LossTimes:
    """Rows with the time of each loss or last sight, and a design without intercept.

    Attributes
    ----------
    days, seen
        The time of each row, and 1 where it is of a loss, 0 where it is of the last sight.
    """

    design: Design
    days: Column
    seen: Column

    def on(self, rows: Rows) -> LossTimes:
        """Return the same of other rows of the panel."""
        days, seen = (Column(rows, c.sql, flag=c.flag) for c in (self.days, self.seen))
        return LossTimes(self.design.on(rows), days, seen)

    def risk(self, params: Floats) -> Column:
        """Return the hazard of each row over that of one with all columns zero."""
        found: Column = np.exp(self.design @ params)
        return found

    def means(self, params: Floats, marks: Sequence[Column]) -> str:
        """Write, for each time, losses, those at risk, and the mean of each mark over them."""
        inner = {"t": self.days, "seen": self.seen, "r": self.risk(params)}
        inner |= {f"x{n}": mark for n, mark in enumerate(marks)}
        summed = [f"sum(r * x{n}) AS m{n}" for n in range(len(marks))]
        outer = ["t", "sum(seen) AS d", "sum(r) AS risk", *summed]
        by_time = self.design.rows.text(outer, inner) + " GROUP BY t"
        names = ["risk", *(f"m{n}" for n in range(len(marks)))]
        running = ", ".join(f"sum({name}) OVER (ORDER BY t DESC) AS {name}" for name in names)
        shares = "".join(f", m{n} / risk AS m{n}" for n in range(len(marks)))
        at_risk = f"SELECT t, d, {running} FROM ({by_time}) AS b"
        return f"SELECT t, d, risk{shares} FROM ({at_risk}) AS a"

    def with_hazards(self, params: Floats, marks: Sequence[Column] = ()) -> LossTimes:
        """Return the rows with what had gathered by the time of each.

        New columns: ``hazard``, and for each mark ``mean0``, its mean over those at risk, and
        ``gathered0``, the hazard times that mean.
        """
        rows = self.design.rows
        each = ["sum(d / risk) OVER (ORDER BY t) AS hazard"]
        for n in range(len(marks)):
            each += [f"m{n} AS mean{n}", f"sum(d * m{n} / risk) OVER (ORDER BY t) AS gathered{n}"]
        hazards = f"SELECT t, {', '.join(each)} FROM ({self.means(params, marks)}) AS m"
        own = ", ".join(f"p.{ident(name)}" for name in rows.types)
        timed = f"SELECT {own}, {self.days.sql} AS at_days FROM {rows.relation} AS p"
        new = ["hazard", *(f"{side}{n}" for n in range(len(marks)) for side in SIDES)]
        chosen = ", ".join([own, *(f"h.{name}" for name in new)])
        relation = f"(SELECT {chosen} FROM ({timed}) AS p JOIN ({hazards}) AS h ON p.at_days = h.t)"
        types = {**rows.types, **dict.fromkeys(new, "number")}
        return self.on(replace(rows, relation=relation, types=types))


def fit_cox(times: LossTimes) -> CoxFit:
    """Fit a Cox model to rows in an engine.

    Raises
    ------
    ModelError
        It does not converge, or a column (nearly) determines who is lost.
    """
    drafted = times.design.rows.drafted()
    begun = np.zeros(len(times.design.names))
    if drafted is not None:
        try:
            begun = _newton(times.on(drafted), begun, 1e-4).params
        except ModelError:  # few rows may lack what all of them have
            begun = np.zeros(len(begun))
    return _newton(times, begun, SMALL_STEP)


def robust_errors(
    times: LossTimes, fit: CoxFit, clusters: Column | None, chosen: Sequence[int]
) -> Floats:
    """Return errors of some coefficients from the influence of each independent unit.

    Score residuals of Lin and Wei, JASA 84 (1989), 1074-1078, times the covariance.

    Parameters
    ----------
    clusters
        The independent unit of each row; None where each is its own.
    chosen
        Positions of the coefficients.
    """
    moved = [fit.covariance[:, position] for position in chosen]
    gathered = times.with_hazards(fit.params, [times.design @ vector for vector in moved])
    rows, risk, seen = gathered.design.rows, gathered.risk(fit.params), gathered.seen
    hazard, psi = rows.column("hazard"), []
    for n, vector in enumerate(moved):
        x, mean, past = (
            gathered.design @ vector,
            rows.column(f"mean{n}"),
            rows.column(f"gathered{n}"),
        )
        psi.append(seen * (x - mean) - risk * (x * hazard - past))
    unit = None if clusters is None else rows.column(clusters.sql)
    return np.asarray(np.sqrt(np.diag(influence.covariance(psi, unit))))


def _newton(times: LossTimes, params: Floats, enough: float) -> CoxFit:
    names = times.design.names
    [lost] = times.design.project([times.seen])
    for step in range(1, MOST_STEPS + 1):
        gradient, information = _derivatives(times, params, lost)
        move = solve_scaled(information, gradient)
        params = params + move
        size = float(np.max(np.abs(params)))
        if not np.isfinite(size):
            break
        if size > 2 * LARGEST_LOG_RATIO:
            refuse_runaway(params, list(names), "churn")
        if np.max(np.abs(move)) < enough * max(size, 1e-3):
            return CoxFit(params, np.asarray(np.linalg.inv(information)), names, step)
    raise ModelError("the Cox model of churn did not converge", fix="Use fewer controls")


def _derivatives(times: LossTimes, params: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """Return the first derivatives of the log likelihood, and minus the second."""
    marks = design_columns(times.design)
    count = len(marks)
    pairs = [(a, b) for a in range(count) for b in range(a + 1)]
    sums = [f"sum(d * m{n})" for n in range(count)]
    sums += [f"sum(d * m{a} * m{b})" for a, b in pairs]
    of_losses = f"SELECT {', '.join(sums)} FROM ({times.means(params, marks)}) AS m WHERE d > 0"
    found = np.array(times.design.rows.ask(of_losses)[0], dtype=float)
    squares = np.zeros((count, count))
    squares[tuple(np.array(pairs).T)] = found[count:]
    squares += np.tril(squares, -1).T
    gathered = times.with_hazards(params)
    hazard = gathered.design.rows.column("hazard")
    products = gathered.design.gram(gathered.risk(params) * hazard)
    return lost - found[:count], np.asarray(products - squares)
