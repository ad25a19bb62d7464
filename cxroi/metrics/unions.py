"""Relations of several tables: whichever of them a study has, as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .period import Period
from .relations import asked, group_of, held, left, people, scores

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study


@dataclass(frozen=True)
class Part:
    """What one table adds to a union.

    Attributes
    ----------
    columns
        Without which it adds nothing.
    sql
        With ``{role}`` for its relation.
    optional
        Columns that are NULL where they are not declared.
    """

    columns: tuple[str, ...]
    sql: str
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Union:
    """A relation made of whichever tables a study has.

    Attributes
    ----------
    parts
        By table.
    first_only
        Whether the first that there is stands for all, because they tell of the same.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    first_only: bool = False

    def of(self, study: Study) -> list[str]:
        """Return the tables of it that a study has."""
        held = [
            role
            for role, part in self.parts.items()
            if role in study.sources and set(part.columns) <= set(study.sources[role].columns)
        ]
        return held[:1] if self.first_only else held

    def lacking(self) -> str:
        """Return what one of it needs, in words."""
        ways = [
            f"{', '.join(part.columns)} of [tables.{role}]" for role, part in self.parts.items()
        ]
        return " or ".join(ways)

    def sql(self, tables: Tables) -> str:
        """Return its rows."""
        return " UNION ALL ".join(
            self.parts[role].sql.replace(
                f"{{{role}}}", with_optional(role, self.parts[role].optional, tables)
            )
            for role in self.of(tables.study)
        )


def with_optional(role: str, optional: tuple[str, ...], tables: Tables) -> str:
    """Return a table with NULL in columns that the study does not declare."""
    absent = [key for key in optional if key not in tables.study.sources[role].columns]
    if not absent:
        return tables.relation(role)
    nulls = "".join(f", CAST(NULL AS VARCHAR) AS {key}" for key in absent)
    return f"(SELECT *{nulls} FROM {tables.relation(role)})"


UNIONS = {
    # customer, seen_at, touchpoint: what a customer used before buying
    "touches": Union(
        {
            "calls": Part(
                ("called_at",),
                "SELECT customer, called_at AS seen_at, 'call' AS touchpoint FROM {calls}",
            ),
            "tickets": Part(
                ("opened_at",),
                "SELECT customer, opened_at AS seen_at, 'ticket' AS touchpoint FROM {tickets}",
            ),
            "page_views": Part(
                ("viewed_at",),
                "SELECT customer, viewed_at AS seen_at, 'site: ' || coalesce(kind, 'page') AS "
                "touchpoint FROM {page_views}",
                ("kind",),
            ),
            "campaigns": Part(
                ("sent_at", "clicks", "customer"),
                "SELECT customer, sent_at AS seen_at, 'campaign' AS touchpoint FROM {campaigns} "
                "WHERE clicks > 0 AND customer IS NOT NULL",
            ),
            "carts": Part(
                ("created_at",),
                "SELECT customer, created_at AS seen_at, 'cart' AS touchpoint FROM {carts}",
            ),
        }
    ),
    # customer, seen_at, kind: whatever a customer does
    "doing": Union(
        {
            "events": Part(
                ("happened_at",),
                "SELECT customer, happened_at AS seen_at, 'event' AS kind FROM {events}",
            ),
            "page_views": Part(
                ("viewed_at",),
                "SELECT customer, viewed_at AS seen_at, 'page view' AS kind FROM {page_views}",
            ),
            "feature_use": Part(
                ("used_at",),
                "SELECT customer, used_at AS seen_at, 'feature' AS kind FROM {feature_use}",
            ),
        }
    ),
    # customer, seen_at: where complaints are told apart
    "complaints": Union(
        {
            "contacts": Part(
                ("opened_at", "complaint"),
                "SELECT customer, opened_at AS seen_at FROM {contacts} WHERE complaint = 1",
            ),
            "tickets": Part(
                ("opened_at", "complaint"),
                "SELECT customer, opened_at AS seen_at FROM {tickets} WHERE complaint = 1",
            ),
        },
        first_only=True,
    ),
    # customer, issue, seen_at, channel, transfers, minutes: contacts about a numbered issue
    "about_issues": Union(
        {
            "calls": Part(
                ("called_at", "issue"),
                "SELECT customer, issue, called_at AS seen_at, 'phone' AS channel, "
                "CAST(NULL AS DOUBLE) AS transfers, CAST(minutes AS DOUBLE) AS minutes FROM "
                "{calls} "
                "WHERE issue IS NOT NULL",
                ("minutes",),
            ),
            "tickets": Part(
                ("opened_at", "issue"),
                "SELECT customer, issue, opened_at AS seen_at, coalesce(channel, 'in writing') AS "
                "channel, CAST(transfers AS DOUBLE) AS transfers, CAST(minutes AS DOUBLE) AS "
                "minutes FROM {tickets} WHERE issue IS NOT NULL",
                ("channel", "transfers", "minutes"),
            ),
        }
    ),
}


def _prospects(tables: Tables, period: Period) -> str:
    """Return the SQL of prospects: the group of their answer, and who bought within 90 days."""
    good = group_of(tables.study.scale, "score")
    return (
        f"SELECT customer, first_seen_at AS seen_at, {good} AS good, CASE WHEN became_customer_at "
        "<= first_seen_at + INTERVAL 90 DAY THEN 1 ELSE 0 END AS bought FROM "
        f"{tables.relation('prospects')}"
    )


# Relations that are made for a metric, not read, beside those of `UNIONS`.
MADE: Mapping[str, Callable[[Tables, Period], str]] = {
    "scores": scores,
    "people": people,
    "left": left,
    "held": held,
    "asked": asked,
    "asked_prospects": _prospects,
}
