"""Pilots: who was offered something by chance, as a study file declares them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StudyError
from .levers import slug
from .scenario import Range


@dataclass(frozen=True)
class DeclaredPilot:
    """``[[pilots]]``: a random offer whose rows are in ``[tables.offers]``.

    Attributes
    ----------
    name
        What readers see.
    chosen
        The value of its rows in the column ``pilot`` of offers; empty: all rows.
    share_offered
        The share that was to be offered, between 0 and 1.
    fixed_cost, cost_per_offered
        What it cost, in the study's currency.
    """

    name: str
    chosen: str
    share_offered: float
    fixed_cost: Range
    cost_per_offered: Range

    @property
    def slug(self) -> str:
        """Its name as results carry it."""
        return slug(self.name)


def make_pilots(
    tables: list[Mapping[str, Any]], columns: Mapping[str, Collection[str]], dated: bool
) -> Iterator[DeclaredPilot | StudyError]:
    """Yield the pilots of ``[[pilots]]``, or what is wrong with each.

    Parameters
    ----------
    columns
        Of the declared tables: the keys that each has.
    """
    seen, taken = set[str](), set[str]()
    for number, table in enumerate(tables, start=1):
        where = f"[[pilots]] {table.get('name', number)!r}"
        wrong = _wrong(where, table, columns.get("offers"), dated, seen)
        yield wrong or _shared(where, table, taken) or _pilot(table)
        seen.add(slug(str(table.get("name", ""))))
        taken.add(str(table.get("pilot", "")))


def _shared(where: str, table: Mapping[str, Any], taken: Collection[str]) -> StudyError | None:
    """Return an error where rows are of a pilot before it too, which would count them twice."""
    own = str(table.get("pilot", ""))
    if not taken or (own and own not in taken and "" not in taken):
        return None
    return StudyError(
        f"{where} has rows of [tables.offers] that another pilot has",
        "each row is of one pilot: counted in two, it would stand for two pieces of evidence",
        'Give each pilot its own pilot = "..."',
    )


def _pilot(table: Mapping[str, Any]) -> DeclaredPilot:
    return DeclaredPilot(
        name=table["name"],
        chosen=table.get("pilot", ""),
        share_offered=float(table.get("share_offered", 0.5)),
        fixed_cost=Range.of(table.get("fixed_cost", 0.0)),
        cost_per_offered=Range.of(table.get("cost_per_offered", 0.0)),
    )


def _wrong(
    where: str,
    table: Mapping[str, Any],
    offers: Collection[str] | None,
    dated: bool,
    seen: set[str],
) -> StudyError | None:
    name = slug(str(table.get("name", "")))
    if not name or name in seen:
        return StudyError(f"{where} has no name, or that of another", fix='Add name = "..."')
    if offers is None or not dated:
        return StudyError(
            f"{where} needs [tables.offers] and a dated study",
            "who was offered what, and when, and what came after it",
            "Declare [tables.offers] with customer, offered_at and offered",
        )
    if "pilot" in table and "pilot" not in offers:
        return StudyError(
            f"{where} chooses rows, and [tables.offers] has no pilot",
            fix="Add pilot = the column that names the pilot",
        )
    if not 0 < table.get("share_offered", 0.5) < 1:
        return StudyError(
            f"{where} share_offered is {table['share_offered']!r}",
            "some are offered and some held out",
            "Write the share that was to be offered, such as 0.5",
        )
    for key in ("fixed_cost", "cost_per_offered"):
        if Range.of(table.get(key, 0.0)).low < 0:
            return StudyError(f"{where} {key} is {table[key]!r}", "it is 0 or more")
    return None
