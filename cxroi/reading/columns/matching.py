"""Matching: ids of several tables made comparable, where what it mends is far above what it merges.

Ids that differ in capital letters, in zeros in front or in the checksum of Salesforce may stand for
one customer or for two. How many find their partner only when the difference is ignored is held
against how many different ids of one table would become one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from ...engine.quoting import one_row
from ...errors import DataError
from .ids import ZEROS, Id
from .probe import Probe
from .shares import LIMIT, share

_STYLE_ROWS = 200_000  # rows from which the case of a table's ids is told
_FAR_ABOVE = 10  # times the ids merged that must be mended
_REFUSE = 0.05  # share of customers from which an open question decides the answer
# Salesforce: the prefix of a standard object, 12 letters and digits, a checksum of their case.
_SALESFORCE = "'(00[0-9A-Za-z]|500)[0-9A-Za-z]{12}([0-5A-Z]{3})?'"
_CHECKSUMS = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'"

Ids = Mapping[str, Id]


@dataclass(frozen=True)
class Form:
    """A way of writing ids that ignores a difference.

    Attributes
    ----------
    sql
        With ``{}`` for the id.
    ignored, only
        What it ignores, as in "when ... are ignored" and "differ by ... alone".
    done
        What the ledger says of the cells it changes.
    least
        Share of customers it must mend to be used.
    """

    sql: str
    ignored: str
    only: str
    done: str
    least: float


CASE = Form("lower({})", "capital letters", "case", "ids written in small letters", 0.0)
NO_ZEROS = Form(
    "regexp_replace({}, '^0+(.)', '\\1')",
    "leading zeros",
    "zeros in front",
    "leading zeros ignored in ids, as another table has lost them",
    LIMIT,
)


def reconcile(
    connection: duckdb.DuckDBPyConnection, ids: Ids, base: str
) -> tuple[dict[str, Id], list[DataError]]:
    """Make the ids of all tables comparable.

    Parameters
    ----------
    base
        The role whose customers are followed through the other tables.

    Returns
    -------
    dict, list
        The ids, without capital letters or leading zeros where that mends far more than it
        merges; and what forbids to compare them.
    """
    problems = list(_kinds(connection, ids))
    if problems or base not in ids:
        return dict(ids), problems
    ids = _shortened(connection, ids)
    forms = (NO_ZEROS,) if any(_has_zeros(connection, one) for one in ids.values()) else ()
    for form in (*forms, CASE):
        if len(ids) == 1 or (form is CASE and not _case_differs(connection, ids)):
            continue
        try:
            ids = _in_form(connection, ids, base, form)
        except DataError as problem:
            problems.append(problem)
    return dict(ids), problems


def _kinds(connection: duckdb.DuckDBPyConnection, ids: Ids) -> Iterator[DataError]:
    numbers = [one for one in ids.values() if one.kind == "integer"]
    if not numbers:
        return
    for one in ids.values():
        if one.kind != "text":
            continue
        plain = f"regexp_full_match({one.sql}, '[0-9]+')"
        odd = Probe(connection, one.stage).ask(f"count(*) FILTER (NOT {plain})")[0]
        if odd:
            yield DataError(
                f"{one.cell} holds ids as text ({share(odd, one.held)} are not plain numbers), "
                f"{numbers[0].cell} holds them as numbers",
                "the same customer has the same id in every table",
                "Export the ids as text everywhere, leading zeros included",
            )


def _in_form(connection: duckdb.DuckDBPyConnection, ids: Ids, base: str, form: Form) -> Ids:
    """Return the ids in a form where that mends far more than it merges.

    Raises
    ------
    DataError
        It merges nearly as many as it mends, or customers of the customers table, and what it
        mends is not little.
    """
    reference = "customers" if "customers" in ids else base
    pairs = [(ids[reference], one) for role, one in ids.items() if role != reference]
    if reference == "customers":
        pairs = [(one, known) for known, one in pairs]
    counts = [(*_gained(connection, *pair, form.sql), *pair) for pair in pairs]
    customers, exact, mended, one, other = max(counts, key=lambda c: (c[2] / max(c[0], 1), c[2]))
    if not mended:
        return ids
    among = ["customers"] if reference == "customers" else list(ids)
    merged = {role: _merged(connection, ids[role], form.sql) for role in among}
    most = max(merged, key=lambda role: merged[role])
    found = (
        f"{mended:,} of the {customers:,} different ids in {one.cell} are found in {other.cell} "
        f"only when {form.ignored} are ignored"
    )
    far = mended > form.least * customers and mended >= _FAR_ABOVE * merged[most]
    if form is CASE and any(_short_salesforce(connection, i) for i in ids.values()):
        if mended > exact:
            raise _lost_case(found)
        return ids
    if far and not (reference == "customers" and merged[most]):
        return {role: _changed(connection, i, form, merged.get(role, 0)) for role, i in ids.items()}
    if mended > _REFUSE * customers:
        raise _undecided(found, ids[most], merged[most], form)
    why = f", and {_apart(ids[most], merged[most], form)}" if merged[most] else ""
    left = f"{found}{why}: they are left apart. Write them alike if they are the same customers"
    return {
        role: replace(i, warnings=(*i.warnings, (mended, left))) if i is one else i
        for role, i in ids.items()
    }


def _apart(one: Id, merged: int, form: Form) -> str:
    return (
        f"{merged:,} id{' differs' if merged == 1 else 's differ'} from another in {one.cell} by "
        f"{form.only} alone"
    )


def _lost_case(found: str) -> DataError:
    return DataError(
        found,
        "ids of Salesforce of 15 characters may differ by case alone, and stand for different "
        "records then",
        "Export the ids of 18 characters, or those of 15 with their capital letters",
    )


def _undecided(found: str, one: Id, merged: int, form: Form) -> DataError:
    return DataError(
        f"{found}, but {_apart(one, merged, form)}",
        "the same customer has the same id in every table, and one row in a customers table",
        f"Write the ids of each customer alike in every table ({form.only} included), or leave "
        f"one of each two such rows of [tables.{one.cell.source.name}] out with drop",
    )


def _distinct(one: Id, sql: str) -> str:
    return (
        f"SELECT DISTINCT {sql} AS id FROM {one.stage.relation} "
        f"WHERE fate = 0 AND {one.sql} IS NOT NULL"
    )


def _gained(
    connection: duckdb.DuckDBPyConnection, base: Id, other: Id, form: str
) -> tuple[int, int, int]:
    """Return the customers of `base`, those found in `other`, and those only in another form."""
    row = one_row(
        connection,
        f"WITH b AS ({_distinct(base, base.sql)}), o AS ({_distinct(other, other.sql)}), "
        f"f AS (SELECT DISTINCT {form.format('o.id')} AS id FROM o) "
        "SELECT count(*), count(*) FILTER (exact), count(*) FILTER (NOT exact AND also) "
        "FROM (SELECT "
        f"b.id IN (SELECT id FROM o) AS exact, {form.format('b.id')} IN (SELECT id FROM f) AS also "
        "FROM b)",
    )
    return int(row[0]), int(row[1]), int(row[2])


def _merged(connection: duckdb.DuckDBPyConnection, one: Id, form: str) -> int:
    """Return how many different ids of a table become another's in a form."""
    distinct = _distinct(one, one.sql)
    statement = f"SELECT count(*) - count(DISTINCT {form.format('id')}) FROM ({distinct})"
    return int(one_row(connection, statement)[0])


def _changed(connection: duckdb.DuckDBPyConnection, one: Id, form: Form, merged: int) -> Id:
    sql = form.sql.format(one.sql)
    changed = Probe(connection, one.stage).ask(f"count(*) FILTER ({sql} <> {one.sql})")[0]
    if not changed:
        return one
    repaired = (*one.repaired, (changed, f"{one.cell.column}: {form.done}"))
    warnings = one.warnings
    if merged:
        warnings = (
            *warnings,
            (merged, f"{_apart(one, merged, form)}, and is taken for the same customer"),
        )
    return replace(one, sql=sql, repaired=repaired, warnings=warnings)


def _has_zeros(connection: duckdb.DuckDBPyConnection, one: Id) -> bool:
    if one.zeros is not None:
        return one.zeros
    leading = ZEROS.format(one.sql)
    return Probe(connection, one.stage).ask(f"min({one.sql}) FILTER ({leading})")[0] is not None


def _case_differs(connection: duckdb.DuckDBPyConnection, ids: Ids) -> bool:
    """Whether some ids have capital letters, and some small ones."""
    styles = [
        one_row(
            connection,
            "SELECT count(*) FILTER (lower(id) <> id), count(*) FILTER (upper(id) <> id) "
            f"FROM (SELECT {one.sql} "
            f"AS id FROM {one.stage.relation} WHERE fate = 0 LIMIT {_STYLE_ROWS})",
        )
        for one in ids.values()
    ]
    return any(upper for upper, _ in styles) and any(lower for _, lower in styles)


def _checked(x: str) -> str:
    """Return the condition that an id of 18 characters ends in the checksum of its case.

    Each of its three characters tells which of five are capital letters, the first by the lowest
    bit (Salesforce, "How to convert 15-character ids", help article 000385582).
    """
    parts = []
    for begin in (1, 6, 11):
        bits = " + ".join(
            f"({2**k} * (substr({x}, {begin + k}, 1) BETWEEN 'A' AND 'Z')::INTEGER)"
            for k in range(5)
        )
        parts.append(f"substr({_CHECKSUMS}, 1 + {bits}, 1)")
    return f"(right({x}, 3) = {' || '.join(parts)})"


def _shortened(connection: duckdb.DuckDBPyConnection, ids: Ids) -> Ids:
    """Return ids of Salesforce by their first 15 characters, where some tables hold only those."""
    if not any(one.longs for one in ids.values()):
        return ids
    long = "strlen({0}) = 18 AND regexp_full_match({0}, {1}) AND {2}"
    longs = {r: long.format(i.sql, _SALESFORCE, _checked(i.sql)) for r, i in ids.items()}
    counts = {
        role: Probe(connection, one.stage).ask(
            f"count(*) FILTER ({longs[role]})", _short_count(one.sql)
        )
        for role, one in ids.items()
        if one.kind == "text"
    }
    if not any(n for n, _ in counts.values()) or not any(n for _, n in counts.values()):
        return ids
    found = dict(ids)
    for role, (cells, _) in counts.items():
        one = ids[role]
        sql = f"CASE WHEN {longs[role]} THEN left({one.sql}, 15) ELSE {one.sql} END"
        reason = f"{one.cell.column}: Salesforce ids of 18 characters read by their first 15"
        found[role] = replace(one, sql=sql, repaired=(*one.repaired, (cells, reason)))
    return found


def _short_count(x: str) -> str:
    return (
        f"count(*) FILTER (strlen({x}) = 15 AND regexp_full_match({x}, {_SALESFORCE}) "
        f"AND lower({x}) <> upper({x}))"
    )


def _short_salesforce(connection: duckdb.DuckDBPyConnection, one: Id) -> bool:
    """Whether most ids of a table are of Salesforce and of 15 characters."""
    return bool(Probe(connection, one.stage).ask(_short_count(one.sql))[0] > one.held / 2)
