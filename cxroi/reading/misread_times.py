"""Times that read without a fault and are likely to be others: AM and PM lost, days swapped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import duckdb

from .columns.offsets import DAY
from .zones import Times

_MANY = 100  # times and dates from which on a pattern is no accident
_LAST = 12  # the last day of a month that may be a month as well
_SPREAD = 10  # months of the year over which swapped days spread
_IN_MONTH, _DIFFERENT = 10, 3  # dates of a month that ends early, and days of all such months


def misread_times(connection: duckdb.DuckDBPyConnection, times: Iterable[Times]) -> Iterator[str]:
    """Say which columns look as if AM and PM were lost, or day and month swapped."""
    for one in times:
        yield from _lost_am_pm(connection, one)
        days = connection.execute(
            f"SELECT {one.sql}::DATE AS day, count(*) FROM {one.relation} "
            f"WHERE {one.sql} IS NOT NULL GROUP BY day ORDER BY day"
        ).fetchall()
        yield from _swapped(one, days)


def _lost_am_pm(connection: duckdb.DuckDBPyConnection, one: Times) -> Iterator[str]:
    """Say that the hours of a day run from 1 to 12, as those of clocks with AM and PM do."""
    timed = f"epoch_us({{0}}) % {DAY} <> 0"
    # The first that is ends the scan, and ordinary times have one soon.
    if one.any(connection, f"{timed} AND hour({{0}}) NOT BETWEEN 1 AND 12"):
        return
    [(rows, small, noon)] = connection.execute(
        f"SELECT count(*), count(*) FILTER (hour({one.sql}) < 7), "
        f"count(*) FILTER (hour({one.sql}) = 12) "
        f"FROM {one.relation} WHERE {timed.format(one.sql)}"
    ).fetchall()
    if rows >= _MANY and small and noon:
        yield (
            f"All {rows:,} times of day of {one.column} lie between 1:00 and 12:59: has AM or PM "
            "been lost? Those after noon are then read 12 hours too early, and 12:30 at night as "
            "noon. Export the hours from 0 to 23, or with AM and PM"
        )


def _swapped(one: Times, days: Sequence[tuple[dt.date, int]]) -> Iterator[str]:
    """Say that months end by their 12th day, as where spreadsheets swap day and month.

    What reads as a day is a month there, so that no day is above 12, and what reads as a month is
    a day, so that they spread over the year. Where only the dates up to the 12th were swapped,
    they lie in months of their own beside those that are right.
    """
    months = {
        month: (sum(n for _, n in held), {day.day for day, _ in held})
        for month, held in (
            (month, list(group))
            for month, group in groupby(days, key=lambda row: (row[0].year, row[0].month))
        )
    }
    early = {month: held for month, held in months.items() if max(held[1]) <= _LAST}
    rows, total = sum(n for n, _ in early.values()), sum(n for n, _ in months.values())
    full = [month for month, (n, _) in early.items() if n >= _IN_MONTH]
    different = set().union(*(held for _, held in early.values()))
    spread = len({month for _, month in months}) >= _SPREAD
    if total < _MANY or not spread or len(different) < _DIFFERENT:
        return
    if rows == total or len(full) > 1:
        which = "All" if rows == total else f"{rows:,} of {total:,}"
        yield (
            f"{which} dates of {one.column} are of {len(early)} months without a day after the "
            "12th: are day and month swapped, as a spreadsheet does with dates up to the 12th? "
            'Mend the file, or if all are swapped declare date_format, such as "%Y-%d-%m"'
        )
