"""Scan: a source that is open, and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ...engine.quoting import ident
from ...errors import DataError
from ..ledger import SourceFile
from . import csv as csv_files


def is_nested(type_of: str) -> bool:
    """Whether cells of a type of DuckDB hold parts: lists, structures, maps."""
    return type_of.startswith(("STRUCT", "MAP", "UNION", "VARIANT")) or type_of.endswith("]")


@dataclass(frozen=True)
class SourceColumn:
    """A column of a source: its SQL identifier, its DuckDB type, and its zone where that is known.

    The zone is that of a frame's times, such as ``Europe/Berlin``.
    """

    sql: str
    type: str
    zone: str = ""


@dataclass(frozen=True)
class Scan:
    """A source that is open, of which no row has been read yet.

    Attributes
    ----------
    columns
        Name in the source -> column of `relation`.
    row
        SQL of the row number, where reading it costs nothing; else empty.
    headers
        Rows below the header that are headers too (Qualtrics, SurveyMonkey).
    header_note
        What a reader is told of those rows.
    in_place
        Whether it is best read where it lies: a Parquet file or a table of a DuckDB file.
    content, above, delimiter
        Of a text file what is read of it, in UTF-8; the lines left out above its header; of a CSV
        file what parts its cells.
    note
        What to know where a column is missing: which sheet was read.
    whole
        SQL of the source with all its columns and no others.
    twice
        Names that several of its columns have, which the study must not name.
    spoiled
        Columns whose blanks are none, which the study must not name -> what they hold, and what to
        do about it.
    looks
        Columns whose first cells tell of money -> what they look like; see `reading.first_looks`.
    parts, files
        Where several files make one table: each of them open; each where it came from.
    """

    name: str
    where: str
    relation: str
    columns: Mapping[str, SourceColumn]
    row: str = ""
    sha256: str = ""
    headers: int = 0
    header_note: str = ""
    in_place: bool = False
    content: Path | None = None
    above: int = 0
    delimiter: str = ""
    note: str = ""
    whole: str = ""
    twice: frozenset[str] = frozenset()
    spoiled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    looks: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Scan, ...] = ()
    files: tuple[SourceFile, ...] = ()

    def column(self, name: str) -> SourceColumn:
        """Return the column of that name.

        Raises
        ------
        MissingColumnError
            There is none; the nearest name is offered.
        DataError
            There are several, or it holds what the file does not tell.
        """
        found = csv_files.match(name, list(self.columns), self.name, self.note)
        same = [n for n in self.twice if n.strip().casefold() == found.strip().casefold()]
        folded = len({n.strip() for n in same}) > 1
        csv_files.refuse_twice([*same, *same[:1]], f"{self.where} ([tables.{self.name}])", folded)
        if found in self.spoiled:
            holds, fix = self.spoiled[found]
            raise DataError(
                f"column {found!r} of {self.where} ([tables.{self.name}]) {holds}", "", fix
            )
        return self.columns[found]


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, SourceColumn]:
    """Return the columns of a relation by name."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {str(row[0]): SourceColumn(ident(str(row[0])), str(row[1])) for row in rows}


def by_name(names: Sequence[str], columns: Sequence[SourceColumn]) -> dict[str, SourceColumn]:
    """Return the first column of each name."""
    found: dict[str, SourceColumn] = {}
    for name, column in zip(names, columns, strict=True):
        found.setdefault(name, column)
    return found
