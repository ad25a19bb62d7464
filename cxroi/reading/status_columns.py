"""What undeclared columns say of rows: a status, a kind, a flag, a quantity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from ..engine.quoting import text, texts, trimmed
from .columns.blanks import blank
from .columns.numbers import Typed
from .columns.probe import Probe
from .columns.shares import share
from .staging import Cell, Stage
from .status_words import (
    ALL_SIDES,
    BACK,
    BY_US,
    CHANGED,
    ENDED,
    FALSE,
    GIFT_CARD,
    GOES_ON,
    MACHINE,
    NO_PURCHASE,
    NONE,
    NOT_RETURNED,
    PURCHASE,
    STATES,
    TRUE,
)

Warned = Iterator[tuple[str, int, str]]


def told(stage: Stage, what: str) -> list[str]:
    """Return the undeclared columns whose headers tell of something."""
    return [name for name, tells in stage.undeclared.items() if tells == what]


def warn_of_orders(stage: Stage, probe: Probe, columns: Sequence[Typed]) -> Warned:
    """Yield warnings of rows that count as orders against what an undeclared column says."""
    [amount] = [column.sql for column in columns if column.name == "amount"]
    for name in told(stage, "status"):
        yield from _counted(stage, probe, stage.cells[name], NO_PURCHASE)
    of_words = (("kind", BACK), ("flag", TRUE), ("done", FALSE), ("change", CHANGED))
    for what, words in of_words:
        for name in told(stage, what):
            yield from _counted(stage, probe, stage.cells[name], words, f"({amount}) > 0")
    for name in told(stage, "status"):
        yield from _unknown(stage, probe, stage.cells[name], NO_PURCHASE)
    for name in told(stage, "undone"):
        yield from _dated(stage, probe, stage.cells[name], f"({amount}) > 0")
    for name in (*told(stage, "sides"), *told(stage, "kind")):
        yield from _sided(stage, probe, stage.cells[name], amount)
    for name in told(stage, "paid_by"):
        yield from _paid_before(stage, probe, stage.cells[name])
    yield from _quantities(stage, probe)


def warn_of_none(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of rows that count although an undeclared column calls them none.

    Not of orders, for which see `warn_of_orders`.
    """
    status = NONE + (NOT_RETURNED if stage.role == "returns" else "")
    of_rows = (("flag", TRUE), ("done", FALSE), ("change", CHANGED), ("direction", BY_US))
    for what, words in (("status", status), ("kind", NONE), *of_rows, ("machine", MACHINE)):
        for name in told(stage, what):
            yield from _counted(stage, probe, stage.cells[name], words)
    for name in told(stage, "undone"):
        yield from _dated(stage, probe, stage.cells[name], "true")


def warn_of_subscriptions(
    stage: Stage, probe: Probe, columns: Sequence[Typed], until: date | None
) -> Warned:
    """Yield warnings of subscriptions whose end and undeclared status contradict one another."""
    [end] = [column.sql for column in columns if column.name == "cancelled_at"]
    for name in told(stage, "status"):
        cell = stage.cells[name]
        rows, words = _said(stage, probe, cell, ENDED, f"({end}) IS NULL")
        if rows:
            reason = f"{rows:,} subscriptions have no end though {cell} says {_listed(words)}: "
            yield "warning", rows, reason + "they count as going on; is their end elsewhere?"
        past = f"({end}) < DATE '{until}'" if until else "false"
        rows, words = _said(stage, probe, cell, GOES_ON, past)
        if rows:
            reason = f"{rows:,} subscriptions have ended though {cell} says {_listed(words)}: "
            yield "warning", rows, reason + "is their end the day they leave, or another?"


def _said(
    stage: Stage, probe: Probe, cell: Cell, words: str, where: str = "true"
) -> tuple[int, list[tuple[str, int]]]:
    """Return how many rows of a condition say one of some words, and which."""
    found = probe.connection.execute(
        f"SELECT status, n::BIGINT FROM {_counts(stage, cell, where)} "
        f"WHERE {says('status', words)} ORDER BY n DESC, status LIMIT 10"
    ).fetchall()
    return sum(n for _, n in found), found


def _counts(stage: Stage, cell: Cell, where: str = "true") -> str:
    """Return the SQL of the different words of a column and how many rows have each.

    Words are few: they are looked into once each, and not once a row.
    """
    counted = (
        f"SELECT {cell.sql}::VARCHAR AS cell, count(*) AS n FROM {stage.relation} "
        f"WHERE fate = 0 AND {where} GROUP BY cell"
    )
    return f"(SELECT {trimmed('cell')} AS status, sum(n) AS n FROM ({counted}) GROUP BY status)"


def says(sql: str, words: str) -> str:
    """Return the condition that a text is one of some words, or begins with one that ends in *."""
    held = f"replace(lower({sql}), ' ', '_')"
    whole, begun = _parts(words)
    pattern = text(f"^(?:{'|'.join(begun)})")
    begins = f" OR regexp_matches({held}, {pattern})" if begun else ""
    return f"({held} IN {texts(sorted(whole) or [''])}{begins})"


def is_said(held: str, words: str) -> bool:
    """Whether a text in small letters, with _ for blanks, is one that `says` finds."""
    whole, begun = _parts(words)
    return held in whole or held.startswith(begun)


@cache
def _parts(words: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words that are whole, and the beginnings of others."""
    found = words.split()
    whole = frozenset(word for word in found if not word.endswith("*"))
    return whole, tuple(word[:-1] for word in found if word.endswith("*"))


def _listed(words: list[tuple[str, int]]) -> str:
    return ", ".join(f"{word!r} ({n:,})" for word, n in words)


def _counted(stage: Stage, probe: Probe, cell: Cell, words: str, where: str = "true") -> Warned:
    rows, found = _said(stage, probe, cell, words, where)
    if not rows:
        return
    drop = json.dumps([word for word, _ in found], ensure_ascii=False)
    reason = (
        f"{rows:,} rows count as {stage.role} though {cell} says {_listed(found)}: to leave them "
        f"out add drop = {{{toml_key(cell.column)} = {drop}}} to [tables.{stage.role}]"
    )
    if words == BACK:
        reason += "; to net refunds against spend write their amounts below zero"
    elif any(word.casefold().endswith("refunded") for word, _ in found):
        reason += ", without 'refunded' where refunds are rows of their own"
    yield "warning", rows, reason


def _paid_before(stage: Stage, probe: Probe, cell: Cell) -> Warned:
    """Yield a warning of orders that were paid with money that came in with another order."""
    rows, words = _said(stage, probe, cell, GIFT_CARD)
    if rows:
        drop = json.dumps([word for word, _ in words], ensure_ascii=False)
        yield (
            "warning",
            rows,
            f"{rows:,} rows count as orders and {cell} says {_listed(words)}: that money came in "
            "when the card was sold, and counts twice where sales of cards are orders too: leave "
            f"these out by drop = {{{toml_key(cell.column)} = {drop}}} in [tables.orders]",
        )


def _unknown(stage: Stage, probe: Probe, cell: Cell, words: str) -> Warned:
    """Yield a warning of a status whose words are not known, neither as of purchases nor not."""
    rows = probe.connection.execute(
        f"SELECT status, n::BIGINT, {says('status', words + PURCHASE)}, {blank('status')} "
        f"FROM {_counts(stage, cell)} ORDER BY n DESC, status LIMIT {STATES + 2}"
    ).fetchall()
    # A condition would be asked of every row.
    found = [(word, n, known) for word, n, known, is_blank in rows if not is_blank]
    unknown = [(word, n) for word, n, known in found if not known]
    if unknown and 1 < len(found) <= STATES:
        yield (
            "warning",
            sum(n for _, n in unknown),
            f"{cell} says {_listed(unknown)}, of which it is not known whether such rows are "
            f"{stage.role}, and they count: leave out those that are none, as with drop = "
            f"{{{toml_key(cell.column)} = [...]}}, or keep all with keep",
        )


def _dated(stage: Stage, probe: Probe, cell: Cell, where: str) -> Warned:
    """Yield a warning of rows that count though they hold the day on which they were undone."""
    rows, filled = probe.ask(
        "count(*)", f"count(*) FILTER (NOT {blank(cell.sql + '::VARCHAR')} AND {where})"
    )
    if filled and filled < rows:
        yield (
            "warning",
            int(filled),
            f"{filled:,} rows count as {stage.role} though {cell} is not blank: if those were "
            f'undone, leave them out with keep = {{{toml_key(cell.column)} = [""]}} in '
            f"[tables.{stage.role}]",
        )


def _sided(stage: Stage, probe: Probe, cell: Cell, amount: str) -> Warned:
    """Yield a warning of two sides of an account, where no amount is below zero."""
    _, found = _said(stage, probe, cell, " ".join(word for pair in ALL_SIDES for word in pair))
    words = {word.casefold() for word, _ in found}
    if not any(words.issuperset(pair) for pair in ALL_SIDES) or probe.any(f"({amount}) < 0"):
        return
    drop = json.dumps([found[-1][0]], ensure_ascii=False)
    rows = sum(n for _, n in found)
    yield (
        "warning",
        rows,
        f"{cell} says {_listed(found)}, and no amount is below zero: all {rows:,} rows add to "
        "spend. If those of one word are money that goes back, write their amounts below zero; if "
        "they are the same money again, or none, leave them out, as with "
        f"drop = {{{toml_key(cell.column)} = {drop}}} in [tables.orders]",
    )


def _quantities(stage: Stage, probe: Probe) -> Warned:
    amount = stage.source.columns.get("amount", "")
    for name in told(stage, "quantity"):
        cell = stage.cells[name]
        rows, odd = probe.ask(
            "count(*)", f"count(*) FILTER (try_cast({cell.sql}::VARCHAR AS DOUBLE) NOT IN (0, 1))"
        )
        if odd:
            reason = (
                f"{cell} is not 1 ({share(odd, rows)}) and not read: if {amount!r} is the price "
                f"of one, add quantity = {json.dumps(name, ensure_ascii=False)} to [tables.orders]"
            )
            yield "warning", int(odd), reason


def toml_key(name: str) -> str:
    """Write a column as a key of TOML."""
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    return name if bare else json.dumps(name, ensure_ascii=False)
