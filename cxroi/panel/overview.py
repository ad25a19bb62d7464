"""What a reader is told of a panel: its findings, apart from its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..results.display import Table, TidyMixin, to_text
from ..results.on_demand import LATER, later, on_demand
from .funnel import Funnel, funnel
from .mix import control_mix

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.ledger import Ledger, SourceFile
    from ..study.declared import Study
    from .panel import Coverage, Panel


@on_demand
@dataclass(frozen=True, repr=False)
class Overview(TidyMixin):
    """A panel as plain findings, which can be written and read.

    Attributes
    ----------
    quarter
        The wave analysed, or empty for all waves together.
    coverage
        Customers, invited, answered.
    sources
        Provenance of every table.
    size, customers, waves
        How many rows there are, of how many customers, and of which waves.
    weighted
        Whether survey weights differ between rows.
    counts
        Responses and customers per wave and group.
    outcomes
        n, mean, standard deviation and quantiles of each outcome, after and before.
    funnel
        From who was asked to whom the scenario would move.
    controls
        What the rows are of, by control: see `panel.mix.control_mix`.
    """

    study: Study
    quarter: str
    ledger: Ledger
    coverage: Coverage
    sources: tuple[SourceFile, ...]
    size: int = field(metadata=LATER)
    customers: int = field(metadata=LATER)
    waves: tuple[str, ...] = field(metadata=LATER)
    weighted: bool = field(metadata=LATER)
    counts: pd.DataFrame = field(compare=False, metadata=LATER)
    outcomes: pd.DataFrame = field(compare=False, metadata=LATER)
    funnel: Funnel = field(metadata=LATER)
    controls: Mapping[str, Mapping[str, float]] = field(compare=False, metadata=LATER)

    def tidy(self) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        return self.counts

    def describe(self) -> Table:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        return Table(self.outcomes)

    def __repr__(self) -> str:
        return f"Panel\n{to_text(self.counts)}"


def overview(panel: Panel) -> Overview:
    """Return what a reader is told of a panel; what has to be counted is, when it is asked for."""
    return Overview(
        study=panel.study,
        quarter=panel.quarter,
        ledger=panel.ledger,
        coverage=panel.coverage,
        sources=panel.tables.sources if panel.tables is not None else (),
        size=later(lambda: panel.size),
        customers=later(lambda: panel.customers),
        waves=later(lambda: panel.waves),
        weighted=later(lambda: panel.weighted),
        counts=later(panel.tidy),
        outcomes=later(lambda: panel.describe().frame),
        funnel=later(lambda: funnel(panel)),
        controls=later(lambda: control_mix(panel)),
    )
