"""Filters: the rows that a study file leaves out, and answers that are no real ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import duckdb

from ..engine.quoting import ident, text, texts, trimmed
from ..errors import nearest
from ..study.declared import Source
from .sources.csv import refuse_twice
from .sources.scan import Scan

# Answers that a survey tool marks as no real ones (Qualtrics: words, or codes in its exports).
_PREVIEWS = (
    "survey preview",
    "survey test",
    "survey preview spam",
    "offline survey preview",
    "preview",
    "test",
)
_PREVIEW_CODES = ("1", "2", "9", "17")
_OFTEN, SHORT = 5, 12  # a value is shown when it is so common and so short

Locate = Callable[[str], str]


def filters(source: Source, locate: Locate) -> Iterator[tuple[str, str]]:
    """Yield the condition under which a row is set aside, and the reason in words.

    Parameters
    ----------
    locate
        Returns the SQL of a column that the study file names.
    """
    for word, declared in (("keep", source.keep), ("drop", source.drop)):
        for name, values in declared.items():
            forms = [form for value in values for form in _forms(value)]
            among = f"{_held(locate(name))} IN {texts(forms)}" if values else "false"
            reason = f"{word} = {{{name} = [...]}} in the study file"
            yield (f"NOT ({among})" if word == "keep" else among), reason


def repeats(
    connection: duckdb.DuckDBPyConnection, source: Source, scan: Scan
) -> Iterator[tuple[str, str]]:
    """Yield the condition under which a row repeats an earlier one word for word, and the reason.

    Raises
    ------
    DataError
        Columns of the same name cannot be told apart.
    """
    if source.duplicates != "drop":
        return
    refuse_twice([*scan.twice, *scan.twice], f"{scan.where} ([tables.{source.name}])")
    columns = ", ".join(column.sql for column in scan.columns.values() if column.sql != scan.row)
    table = ident(f"repeats of {source.name}")
    connection.execute(
        f"CREATE TABLE {table} AS SELECT row FROM (SELECT {scan.row} AS row, row_number() OVER "
        f"(PARTITION BY {columns} ORDER BY {scan.row}) AS n FROM {scan.relation}) WHERE n > 1"
    )
    reason = "repeats another row word for word: duplicates = 'drop' in the study file"
    yield f"t0.{scan.row} IN (SELECT row FROM {table})", reason


def unmatched(
    connection: duckdb.DuckDBPyConnection, source: Source, place: Callable[[str], Scan]
) -> Iterator[tuple[int, str]]:
    """Yield (1, sentence) for each value of keep and drop that its column does not hold."""
    for word, declared in (("keep", source.keep), ("drop", source.drop)):
        for name, values in declared.items():
            scan = place(name)
            held = _held(f"t0.{scan.column(name).sql}")
            wanted = texts(f for value in values for f in _forms(value)) if values else "('')"
            rows = connection.execute(
                f"SELECT DISTINCT {held} FROM {scan.relation} AS t0 WHERE {held} IN {wanted}"
            ).fetchall()
            found = {row[0] for row in rows}
            for value, *others in map(_forms, values):
                if not found.intersection((value, *others)):
                    fix = _offer(connection, scan, held, value)
                    yield (
                        1,
                        f"{word} of [tables.{source.name}] names {value!r}, which column {name!r} "
                        f"does not hold. {fix}".rstrip(),
                    )


def shown(sql: str, rows: str, longest: int = SHORT) -> str:
    """Return the condition that a value may be quoted: common, short, no address, no number.

    Parameters
    ----------
    rows
        SQL of how often it occurs.
    longest
        Characters of one that is short.
    """
    return (
        f"({rows} >= {_OFTEN} AND length({sql}) <= {longest} "
        f"AND NOT regexp_matches({sql}, {text('@|[0-9]{4}')}))"
    )


def _offer(connection: duckdb.DuckDBPyConnection, scan: Scan, held: str, value: str) -> str:
    rows = connection.execute(
        f"SELECT {held} AS value FROM {scan.relation} AS t0 GROUP BY value "
        f"HAVING value <> '' AND {shown(held, 'count(*)')} ORDER BY count(*) DESC, value LIMIT 10"
    ).fetchall()
    return nearest(value, [row[0] for row in rows]) if rows else ""


def _held(sql: str) -> str:
    return f"coalesce(nfc_normalize({trimmed(f'{sql}::VARCHAR')}), '')"


def _forms(value: Any) -> list[str]:
    """Return how cells write a declared value: 9 is also the 9.0 and 9.00 of other types."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int | float) and float(value).is_integer():
        return [f"{value:.0f}", f"{value:.1f}", f"{value:.2f}"]
    return [unicodedata.normalize("NFC", str(value).strip())]


def preview_columns(role: str, scan: Scan) -> Iterator[tuple[str, str]]:
    """Yield the columns that tell previews and tests from real answers: name and SQL."""
    if role not in ("responses", "customers"):
        return
    for name, column in scan.columns.items():
        if name.strip().casefold() in ("status", "distributionchannel"):
            yield name, column.sql


def previews(role: str, scan: Scan) -> Iterator[tuple[str, str]]:
    """Yield the condition under which an answer is a preview or test, and the reason."""
    for name, sql in preview_columns(role, scan):
        held = f"lower({trimmed(f't0.{sql}::VARCHAR')})"
        codes: tuple[str, ...] = ("preview", "test")
        if name.strip().casefold() == "status":
            codes = (*_PREVIEWS, *_PREVIEW_CODES) if scan.headers == 2 else _PREVIEWS
        yield f"{held} IN {texts(codes)}", f"a preview or test answer by its {name}"
