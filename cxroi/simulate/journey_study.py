"""The study file of a company with the tables of journeys and metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from .journey_files import MORE, TABLES, WIDER, file_of
from .levers import LEVERS
from .pilot import COSTS, NAME

LOOKED_UP: Final = {  # table of the ROI: the table that has further columns of it, their key
    "customers": ("profiles", "customer_id"), "orders": ("order_details", "order_id"),
    "responses": ("response_details", "response_id"),
}  # fmt: skip
SCORES: Final[Mapping[str, str]] = {  # columns of the ratings, declared as scores: their scale
    "csat": 'kind = "csat"',
    "ces": 'kind = "ces"\nbetter = "higher"',
    "quality_product": 'kind = "csat"',
    "quality_delivery": 'kind = "csat"',
    "quality_staff": 'kind = "csat"',
    "trust": 'kind = "custom"\nminimum = 1\nmaximum = 10\nbetter = "higher"\ncuts = [6, 9]\n'
    'labels = ["low", "middling", "high"]\nfractional = false',
}

DRIVERS: Final = """\
[inputs.handed_over]
table = "tickets"
column = "transfers"
take = "mean"
better = "lower"
title = "Hand-overs of a ticket"

[inputs.contacts_made]
table = "contacts"
better = "lower"
title = "Contacts in 90 days"

[drivers]
inputs = ["days_late", "callback_hours", "newsletters", "handed_over", "contacts_made", "segment"]
groups = {service = ["callback_hours", "handed_over", "contacts_made"]}
better = {days_late = "lower", callback_hours = "lower"}"""
LEVER: Final = """\
[[levers]]
name = "{name}"
input = "{planted.input}"
at_most = {planted.at_most:g}
fixed_cost = {planted.fixed_cost:g}
cost_per_customer = {planted.cost_per_customer:g}"""
PILOT: Final = f"""\
[[pilots]]
name = "{NAME}"
share_offered = 0.5
fixed_cost = {COSTS["fixed_cost"]:g}
cost_per_offered = {COSTS["cost_per_offered"]:g}"""
OWN_SHARE: Final = [0.5, 0.7, 0.9]  # causal share of a lever, in a study with ranges


def journey_study(text: str, suffix: str, ranges: bool) -> str:
    """Return the study file `text` with every table, the scores of the ratings, and the levers.

    With `ranges` part of what goes with a lever's input is taken as its effect; else all of it.
    """
    sections = {part.split("\n", 1)[0]: part for part in text.strip().split("\n\n")}
    found = {header: _wider(header, part, suffix) for header, part in sections.items()}
    tables = [part for header, part in found.items() if header.startswith("[tables.")]
    rest = [part for header, part in found.items() if not header.startswith("[tables.")]
    others = [name for name in TABLES if name not in {*WIDER, *MORE}]
    new = [_declared(name, suffix) for name in others]
    scores = [f'[scores.{name}]\n{kind}\ncolumn = "{name}"' for name, kind in SCORES.items()]
    share = f"\ncausal_share = {OWN_SHARE if ranges else 1}"
    levers = [LEVER.format(name=name, planted=planted) + share for name, planted in LEVERS.items()]
    parts = [rest[0], *tables, *new, rest[1], *scores, *rest[2:], DRIVERS, *levers, PILOT]
    return "\n\n".join(parts) + "\n"


def _wider(header: str, part: str, suffix: str) -> str:
    """Return a section with the further columns that its table has."""
    name = header.strip("[]").removeprefix("tables.")
    if name in WIDER:
        return _declared(name, suffix)
    if name in LOOKED_UP:
        other, key = LOOKED_UP[name]
        head, place, *lines = part.split("\n")
        place = _place(name, suffix) if name in MORE.values() else place
        return "\n".join([head, place, f'via = ["{other}.{key}"]', *lines, *_roles(other)])
    return part


def _declared(name: str, suffix: str) -> str:
    """Return the section of a table, each of whose columns has the name of its role."""
    looked_up = name in {other for other, _ in LOOKED_UP.values()}
    return "\n".join(
        [f"[tables.{name}]", _place(name, suffix), *([] if looked_up else _roles(name))]
    )


def _place(name: str, suffix: str) -> str:
    """Return the line that says where a table is: one file, or all that begin with its name."""
    more = [other for other, of in MORE.items() if of == name]
    if more:
        return f'files = "{file_of(more[0], suffix).replace(more[0], name + "*")}"'
    return f'path = "{file_of(name, suffix)}"'


def _roles(table: str) -> list[str]:
    """Return a line a column; the customer and keys of a table that is looked up are left out."""
    looked_up = dict(LOOKED_UP.values())
    columns = [column.split(":")[0] for column in TABLES[table]]
    columns = [name for name in columns if name not in {looked_up.get(table), *SCORES}]
    if table == "response_details":
        return [f"attributes = {json.dumps(columns)}"]
    whose = {"customer_id": "customer", "visitor_id": "customer"}
    return [f'{whose.get(name, name)} = "{name}"' for name in columns]
