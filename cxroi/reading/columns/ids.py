"""Customer ids: always text, mended where that is safe, refused where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from ...engine.quoting import one_row, texts, trimmed
from ...errors import DataError
from ..staging import Cell, Stage
from .numbers import LIMIT, Typed, share
from .probe import Probe

_NOTHING = ("", "nan", "null", "none", "na", "n/a", "<na>", "#n/a", "nat")
_EXACT = 2**53
_ZEROS = "{0} < '1' AND strlen({0}) > 1"
_POWER = "regexp_matches({0}, '^\\s*\\d([.,]\\d+)?[eE]\\+\\d+')"
_STYLE_ROWS = 200_000  # rows from which the case of a table's ids is told
_HARD, _ZERO = "\u00a0\u2007\u202f", "\u200b\u200c\u200d\u2060\ufeff"
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
    held, missing
        Rows with an id and without.
    zeros
        Whether any id begins with a zero; None where that was not looked at.
    """

    stage: Stage
    cell: Cell
    sql: str
    kind: str
    held: int
    missing: int = 0
    repaired: tuple[tuple[int, str], ...] = ()
    zeros: bool | None = None

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
    return Id(stage, cell, f"{cell.sql}::VARCHAR", kind, held, rows - held)


def _float_id(probe: Probe, cell: Cell) -> Id:
    x = cell.sql
    rows, held, bad = probe.ask(
        "count(*)",
        f"count_if({x}::DOUBLE IS NOT NULL AND NOT isnan({x}::DOUBLE))",
        f"count_if(NOT isnan({x}::DOUBLE) AND ({x} <> floor({x}) OR abs({x}) >= {_EXACT}))",
    )
    if bad:
        raise _rounded(cell, bad, held)
    sql = f"CASE WHEN NOT isnan({x}::DOUBLE) THEN {x}::BIGINT::VARCHAR END"
    repaired = ((held, f"{cell.column}: ids kept as floating-point numbers read as whole ones"),)
    return Id(probe.stage, cell, sql, "integer", held, rows - held, repaired)


def _rounded(cell: Cell, bad: int, held: int) -> DataError:
    return DataError(
        f"{cell} holds ids as floating-point numbers that are fractions or beyond 2^53 "
        f"({share(bad, held)})",
        "ids are text: digits are lost in such numbers",
        "Export the ids as text",
    )


def _evened(x: str) -> str:
    """Ids without spaces around them; inside, a non-breaking space is a space."""
    return trimmed(f"regexp_replace(translate({x}, '{_HARD}', '   '), '[{_ZERO}]', '', 'g')")


def _text_id(probe: Probe, cell: Cell) -> Id:
    x = cell.sql
    # One cheap pass; only ids that are very short, or hold anything but letters, digits, _ and -,
    # are looked into.
    odd = f"(strlen({x}) <= 5 OR NOT regexp_full_match({x}, '[0-9A-Za-z_-]+'))"
    rows, held, odds, zeros = probe.ask(
        "count(*)", f"count({x})", f"count_if({odd})", f"min({x}) FILTER ({_ZEROS.format(x)})"
    )
    counts = _oddities(probe, x, odd) if odds else (0, 0, 0, 0, 0, 0)
    nothing, empty, spaces, powers, points, beyond = counts
    if powers:
        raise DataError(
            f"{cell} holds ids such as 1.23E+15 ({share(powers, held)}), first in "
            + probe.first_rows(_POWER.format(x)),
            "a spreadsheet has rounded them, and different customers may read alike",
            "Export again with the ids formatted as text",
        )
    sql = _evened(x) if spaces else x
    held -= nothing
    repaired = [(spaces - empty, f"{cell.column}: spaces around ids removed")]
    whole = f"regexp_full_match({_evened(x)}, '\\d+(\\.0)?')"
    if points and probe.ask(f"count_if({whole})")[0] == held:
        if beyond:
            raise _rounded(cell, beyond, held)
        sql = f"regexp_replace({sql}, '\\.0$', '')"
        repaired.append((points, f"{cell.column}: '.0' removed from ids"))
    if nothing:
        sql = f"CASE WHEN lower({sql}) NOT IN {texts(_NOTHING)} THEN {sql} END"
    known = zeros is not None if sql == x else None
    return Id(probe.stage, cell, sql, "text", held, rows - held, tuple(repaired), known)


def _oddities(probe: Probe, x: str, odd: str) -> tuple[int, ...]:
    """Count ids that say nothing, blank or spaced ones, powers of ten, whole floats, huge ones."""
    bare = _evened(x)
    pointed = f"regexp_full_match({bare}, '\\d+\\.0')"
    return probe.ask(
        f"count_if(lower({bare}) IN {texts(_NOTHING)})",
        f"count_if({bare} = '' AND {x} <> '')",
        f"count_if({bare} <> {x})",
        f"count_if({_POWER.format(x)})",
        f"count_if({pointed})",
        f"count_if({pointed} AND try_cast({bare} AS DOUBLE) >= {_EXACT})",
        where=odd,
    )


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
        return {role: _folded(connection, one) for role, one in ids.items()}, problems
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
    return int(row[0]), int(row[1])


def _lost_zeros(
    connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id], base: str
) -> Iterator[DataError]:
    zeros = {role: _has_zeros(connection, one) for role, one in ids.items()}
    first = ids[base]
    for role, other in ids.items():
        if zeros[role] == zeros[base]:
            continue
        customers, gained = _gained(connection, first, other, "ltrim({}, '0')")
        if gained > LIMIT * customers:
            full, short = (first, other) if zeros[base] else (other, first)
            yield DataError(
                f"{gained:,} of the {customers:,} different ids in {first.cell} are found in "
                f"{other.cell} only when leading zeros are ignored",
                f"ids lost their zeros in [tables.{short.cell.source.name}], where they were read "
                f"as numbers; [tables.{full.cell.source.name}] still has them",
                f"Export [tables.{short.cell.source.name}] again with the ids as text",
            )


def _has_zeros(connection: duckdb.DuckDBPyConnection, one: Id) -> bool:
    if one.zeros is not None:
        return one.zeros
    leading = _ZEROS.format(one.sql)
    return Probe(connection, one.stage).ask(f"min({one.sql}) FILTER ({leading})")[0] is not None


def _case_style(connection: duckdb.DuckDBPyConnection, one: Id) -> tuple[bool, bool]:
    """Whether the ids have capital letters, and small ones."""
    upper, lower = one_row(
        connection,
        f"SELECT count_if(lower(id) <> id), count_if(upper(id) <> id) FROM (SELECT {one.sql} AS id "
        f"FROM {one.stage.relation} WHERE fate = 0 LIMIT {_STYLE_ROWS})",
    )
    return bool(upper), bool(lower)


def _folding_helps(connection: duckdb.DuckDBPyConnection, ids: Mapping[str, Id], base: str) -> bool:
    styles = [_case_style(connection, one) for one in ids.values()]
    if not any(upper for upper, _ in styles) or not any(lower for _, lower in styles):
        return False
    if "customers" in ids:
        known = ids["customers"]
        others = [one for role, one in ids.items() if role != "customers"]
        gained = any(_gained(connection, one, known, "lower({})")[1] for one in others)
        return gained and _one_to_one(connection, known)
    others = [one for role, one in ids.items() if role != base]
    if not any(_gained(connection, ids[base], one, "lower({})")[1] for one in others):
        return False
    return all(_one_to_one(connection, one) for one in ids.values())


def _one_to_one(connection: duckdb.DuckDBPyConnection, one: Id) -> bool:
    """Whether no two ids of a table differ by case alone."""
    statement = f"SELECT count(*) = count(DISTINCT lower(id)) FROM ({_distinct(one, one.sql)})"
    return bool(one_row(connection, statement)[0])


def _folded(connection: duckdb.DuckDBPyConnection, one: Id) -> Id:
    sql = f"lower({one.sql})"
    changed = Probe(connection, one.stage).ask(f"count_if({sql} <> {one.sql})")[0]
    repaired = (*one.repaired, (changed, f"{one.cell.column}: ids written in small letters"))
    return replace(one, sql=sql, repaired=repaired)
