"""CSV files: encoding, delimiter and header are settled here, DuckDB guesses nothing."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from ...engine.quoting import text
from ...errors import DataError, nearest
from ..exports.header_rows import header_rows
from ..exports.surveymonkey import questions

SUFFIXES = (".csv", ".tsv", ".txt")
_DELIMITERS = (",", ";", "\t", "|")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Header:
    """What the first rows of a CSV file say.

    Attributes
    ----------
    names
        Column names in the order of the file, without spaces around them.
    rows
        How many more header rows follow, as in exports of Qualtrics and SurveyMonkey.
    note
        What a reader is told of them.
    questions
        Of SurveyMonkey: question -> its columns, a place and a choice each.
    """

    names: tuple[str, ...]
    delimiter: str
    rows: int = 0
    note: str = ""
    questions: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)


def read_header(path: Path, table: str, delimiter: str = "") -> Header:
    """Read the header of a CSV file.

    Raises
    ------
    DataError
        The file is empty, is not UTF-8, or names a column twice.
    """
    with open_bytes(path) as stream:
        start = stream.read(4)
    _refuse_utf16(start, path, table)
    _check_utf8(path, table)
    with open_bytes(path) as stream:
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            return _header(lines, path, table, delimiter)
        except csv.Error:
            raise DataError(
                f"the header of {path.name} ([tables.{table}]) cannot be read",
                "quotes in a CSV file come in pairs",
            ) from None


def scan_sql(path: Path, header: Header) -> str:
    """Return the SQL that reads a CSV file as text, its columns named c0, c1 ..."""
    columns = ", ".join(f"{text(f'c{i}')}: 'VARCHAR'" for i in range(len(header.names)))
    return (
        f"read_csv({text(str(path))}, auto_detect = false, header = true, "
        f"delim = {text(header.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"strict_mode = true, null_padding = false, columns = {{{columns}}})"
    )


def explain(error: Exception, path: Path, table: str) -> DataError:
    """Turn DuckDB's words about a CSV file into a refusal that quotes none of its data."""
    message = str(error)
    found = re.search(r"CSV Error on Line: (\d+)", message)
    line = f"line {found.group(1)} of " if found else ""
    where = f"{line}{path.name} ([tables.{table}])"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if counts:
        return DataError(
            f"{where} has {counts.group(2)} columns",
            f"its header has {counts.group(1)}",
            "Mend that line: a text that holds the delimiter needs quotes around it",
        )
    if "nicode" in message:
        return _latin(path, table, f"in line {found.group(1)}" if found else "")
    if "quote" in message:
        return DataError(
            f"{where} has a quote that is not closed, or text after a closing quote",
            'a quote inside a quoted text is written twice: ""',
        )
    return DataError(
        f"{where} is not a CSV file that can be read safely",
        "rows end the same way throughout (all LF or all CRLF) and quotes come in pairs",
        "Save it again as CSV UTF-8",
    )


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacking it where its name ends in .gz."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _check_utf8(path: Path, table: str) -> None:
    """Refuse a file that is not UTF-8 throughout, in unread columns too, naming the line."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with open_bytes(path) as stream:
        while chunk := stream.read(_CHUNK):
            if chunk.isascii() and not decoder.getstate()[0]:
                line += chunk.count(b"\n")
                continue
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk.count(b"\n", 0, error.start)
                raise _latin(path, table, f"in line {line}") from None
            line += chunk.count(b"\n")


def _refuse_utf16(start: bytes, path: Path, table: str) -> None:
    if not start:
        raise DataError(f"{path.name} ([tables.{table}]) is empty")
    if start.startswith(_UTF16) or b"\0" in start:
        raise DataError(
            f"{path.name} ([tables.{table}]) is encoded as UTF-16",
            "a CSV file is read as UTF-8",
            "Save it as 'CSV UTF-8'",
        )


def _latin(path: Path, table: str, where: str) -> DataError:
    return DataError(
        f"{path.name} ([tables.{table}]) is not UTF-8 {where}".rstrip()
        + ", but probably Latin-1 (Windows-1252)",
        "a CSV file is read as UTF-8",
        "Save it as 'CSV UTF-8', or convert it: iconv -f windows-1252 -t utf-8",
    )


def _header(lines: io.TextIOWrapper, path: Path, table: str, delimiter: str) -> Header:
    first = lines.readline()
    delimiter = delimiter or _delimiter(first, path)
    if len(delimiter) != 1:
        raise DataError(f"[tables.{table}] delimiter has {len(delimiter)} characters", "it is one")
    rows = csv.reader(_chain(first, lines), delimiter=delimiter)
    names = tuple(name.strip() for name in next(rows, []))
    if not any(names):
        raise DataError(
            f"{path.name} ([tables.{table}]) has no header", "its first row names the columns"
        )
    refuse_twice(names, f"{path.name} ([tables.{table}])")
    second, third = next(rows, []), next(rows, [])
    count, note = header_rows(names, second, third)
    choices = questions(names, second) if count == 1 else {}
    return Header(names, delimiter, count, note, choices)


def refuse_twice(names: Sequence[str], where: str, folded: bool = False) -> None:
    """Refuse columns of the same name, spaces around it left out, as `match` leaves them out.

    Parameters
    ----------
    folded
        Whether capital and small letters are the same, as they are in a table of DuckDB.
    """
    keys = {name: name.strip().casefold() if folded else name.strip() for name in names}
    counts = Counter(keys[name] for name in names)
    twice = {name for name in names if keys[name] and counts[keys[name]] > 1}
    columns = len({keys[name] for name in twice})
    if twice:
        raise DataError(
            f"{where} names {columns} column{'' if columns == 1 else 's'} twice: "
            + ", ".join(map(repr, sorted(twice)[:5])),
            "every column has a name of its own, spaces around it left out"
            + (", letters large or small" if folded else ""),
        )


def _chain(first: str, lines: io.TextIOWrapper) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter(line: str, path: Path) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    counts = {mark: bare.count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best]:
        return best
    return "\t" if path.name.endswith((".tsv", ".tsv.gz")) else ","


def match(name: str, columns: Sequence[str], table: str, note: str = "") -> str:
    """Return the column that a study file means by a name.

    Parameters
    ----------
    note
        Said where there is none.

    Raises
    ------
    DataError
        There is none of that name; the nearest is offered.
    """
    if name in columns:
        return name
    stripped = {column.strip(): column for column in columns}
    if name.strip() in stripped:
        return stripped[name.strip()]
    fix = " ".join(filter(None, (nearest(name, columns), note)))
    raise DataError(f"[tables.{table}] has no column {name!r}", fix=fix)
