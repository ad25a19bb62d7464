"""Outcomes of a flat file whose names or cells say that they are not what they are declared to be.

Another window than the study's, a total that includes what was before, ranks and logarithms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from ..engine.quoting import ident, one_row
from ..study.declared import Study
from .columns.shares import percent
from .headers import days_of, says_transformed, words_of
from .staging import Stage

Warned = Iterator[tuple[str, int, str]]
_OTHER = 0.15  # share of the window by which another differs
_SIDES = (  # of the answer: words of a header of which the outcome has none, its baseline none
    r"(?:before|pre|vor|avant)(?! tax| discount| steuer| impôt)|prior|previous|baseline|vorher|"
    r"antes|prima|voor|przed",
    r"(?:after|post|nach)(?! tax| discount| steuer)|following|next|nachher|apr[eè]s|despu[eé]s|"
    r"depois|dopo",
)
_ENOUGH, _NEARLY = 30, 0.98  # customers with something before, and share of them that is a habit
_GROUPS, _ALIKE = (4, 5, 10, 20, 100), 1.1  # of ranks in equal groups, and how equal they are
_IN_GROUPS = 50


def warn_of_outcomes(connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage) -> Warned:
    """Yield warnings of declared outcomes whose names or cells say that they are something else."""
    for outcome in study.outcomes:
        cell, window = stage.cells[outcome.column], study.outcome_days
        days = days_of(outcome.column)
        if days and window and abs(days - window) > _OTHER * window:
            yield (
                "warning",
                1,
                f"{cell} sounds like {days:,.0f} days, and outcome_days under [windows] is "
                f"{window:,}: figures are told of as of {window:,} days",
            )
        yield from _other_side(stage, outcome.column, _SIDES, "outcome", "after")
        if outcome.baseline:
            yield from _other_side(stage, outcome.baseline, _SIDES[::-1], "baseline", "before")
        if outcome.kind not in ("amount", "count"):
            continue
        after = ident(f"{outcome.name}_after")
        if says_transformed(outcome.column) or _in_groups(connection, after):
            yield (
                "warning",
                1,
                f"{cell} seems to hold ranks, groups or transformed numbers, and is read as "
                f"{'money' if outcome.kind == 'amount' else 'counts'} as it stands: means of it "
                f"are none of what customers spend or do. Declare the column of the plain numbers",
            )
        if outcome.baseline:
            before = ident(f"{outcome.name}_before")
            columns = (cell, stage.cells[outcome.baseline])
            yield from _contained(connection, (after, before), tuple(map(str, columns)))


def _other_side(stage: Stage, column: str, words: tuple[str, ...], what: str, side: str) -> Warned:
    """Yield a warning of a header that says the other side of the answer, and not its own."""
    wrong, right = (re.search(rf"(?:^| )(?:{w})(?: |$)", words_of(column)) for w in words)
    if wrong and not right:
        yield (
            "warning",
            1,
            f"{stage.cells[column]} says {wrong[0].strip()!r} by its name, and is declared as an "
            f"{what}, which is of the time {side} the answer".replace("an baseline", "a baseline"),
        )


def _in_groups(connection: duckdb.DuckDBPyConnection, x: str) -> bool:
    """Whether a column holds nothing but the numbers of groups that are equally large."""
    rows = connection.execute(
        f"SELECT {x} AS x, count(*) FROM clean_customers WHERE x IS NOT NULL GROUP BY x "
        f"ORDER BY x LIMIT {max(_GROUPS) + 1}"
    ).fetchall()
    values, counts = [x for x, _ in rows], [n for _, n in rows]
    if len(values) not in _GROUPS or sum(counts) < _IN_GROUPS:
        return False
    in_order = [float(values[0] + place) for place in range(len(values))]
    return values == in_order and values[0] in (0, 1) and max(counts) <= _ALIKE * min(counts)


def _contained(
    connection: duckdb.DuckDBPyConnection, sides: tuple[str, str], called: tuple[str, ...]
) -> Warned:
    """Yield a warning where one of outcome and baseline is never below the other, or is it."""
    for (large, small), (of_large, of_small) in (
        (sides, called),
        (sides[::-1], called[::-1]),
    ):
        held, above, same = one_row(
            connection,
            f"SELECT count(*), count(*) FILTER ({large} > {small}), "
            f"count(*) FILTER ({large} = {small}) FROM clean_customers "
            f"WHERE {small} > 0 AND {large} IS NOT NULL",
        )
        if held < _ENOUGH or above + same < _NEARLY * held:
            continue
        if same >= _NEARLY * held:
            found = f"equals {of_small}"
            fix = "is one a copy of the other?"
        elif above >= held / 2:
            found = f"is nowhere below {of_small}"
            fix = "is it a total that includes the other? Then subtract it"
        else:
            continue
        yield (
            "warning",
            int(above + same),
            f"{of_large} {found} in {above + same:,} of {held:,} rows "
            f"({percent(above + same, held)}) in which that is above zero: {fix}",
        )
        return
