"""One row per customer and wave: score, baseline before, outcomes after.

Each step is one named SQL statement over the relation that the step before it left, run where
the tables are; `build_panel` runs them all. Time runs one way: with an answer at t, outcomes
lie in (t, t + outcome_days] and the baseline in [t - baseline_days, t).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError, ParameterError, nearest
from .estimate import Table, TidyMixin
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

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from .influence import Floats, Integers
    from .ledger import Ledger
    from .study import Study
    from .tables import Tables

QUARTER = re.compile(r"\d{4}Q[1-4]")


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
        ``<outcome>_before`` (before it), and ``churn_days``, ``churn_seen`` where churn is dated.
    quarter
        The wave analysed, or empty for all waves together.
    coverage
        Customers, invited, answered.
    scores
        Every valid answer of the analysed waves, immature ones included: what the headline
        score is computed from. Columns ``score``, ``group``, ``weight``, ``cluster``.
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
        columns = [c for c in self.frame.columns if c.endswith(("_after", "_before"))]
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
    _check_quarter(tables, quarter)
    build = _build_dated if tables.study.dated else _build_flat
    return build(tables, quarter)


def _build_dated(tables: Tables, quarter: str) -> Panel:
    study, con = tables.study, tables.connection
    ledger = tables.ledger
    con.execute(one_per_wave(tables, quarter))
    read = _count(con, tables.relation("responses"))
    in_quarter = _scalar(con, "SELECT coalesce(sum(answers), 0) FROM answered")
    kept = _count(con, "answered")
    ledger = ledger.add("responses", "set aside", read - in_quarter, f"outside {quarter}")
    rule = {"latest": "only the latest counts", "first": "only the first counts"}
    ledger = ledger.add(
        "responses",
        "set aside",
        in_quarter - kept,
        "another answer by the same customer in the same quarter: "
        + rule.get(study.answers, "averaged into one"),
    )
    if study.churn == "cancelled":
        con.execute(continued(tables))
        renewed = _count(con, tables.relation("subscriptions")) - _count(con, "spells")
        reason = f"begun within {RENEWAL_DAYS} days of the end of another, which they continue"
        ledger = ledger.add("subscriptions", "repaired", renewed, reason)
    for table in after_answers(tables):
        con.execute(table)
    reasons = con.execute(
        "SELECT reason, count(*) FROM judged WHERE reason <> '' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for reason, rows in reasons:
        ledger = ledger.add("responses", "set aside", rows, reason)
    for role in EVENTS:
        if role in study.sources:
            con.execute(windowed(tables, role))
    frame = con.execute(panel_select(tables)).df()
    ledger = ledger.add("responses", "used", len(frame), "rows of the panel")
    if frame.empty:
        raise DataError(
            f"no response is left{f' in {quarter}' if quarter else ''}: "
            + "; ".join(f"{rows:,} {reason}" for reason, rows in reasons),
            fix=_mature_hint(tables),
        )
    scores = con.execute(
        "SELECT score, weight, cluster FROM answered JOIN judged USING (response) "
        f"WHERE reason <> '{UNKNOWN}' ORDER BY response"
    ).df()
    ledger = _warn_of_incomplete(tables, _use_events(tables, ledger))
    return _finish(tables, quarter, frame, scores, ledger)


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
    answered = _scalar(con, "SELECT count(DISTINCT customer) FROM answered")
    if not study.dated:
        return Coverage(tables.ledger.rows("customers", "read"), None, answered)
    roles = ("customers", "subscriptions", "orders", "responses")
    base = next(role for role in roles if role in study.sources)
    customers = _scalar(con, f"SELECT count(DISTINCT customer) FROM {tables.relation(base)}")
    invited = None
    if "invitations" in study.sources:
        dated = quarter and "invited_at" in study.sources["invitations"].columns
        wave = f"WHERE {QUARTER_OF.format(at='invited_at')} = '{quarter}'" if dated else ""
        relation = tables.relation("invitations")
        invited = _scalar(con, f"SELECT count(DISTINCT customer) FROM {relation} {wave}")
    return Coverage(customers, invited, answered)


def _warn_of_incomplete(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn where the last event of a table lies well before the day it is complete until.

    Raises
    ------
    DataError
        It lies more than an outcome window before: every answer would look as if nothing came
        after it.
    """
    study, con = tables.study, tables.connection
    until = study.complete_until
    for role, (at, _) in EVENTS.items():
        if role not in study.sources or until is None:
            continue
        row = con.execute(f"SELECT max({at})::DATE FROM {tables.relation(role)}").fetchall()
        last = row[0][0]
        late = (until - last).days if last else 0
        if late > study.outcome_days and role == "orders":
            raise DataError(
                f"the last order is of {last}, but complete_until is {until}",
                "up to that day every table is complete",
                "Set complete_until to the last day of the extract",
            )
        if late > max(7, study.outcome_days // 10):
            ledger = ledger.add(
                role, "warning", 1, f"The last of {role} is of {last}, complete_until is {until}."
            )
    return ledger


def _use_events(tables: Tables, ledger: Ledger) -> Ledger:
    """Enter the rows of every table beside the responses as used: all of them were looked at."""
    for role in tables.study.sources:
        left = ledger.unaccounted(role)
        if role != "responses" and left:
            ledger = ledger.add(role, "used", left, "held against the responses")
    return ledger


def _check_quarter(tables: Tables, quarter: str) -> None:
    if not quarter:
        return
    if not QUARTER.fullmatch(quarter):
        raise ParameterError(
            f"quarter is {quarter!r}", "a quarter is written like 2026Q3, or left empty for all"
        )
    role = "responses" if tables.study.dated else "customers"
    if "answered_at" not in tables.study.sources[role].columns:
        raise ParameterError(
            f"quarter is {quarter!r}, but the study has no dates of answers",
            fix="Leave the quarter empty, or declare answered_at",
        )
    waves = [
        row[0]
        for row in tables.connection.execute(
            f"SELECT DISTINCT {QUARTER_OF.format(at='answered_at')} AS wave "
            f"FROM {tables.relation(role)} WHERE answered_at IS NOT NULL ORDER BY wave"
        ).fetchall()
    ]
    if quarter not in waves:
        raise ParameterError(
            f"no response was given in {quarter}",
            f"there are responses in {waves[0]} to {waves[-1]}" if waves else "",
            nearest(quarter, waves),
        )


def _mature_hint(tables: Tables) -> str:
    import datetime as dt

    study = tables.study
    if study.complete_until is None:
        return ""
    last = study.complete_until - dt.timedelta(days=study.outcome_days)
    return (
        f"With complete_until = {study.complete_until} and outcome_days = {study.outcome_days}, "
        f"answers count up to {last}: take an earlier quarter or a shorter window"
    )


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    return _scalar(con, f"SELECT count(*) FROM {relation}")


def _scalar(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
