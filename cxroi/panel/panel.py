"""One row per customer and wave: score, baseline before, outcomes after.

Time runs one way: with an answer at t, outcomes lie in (t, t + outcome_days] and the baseline in
[t - baseline_days, t). `panel_building` builds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..moments.units import count_units
from ..results.display import Table, TidyMixin
from .rows import count_rows, describe_rows, fetch_rows, holds_several, latest_in, wave_name
from .store import Store

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Integers, Vector
    from ..moments.columns import Rows
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables
    from ..study.declared import Study


FITS_BYTES = 256e6


@dataclass(frozen=True, repr=False)
class Coverage(TidyMixin):
    """How many customers there are, were asked, and answered; `invited` is None if unknown."""

    customers: int
    invited: int | None
    answered: int

    @property
    def response_rate(self) -> float:
        """Customers who answered over those invited, or over all where no invitation is known."""
        return self.answered / (self.invited or self.customers)

    def tidy(self) -> pd.DataFrame:
        """Return one row: customers, invited, answered, response rate."""
        import pandas as pd

        return pd.DataFrame([{**vars(self), "response_rate": self.response_rate}])


@dataclass(frozen=True)
class Answers:
    """Answers with their groups, as arrays or columns: what the headline score is made of.

    Attributes
    ----------
    weights
        Survey weights; all one where they are not used.
    clusters
        The independent unit of each; of columns, None where each is its own.
    """

    values: Vector
    groups: Vector
    weights: Vector
    clusters: Vector
    weighted: bool


@dataclass(frozen=True, repr=False)
class Panel(TidyMixin):
    """One row per customer and wave, with the ledger of how it came about.

    A small panel is a data frame; the rows of a large one stay in the engine, which is asked for
    sums of them.

    Attributes
    ----------
    held, held_scores
        `frame` and `scores` where they are in memory.
    quarter
        The wave analysed, or empty for all waves together.
    coverage
        Customers, invited, answered.
    rows, answer_rows
        The rows of `frame` and of `scores` in their engine; None where models are fitted to
        rows in memory.
    replaced
        Whether rows or weights are others than those built from the tables.
    fits
        Models that were fitted, by what they were fitted to; panels made from this one share it.
    store
        What was made of exactly this panel.
    """

    study: Study
    quarter: str
    held: pd.DataFrame | None = field(compare=False)
    held_scores: pd.DataFrame | None = field(compare=False)
    ledger: Ledger
    coverage: Coverage
    tables: Tables = field(compare=False)
    rows: Rows | None = field(default=None, compare=False)
    answer_rows: Rows | None = field(default=None, compare=False)
    replaced: bool = False
    fits: Store = field(default_factory=lambda: Store(FITS_BYTES), compare=False)
    store: Store = field(default_factory=Store, compare=False, init=False)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows in memory.

        Columns ``customer``, ``wave``, ``answered_at``, ``score``, ``group``, ``weight``,
        ``cluster``, ``attr_<name>``, ``<outcome>_after`` (after the response) and
        ``<outcome>_before`` (before it), and ``churn_days``, ``churn_seen`` where churn is
        dated; in a dated study ``response``, the number of the answer, the same whenever it is
        built.

        Raises
        ------
        TooManyRowsError
            They are over 2,000,000.
        """
        if self.held is not None:
            return self.held
        return fetch_rows(self.rows, self.study)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every valid answer of the analysed waves, immature ones included.

        What the headline score is computed from. Columns ``score``, ``group``, ``weight``,
        ``cluster``, and ``response`` as in `frame`.
        """
        if self.held_scores is not None:
            return self.held_scores
        return fetch_rows(self.answer_rows, self.study)

    def with_frame(self, frame: pd.DataFrame, scores: pd.DataFrame | None = None) -> Panel:
        """Return the panel with other rows, in memory."""
        scores = self.scores if scores is None else scores
        return replace(
            self, held=frame, held_scores=scores, rows=None, answer_rows=None, replaced=True
        )

    @cached_property
    def in_memory(self) -> Panel:
        """The same panel with its rows in memory.

        Raises
        ------
        TooManyRowsError
            They are over 2,000,000.
        """
        return (
            self
            if self.rows is None
            else replace(self.with_frame(self.frame), replaced=self.replaced)
        )

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.rows.count if self.rows is not None else len(self.frame)

    @cached_property
    def customers(self) -> int:
        """How many customers the rows are of."""
        if self.rows is None:
            return int(self.frame["customer"].nunique())
        return int(
            self.rows.fetch(["count(DISTINCT v)"], {"v": self.rows.column("customer")})[0][0]
        )

    @cached_property
    def waves(self) -> tuple[str, ...]:
        """The waves that the rows are of, in order."""
        if self.rows is None:
            return tuple(sorted(self.frame["wave"].astype(str).unique()))
        return tuple(
            sorted(wave_name(wave) for wave, _ in self.rows.fetch(["count(*)"], by=["wave"]))
        )

    @cached_property
    def groups(self) -> Integers:
        """Position of each row's group among the scale's labels."""
        return np.asarray(self.frame["group"].cat.codes, dtype=np.int64)

    @cached_property
    def weights(self) -> Floats:
        """Survey weight of each row; all one where the study declares none."""
        return self.frame["weight"].to_numpy(dtype=float)

    @cached_property
    def clusters(self) -> Vector:
        """The independent unit of each row, coded from zero; of rows in an engine, a column."""
        if self.rows is not None:
            return self.rows.column("cluster")
        return np.asarray(self.frame["cluster"].factorize()[0], dtype=np.int64)

    @cached_property
    def unit(self) -> str:
        """What the independent unit is: ``customer`` or declared ``cluster``."""
        if self.rows is not None:
            several = self.study.clustered and holds_several(self.rows)
            return "cluster" if several else "customer"
        clusters, customers = self.clusters, self.frame["customer"].to_numpy()
        last = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=np.int64)
        last[clusters] = np.arange(len(clusters))
        return "cluster" if np.any(customers[last[clusters]] != customers) else "customer"

    @cached_property
    def weighted(self) -> bool:
        """Whether survey weights differ between rows."""
        if self.rows is not None:
            low, high = self.rows.extremes(self.rows.column(self.rows.weight))
            return low < high
        return bool(np.ptp(self.weights) > 0)

    @cached_property
    def origin_customers(self) -> int:
        """Customers whose latest response in the panel falls into the group moved from."""
        if self.rows is not None:
            return latest_in(self.rows, self.study.scale.labels.index(self.study.origin))
        latest = self.frame.drop_duplicates("customer", keep="last")
        return int((latest["group"] == self.study.origin).sum())

    def answers(self, weighted: bool | None = None) -> Answers:
        """Return every valid answer of the analysed waves, immature ones included.

        Parameters
        ----------
        weighted
            Use the survey weights; by default wherever they differ.
        """
        if self.answer_rows is not None:
            rows = self.answer_rows
            low, high = rows.extremes(rows.column(rows.weight))
            use = low < high if weighted is None else weighted
            clusters = rows.column("cluster")
            return Answers(
                values=rows.column("CAST(score AS DOUBLE)"),
                groups=rows.column("grp"),
                weights=rows.column(rows.weight if use else "1e0"),
                clusters=clusters if count_units(clusters, rows) < rows.count else None,
                weighted=use,
            )
        frame = self.scores
        weights = frame["weight"].to_numpy(dtype=float)
        use = bool(np.ptp(weights) > 0) if weighted is None else weighted
        return Answers(
            values=frame["score"].to_numpy(dtype=float),
            groups=np.asarray(frame["group"].cat.codes),
            weights=weights if use else np.ones(len(frame)),
            clusters=frame["cluster"].factorize()[0].astype(np.int64),
            weighted=use,
        )

    def describe(self) -> Table:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        if self.rows is not None:
            return Table(describe_rows(self.rows))
        outcomes = (c for c in self.frame.columns if not c.startswith("attr_"))
        columns = [c for c in outcomes if c.endswith(("_after", "_before"))]
        table = self.frame[columns].describe(percentiles=[0.5, 0.9, 0.99]).T
        return Table(table.rename(columns={"count": "n"}).reset_index(names="outcome"))

    def tidy(self) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        if self.rows is not None:
            return count_rows(self.rows, self.study.scale.labels)
        counted = self.frame.groupby(["wave", "group"], observed=False)["customer"]
        return counted.agg(responses="size", customers="nunique").reset_index()
