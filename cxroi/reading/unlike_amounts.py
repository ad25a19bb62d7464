"""Amounts, or answers, of one shop, file or month that are unlike those of the others."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

import duckdb

from ..engine.quoting import ident
from .columns.numbers import Typed
from .counted_twice import some_rows
from .early_ends import called
from .staging import Stage

_UNITS, _ABOUT = (100, 1_000, 1_000_000), 2  # cents, thousands, millions; how near to that
_OTHER_CURRENCY = 50  # times, from which on amounts of two shops are hardly of one currency
_ENOUGH = 20  # amounts above zero, of which a mean says something
# Top of a common scale -> top of others from which on it is another.
_SHORTER = {5.0: 7, 4.0: 7, 7.0: 10, 10.0: 50}
_PARTS = 500  # most parts of a table
_TAX = (1.165, 1.28)  # times, by which amounts with value added tax are above those without it
_MONTHS, _OF_MONTH = 3, 100  # on either side of the change, and amounts of each
_SHARP = 2  # times what the months of a side differ by, from which on a change is one of a day


def warn_of_unlike_amounts(
    connection: duckdb.DuckDBPyConnection, stage: Stage, parts: list[Typed]
) -> Iterator[tuple[str, int, str]]:
    """Yield warnings of parts of orders whose amounts seem to be in another unit or currency.

    Geometric means are compared: of shops and the like, which may differ in currency, of files
    and of months, in one of which an export may have changed its unit.
    """
    months = [("date_trunc('month', ordered_at)", None)]
    rows = some_rows(connection, ident("typed orders"))
    for sql, part in [*((ident(part.name), part) for part in parts), *months]:
        means = connection.execute(
            f"SELECT {sql} AS part, count(*), exp(avg(ln(amount))) AS mean "
            f"FROM {rows} WHERE fate = 0 AND amount > 0 "
            f"AND part IS NOT NULL GROUP BY part HAVING count(*) >= {_ENOUGH} "
            f"ORDER BY mean, part LIMIT {_PARTS}"
        ).fetchall()
        if len(means) < 2 or not means[0][2]:
            continue
        (low, n, least), (high, m, most) = means[0], means[-1]
        ratio = most / least
        near = any(unit / _ABOUT <= ratio <= unit * _ABOUT for unit in _UNITS)
        by_shop = part is not None and part.name != "part file"
        if near or (by_shop and ratio >= _OTHER_CURRENCY):
            one, other = (
                f"the month {name:%Y-%m}" if part is None else called(stage, part, name)
                for name in (high, low)
            )
            yield (
                "warning",
                int(min(n, m)),
                f"{stage.cells[stage.source.columns['amount']]} holds amounts of {one} that are "
                f"about {ratio:,.0f} times those of {other} (geometric means {most:,.4g} and "
                f"{least:,.4g}): are they in another currency, or in cents and whole units? All "
                "are added up as they stand: write them in one",
            )
            return


def warn_of_tax(
    connection: duckdb.DuckDBPyConnection, stage: Stage
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning of amounts that from a month on are higher, or lower, as by a tax.

    The geometric means of the months before are like one another, and so are those from then on.
    """
    months = connection.execute(
        "SELECT date_trunc('month', ordered_at) AS part, count(*), avg(ln(amount)) "
        f"FROM {some_rows(connection, ident('typed orders'))} WHERE fate = 0 AND amount > 0 "
        f"AND part IS NOT NULL GROUP BY part HAVING count(*) >= {_OF_MONTH} "
        f"ORDER BY part LIMIT {_PARTS}"
    ).fetchall()
    for place in range(_MONTHS, len(months) - _MONTHS + 1):
        sides = [[mean for *_, mean in part] for part in (months[:place], months[place:])]
        before, after = (sum(side) / len(side) for side in sides)
        differ = max(max(side) - min(side) for side in sides)
        times = exp(abs(after - before))
        if _TAX[0] <= times <= _TAX[1] and abs(after - before) >= _SHARP * differ:
            day, alike = f"{months[place][0]:%Y-%m}", f"about {times:.2f} times those"
            found = (
                f"from {day} on are {alike} before, in every month: is tax in them from then on?"
                if after > before
                else f"before {day} are {alike} from then on, in every month: was tax in them?"
            )
            yield (
                "warning",
                int(sum(n for _, n, _ in months[place:])),
                f"Amounts in {stage.cells[stage.source.columns['amount']]} {found} "
                "All are added up as they stand: write them alike",
            )
            return


def warn_of_unlike_scores(
    connection: duckdb.DuckDBPyConnection, stage: Stage, parts: list[Typed]
) -> Iterator[tuple[str, int, str]]:
    """Yield warnings of parts of the answers that seem to be of a shorter scale than the others."""
    for part in parts:
        tops = connection.execute(
            f"SELECT {ident(part.name)} AS part, count(*), max(score) AS top "
            f"FROM {ident(f'typed {stage.role}')} WHERE fate = 0 AND score IS NOT NULL "
            f"AND part IS NOT NULL GROUP BY part HAVING count(*) >= {_ENOUGH} "
            f"ORDER BY top, part LIMIT {_PARTS}"
        ).fetchall()
        if len(tops) > 1 and tops[0][2] in _SHORTER and tops[-1][2] >= _SHORTER[tops[0][2]]:
            name, rows, top = tops[0]
            yield (
                "warning",
                int(rows),
                f"The {rows:,} answers of {called(stage, part, name)} are {top:g} at most, others "
                f"{tops[-1][2]:g}: are they of a shorter scale? Write them on one, or leave them "
                "out",
            )
