"""One row per customer and wave: score, baseline before, outcomes after.

Each step is one named SQL statement over the relation that the step before it left, run where
the tables are; `build_panel` runs them all. Time runs one way: with an answer at t, outcomes
lie in (t, t + outcome_days] and the baseline in [t - baseline_days, t).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError
from .estimate import Table, TidyMixin
from .panel_checks import mature_until, require_quarter, warn_of_incomplete
from .panel_sql import (
    EVENTS,
    QUARTER_OF,
    RENEWAL_DAYS,
    UNKNOWN,
    after_answers,
    continued,
    one_per_wave,
    panel_select,
    windowed,
)
from .reading.sql import one_row

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from .influence import Floats, Integers
    from .ledger import Ledger
    from .study import Study
    from .tables import Tables


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


@dataclass(frozen=True, repr=False)
class Panel(TidyMixin):
    """One row per customer and wave, with the ledger of how it came about.

    Attributes
    ----------
    frame
        Columns ``customer``, ``wave``, ``answered_at``, ``score``, ``group``, ``weight``,
        ``cluster``, ``attr_<name>``, ``<outcome>_after`` (after the response) and
        ``<outcome>_before`` (before it), and ``churn_days``, ``churn_seen`` where churn is dated;
        in a dated study ``response``, the number of the answer, the same whenever it is built.
    quarter
        The wave analysed, or empty for all waves together.
    coverage
        Customers, invited, answered.
    scores
        Every valid answer of the analysed waves, immature ones included: what the headline
        score is computed from. Columns ``score``, ``group``, ``weight``, ``cluster``, and
        ``response`` as in `frame`.
    """

    study: Study
    quarter: str
    frame: pd.DataFrame = field(compare=False)
    scores: pd.DataFrame = field(compare=False)
    ledger: Ledger
    coverage: Coverage
    tables: Tables = field(compare=False)

    @cached_property
    def groups(self) -> Integers:
        """Position of each row's group among the scale's labels."""
        return np.asarray(self.frame["group"].cat.codes, dtype=np.int64)

    @cached_property
    def weights(self) -> Floats:
        """Survey weight of each row; all one where the study declares none."""
        return self.frame["weight"].to_numpy(dtype=float)

    @cached_property
    def clusters(self) -> Integers:
        """The independent unit of each row, coded from zero."""
        return np.asarray(self.frame["cluster"].factorize()[0], dtype=np.int64)

    @cached_property
    def all_waves(self) -> Panel:
        """The panel of all waves, built anew where this one is of a quarter."""
        if not self.quarter or self.tables is None:
            return self
        # A cursor has temporary tables of its own: those behind this panel stay as they are.
        cursor = self.tables.connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return build_panel(replace(self.tables, connection=cursor))

    @property
    def weighted(self) -> bool:
        """Whether survey weights differ between rows."""
        return bool(np.ptp(self.weights) > 0)

    @property
    def origin_customers(self) -> int:
        """Customers whose latest response in the panel falls into the group moved from."""
        latest = self.frame.drop_duplicates("customer", keep="last")
        return int((latest["group"] == self.study.origin).sum())

    def describe(self) -> Table:
        """Return n, mean, standard deviation and quantiles of each outcome, after and before."""
        outcomes = (c for c in self.frame.columns if not c.startswith("attr_"))
        columns = [c for c in outcomes if c.endswith(("_after", "_before"))]
        table = self.frame[columns].describe(percentiles=[0.5, 0.9, 0.99]).T
        return Table(table.rename(columns={"count": "n"}).reset_index(names="outcome"))

    def tidy(self) -> pd.DataFrame:
        """Return responses and customers per wave and group."""
        counted = self.frame.groupby(["wave", "group"], observed=False)["customer"]
        return counted.agg(responses="size", customers="nunique").reset_index()


def build_panel(tables: Tables, quarter: str = "") -> Panel:
    """Build the panel of a study, for one quarter or for all waves together.

    Parameters
    ----------
    quarter
        Such as ``2026Q3``: responses answered in that calendar quarter. Empty for all.

    Raises
    ------
    ParameterError
        The quarter is not written that way, holds no response, or the study has no dates.
    DataError
        No response is left to analyse; the message says where they went.
    """
    require_quarter(tables, quarter)
    build = _build_dated if tables.study.dated else _build_flat
    return build(tables, quarter)


def _build_dated(tables: Tables, quarter: str) -> Panel:
    study, con = tables.study, tables.connection
    con.execute(one_per_wave(tables, quarter))
    ledger = _enter_other_answers(tables, quarter)
    if study.churn == "cancelled":
        con.execute(continued(tables))
        ledger = _enter_renewals(tables, ledger)
    for statement in after_answers(tables):
        con.execute(statement)
    reasons = con.execute(
        "SELECT reason, count(*) FROM judged WHERE reason <> '' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for reason, rows in reasons:
        ledger = ledger.add("responses", "set aside", rows, reason)
    for role in EVENTS:
        if role in study.sources:
            con.execute(windowed(tables, role))
    frame = con.execute(panel_select(tables)).df()
    frame["wave"] = _name_waves(frame["wave"])
    ledger = ledger.add("responses", "used", len(frame), "rows of the panel")
    if frame.empty:
        raise DataError(
            f"no response is left{f' in {quarter}' if quarter else ''}: "
            + "; ".join(f"{rows:,} {reason}" for reason, rows in reasons),
            fix=mature_until(study),
        )
    scores = con.execute(
        "SELECT response, score, weight, cluster FROM judged "
        f"WHERE reason <> '{UNKNOWN}' ORDER BY response"
    ).df()
    ledger = warn_of_incomplete(tables, _use_events(tables, ledger))
    return _finish(tables, quarter, frame, scores, ledger)


def _name_waves(numbers: pd.Series[int]) -> pd.Categorical[str]:
    """Name waves that come as 20262, a small number a row being quick to fetch, as 2026Q2."""
    import pandas as pd

    codes, found = numbers.factorize(sort=True)
    return pd.Categorical.from_codes(codes, pd.Index([f"{n // 10}Q{n % 10}" for n in found]))


def _enter_other_answers(tables: Tables, quarter: str) -> Ledger:
    """Enter the answers of other quarters, and those beside the one that counts in each."""
    con = tables.connection
    read = _count(con, tables.relation("responses"))
    in_quarter = int(one_row(con, "SELECT coalesce(sum(answers), 0) FROM answered")[0])
    rule = {
        "latest": "only the latest counts, of two at the same moment the lower",
        "first": "only the first counts, of two at the same moment the lower",
    }
    same = "another answer by the same customer in the same quarter: " + rule.get(
        tables.study.answers, "averaged into one"
    )
    ledger = tables.ledger.add("responses", "set aside", read - in_quarter, f"outside {quarter}")
    return ledger.add("responses", "set aside", in_quarter - _count(con, "answered"), same)


def _enter_renewals(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the subscriptions that continue another."""
    con = tables.connection
    renewed = _count(con, tables.relation("subscriptions")) - _count(con, "spells")
    reason = f"begun within {RENEWAL_DAYS} days of the end of another, which they continue"
    return ledger.add("subscriptions", "repaired", renewed, reason)


def _build_flat(tables: Tables, quarter: str) -> Panel:
    con = tables.connection
    con.execute(one_per_wave(tables, quarter))
    ledger = tables.ledger
    read = _count(con, tables.relation("customers"))
    frame = con.execute("SELECT * EXCLUDE (answers, response) FROM answered ORDER BY response").df()
    ledger = ledger.add("customers", "set aside", read - len(frame), f"outside {quarter}")
    ledger = ledger.add("customers", "used", len(frame), "rows of the panel")
    return _finish(tables, quarter, frame, frame[["score", "weight", "cluster"]].copy(), ledger)


def _finish(
    tables: Tables, quarter: str, frame: pd.DataFrame, scores: pd.DataFrame, ledger: Ledger
) -> Panel:
    frame["group"], scores["group"] = _group(tables.study, frame, scores)
    return Panel(
        study=tables.study,
        quarter=quarter,
        frame=frame,
        scores=scores,
        ledger=ledger,
        coverage=_coverage(tables, quarter),
        tables=tables,
    )


def _group(
    study: Study, frame: pd.DataFrame, scores: pd.DataFrame
) -> tuple[pd.Categorical[str], pd.Categorical[str]]:
    """Cut the scores of the panel and of all answers into the same groups."""
    import pandas as pd

    scale = study.scale
    cuts = np.asarray(scale.cuts)
    if scale.quantiles:
        shares = np.arange(1, scale.quantiles) / scale.quantiles
        cuts = np.unique(np.quantile(scores["score"], shares, method="higher"))
        if len(cuts) + 1 < scale.quantiles or cuts[0] <= scores["score"].min():
            raise DataError(
                f"the scores have too few different values for {scale.quantiles} quantile groups",
                fix="Declare fewer quantiles, or cuts = [...] in [scale]",
            )
    order = list(scale.labels)

    def cut(values: pd.Series[float]) -> pd.Categorical[str]:
        position = np.searchsorted(cuts, values.to_numpy(dtype=float), side="right")
        codes = position if scale.better == "higher" else len(order) - 1 - position
        return pd.Categorical.from_codes(codes, pd.Index(order), ordered=True)

    return cut(frame["score"]), cut(scores["score"])


def _coverage(tables: Tables, quarter: str) -> Coverage:
    con, study = tables.connection, tables.study
    answered = _count(con, "answered", "DISTINCT customer")
    if not study.dated:
        return Coverage(tables.ledger.rows("customers", "read"), None, answered)
    roles = ("customers", "subscriptions", "orders", "responses")
    base = next(role for role in roles if role in study.sources)
    customers = _count(con, tables.relation(base), "DISTINCT customer")
    invited = None
    if "invitations" in study.sources:
        dated = quarter and "invited_at" in study.sources["invitations"].columns
        wave = f"WHERE {QUARTER_OF.format(at='invited_at')} = '{quarter}'" if dated else ""
        relation = f"{tables.relation('invitations')} {wave}"
        invited = _count(con, relation, "DISTINCT customer")
    return Coverage(customers, invited, answered)


def _use_events(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the rows of every table beside the responses as used: all of them were looked at."""
    for role in tables.study.sources:
        left = ledger.unaccounted(role)
        if role != "responses" and left:
            ledger = ledger.add(role, "used", left, "held against the responses")
    return ledger


def _count(con: duckdb.DuckDBPyConnection, relation: str, what: str = "*") -> int:
    return int(one_row(con, f"SELECT count({what}) FROM {relation}")[0])
