"""The files of the tables beside those of the ROI: their columns, and their part of the study file.

Three tables of the ROI have further columns at their end here: contacts, subscriptions and
invitations. Further columns of customers and orders are in tables of their own, which the study
file looks up, and further rows of them in files of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from .asked import ASK_CHANNELS, TOUCHPOINTS
from .company import MISSING, Columns
from .company_files import CHANNELS, copy_rows, named
from .ground import PROSPECT, VISITOR
from .people import (
    ACQUISITION,
    COMPETITORS,
    EVENTS,
    LEFT,
    ONBOARDING,
    ORDER_CHANNELS,
    PRODUCTS,
    STAGES,
)  # fmt: skip
from .ratings import CHANNELS as RATED_CHANNELS
from .ratings import COMMENTS, PHASES
from .said import EXPECTED
from .service import REASONS, TASKS, TEAM_SIZE, TEAMS
from .web import CAMPAIGNS, CART_REASONS, FEATURES, PAGES, WEB_CHANNELS
from .web import EVENTS as WEB_EVENTS
from .worlds import REGIONS, SEGMENTS

if TYPE_CHECKING:
    import pandas as pd

# Of a column "name:kind" or "name:kind:from", where from is the draw it comes from. Kinds:
SQL: Final = {
    "who": f"CASE WHEN {{0}} >= {VISITOR} THEN printf('V%07d', {{0}} - {VISITOR} + 1) "
    f"WHEN {{0}} >= {PROSPECT} THEN printf('P%07d', {{0}} - {PROSPECT} + 1) "
    "ELSE printf('C%07d', {0} + 1) END",
    "at": "CASE WHEN {0} > 0 THEN make_timestamp({0} * 1000000) END",  # 0: did not happen
    "text": "{0}::VARCHAR",
    "count": "CASE WHEN {0} >= 0 THEN {0} END",  # -1: not known
    "number": "{0}",
    "hundredths": "{0} / 100.0",
    "order": "printf('O%08d', {0})",
    "session": "printf('S%07d', {0})",
    "issue": "printf('I%07d', {0})",
    "answer": "printf('R%08d', {0})",
    "days": f"CASE WHEN {{0}} > {MISSING} THEN {{0}} END",
    "email": "printf('c%07d@example.com', {0} + 1)",
}
PERSON: Final = "customer_id:who:customer"
_OF_INVITATIONS: Final = (
    PERSON, "invited_at:at:at", "touchpoint:text", "channel:text", "event_at:at",
    "questions:number",
)  # fmt: skip
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "contacts": (
        PERSON, "opened_at:at:at", "channel:text", "reason:text", "minutes:count",
        "complaint:count",
    ),
    "subscriptions": (
        PERSON, "started_at:at:started", "cancelled_at:at:cancelled", "amount:hundredths",
        "reason:text", "left_for:text",
    ),
    "invitations": _OF_INVITATIONS,
    "rating_invitations": _OF_INVITATIONS,
    "customers_new": (PERSON, "segment:text", "region:text", "tenure_months:number"),
    "orders_new": (
        "order_id:order:row", PERSON, "ordered_at:at:at", "amount:hundredths:extra",
    ),
    "profiles": (
        PERSON, "stage:text", "acquired_at:at", "onboarding:text", "wallet:hundredths",
        "email:email:customer",
    ),
    "order_details": ("order_id:order:row", "product:text", "channel:text"),
    "response_details": (
        "response_id:answer:row", "days_late:days", "callback_hours:count", "newsletters:count",
    ),
    "ratings": (
        PERSON, "answered_at:at:at", "csat:count", "ces:count", "quality_product:count",
        "quality_delivery:count", "quality_staff:count", "trust:count", "touchpoint:text",
        "channel:text", "product:text", "agent:text", "phase:text", "comment:text",
    ),
    "prospects": (PERSON, "first_seen_at:at:at", "became_customer_at:at", "score:count"),
    "products": ("product:text", "line:text"),
    "events": (PERSON, "happened_at:at:at", "event:text", "session:session", "channel:text"),
    "page_views": (
        PERSON, "viewed_at:at:at", "page:text", "session:session", "kind:text", "seconds:number",
        "scroll:hundredths",
    ),
    "visits": (PERSON.replace("customer_id", "visitor_id"), "visited_at:at:at"),
    "feature_use": (PERSON, "used_at:at:at", "feature:text"),
    "campaigns": (
        PERSON, "sent_at:at:at", "campaign:text", "impressions:number", "opens:number",
        "clicks:number",
    ),
    "posts": (
        "posted_at:at:at", "impressions:number", "likes:number", "shares:number",
        "comments:number",
    ),
    "mentions": (PERSON, "mentioned_at:at:at", "touchpoint:text", "feeling:number"),
    "carts": (PERSON, "created_at:at:at", "bought_at:at", "value:hundredths", "reason:text"),
    "calls": (
        PERSON, "called_at:at:at", "waited_seconds:number", "abandoned:number",
        "resolved:number", "agent:text", "minutes:number", "issue:issue",
    ),
    "tickets": (
        PERSON, "opened_at:at:at", "channel:text", "first_response_at:at", "resolved_at:at",
        "transfers:number", "resolved:number", "issue:issue", "minutes:number", "reason:text",
        "complaint:number", "began_at:at", "solutions:number", "identified:number",
    ),
    "tasks": (
        PERSON, "started_at:at:at", "completed_at:at", "expected_seconds:number", "task:text",
    ),
    "referrals": (PERSON, "referred_at:at:at", "referred:who"),
    "offers": (PERSON, "offered_at:at:at", "offered:count"),
    "staff": ("staff:text", "team:text"),
    "staff_answers": ("staff:text", "answered_at:at:at", "score:number", "team:text"),
    "expectations": (
        PERSON, "stated_at:at:at", "item:text", "expected:number", "performance:number",
    ),
    "company_events": ("happened_at:at:at", "event:text", "kind:text"),
    "acquisition": ("spent_at:at:at", "amount:number", "channel:text"),
}  # fmt: skip
WIDER: Final = ("contacts", "subscriptions", "invitations")  # of those of the ROI
MORE: Final = {  # further rows of those of the ROI, in a file of their own
    "customers_new": "customers", "orders_new": "orders",
}  # fmt: skip
_AGENTS: Final = tuple(f"A{k + 1:02d}" for k in range(TEAMS * TEAM_SIZE))
_TEAMS: Final = tuple(f"Team {k + 1}" for k in range(TEAMS))
_CAMPAIGNS: Final = tuple(f"Mailing {k + 1}" for k in range(CAMPAIGNS))
_LINES: Final = tuple(line for line, _ in PRODUCTS.values())
# Names of the codes of text columns: of a table's column, or of the column in every table.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "acquisition.channel": tuple(ACQUISITION),
    "campaign": _CAMPAIGNS, "carts.reason": tuple(CART_REASONS), "comment": COMMENTS,
    "company_events.event": tuple(EVENTS), "company_events.kind": tuple(EVENTS.values()),
    "contacts.channel": CHANNELS, "tickets.channel": CHANNELS,
    "events.channel": tuple(WEB_CHANNELS), "events.event": tuple(WEB_EVENTS),
    "feature": tuple(FEATURES), "invitations.channel": tuple(ASK_CHANNELS),
    "rating_invitations.channel": tuple(ASK_CHANNELS), "item": tuple(EXPECTED),
    "left_for": COMPETITORS, "products.line": _LINES, "onboarding": tuple(ONBOARDING),
    "order_details.channel": tuple(ORDER_CHANNELS), "page": tuple(PAGES),
    "page_views.kind": tuple(kind for kind, *_ in PAGES.values()), "phase": tuple(PHASES),
    "region": tuple(REGIONS), "segment": tuple(SEGMENTS), "product": tuple(PRODUCTS),
    "ratings.channel": RATED_CHANNELS, "reason": tuple(REASONS),
    "stage": STAGES, "subscriptions.reason": tuple(LEFT), "agent": _AGENTS, "staff": _AGENTS,
    "task": tuple(TASKS), "team": _TEAMS, "touchpoint": TOUCHPOINTS,
}  # fmt: skip


def file_of(table: str, suffix: str) -> str:
    """Return the name of a table's file; CSV is compressed, but where the ROI's is not."""
    plain = suffix != "csv" or table in MORE
    return f"{table}.{suffix}" if plain else f"{table}.{suffix}.gz"


def write_journeys(
    tables: Mapping[str, Columns], folder: Path, suffix: str, tell: Callable[[str], None]
) -> None:
    """Write the tables through DuckDB, in the order of their rows."""
    import duckdb

    with duckdb.connect() as engine:
        for table, columns in TABLES.items():
            tell(table)
            rows = engine.from_df(_frame(table, tables[table])).project(
                ", ".join(map(_sql, columns))
            )
            copy_rows(rows, folder / file_of(table, suffix))


def _parts(column: str) -> tuple[str, str, str]:
    """Return the name, kind and draw of a column."""
    name, kind, *drawn = column.split(":")
    return name, kind, drawn[0] if drawn else name


def _sql(column: str) -> str:
    name, kind, _ = _parts(column)
    quoted = f'"{name}"'
    return f"{SQL[kind].format(quoted)} AS {quoted}"


def _frame(table: str, drawn: Columns) -> pd.DataFrame:
    """Return the draws of a table under the names of its columns."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for column in TABLES[table]:
        name, kind, source = _parts(column)
        if kind == "text":
            names = NAMES.get(f"{table}.{name}") or NAMES[name]
            columns[name] = _coded(drawn[source], names)
        else:
            columns[name] = np.asarray(drawn[source], dtype=np.int64)
    return pd.DataFrame(columns)


def _coded(codes: npt.NDArray[Any], names: tuple[str, ...]) -> pd.Categorical[str]:
    """Return the names at the positions given, of which several may be the same."""
    different = tuple(dict.fromkeys(names))
    place = np.array([*(different.index(name) for name in names), -1])
    return named(place[codes], different)
