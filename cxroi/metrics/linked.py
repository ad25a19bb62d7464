"""Whose rows the tables hold: what matched, what did not, and what fits several customers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ..reading.ledger import NO_ROW, SEVERAL_ROWS
from ..reading.whose import whose
from ..results.display import TidyMixin

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables


@dataclass(frozen=True)
class LinkedTable:
    """Whose rows those of one table are; `people` are the next four added up.

    Attributes
    ----------
    rows
        Rows that count.
    people
        Different ones of whom they are.
    customers
        Of these, in the customers table, and no prospects there.
    prospects
        In it as prospects, or in the table of prospects.
    elsewhere
        Neither, but in another table of the study.
    strangers
        In no other table.
    nobody
        Rows of no person: of those that count without one, and of those set aside for it.
    unmatched
        Rows set aside as what they are looked up by (`via`) is not in the other table.
    ambiguous
        Rows set aside as it is in several rows of the other table.
    """

    table: str
    rows: int
    people: int
    customers: int
    prospects: int
    elsewhere: int
    strangers: int
    nobody: int
    unmatched: int
    ambiguous: int


@dataclass(frozen=True, repr=False)
class Linked(TidyMixin):
    """Whose rows the tables of a study hold; counts, so without intervals."""

    tables: tuple[LinkedTable, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a table, with the columns of `LinkedTable`."""
        import pandas as pd

        names = list(LinkedTable.__dataclass_fields__)
        return pd.DataFrame([asdict(one) for one in self.tables], columns=names)


def linked(tables: Tables) -> Linked:
    """Return whose rows those of each table are that knows customers, in the study's order.

    Of the whole tables, also where the study is about a part of the customers.

    Parameters
    ----------
    tables
        Read with ``every=True``: of others nothing is known.

    Examples
    --------
    >>> linked(cx.read_tables(study, every=True)).tidy()  # doctest: +SKIP
    """
    study, engine = tables.study, tables.engine
    found = {role: [int(n) for n in counts] for role, *counts in engine.fetch(whose(study))}
    made = []
    for role in study.sources:
        if role not in found and not tables.ledger.rows(role, "read"):
            continue
        if "customer" not in study.sources[role].columns:
            continue
        [(rows, held)] = engine.fetch(f"SELECT count(*), count(customer) FROM clean_{role}")
        aside = (
            rows - held + tables.ledger.nobody(role),
            _rows_of(tables, role, NO_ROW),
            _rows_of(tables, role, SEVERAL_ROWS),
        )
        made.append(LinkedTable(role, int(rows), *found.get(role, [0] * 5), *map(int, aside)))
    return Linked(tuple(made))


def _rows_of(tables: Tables, role: str, begin: str) -> int:
    """Return how many rows of a table were set aside for a reason that begins so."""
    aside = (e for e in tables.ledger.entries if (e.table, e.action) == (role, "set aside"))
    return sum(e.rows for e in aside if e.reason.startswith(begin))
