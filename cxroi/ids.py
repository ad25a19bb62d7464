"""Customer ids: always text, mended where that is safe, refused where it is not."""



from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from .errors import DataError
from .sql import one_row, texts, trimmed
from .staging import Cell, Stage
from .typing_sql import LIMIT, Probe, Typed, share

_NOTHING = ("", "nan", "null", "none", "na", "n/a", "<na>", "#n/a", "nat")
_EXACT = 2**53
_FLOATS = ("DOUBLE", "FLOAT")
_INTEGERS = ("INT", "UINT", "BIGINT", "UBIGINT", "SMALLINT", "TINYINT", "HUGEINT", "UHUGEINT")


@dataclass(frozen=True)
class Id:
    """How the customer ids of a table read.

    Attributes
    ----------
    sql
        Expression over the staged table; NULL where there is no id.
    kind
        ``text`` or ``integer``: what the source holds.
    upper, lower, zeros
        Ids with capital letters, with small letters, with a leading zero.
    """

    stage: Stage
    cell: Cell
    sql: str
    kind: str
    held: int
    upper: int = 0
    lower: int = 0
    zeros: int = 0
    missing: int = 0
    repaired: tuple[tuple[int, str], ...] = ()

    def typed(self) -> Typed:
        """Return the column of ids, rows without one set aside."""
        faults = ((f"{self.sql} IS NULL", "no customer id"),) if self.missing else ()
        return Typed("customer", self.sql, faults, self.repaired, kind="VARCHAR")


def read_id(connection: duckdb.DuckDBPyConnection, stage: Stage) -> Id:
    """Read the ids of one table.

    Raises
    ------
    DataError
        Ids went through floating point above 2^53, or read like ``1.23E+15``.
    """
    cell = stage.cells[stage.source.columns["customer"]]
    probe = Probe(connection, stage)
    if cell.type == "VARCHAR":
        return _text_id(probe, cell)
    if cell.type in _FLOATS or cell.type.startswith("DECIMAL"):
        return _float_id(probe, cell)
    rows, held = probe.ask("count(*)", f"count({cell.sql})")
    kind = "integer" if cell.type in _INTEGERS or cell.type.endswith("INTEGER") else "text"
    return Id(stage, cell, f"{cell.sql}::VARCHAR", kind, held, missing=rows - held)


def _float_id(probe: Probe, cell: Cell) -> Id:
    x = cell.sql
    rows, held, bad = probe.ask(
        "count(*)",
        f"count_if({x}::DOUBLE IS NOT NULL AND NOT isnan({x}::DOUBLE))",
        f"count_if(NOT isnan({x}::DOUBLE) AND ({x} <> floor({x}) OR abs({x}) >= {_EXACT}))",
    )
    if bad:
        raise DataError(
            f"{cell} holds ids as floating-point numbers that are fractions or beyond 2^53 "
            f"({share(bad, held)})",
            "ids are text: digits are lost in such numbers",
            "Export the ids as text",
        )
    sql = f"CASE WHEN NOT isnan({x}::DOUBLE) THEN {x}::BIGINT::VARCHAR END"
    repaired = ((held, f"{cell.column}: ids kept as floating-point numbers read as whole ones"),)
    return Id(probe.stage, cell, sql, "integer", held, missing=rows - held, repaired=repaired)


def _text_id(probe: Probe, cell: Cell) -> Id:
    x = cell.sql
    short = f"length({x}) <= 12 AND lower({trimmed(x)}) IN {texts(_NOTHING)}"
    rows, held, nothing, spaces, upper, lower, zeros, powers, points = probe.ask(
        "count(*)",
        f"count({x})",
        f"count_if({short})",
        f"count_if({trimmed(x)} <> {x})",
        f"count_if(lower({x}) <> {x})",
        f"count_if(upper({x}) <> {x})",
        f"count_if({x}[1] = '0')",
        f"count_if(contains({x}, '+') AND regexp_matches({x}, '^\\s*\\d(\\.\\d+)?[eE]\\+\\d+'))",
        f"count_if(suffix({x}, '.0') AND regexp_full_match({x}, '\\d+\\.0'))",
    )
    if powers:
        raise DataError(
            f"{cell} holds ids such as 1.23E+15 ({share(powers, held)}), first in "
            + probe.first_rows(f"regexp_matches({x}, '^\\s*\\d(\\.\\d+)?[eE]\\+\\d+')"),
            "a spreadsheet has rounded them, and different customers may read alike",
            "Export again with the ids formatted as text",
        )
    sql = trimmed(x) if spaces else x
    repaired = ((spaces - _empty(probe, x, spaces), f"{cell.column}: spaces around ids removed"),)
    held -= nothing
    if points and points == held:
        sql = f"regexp_replace({sql}, '\\.0$', '')"
        repaired += ((points, f"{cell.column}: '.0' removed from ids"),)
    if nothing:
        sql = f"CASE WHEN NOT ({short}) THEN {sql} END"
    return Id(probe.stage, cell, sql, "text", held, upper, lower, zeros, rows - held, repaired)


def _empty(probe: Probe, x: str, spaces: int) -> int:
    return int(probe.ask(f"count_if({trimmed(x)} = '' AND {x} <> '')")[0]) if spaces else 0


def reconcile(
    connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id], base: str
) -> tuple[dict[str, Id], list[DataError]]:
    """Make the ids of all tables comparable.

    Parameters
    ----------
    base
        The role whose customers are followed through the other tables.

    Returns
    -------
    dict, list
        The ids, folded to small letters where that helps and merges no two; and what forbids
        to compare them.
    """
    problems = list(_kinds(connection, ids))
    if problems or base not in ids or len(ids) == 1:
        return dict(ids), problems
    problems += _lost_zeros(connection, ids, base)
    if not problems and _folding_helps(connection, ids, base):
        return {role: _folded(one) for role, one in ids.items()}, problems
    return dict(ids), problems


def _kinds(connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id]) -> Iterator[DataError]:
    numbers = [one for one in ids.values() if one.kind == "integer"]
    if not numbers:
        return
    for one in ids.values():
        if one.kind != "text":
            continue
        plain = f"regexp_full_match({one.sql}, '0|[1-9][0-9]*')"
        odd = Probe(connection, one.stage).ask(f"count_if(NOT {plain})")[0]
        if odd:
            yield DataError(
                f"{one.cell} holds ids as text ({share(odd, one.held)} are not plain numbers), "
                f"{numbers[0].cell} holds them as numbers",
                "the same customer has the same id in every table",
                "Export the ids as text everywhere, leading zeros included",
            )


def _distinct(one: Id, sql: str) -> str:
    return (
        f"SELECT DISTINCT {sql} AS id FROM {one.stage.relation} "
        f"WHERE fate = 0 AND {one.sql} IS NOT NULL"
    )


def _gained(
    connection: duckdb.DuckDBPyConnection, base: Id, other: Id, form: str
) -> tuple[int, int]:
    """Return the customers of `base`, and those found in `other` only in another form."""
    row = one_row(
        connection,
        f"WITH b AS ({_distinct(base, base.sql)}), o AS ({_distinct(other, other.sql)}), "
        f"f AS (SELECT DISTINCT {form.format('o.id')} AS id FROM o) "
        f"SELECT (SELECT count(*) FROM b), count(*) FROM b "
        f"WHERE b.id NOT IN (SELECT id FROM o) AND {form.format('b.id')} IN (SELECT id FROM f)",
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _lost_zeros(
    connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id], base: str
) -> Iterator[DataError]:
    first = ids[base]
    for role, other in ids.items():
        if role == base or bool(first.zeros) == bool(other.zeros):
            continue
        customers, gained = _gained(connection, first, other, "ltrim({}, '0')")
        if gained > LIMIT * customers:
            full, short = (first, other) if first.zeros else (other, first)
            yield DataError(
                f"{share(gained, customers)} of the ids in {full.cell} are found in {short.cell} "
                "only without their leading zeros",
                "an id has lost its zeros where it was read as a number",
                f"Export [tables.{short.cell.source.name}] again with the ids as text",
            )


def _folding_helps(connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id], base: str) -> bool:
    tables = list(ids.values())
    if not any(one.upper for one in tables) or not any(one.lower for one in tables):
        return False
    others = [one for role, one in ids.items() if role != base]
    if not any(_gained(connection, ids[base], one, "lower({})")[1] for one in others):
        return False
    return all(_one_to_one(connection, one) for one in tables)


def _one_to_one(connection: duckdb.DuckDBPyConnection, one: Id) -> bool:
    """Whether no two ids of a table differ by case alone."""
    row = one_row(
        connection,
        f"SELECT count(DISTINCT id) = count(DISTINCT lower(id)) FROM ({_distinct(one, one.sql)})",
    )
    return bool(row and row[0])


def _folded(one: Id) -> Id:
    repaired = (*one.repaired, (one.upper, f"{one.cell.column}: ids written in small letters"))
    return replace(one, sql=f"lower({one.sql})", repaired=repaired)
