"""Drift of columns: which they are, blank cells, units, typical numbers, categories and shares.

Bounds are what a quarter of ordinary business does not reach. Beside them stand bounds of chance:
four standard errors of shares, and of all shares of a column McDiarmid's inequality at one in
1,000: the total variation distance of samples of n and m exceeds its mean by t with a probability
of at most exp(-2 t^2 / (1/n + 1/m)) (McDiarmid, Surveys in Combinatorics 141 (1989), 148-188).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import log, sqrt
from typing import Any

from ..results.display import significant
from ..results.formats import whole_percent
from .drift_sides import NAMED_PERIODS, OPEN_ENDED, STANDARD_ERRORS, Finding, Table, capital

BLANK, SHARES, LEVEL = 0.10, 0.10, 0.01
UNITS, NEAR = (100.0, 1000.0), 2.0
TIMES, OF_SPREAD = 1.5, 0.25
FEW_ROWS, RARELY = 30, 1e-3
NAMED = 3  # categories that a sentence names


def of_columns(table: Table) -> Iterator[Finding]:
    """Yield what differs in the columns that the last run had."""
    for name, then in table.then.columns.items():
        now = table.now.columns.get(name)
        if now is None or (now["header"], now["kind"]) != (then["header"], then["kind"]):
            yield _another_column(table, now, then)
        else:
            yield from _column(table, name)


def _another_column(
    table: Table, now: Mapping[str, Any] | None, then: Mapping[str, Any]
) -> Finding:
    before = f"column {then['header']!r} of {table.role}"
    if now is None:
        return Finding("columns", then["header"], None, then["header"], f"The {before} is gone.")
    if now["header"] != then["header"]:
        said = f"{table.role} reads column {now['header']!r}, last time {then['header']!r}."
        return Finding("columns", now["header"], now["header"], then["header"], capital(said))
    said = f"The {before} holds {_PLURAL[now['kind']]}, last time {_PLURAL[then['kind']]}."
    return Finding("columns", now["header"], now["kind"], then["kind"], said)


_PLURAL = {
    "number": "numbers",
    "date": "dates",
    "category": "words",
    "id": "ids",
    "text": "free text",
}


def _column(table: Table, name: str) -> Iterator[Finding]:
    yield from _blank(table, name)
    kind = table.now.columns[name]["kind"]
    if kind == "number" and name != "score":
        yield from _numbers(table, name)
    if kind == "category" and name != NAMED_PERIODS:
        yield from _categories(table, name)
    if name == "score" or (kind == "category" and name != NAMED_PERIODS):
        yield from _shares(table, name)


def _blank(table: Table, name: str) -> Iterator[Finding]:
    now, then = (side.columns[name]["blank"] or 0.0 for side in (table.now, table.then))
    pooled = (now * table.now.rows + then * table.then.rows) / (table.now.rows + table.then.rows)
    error = sqrt(pooled * (1 - pooled) * (1 / table.now.rows + 1 / table.then.rows))
    of_open = table.role == OPEN_ENDED and name == "cancelled_at"  # blank: it goes on
    if not of_open and abs(now - then) > max(BLANK, STANDARD_ERRORS * error):
        header = table.now.columns[name]["header"]
        said = f"{whole_percent(now)} of the cells in column {header!r} of {table.role} are blank, "
        yield Finding("blank", header, now, then, f"{said}last time {whole_percent(then)}.")


def _numbers(table: Table, name: str) -> Iterator[Finding]:
    now, then = table.now.columns[name], table.then.columns[name]
    few = min(table.now.known(name), table.then.known(name)) < FEW_ROWS
    if few or None in (now["median"], then["median"]):
        return
    where = f"column {now['header']!r} of {table.role}"
    factor = _factor(now, then)
    typical = f"the middle value is {_number(now['median'])}, last time {_number(then['median'])}"
    if factor:
        times = f"{factor:,.0f} times as large" if factor > 1 else f"1/{1 / factor:,.0f} as large"
        said = f"Numbers in {where} are about {times} as last time, as in another unit: {typical}."
        yield Finding("unit", now["header"], now["median"], then["median"], said)
    elif _moved(now, then):
        said = f"Numbers in {where} are not where they were: {typical}; the mean is "
        said += f"{_number(now['mean'])}, last time {_number(then['mean'])}."
        yield Finding("values", now["header"], now["median"], then["median"], said)


def _factor(now: Mapping[str, Any], then: Mapping[str, Any]) -> float | None:
    """Return 100, 1,000 or one over it, where at least two of three figures are so far apart."""
    ratios = [now[k] / then[k] for k in ("median", "mean", "q95") if now[k] and then[k]]
    for unit in (*UNITS, *(1 / unit for unit in UNITS)):
        if len(ratios) > 1 and all(unit / NEAR <= ratio <= unit * NEAR for ratio in ratios):
            return unit
    return None


def _moved(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """Whether median and mean, both of them, moved far the same way."""
    far = OF_SPREAD * (then["q95"] - then["q05"])
    moves = [now[key] - then[key] for key in ("median", "mean")]
    ratios = [now[k] / then[k] for k in ("median", "mean") if then[k] > 0 and now[k] > 0]
    up = all(move > 0 for move in moves)
    down = all(move < 0 for move in moves)
    by_spread = far > 0 and all(abs(move) > far for move in moves)
    by_ratio = len(ratios) == 2 and all(not 1 / TIMES <= ratio <= TIMES for ratio in ratios)
    return (up or down) and (by_spread or by_ratio)


def _number(value: float | None) -> str:
    return significant(value, 3)


def _categories(table: Table, name: str) -> Iterator[Finding]:
    """Yield categories that are new or lost, where either run tells its categories apart."""
    now, then = table.now.columns[name], table.then.columns[name]
    where = f"column {now['header']!r} of {table.role}"
    if "levels" in now and "levels" in then:
        listed, share = _only(now, then, table.now.known(name))
        if listed:
            said = f"{listed} in {where} was not there last time: {whole_percent(share)} of rows."
            yield Finding("new_category", now["header"], share, None, said)
        listed, share = _only(then, now, table.then.known(name))
        if listed:
            said = f"{listed} in {where} is gone: last time {whole_percent(share)} of rows."
            yield Finding("lost_category", now["header"], None, share, said)
    elif "levels" in now or "levels" in then:
        found, was = now["distinct"], then["distinct"]
        said = f"There are {found:,} different words in {where}, last time {was:,}."
        yield Finding("new_category", now["header"], found, was, said)


def _only(here: Mapping[str, Any], there: Mapping[str, Any], known: int) -> tuple[str, float]:
    """Return the categories of at least 1 % and 30 rows that the other run lacks, and their share.

    A category of fewer than 5 rows has no name in a profile and may seem to be lacking.
    """
    least = max(LEVEL, FEW_ROWS / max(known, 1))
    alone = {
        level: share
        for level, share in here["levels"].items()
        if share >= least and level not in there["levels"]
    }
    names = [repr(level) for level in alone]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more, sum(alone.values())


def _shares(table: Table, name: str) -> Iterator[Finding]:
    now, then = (side.columns[name] for side in (table.now, table.then))
    if "levels" not in now or "levels" not in then:
        return
    here, there = ({**c["levels"], None: c["pooled"]} for c in (now, then))
    n, m = (max(side.known(name), 1) for side in (table.now, table.then))
    pairs = {level: (here.get(level, 0.0), there.get(level, 0.0)) for level in {**here, **there}}
    moved = {level: found - was for level, (found, was) in pairs.items()}
    pooled = [min(1.0, (n * found + m * was) / (n + m)) for found, was in pairs.values()]
    by_chance = sum(sqrt(p * (1 - p) * (1 / n + 1 / m)) for p in pooled) / 2
    distance = sum(abs(move) for move in moved.values()) / 2
    if distance > max(SHARES, by_chance + sqrt(-log(RARELY) * (1 / n + 1 / m) / 2)):
        level = max((one for one in moved if one is not None), key=lambda one: abs(moved[one]))
        found, was = pairs[level]
        said = f"Shares in column {now['header']!r} of {table.role} moved by "
        said += f"{whole_percent(distance)} in all, most of all {level!r}: "
        said += f"{whole_percent(found)}, last time {whole_percent(was)}."
        yield Finding("shares", now["header"], found, was, said)
