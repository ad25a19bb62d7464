"""The rows of a panel that stay in their engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import TooManyRowsError
from ..moments.engine_rows import EngineRows
from ..moments.order_statistics import quantile
from ..study.calendars import wave_word
from .waves import ORIGIN, in_order, name_waves, wave_name

if TYPE_CHECKING:
    import pandas as pd

    from ..study.declared import Study

FETCHED = 2_000_000  # rows that may be brought into memory
# Columns of rows that are weighted by who answered; the last is the weight of each.
RESPONSE_WEIGHTS = ("uninvited", "response_weight", "answered_weight")


@dataclass(frozen=True, eq=False)
class PanelEngineRows(EngineRows):
    """Rows of a panel in an engine; see `panel.PanelRows`."""

    @property
    def customers(self) -> int:
        """How many customers the rows are of."""
        return int(self.fetch(["count(DISTINCT v)"], {"v": self.column("customer")})[0][0])

    @property
    def waves(self) -> tuple[str, ...]:
        """The waves that the rows are of, in order."""
        found = self.fetch(["count(*)"], by=["wave"])
        if len(found) < 2 or not isinstance(found[0][0], str):
            return tuple(sorted(wave_name(wave) for wave, _ in found))
        days = f"date_diff('second', TIMESTAMP '{ORIGIN}', answered_at) / 86400.0"
        each = f"SELECT wave, avg({days}) FROM {self.relation} AS r GROUP BY wave ORDER BY wave"
        return in_order(dict(self.ask(each)))

    @property
    def holds_several(self) -> bool:
        """Whether a cluster holds several customers."""
        each = f"SELECT cluster FROM {self.relation} AS r GROUP BY cluster"
        [(n,)] = self.ask(
            f"SELECT count(*) FROM ({each} HAVING min(customer) <> max(customer)) AS several"
        )
        return int(n) > 0

    def latest_in(self, group: int) -> int:
        """Count the customers whose latest response falls into a group."""
        ranked = (
            "SELECT grp, row_number() OVER (PARTITION BY customer ORDER BY response DESC) AS place "
            f"FROM {self.relation} AS r"
        )
        [(n,)] = self.ask(f"SELECT count(*) FROM ({ranked}) AS s WHERE place = 1 AND grp = {group}")
        return int(n)

    def counts(self, labels: Sequence[str]) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        import pandas as pd

        found = self.ask(
            f"SELECT wave, grp, count(*), count(DISTINCT customer) FROM {self.relation} AS r "
            "GROUP BY wave, grp ORDER BY wave, grp"
        )
        waves = self.waves
        table = [(wave_name(wave), labels[int(group)], *rest) for wave, group, *rest in found]
        table.sort(key=lambda row: waves.index(row[0]))
        frame = pd.DataFrame(table, columns=["wave", "group", "responses", "customers"])
        frame["group"] = pd.Categorical(frame["group"], list(labels), ordered=True)
        return frame

    def described(self) -> pd.DataFrame:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        import pandas as pd

        names = [n for n in self.types if n.endswith(("_after", "_before"))]
        table = [self._described(name) for name in names if not name.startswith("attr_")]
        columns = ["outcome", "n", "mean", "std", "min", "50%", "90%", "99%", "max"]
        return pd.DataFrame(table, columns=columns)

    def _described(self, name: str) -> tuple[object, ...]:
        known = self.only(self.is_known(name))
        values, n = known.values(name), known.count
        if n == 0:
            return (name, 0.0, *[float("nan")] * 7)
        low, high = known.extremes(values)
        spread = values.std() * (n / (n - 1)) ** 0.5 if n > 1 else float("nan")
        middle = [quantile(values, None, share) for share in (0.5, 0.9, 0.99)]
        return (name, float(n), values.mean(), spread, low, *middle, high)

    def fetched(self, study: Study) -> pd.DataFrame:
        """Bring the rows into memory, as a panel has them.

        Raises
        ------
        TooManyRowsError
            They are over 2,000,000.
        """
        import pandas as pd

        if self.count > FETCHED:
            raise TooManyRowsError(
                f"the panel has {self.count:,} rows",
                f"what reads them one by one is done up to {FETCHED:,}",
                f"Analyse one {wave_word(study)}, or a part of the customers",
            )
        dated = " EXCLUDE (cell)" if study.dated else " EXCLUDE (cell, response)"
        frame = self.engine.frame(f"SELECT *{dated} FROM {self.relation} ORDER BY response")
        if self.weight != "weight":
            frame = frame.assign(weight=frame[self.weight]).drop(columns=list(RESPONSE_WEIGHTS))
        if study.dated and not study.own_waves and "wave" in frame:
            frame["wave"] = name_waves(frame["wave"])
        codes = frame.pop("grp").to_numpy(dtype=np.int64)
        labels = pd.Index(list(study.scale.labels))
        frame["group"] = pd.Categorical.from_codes(codes, labels, ordered=True)
        return frame
