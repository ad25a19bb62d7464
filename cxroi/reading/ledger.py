"""Ledger: where tables came from; rows in, repaired, set aside, used, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.display import TidyMixin

if TYPE_CHECKING:
    import pandas as pd

# How rows are worded whose customer is not known.
NO_CUSTOMER = "are of customers who are not in [tables.customers]"
NO_OTHER_TABLE = "occur in no table of"
# The tables that a customer who answered is looked for in.
HELD_AGAINST = ("customers", "orders", "subscriptions")
# How rows are worded that are of no customer.
NO_ID, TOTAL_ROW = "no customer id", "a row of totals, not a customer"
# How rows begin that a lookup by `via` finds no row for, or several.
NO_ROW, SEVERAL_ROWS = "no row of ", "several rows of "

# How rows begin that are of others than those whom the study is about.
NOT_CHOSEN = "not of "


@dataclass(frozen=True)
class SourceFile:
    """Where a table came from.

    Attributes
    ----------
    where
        File name, the environment variable of a database, or the kind of a frame.
    sha256
        Of the file's bytes; of a frame's values in the columns that are read
        (`cxroi.reading.frames.fingerprint`); empty for a database.
    rows
        Rows below the header.
    """

    table: str
    where: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Entry:
    """So many rows of a table met this fate, for this reason.

    Attributes
    ----------
    action
        ``read``, ``repaired``, ``set aside``, ``warning`` or ``used``.
    """

    table: str
    action: str
    rows: int
    reason: str


@dataclass(frozen=True, repr=False)
class Ledger(TidyMixin):
    """What happened to every row, in the order in which it happened.

    For each table the rows read equal the rows set aside plus the rows used.
    """

    entries: tuple[Entry, ...] = ()

    def add(self, table: str, action: str, rows: int, reason: str) -> Ledger:
        """Return a ledger with one more entry; repairs and losses of no row are not entered."""
        if rows == 0 and action not in ("read", "used"):
            return self
        return Ledger((*self.entries, Entry(table, action, int(rows), reason)))

    def rows(self, table: str, action: str) -> int:
        """Return how many rows of a table met a fate."""
        return sum(e.rows for e in self.entries if (e.table, e.action) == (table, action))

    def unaccounted(self, table: str) -> int:
        """Return rows read that are neither set aside nor used: zero, or the ledger is wrong."""
        return self.rows(table, "read") - self.rows(table, "set aside") - self.rows(table, "used")

    def nobody(self, table: str) -> int:
        """Return how many rows of a table are of no customer: blank ids, a row of totals."""
        return sum(
            e.rows for e in self.entries if e.table == table and e.reason in (NO_ID, TOTAL_ROW)
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know, in sentences."""
        return tuple(entry.reason for entry in self.entries if entry.action == "warning")

    def tidy(self) -> pd.DataFrame:
        """Return one row an entry: table, action, rows, reason."""
        import pandas as pd

        return pd.DataFrame(
            [vars(entry) for entry in self.entries], columns=["table", "action", "rows", "reason"]
        )
