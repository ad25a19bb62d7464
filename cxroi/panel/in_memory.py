"""The rows of a panel in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..moments.frame_rows import FrameRows
from ..moments.plan import cached_property
from .waves import ORIGIN, in_order

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study


@dataclass(frozen=True, eq=False)
class PanelFrame(FrameRows):
    """Rows of a panel in memory; see `panel.PanelRows`."""

    @property
    def customers(self) -> int:
        """How many customers the rows are of."""
        return int(self.frame["customer"].nunique())

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that the rows are of, in order."""
        names = self.frame["wave"].astype(str)
        if self.frame["wave"].dtype == "category" or "answered_at" not in self.frame:
            return tuple(sorted(names.unique()))
        days = (self.frame["answered_at"] - ORIGIN).dt.total_seconds() / 86_400
        return in_order({str(n): float(d) for n, d in days.groupby(names).mean().items()})

    @cached_property
    def holds_several(self) -> bool:
        """Whether a cluster holds several customers."""
        clusters, customers = self.clusters, self.frame["customer"].to_numpy()
        last = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=np.int64)
        last[clusters] = np.arange(len(clusters))
        return bool(np.any(customers[last[clusters]] != customers))

    def latest_in(self, group: int) -> int:
        """Count the customers whose latest response falls into a group."""
        latest = self.frame.drop_duplicates("customer", keep="last")
        return int((latest["group"].cat.codes == group).sum())

    def counts(self, labels: Sequence[str]) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        counted = self.frame.groupby(["wave", "group"], observed=False)["customer"]
        table = counted.agg(responses="size", customers="nunique").reset_index()
        place = {name: at for at, name in enumerate(self.waves)}
        return table.sort_values(
            "wave", key=lambda names: names.astype(str).map(place), kind="stable", ignore_index=True
        )

    def described(self) -> pd.DataFrame:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        outcomes = (c for c in self.frame.columns if not c.startswith("attr_"))
        columns = [c for c in outcomes if c.endswith(("_after", "_before"))]
        table = self.frame[columns].describe(percentiles=[0.5, 0.9, 0.99]).T
        return table.rename(columns={"count": "n"}).reset_index(names="outcome")

    def fetched(self, study: Study) -> pd.DataFrame:
        """Return the rows, as a panel has them."""
        return self.frame
