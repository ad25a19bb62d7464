"""One row per customer and wave: score, baseline before, outcomes after.

Time runs one way: with an answer at t, outcomes lie in (t, t + outcome_days] and the baseline in
[t - baseline_days, t). `building` builds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ModelError
from ..moments.operations import operations_of
from ..moments.plan import cached_property
from ..moments.rows import Rows
from ..results.display import Table, TidyMixin
from ..study.parts import part_of
from .in_memory import PanelFrame
from .store import Store

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables
    from ..study.declared import Study


FITS_BYTES = 256e6


@dataclass(frozen=True, repr=False)
class Coverage(TidyMixin):
    """How many were asked and answered: in customers, and in customers and waves.

    Attributes
    ----------
    customers, invited, answered
        Customers there are, customers invited, None if that is not known, and customers who
        answered, however often.
    answered_of_them
        Of those invited, or of all where no invitation is known, the customers who answered.
    invitations, replied
        Customers and waves asked, a customer who is asked in two waves counting twice, and those
        of them to whom an answer replies; None where invitations have no dates or waves.
    strangers
        Answers, one a customer and wave, that are used though their customers occur in no other
        table.
    """

    customers: int
    invited: int | None
    answered: int
    answered_of_them: int
    invitations: int | None = None
    replied: int | None = None
    strangers: int = 0

    @property
    def share_answered(self) -> float:
        """Share of the customers invited, or else of all, who answered at least once."""
        return self.answered_of_them / (self.invited or self.customers)

    def tidy(self) -> pd.DataFrame:
        """Return one row in customers: how many there are, were invited, answered, which share."""
        import pandas as pd

        counts = {
            "customers": self.customers,
            "customers_invited": self.invited,
            "customers_answered": self.answered,
            "share_answered": self.share_answered,
        }
        return pd.DataFrame([counts])


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
    clusters: Vector | None
    weighted: bool


class PanelRows(Rows, Protocol):
    """The rows of a panel, in memory or in an engine."""

    @property
    def customers(self) -> int:
        """How many customers the rows are of."""
        ...

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that the rows are of, in order."""
        ...

    @property
    def holds_several(self) -> bool:
        """Whether a cluster holds several customers."""
        ...

    def latest_in(self, group: int) -> int:
        """Count the customers whose latest response falls into a group."""
        ...

    def counts(self, labels: Sequence[str]) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        ...

    def described(self) -> pd.DataFrame:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        ...

    def fetched(self, study: Study) -> pd.DataFrame:
        """Bring the rows into memory, as a panel has them."""
        ...


@dataclass(frozen=True, repr=False)
class Panel(TidyMixin):
    """One row per customer and wave, with the ledger of how it came about.

    The rows of a small panel are in memory; those of a large one stay in the engine, which is
    asked for sums of them.

    Attributes
    ----------
    quarter
        The wave analysed, or empty for all waves together.
    rows, answer_rows
        Of `frame` and of `scores`, where they are.
    coverage
        Customers, invited, answered.
    replaced
        Whether rows or weights are others than those built from the tables.
    again
        Builds the panel of another study on the same tables; None of rows without tables.
    fits
        Models that were fitted, by what they were fitted to; panels made from this one share it.
    store
        What was made of exactly this panel.
    """

    study: Study
    quarter: str
    rows: PanelRows = field(compare=False)
    answer_rows: PanelRows = field(compare=False)
    ledger: Ledger
    coverage: Coverage
    tables: Tables = field(compare=False)
    replaced: bool = False
    again: Callable[[Study], Panel] | None = field(default=None, compare=False, repr=False)
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
        return self.rows.fetched(self.study)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every valid answer of the analysed waves, immature ones included.

        What the headline score is computed from. Columns ``score``, ``group``, ``weight``,
        ``cluster``, and ``response`` as in `frame`.
        """
        return self.answer_rows.fetched(self.study)

    def with_frame(self, frame: pd.DataFrame, scores: pd.DataFrame | None = None) -> Panel:
        """Return the panel with other rows, in memory."""
        scores = self.scores if scores is None else scores
        return replace(self, rows=PanelFrame(frame), answer_rows=PanelFrame(scores), replaced=True)

    def where(self, **only: Any) -> Panel:
        """Return the panel of a part of the answers, built from the tables again.

        Parameters
        ----------
        **only
            Attributes of customers or answers with a value or a list of values, such as
            ``segment="Business"`` or ``region=["north", "south"]``. A name that is no identifier
            is given as ``**{"customer type": "new"}``.

        Returns
        -------
        Panel
            Its ledger enters what is of others as set aside. Controls that are the same for all
            of them are not held equal, and the ledger says so. The scenario's customers are
            those among them who answered; a number of all that it declares is left out.

        Raises
        ------
        StudyError
            An unknown attribute, or a value that it never has; the nearest is offered.
        DataError
            No answer is left.
        ModelError
            The rows or weights are not those of the tables.

        Examples
        --------
        >>> business = panel.where(segment="Business")  # doctest: +SKIP
        >>> cx.analyse(business).roi  # doctest: +SKIP
        """
        study = part_of(self.study, only)
        if self.replaced or self.again is None:
            raise ModelError(
                "the rows or weights of this panel are not those of the tables",
                "a part is chosen where the tables are",
                "Choose it of the panel that build_panel returned, then replace them",
            )
        return self.again(study)

    @property
    def in_memory(self) -> bool:
        """Whether the rows are in memory."""
        return isinstance(self.rows, PanelFrame)

    def brought_into_memory(self) -> Panel:
        """Return the same panel with its rows in memory.

        Raises
        ------
        TooManyRowsError
            They are over 2,000,000.
        """
        return replace(self.with_frame(self.frame), replaced=self.replaced)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.rows.count

    @cached_property
    def customers(self) -> int:
        """How many customers the rows are of."""
        return self.rows.customers

    @cached_property
    def waves(self) -> tuple[str, ...]:
        """The waves that the rows are of, in order."""
        return self.rows.waves

    @property
    def clusters(self) -> Vector | None:
        """The independent unit of each row; None where each is known to be its own."""
        return self.rows.clusters

    @cached_property
    def unit(self) -> str:
        """What the independent unit is: ``customer`` or declared ``cluster``."""
        declared = self.study.clustered or self.in_memory
        several = declared and self.rows.holds_several
        return "cluster" if several else "customer"

    @cached_property
    def weighted(self) -> bool:
        """Whether survey weights differ between rows."""
        return _differ(self.rows.weights)

    @cached_property
    def origin_customers(self) -> int:
        """Customers whose latest response in the panel falls into the group moved from."""
        return self.rows.latest_in(self.study.scale.labels.index(self.study.origin))

    def answers(self, weighted: bool | None = None) -> Answers:
        """Return every valid answer of the analysed waves, immature ones included.

        Parameters
        ----------
        weighted
            Use the survey weights; by default wherever they differ.
        """
        rows = self.answer_rows
        use = _differ(rows.weights) if weighted is None else weighted
        return Answers(
            values=rows.values("score"),
            groups=rows.groups,
            weights=rows.weights if use else rows.one,
            clusters=rows.clusters,
            weighted=use,
        )

    def describe(self) -> Table:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        return Table(self.rows.described())

    def tidy(self) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        return self.rows.counts(self.study.scale.labels)


def _differ(weights: Vector) -> bool:
    low, high = operations_of(weights).extremes(weights)
    return low < high
