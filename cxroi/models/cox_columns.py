"""Losses of rows that stay in their engine: running sums over time in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from ..moments.design import gram, project

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..moments.column_design import ColumnDesign
    from ..moments.columns import Column, Relation
    from .cox import CoxFit

SIDES = ("mean", "gathered")


@dataclass(frozen=True, eq=False)
class ColumnLosses:
    """Losses of rows in an engine; see `cox.Losses`.

    Attributes
    ----------
    days, seen
        The time of each row, and 1 where it is of a loss, 0 where it is of the last sight.
    """

    design: ColumnDesign
    days: Column
    seen: Column

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the design."""
        return self.design.names

    def subsample(self) -> ColumnLosses | None:
        """Return a few of many rows; None where all are few."""
        few = self.design.rows.subsampled()
        return None if few is None else self.on(few)

    def on(self, rows: Relation) -> ColumnLosses:
        """Return the same of other rows of the panel."""
        return ColumnLosses(self.design.on(rows), self.days.on(rows), self.seen.on(rows))

    def derivatives(self, params: Floats) -> tuple[Floats, Floats]:
        """Return the first derivatives of the log likelihood, and minus the second."""
        marks = self.design.columns
        count = len(marks)
        pairs = [(a, b) for a in range(count) for b in range(a + 1)]
        sums = [f"sum(d * m{n})" for n in range(count)]
        sums += [f"sum(d * m{a} * m{b})" for a, b in pairs]
        of_losses = f"SELECT {', '.join(sums)} FROM ({self._means(params, marks)}) AS m WHERE d > 0"
        found = np.array(self.design.rows.ask(of_losses)[0], dtype=float)
        squares = np.zeros((count, count))
        squares[tuple(np.array(pairs).T)] = found[count:]
        squares += np.tril(squares, -1).T
        gathered = self._with_hazards(params)
        hazard = gathered.design.rows.column("hazard")
        products = gram(gathered.design, gathered._risk(params) * hazard)
        lost = project(self.design, self.seen)
        return lost - found[:count], np.asarray(products - squares)

    def score_residuals(
        self, params: Floats, vectors: Sequence[Floats]
    ) -> tuple[list[Column], Callable[[Vector], Vector]]:
        """Return combinations of the score residuals of each row."""
        gathered = self._with_hazards(params, [self.design @ vector for vector in vectors])
        rows, risk, seen = gathered.design.rows, gathered._risk(params), gathered.seen
        hazard, psi = rows.column("hazard"), []
        for n, vector in enumerate(vectors):
            mean, past = (rows.column(f"{side}{n}") for side in SIDES)
            x = gathered.design @ vector
            psi.append(seen * (x - mean) - risk * (x * hazard - past))
        return psi, lambda own: cast("Column", own).on(rows)

    def results(self, fit: CoxFit) -> CoxFit:
        """Return the fit itself."""
        return fit

    def _risk(self, params: Floats) -> Column:
        """Return the hazard of each row over that of one with all columns zero."""
        return cast("Column", np.exp(self.design @ params))

    def _means(self, params: Floats, marks: Sequence[Column]) -> str:
        """Write, for each time, losses, those at risk, and the mean of each mark over them."""
        inner = {"t": self.days, "seen": self.seen, "r": self._risk(params)}
        inner |= {f"x{n}": mark for n, mark in enumerate(marks)}
        summed = [f"sum(r * x{n}) AS m{n}" for n in range(len(marks))]
        outer = ["t", "sum(seen) AS d", "sum(r) AS risk", *summed]
        by_time = self.design.rows.text(outer, inner) + " GROUP BY t"
        names = ["risk", *(f"m{n}" for n in range(len(marks)))]
        running = ", ".join(f"sum({name}) OVER (ORDER BY t DESC) AS {name}" for name in names)
        shares = "".join(f", m{n} / risk AS m{n}" for n in range(len(marks)))
        at_risk = f"SELECT t, d, {running} FROM ({by_time}) AS b"
        return f"SELECT t, d, risk{shares} FROM ({at_risk}) AS a"

    def _with_hazards(self, params: Floats, marks: Sequence[Column] = ()) -> ColumnLosses:
        """Return the rows with what had gathered by the time of each.

        New columns: ``hazard``, and for each mark ``mean0``, its mean over those at risk, and
        ``gathered0``, the hazard times that mean.
        """
        rows = self.design.rows
        each = ["sum(d / risk) OVER (ORDER BY t) AS hazard"]
        for n in range(len(marks)):
            each += [f"m{n} AS mean{n}", f"sum(d * m{n} / risk) OVER (ORDER BY t) AS gathered{n}"]
        hazards = f"SELECT t, {', '.join(each)} FROM ({self._means(params, marks)}) AS m"
        new = ["hazard", *(f"{side}{n}" for n in range(len(marks)) for side in SIDES)]
        return self.on(rows.joined(hazards, self.days, "t", new))
