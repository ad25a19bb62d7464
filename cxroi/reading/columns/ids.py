"""Customer ids: always text, mended where that is safe, refused where it is not."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import duckdb

from ...engine.quoting import ident, texts, trimmed
from ...errors import DataError
from ..ledger import NO_ID, TOTAL_ROW
from ..staging import Cell, Stage
from .blanks import NOTHING
from .numbers import Typed
from .probe import Probe
from .shares import share

# What a row is called that is no customer but sums up the others.
TOTALS = (
    *("total", "totals", "grand total", "overall total", "total result", "sum", "subtotal"),
    *("sub total", "subtotals", "summe", "gesamt", "gesamtsumme", "gesamtergebnis"),
    *("zwischensumme", "somme", "total général", "sous-total", "totaux", "suma", "total general"),
    *("total geral", "totale", "totale generale", "totale complessivo", "subtotale", "totaal"),
    *("eindtotaal", "subtotaal", "totalt", "summa", "i alt", "yhteensä", "kokku", "kopā", "viso"),
    *("razem", "suma końcowa", "celkem", "spolu", "összesen", "ukupno", "sveukupno", "skupaj"),
    *("итого", "всего", "общий итог", "усього", "разом", "общо", "укупно", "σύνολο", "toplam"),
    *("genel toplam", "合計", "総計", "小計", "合计", "总计", "小计", "總計", "합계", "총계"),
    *("tổng cộng", "jumlah", "รวม", "المجموع", "الإجمالي", 'סה"כ', "סך הכל"),
    *("average", "grand average", "mean", "durchschnitt", "mittelwert", "ø", "moyenne"),
    *("promedio", "gemiddelde", "media", "média", "среднее"),
)
_EXACT = 2**53
ZEROS = "{0} < '1' AND strlen({0}) > 1"
_POWER = "regexp_matches({0}, '^\\s*\\d([.,]\\d+)?[eE]\\+\\d+')"
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
    longs
        Ids of 18 characters.
    warnings
        (rows, sentence) that a reader should know of.
    """

    stage: Stage
    cell: Cell
    sql: str
    kind: str
    held: int
    missing: int = 0
    repaired: tuple[tuple[int, str], ...] = ()
    zeros: bool | None = None
    longs: int = 0
    warnings: tuple[tuple[int, str], ...] = ()

    def typed(self) -> Typed:
        """Return the column of ids, rows without one set aside."""
        faults = ((f"{self.sql} IS NULL", NO_ID),) if self.missing else ()
        return Typed(
            "customer", self.sql, faults, self.repaired, kind="VARCHAR", warnings=self.warnings
        )


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
        f"count(*) FILTER ({x}::DOUBLE IS NOT NULL AND NOT isnan({x}::DOUBLE))",
        f"count(*) FILTER (NOT isnan({x}::DOUBLE) AND ({x} <> floor({x}) OR abs({x}) >= {_EXACT}))",
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
    total = f"(lower(trim({x}, ' :.')) IN {texts(TOTALS)})"
    # Of events that are of no known customer nothing is counted.
    named = f"list(DISTINCT {x}) FILTER ({total})" if probe.stage.role == "customers" else "NULL"
    rows, held, odds, zeros, longs, last, totals = probe.ask(
        "count(*)",
        f"count({x})",
        f"count(*) FILTER ({odd})",
        f"min({x}) FILTER ({ZEROS.format(x)})",
        f"count(*) FILTER (strlen({x}) = 18)",
        f"max(row) FILTER ({x} <> '')",
        named,
    )
    if last is not None and probe.any(f"row = {last} AND {total}"):
        return read_id(probe.connection, _without_row(probe.connection, probe.stage, last))
    counts = _oddities(probe, x, odd) if odds else (0, 0, 0, 0, 0, 0, 0, 0)
    nothing, empty, spaces, powers, points, beyond, mails, parted = counts
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
    if points and probe.ask(f"count(*) FILTER ({whole})")[0] == held:
        if beyond:
            raise _rounded(cell, beyond, held)
        sql = f"regexp_replace({sql}, '\\.0$', '')"
        repaired.append((points, f"{cell.column}: '.0' removed from ids"))
    if parted:
        sql, more = _joined(probe, sql, f"nfc_normalize({sql})")
        said = f"{cell.column}: letters written apart from their accents (Unicode NFD) put together"
        repaired.append((parted, f"{said}{more}"))
    if nothing:
        sql = f"CASE WHEN lower({sql}) NOT IN {texts(NOTHING)} THEN {sql} END"
    if mails:
        small = f"CASE WHEN contains({sql}, '@') THEN lower({sql}) ELSE {sql} END"
        sql, more = _joined(probe, sql, small)
        repaired.append((mails, f"{cell.column}: e-mail addresses written in small letters{more}"))
    known = zeros is not None if sql == x else None
    told = _named_total(cell, totals)
    missing = rows - held
    return Id(probe.stage, cell, sql, "text", held, missing, tuple(repaired), known, longs, told)


def _named_total(cell: Cell, totals: list[str] | None) -> tuple[tuple[int, str], ...]:
    """Tell of customers above the last row who are called like a row of totals."""
    if not totals:
        return ()
    words = ", ".join(json.dumps(word, ensure_ascii=False) for word in sorted(totals))
    said = (
        f"{cell} holds {words}, which counts as a customer: if that row sums up others, leave it "
        f"out with drop = {{{json.dumps(cell.column, ensure_ascii=False)} = [{words}]}}"
    )
    return ((len(totals), said),)


def _joined(probe: Probe, sql: str, alike: str) -> tuple[str, str]:
    """Return the SQL by which ids become alike, and what is said of different ones that do."""
    [merged] = probe.ask(f"count(DISTINCT {sql}) - count(DISTINCT {alike})")
    return alike, f", {merged:,} of them the same as another then" if merged else ""


def _without_row(connection: duckdb.DuckDBPyConnection, stage: Stage, row: int) -> Stage:
    """Return a stage with a row of totals set aside."""
    relation = ident(f"stage {stage.role} {len(stage.reasons)}")
    reasons = (*stage.reasons, TOTAL_ROW)
    connection.execute(
        f"CREATE VIEW {relation} AS SELECT * REPLACE (CASE WHEN row = {row} AND fate = 0 "
        f"THEN {len(reasons)} ELSE fate END AS fate) FROM {stage.relation}"
    )
    return replace(stage, relation=relation, reasons=reasons)


def _oddities(probe: Probe, x: str, odd: str) -> tuple[int, ...]:
    """Count ids: blank, empty, spaced, powers of ten, whole floats, huge, mails, not in NFC."""
    bare = _evened(x)
    pointed = f"regexp_full_match({bare}, '\\d+\\.0')"
    return probe.ask(
        f"count(*) FILTER (lower({bare}) IN {texts(NOTHING)})",
        f"count(*) FILTER ({bare} = '' AND {x} <> '')",
        f"count(*) FILTER ({bare} <> {x})",
        f"count(*) FILTER ({_POWER.format(x)})",
        f"count(*) FILTER ({pointed})",
        f"count(*) FILTER ({pointed} AND try_cast({bare} AS DOUBLE) >= {_EXACT})",
        f"count(*) FILTER (contains({x}, '@') AND lower({x}) <> {x})",
        f"count(*) FILTER (nfc_normalize({x}) <> {x})",
        where=odd,
    )
