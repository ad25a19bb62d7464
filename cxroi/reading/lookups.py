"""Lookups: which column of one table finds which row of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from ..engine.quoting import ident, one_row, trimmed
from ..errors import DataError
from ..results.formats import percent
from ..study.declared import Source, Step, Study
from .filters import filters
from .sources.scan import Scan, SourceColumn

# Names that a table gives the number of its own rows.
_OWN = ("id", "_id", "pk", "uuid", "guid", "oid", "index", "row", "row_id", "rowid", "#")
VERSIONS = (
    "If they are versions over time (valid_from, valid_to), keep the one that holds, such as "
    'keep = {is_current = ["1"]}, or export the table as of one day'
)
_HARDLY_ANY = 0.1  # share of the rows with a key that must find a partner
_MANY = 0.05  # share of them without one, or with several, from which on a reader is told
_MOST = 0.5  # share of them with several, above which the key is none


def key_of(column: SourceColumn, table: str) -> str:
    """Return the SQL of a column as a key: text, without blanks around it.

    ``7012.0``, as whole numbers beside blanks are often written, is the key 7012. E-mail
    addresses are compared in small letters.
    """
    sql = f"{table}.{column.sql}"
    if column.type == "VARCHAR":
        bare = f"nullif(nfc_normalize({trimmed(sql)}), '')"
        pointed = f"ends_with({bare}, '.0') AND regexp_full_match({bare}, '\\d+\\.0')"
        mail = f"WHEN contains({bare}, '@') THEN lower({bare})"
        return f"CASE WHEN {pointed} THEN left({bare}, -2) {mail} ELSE {bare} END"
    whole = column.type in ("DOUBLE", "FLOAT")
    return f"{sql}::BIGINT::VARCHAR" if whole else f"{sql}::VARCHAR"


def lookup_table(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    scan: Scan,
    column: str,
    used: set[str],
    name: tuple[str, int],
    duplicates: list[tuple[str, int]],
) -> str:
    """Create the rows of a lookup table that are used, one a key; return its name.

    An address, or an account of the customers table, may be that of several: ``several`` tells
    so, and what they hold is blank, for nobody knows whose the row is.

    Raises
    ------
    DataError
        Another key is not unique, so that rows would double.
    """
    table = ident(f"lookup {name[0]} {name[1]}")
    columns = used | {scan.column(column).sql}
    source = study.sources[scan.name]
    declared = filters(source, lambda name: f"t0.{scan.column(name).sql}")
    conditions = [f"NOT ({sql})" for sql, _ in declared]
    key = key_of(scan.column(column), "t0")
    conditions += [f"{key} IS NOT NULL"]
    if scan.headers:
        conditions.append(f"t0.{scan.row} >= {scan.headers}")
    chosen = ", ".join(f"t0.{sql}" for sql in sorted(columns))
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {key} AS key, {chosen}, count(*) AS copies, "
        "false AS several "
        f"FROM {scan.relation} AS t0 WHERE {' AND '.join(conditions)} GROUP BY ALL"
    )
    row = one_row(connection, f"SELECT count(*), count(DISTINCT key), sum(copies) FROM {table}")
    kept, keys, read = row or (0, 0, 0)
    if kept > keys and _of_several(connection, source, column, table):
        _one_a_key(connection, table, columns)
    elif kept > keys:
        raise DataError(
            f"[tables.{scan.name}] holds {kept - keys} rows more than it has different {column!r}",
            "a lookup table has one row for each key, or rows would double",
            f"Drop the other rows with keep or drop, or look up through another table. {VERSIONS}",
        )
    duplicates.append((scan.name, int(read or 0) - int(kept)))
    return table


def _of_several(
    connection: duckdb.DuckDBPyConnection, source: Source, column: str, table: str
) -> bool:
    """Whether keys that repeat may be those of several customers, and not versions of one row."""
    if source.name == "customers":
        return source.columns.get("customer") != column
    repeated = f"SELECT key FROM {table} GROUP BY key HAVING count(*) > 1"
    other = f"SELECT 1 FROM ({repeated}) WHERE NOT contains(key, '@') LIMIT 1"
    return not connection.execute(other).fetchall()


def _one_a_key(connection: duckdb.DuckDBPyConnection, table: str, columns: set[str]) -> None:
    """Put the rows of a key together, blank where there are several."""
    held = ", ".join(
        f"CASE WHEN count(*) = 1 THEN any_value({sql}) END AS {sql}" for sql in sorted(columns)
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT key, {held}, sum(copies) AS copies, "
        f"count(*) > 1 AS several FROM {table} GROUP BY key"
    )


def refuse_own_id(
    connection: duckdb.DuckDBPyConnection, source: Source, left: Scan, step: Step
) -> None:
    """Refuse a step that joins the numbers of the rows of two tables.

    Raises
    ------
    DataError
        The two keys are one name, that of a table's own id, and it is unique in both tables.
    """
    if step.paired or step.left.strip().casefold() not in _OWN:
        return
    key = key_of(left.column(step.left), "t0")
    held, different = one_row(
        connection, f"SELECT count({key}), count(DISTINCT {key}) FROM {left.relation} AS t0"
    )
    if held > different:
        return
    raise DataError(
        f"via of [tables.{source.name}] looks {step.table} up by {step.left!r}, the own id of "
        f"[tables.{left.name}]: it has {held:,} different ones in {held:,} rows",
        f"a step joins a column that holds the {step.right!r} of {step.table}",
        f'Write both keys: via = ["COLUMN = {step.table}.{step.right}"], with the COLUMN of '
        f"[tables.{left.name}] that holds it; {step.left} itself, if the two share their ids",
    )


def unmatched_steps(
    connection: duckdb.DuckDBPyConnection,
    role: str,
    relation: str,
    reasons: int,
    steps: Sequence[Step],
) -> Iterator[tuple[int, str]]:
    """Yield a warning of each step by which many rows find no partner; refuse hardly any.

    Parameters
    ----------
    reasons
        How many reasons to set a row aside there are; the last three of each step are those of
        `steps`: no key, no partner, several partners.

    Raises
    ------
    DataError
        Under a tenth of the rows that have a key find one, or most find several.
    """
    if not steps:
        return
    fates = dict(
        connection.execute(f"SELECT fate, count(*) FROM {relation} GROUP BY fate").fetchall()
    )
    for place, step in enumerate(steps):
        missing_fate = reasons - 1 - 3 * (len(steps) - 1 - place)
        missing, several = fates.get(missing_fate, 0), fates.get(missing_fate + 1, 0)
        # Who reached the step and had a key: those it lost, those of later steps, those left.
        reached = missing + fates.get(0, 0) + sum(n for f, n in fates.items() if f > missing_fate)
        found = (
            f"{missing:,} of {reached:,} rows of [tables.{role}] ({percent(missing / reached)}) "
            f"find no row of {step.table} by {step.left!r} = {step.table}.{step.right}"
            if missing
            else ""
        )
        if missing > _MANY * reached and reached - missing >= _HARDLY_ANY * reached:
            yield missing, f"{found}, and are set aside: check that the keys are written alike"
        elif reached - missing < _HARDLY_ANY * reached:
            raise DataError(
                found,
                "a step of via joins two columns that hold the same keys",
                f'Write both keys: via = ["COLUMN = {step.table}.COLUMN"]',
            )
        if several:
            yield from _told_of_several(role, step, several, reached - missing)


def _told_of_several(role: str, step: Step, several: int, found: int) -> Iterator[tuple[int, str]]:
    """Yield a warning of rows that find several customers; refuse most.

    Raises
    ------
    DataError
        Most do, so the key is none of customers.
    """
    said = (
        f"{several:,} of {found:,} rows of [tables.{role}] ({percent(several / found)}) find "
        f"several rows of {step.table} by {step.left!r} = {step.table}.{step.right}"
    )
    if several > _MOST * found:
        raise DataError(
            said,
            "a row is of one customer: a lookup table has one row for each key",
            f"Look up by a column that tells customers apart. {VERSIONS}",
        )
    if several > _MANY * found:
        yield several, f"{said}, and are set aside: nobody knows whose they are"
