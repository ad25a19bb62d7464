"""What may move a score: inputs, drivers and levers as a study file declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import StudyError, nearest
from .scenario import BOUNDS, Prior, Range
from .table_schema import ROLES, TABLES

TAKES = ("mean", "sum", "last", "highest", "lowest", "count", "any")
UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}  # in seconds
COUNTED = ("count", "any")  # nothing is none of them
CHANGES = ("to", "by", "at_most", "at_least")
ACQUIRED = "acquired_at"  # a time of the customer, not of a row


@dataclass(frozen=True)
class DeclaredInput:
    """What happened to a customer in the days before an answer, ``[inputs.NAME]``.

    Attributes
    ----------
    table, at
        Whose rows, and the column that says when each was.
    column
        A key or attribute of it that is a number; empty where time or rows are counted.
    begin, end
        Keys of two dates between which time passed; empty otherwise.
    unit
        Of that time: minutes, hours or days; of anything else what a reader is told.
    take
        What is made of several rows, one of `TAKES`.
    days
        How long before the answer a row may be.
    none
        The value without a row; None: not known.
    where
        Values by column of the rows that count.
    better
        ``higher``, ``lower``, or empty.
    """

    name: str
    table: str
    at: str
    column: str
    begin: str
    end: str
    unit: str
    take: str
    days: int
    none: float | None
    better: str
    title: str
    where: Mapping[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class DeclaredDrivers:
    """``[drivers]``: the inputs among which it is asked what moves the score.

    Attributes
    ----------
    inputs
        Names of ``[inputs]``, attributes, and scores answered in the same row.
    groups
        Inputs that are one thing, by the name of it.
    better
        Which way is good, by input.
    """

    inputs: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    better: Mapping[str, str] = field(default_factory=dict)

    def group_of(self, name: str) -> str:
        """Return the group that an input belongs to, or nothing."""
        return next((group for group, names in self.groups.items() if name in names), "")


@dataclass(frozen=True)
class Lever:
    """``[[levers]]``: what a company would change of an input, for whom, at what cost.

    Attributes
    ----------
    name, input
        What readers see, and which input it changes.
    to, by, at_most, at_least
        The change, one of the four: to a value, by a number, or up to or down to a limit where
        it is beyond it.
    reaches
        Values by attribute of those whom it reaches; empty: everybody.
    fixed_cost, cost_per_customer
        In the study's currency; the latter of each customer reached.
    causal_share
        How much of what goes with the input is its effect; None: as in the scenario.
    """

    name: str
    input: str
    fixed_cost: Range
    cost_per_customer: Range
    to: float | str | None = None
    by: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    reaches: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    causal_share: Range | None = None

    @property
    def slug(self) -> str:
        """Its name as results carry it."""
        return slug(self.name)

    @property
    def change(self) -> tuple[str, Any]:
        """Which change it is, one of `CHANGES`, and the value."""
        return next((c, getattr(self, c)) for c in CHANGES if getattr(self, c) is not None)


def slug(name: str) -> str:
    """Return a name in small letters, with an underscore for all that is no letter or digit.

    Examples
    --------
    >>> slug("Very satisfied (5)")
    'very_satisfied_5'
    """
    return re.sub(r"\W+", "_", name.lower()).strip("_")


def make_inputs(
    section: Mapping[str, Mapping[str, Any]], columns: Mapping[str, Mapping[str, str]], days: int
) -> Iterator[DeclaredInput | StudyError]:
    """Yield the inputs of ``[inputs.NAME]``, or what is wrong with each.

    Parameters
    ----------
    columns
        Of the declared tables: what each key names.
    days
        How long before the answer a row may be where an input does not say.
    """
    for name, table in section.items():
        yield _wrong_input(name, table, columns, days) or _input(name, table, columns, days)


def _input(
    name: str, table: Mapping[str, Any], columns: Mapping[str, Mapping[str, str]], days: int
) -> DeclaredInput:
    role, column, begin = table["table"], table.get("column", ""), table.get("from", "")
    times = _times(role, columns)
    take = table.get("take", "mean" if begin or column else "count")
    return DeclaredInput(
        name=name,
        table=role,
        at=begin or times[0],
        column=column,
        begin=begin,
        end=table.get("to", ""),
        unit=table.get("unit", "days" if begin else ""),
        take=take,
        days=table.get("days", days),
        none=table.get("none", 0.0 if take in COUNTED else None),
        better=table.get("better", ""),
        title=table.get("title", name.replace("_", " ")),
        where=table.get("where", {}),
    )


def _times(role: str, columns: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the keys of a table's declared dates, in the order of the reference."""
    own = TABLES[role].keys.items()
    return [k for k, v in own if v.cells == "time" and k in columns[role] and k != ACQUIRED]


def _wrong_input(
    name: str, table: Mapping[str, Any], columns: Mapping[str, Mapping[str, str]], days: int
) -> StudyError | None:
    where, role = f"[inputs.{name}]", table.get("table", "")
    known = [r for r in columns if r in ROLES and "customer" in columns[r] and _times(r, columns)]
    if slug(name) != name.lower():
        return StudyError(f"{where} has a name that results cannot carry", fix=f"Try {slug(name)}")
    if role not in known:
        fix = nearest(str(role), known) if known else "Declare a table of events with customers"
        return StudyError(f"{where} table is {role!r}", "a table of dated rows of customers", fix)
    begin, end, column = (table.get(key, "") for key in ("from", "to", "column"))
    if bool(begin) != bool(end) or (begin and column):
        return StudyError(
            f"{where} has {' and '.join(k for k in ('from', 'to', 'column') if table.get(k))}",
            "it is made of from and to, or of a column, or counts rows",
        )
    for key in filter(None, (begin, end)):
        if key not in _times(role, columns):
            return StudyError(f"{where} names {key!r}", fix=nearest(key, _times(role, columns)))
    if begin and table.get("unit", "days") not in UNITS:
        return StudyError(f"{where} unit is {table['unit']!r}", fix=nearest(table["unit"], UNITS))
    if not (begin or column) and table.get("take", "count") not in ("count", "any"):
        return StudyError(
            f"{where} takes the {table['take']} of no column",
            fix="Add column = ..., or from and to",
        )
    if table.get("take", "count") not in TAKES:
        return StudyError(f"{where} take is {table['take']!r}", fix=nearest(table["take"], TAKES))
    if table.get("days", days) < 1:
        return StudyError(f"{where} has no days before the answer", fix="Add days = 90")
    return None


def make_drivers(section: Mapping[str, Any]) -> DeclaredDrivers:
    """Return what ``[drivers]`` says."""
    groups = {name: tuple(inputs) for name, inputs in section.get("groups", {}).items()}
    named = [*section.get("inputs", ()), *(n for names in groups.values() for n in names)]
    return DeclaredDrivers(tuple(dict.fromkeys(named)), groups, section.get("better", {}))


def make_levers(tables: list[Mapping[str, Any]]) -> Iterator[Lever | StudyError]:
    """Yield the levers of ``[[levers]]``, or what is wrong with each."""
    seen = set[str]()
    for number, table in enumerate(tables, start=1):
        where = f"[[levers]] {table.get('name', number)!r}"
        yield _wrong_lever(where, table, seen) or _lever(table)
        seen.add(slug(str(table.get("name", ""))))


def _lever(table: Mapping[str, Any]) -> Lever:
    reaches = table.get("reaches", {})
    return Lever(
        name=table["name"],
        input=table["input"],
        **{change: table[change] for change in CHANGES if change in table},
        reaches={k: tuple(v) if isinstance(v, list) else (v,) for k, v in reaches.items()},
        fixed_cost=Range.of(table.get("fixed_cost", 0.0)),
        cost_per_customer=Range.of(table.get("cost_per_customer", 0.0)),
        causal_share=Prior.of(table["causal_share"]) if "causal_share" in table else None,
    )


def _wrong_lever(where: str, table: Mapping[str, Any], seen: set[str]) -> StudyError | None:
    for key in ("name", "input"):
        if not table.get(key):
            return StudyError(f"{where} has no {key}", fix=f'Add {key} = "..."')
    changes = [change for change in CHANGES if change in table]
    if len(changes) != 1:
        said = " and ".join(changes) or "no change"
        return StudyError(f"{where} has {said}", f"one of {', '.join(CHANGES)}")
    if not slug(table["name"]) or slug(table["name"]) in seen:
        return StudyError(f"{where} has the name of another, or none", fix="Name it otherwise")
    for key in ("fixed_cost", "cost_per_customer", "causal_share"):
        low, high = BOUNDS.get(key, BOUNDS["fixed_cost"])
        given = Prior.of(table.get(key, 0.0))
        if not low <= given.low <= given.high <= high:
            upper = " or more" if high == float("inf") else f" to {high:g}"
            return StudyError(f"{where} {key} is {table[key]!r}", f"it is {low:g}{upper}")
    if not any(Range.of(table.get(k, 0.0)).high for k in ("fixed_cost", "cost_per_customer")):
        return StudyError(
            f"{where} costs nothing",
            "its return on nothing spent would be infinite",
            "Add fixed_cost or cost_per_customer",
        )
    return None
