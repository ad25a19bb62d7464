"""Rows of a clean table held against each other: lines of orders, repeats, ends, what is odd."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..study.declared import Study
from ..study.table_schema import CORE
from .columns.numbers import Typed
from .columns.probe import Probe
from .early_ends import warn_of_early_ends
from .mixed_rows import warn_of_numbers, warn_of_running_totals, warn_of_several
from .money_columns import unlike_baselines
from .odd_outcomes import warn_of_outcomes
from .order_lines import join_lines
from .repeated_customers import same_mails, same_under_other_ids
from .reversed_times import warn_of_reversed
from .staging import Stage
from .status_columns import (
    warn_of_none,
    warn_of_orders,
    warn_of_subscriptions,
)
from .subscription_dates import warn_of_no_length, warn_of_period_ends
from .telling_names import warn_of_names
from .undeclared import MAY_BE_NONE
from .unlike_amounts import warn_of_tax, warn_of_unlike_amounts, warn_of_unlike_scores
from .wave_names import warn_of_order


def told_by_rows(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    stage: Stage,
    columns: list[Typed],
    parts: list[Typed],
) -> Iterator[tuple[str, int, str]]:
    """Yield what the rows of a clean table tell the ledger; lines of orders are joined.

    Parameters
    ----------
    parts
        Columns that tell where rows come from (see `early_ends`).

    Raises
    ------
    DataError
        It is not declared what lines of orders hold.
    """
    probe = Probe(connection, stage)
    yield from warn_of_early_ends(connection, stage, parts, study.complete_until)
    yield from warn_of_reversed(connection, stage)
    if stage.role in CORE:
        yield from warn_of_numbers(stage, probe)
        yield from warn_of_several(stage, probe)
        yield from warn_of_names(study, stage, probe)
    if stage.role in (*MAY_BE_NONE, "customers"):
        yield from warn_of_none(stage, probe)
    if stage.role == "responses":
        yield from warn_of_unlike_scores(connection, stage, parts)
    if stage.role == "orders":
        yield from join_lines(connection, stage, columns)
        yield from warn_of_orders(stage, probe, columns)
        yield from warn_of_running_totals(connection, stage)
        yield from warn_of_unlike_amounts(connection, stage, parts)
        yield from warn_of_tax(connection, stage)
    elif stage.role == "subscriptions":
        yield from warn_of_subscriptions(stage, probe, columns, study.complete_until)
        yield from warn_of_no_length(connection, stage)
        yield from warn_of_period_ends(connection, stage, study.complete_until)
    elif stage.role == "customers":
        yield from same_mails(connection, stage)
        if not study.dated:
            others = [column.name for column in columns if column.name != "customer"]
            yield from same_under_other_ids(connection, others)
            yield from warn_of_order(connection, stage)
            yield from unlike_baselines(connection, study, stage)
            yield from warn_of_outcomes(connection, study, stage)
