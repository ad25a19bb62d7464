"""What is certain to differ between two runs: definitions, assumptions, tables of the same time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .remembered import Remembered

DATA, DEFINITION, ASSUMPTION = "data", "definition", "assumption"
# Moves with every quarter, or changes no figure.
_NO_DEFINITION = ("complete_from", "complete_until", "prepared_by", "reviewed_by")
_NO_FIGURE = ("matters",)
ENDS = ("low", "likely", "high", "none", "opposite")
# Rows of a quarter that was complete before may still come in late, a few in a hundred.
LATE_ROWS = 0.01
MANY_ROWS = 0.05
# No business grows so between two runs; cents for units and thousands for units are more.
OTHER_UNIT = 20.0
MORE_BLANK = 0.10
FEWEST_ROWS = 100
_Span = tuple[int | None, int | None]


@dataclass(frozen=True)
class Altered:
    """One thing that is another than it was.

    Attributes
    ----------
    cause
        ``data``, ``definition`` or ``assumption``.
    what
        Where: a key of the study file such as ``windows.outcome_days``, or a table and column.
    was, now
        As plain values; None where there was nothing.
    kind
        Of data: ``rows``, ``unit``, ``blank``, ``gone``; else empty.
    """

    cause: str
    what: str
    was: Any
    now: Any
    kind: str = ""

    @property
    def redefines(self) -> bool:
        """Whether means and gaps are other figures by it: not by a few rows, nor an assumption."""
        few = self.kind == "rows" and abs(self.now - self.was) <= MANY_ROWS * self.was
        return self.cause != ASSUMPTION and not few


def altered(before: Remembered, after: Remembered) -> tuple[Altered, ...]:
    """Return what is certain to differ, before anything is tested."""
    return (*_tables(before, after), *_definitions(before, after), *_assumptions(before, after))


def same_tables(before: Remembered, after: Remembered) -> bool:
    """Whether both runs read the very same tables, by their hashes."""
    found = [{t["table"]: t.get("sha256") for t in run.run["tables"]} for run in (before, after)]
    return found[0] == found[1] and bool(found[0]) and None not in found[0].values()


def _definitions(before: Remembered, after: Remembered) -> Iterator[Altered]:
    was, now = (_flat(run.run["definitions"]) for run in (before, after))
    for key in dict.fromkeys((*was, *now)):
        known = was.get(key), now.get(key)
        skipped = key.startswith(_NO_DEFINITION) or key.endswith(_NO_FIGURE)
        if known[0] != known[1] and not skipped:
            yield Altered(DEFINITION, key, *known)


def _flat(tree: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """Return the leaves of nested mappings by their dotted names."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        leaves |= (
            _flat(value, f"{at}{key}.") if isinstance(value, Mapping) else {f"{at}{key}": value}
        )
    return leaves


def _assumptions(before: Remembered, after: Remembered) -> Iterator[Altered]:
    was, now = before.run["assumptions"] or {}, after.run["assumptions"] or {}
    for key in dict.fromkeys((*was, *now)):
        ends = [
            tuple(one[key].get(end) for end in ENDS) if key in one else None for one in (was, now)
        ]
        notes = [one[key].get("note", "") if key in one else "" for one in (was, now)]
        if ends[0] != ends[1] or notes[0] != notes[1]:
            yield Altered(ASSUMPTION, key, _range(was.get(key)), _range(now.get(key)))


def _range(kept: Mapping[str, Any] | None) -> tuple[float, float, float] | str | None:
    if kept is None:
        return None
    if kept["likely"] is None:
        return str(kept.get("note", ""))
    return (kept["low"], kept["likely"], kept["high"])


def _tables(before: Remembered, after: Remembered) -> Iterator[Altered]:
    was, now = before.run["profile"], after.run["profile"]
    spans = [_complete(run.run["definitions"]) for run in (before, after)]
    for table in was:
        if table not in now:
            yield Altered(DATA, table, was[table]["rows"], None, "gone")
            continue
        for name, column in was[table]["columns"].items():
            other = now[table]["columns"].get(name)
            if other is None:
                yield Altered(DATA, f"{table}.{name}", column["header"], None, "gone")
            elif min(was[table]["rows"], now[table]["rows"]) >= FEWEST_ROWS:
                yield from _column(f"{table}.{name}", column, other, spans)


def _column(
    what: str, was: Mapping[str, Any], now: Mapping[str, Any], spans: Sequence[_Span]
) -> Iterator[Altered]:
    if was["kind"] == now["kind"] == "number" and _other_unit(was, now):
        yield Altered(DATA, what, was["median"], now["median"], "unit")
    if was.get("quarters") and now.get("quarters"):
        yield from _same_period(what, (was["quarters"], now["quarters"]), spans)
    elif abs((now["blank"] or 0.0) - (was["blank"] or 0.0)) > MORE_BLANK:
        yield Altered(DATA, what, was["blank"], now["blank"], "blank")


def _same_period(
    what: str, counts: Sequence[Mapping[str, int]], spans: Sequence[_Span]
) -> Iterator[Altered]:
    """Compare the rows of those quarters of the calendar that both runs have whole."""
    numbered = [{_number(*name.split("Q")): n for name, n in one.items()} for one in counts]
    # Where nothing is declared as complete, the first and the last quarter may be in part.
    first = max(s[0] or min(found) + 1 for s, found in zip(spans, numbered, strict=True))
    last = min(s[1] or max(found) - 1 for s, found in zip(spans, numbered, strict=True))
    was, now = (sum(n for q, n in one.items() if first <= q <= last) for one in numbered)
    if was >= FEWEST_ROWS and abs(now - was) > LATE_ROWS * was:
        yield Altered(DATA, what, was, now, "rows")


def _complete(told: Mapping[str, Any]) -> _Span:
    """Return the first and the last quarter that are whole, as declared, counted from year 0."""
    first, last = (told.get(f"complete_{end}") for end in ("from", "until"))
    day = dt.timedelta(days=1)
    return (
        _quarter(dt.date.fromisoformat(first) - day) + 1 if first else None,
        _quarter(dt.date.fromisoformat(last) + day) - 1 if last else None,
    )


def _quarter(day: dt.date) -> int:
    return _number(day.year, (day.month + 2) // 3)


def _number(year: str | int, quarter: str | int) -> int:
    return 4 * int(year) + int(quarter) - 1


def _other_unit(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    pairs = [(was[k], now[k]) for k in ("median", "q95", "mean") if was.get(k) and now.get(k)]
    return bool(pairs) and all(
        abs(b / a) > OTHER_UNIT or abs(b / a) < 1 / OTHER_UNIT for a, b in pairs
    )
