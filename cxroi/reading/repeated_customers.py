"""Customers with more rows than the customers table may hold of them."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import one_row
from ..errors import DataError
from ..study.calendars import calendar
from ..study.declared import Study
from .staging import Stage
from .waves import wave_of

_CLEAN = "Clean the export, or leave the rows that are too many out with keep or drop"


def refuse_repeated(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage
) -> Iterator[DataError]:
    """Refuse customers with several rows, exact repeats and contradictions told apart.

    A flat study with waves or dates has one row a customer and wave, others one a customer.
    """
    columns = stage.source.columns
    dated = "wave" in columns or "answered_at" in columns
    wave = wave_of(study, "customers", "answered_at") if dated else ""
    keys = f"customer, {wave}" if wave and "score" in columns else "customer"
    rows, different, units = one_row(
        connection,
        "SELECT (SELECT count(*) FROM clean_customers), "
        "(SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE (row) FROM clean_customers)), "
        f"(SELECT count(*) FROM (SELECT DISTINCT {keys} FROM clean_customers))",
    )
    if rows == units:
        return
    repeats = (
        f"{rows - different:,} repeat another row in the columns read, {different - units:,} "
        "contradict one"
    )
    cell = stage.cells[columns["customer"]]
    if keys != "customer":
        of = stage.cells[columns["wave" if "wave" in columns else "answered_at"]].column
        yield DataError(
            f"{cell} holds {rows - units:,} rows more than customers and waves (by {of!r}): "
            f"{repeats}",
            "a customer has one row in each wave; without a column wave a wave is a "
            + calendar(study),
            _CLEAN,
        )
        return
    yield DataError(
        f"{cell} holds {rows - units:,} rows more than different ids: {repeats}",
        "the customers table has one row for each customer, or every join doubles rows",
        f"{_CLEAN}; answers and orders belong into tables of their own; a flat file with several "
        "surveys of a customer declares wave or answered_at",
    )
