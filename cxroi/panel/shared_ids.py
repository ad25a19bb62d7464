"""Ids that stand for many people: a guest account, an address of a till, a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..engine.quoting import text, texts
from .events import EVENTS

if TYPE_CHECKING:
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables

# Words that are no one's id; they may be shown.
WORDS = (
    *("guest", "guests", "guest account", "guest user", "gast", "gastkonto", "invité", "invitado"),
    *("unknown", "unbekannt", "inconnu", "desconocido", "anonymous", "anonym", "anonymus"),
    *("test", "tester", "testuser", "test user", "dummy", "default", "demo", "admin", "nobody"),
    *("undefined", "missing", "not available", "not provided", "no customer", "walk-in", "walkin"),
)
_SHOWN = (*WORDS, "0", "00", "000", "0000", "-1", "1", "99", "999", "9999", "99999", "999999", "-")
_TIMES, _OF_CUSTOMERS = 10, 0.9  # times what nine in ten customers stay under
_LEAST = {"answers": 10, "orders": 30, "contacts": 30, "returns": 30, "referrals": 30}
_MOST = 3  # ids that are named


def warn_of_shared_ids(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn of ids with far more answers, orders ... than the others, or that are no one's name.

    All answers by such an id count as those of one customer, and all its orders come after each.
    """
    named = list(dict.fromkeys(_suspects(tables)))[:_MOST]
    for customer in named:
        rows, reason = _described(tables, customer)
        ledger = ledger.add("responses", "warning", rows, reason)
    return ledger


def _suspects(tables: Tables) -> Iterator[str]:
    named = f"SELECT customer, answers AS n FROM answered WHERE lower(customer) IN {texts(WORDS)}"
    yield from _ids(tables, named, "sum(n) > 1")
    yield from _far_above(tables, "answers", "answers", "answered", "")
    for role in EVENTS:
        if role in tables.study.sources:
            n, answered = f"{role}_after + {role}_before", "JOIN valid USING (response)"
            yield from _far_above(tables, role, n, f"{role}_windows", answered)


def _far_above(tables: Tables, what: str, n: str, counts: str, customers: str) -> Iterator[str]:
    """Yield the customers with far more of something than nine in ten of those who have any."""
    held = tables.engine.fetch(
        f"SELECT n, count(*) FROM (SELECT {n} AS n FROM {counts}) WHERE n > 0 GROUP BY n ORDER BY n"
    )
    rows, below = sum(k for _, k in held), 0
    for number, k in held:
        below += k
        if below >= _OF_CUSTOMERS * rows:
            limit = max(_LEAST[what], _TIMES * int(number))
            if held[-1][0] >= limit:
                yield from _ids(
                    tables,
                    f"SELECT customer, {n} AS n FROM {counts} {customers}",
                    f"max(n) >= {limit}",
                )
            return


def _ids(tables: Tables, counts: str, having: str) -> list[str]:
    found = tables.engine.fetch(
        f"SELECT customer, sum(n) AS most FROM ({counts}) GROUP BY customer HAVING {having} "
        f"ORDER BY most DESC, customer LIMIT {_MOST}"
    )
    return [customer for customer, _ in found]


def _described(tables: Tables, customer: str) -> tuple[int, str]:
    """Return how many answers an id has, and the warning; the id is shown if it is a word."""
    study, same = tables.study, f"WHERE customer = {text(customer)}"
    relation = tables.relation("responses")
    [(answers, row)] = tables.engine.fetch(f"SELECT count(*), min(row) FROM {relation} {same}")
    counts = [f"{answers:,} answers"]
    for role in EVENTS:
        if role in study.sources:
            [(n,)] = tables.engine.fetch(f"SELECT count(*) FROM {tables.relation(role)} {same}")
            counts.append(f"{n:,} {role}")
    shown = customer.casefold() in _SHOWN
    which = f"{customer!r}" if shown else f"in data row {row + 1:,} of [tables.responses]"
    column = study.sources["responses"].columns["customer"]
    drop = f'drop = {{{column} = ["{customer if shown else "that id"}"]}}'
    return int(answers), (
        f"The id {which} has {', '.join(counts[:-1])}"
        f"{' and ' if counts[1:] else ''}{counts[-1]}: that is hardly one customer. If it stands "
        f"for many, leave it out with {drop} in [tables.responses]"
    )
