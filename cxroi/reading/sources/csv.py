"""CSV files: encoding, delimiter and header are settled here, DuckDB guesses nothing."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ...engine.quoting import file_read, text
from ...errors import DataError, nearest

SUFFIXES = (".csv", ".tsv", ".txt")
_DELIMITERS = (",", ";", "\t", "|")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20
LONGEST = 2_000_000  # bytes of a row, as DuckDB has it


@dataclass(frozen=True)
class Header:
    """What the first rows of a CSV file say.

    Attributes
    ----------
    names
        Column names in the order of the file, without spaces around them.
    qualtrics
        Whether two more header rows follow, as in an export of Qualtrics.
    """

    names: tuple[str, ...]
    delimiter: str
    qualtrics: bool


def read_header(path: Path, table: str, delimiter: str = "") -> Header:
    """Read the header of a CSV file.

    Raises
    ------
    DataError
        The file is empty, is not UTF-8, or names a column twice.
    """
    try:
        with open_bytes(path) as stream:
            start = stream.read(4)
        _refuse_utf16(start, path, table)
        _check_utf8(path, table)
    except _TooLongError:
        raise _too_long(f"{path.name} ([tables.{table}])") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataError(
            f"{path.name} ([tables.{table}]) is not a complete gzip file",
            "a file whose name ends in .gz is packed with gzip, and whole",
            "Copy or pack it again; of a file that is not packed, take .gz from its name",
        ) from None
    with open_bytes(path) as stream:
        lines = _Lines(stream)
        before = csv.field_size_limit(LONGEST)
        try:
            return _header(lines, path, table, delimiter)
        except (csv.Error, _TooLongError) as error:
            if not isinstance(error, csv.Error) or "field larger" in str(error):
                raise _too_long(f"{path.name} ([tables.{table}])") from None
            raise DataError(
                f"the header of {path.name} ([tables.{table}]) cannot be read",
                "quotes in a CSV file come in pairs",
            ) from None
        finally:
            csv.field_size_limit(before)


def scan_sql(path: Path, header: Header) -> str:
    """Return the SQL that reads a CSV file as text, its columns named c0, c1 ..."""
    columns = ", ".join(f"{text(f'c{i}')}: 'VARCHAR'" for i in range(len(header.names)))
    compression = "gzip" if _is_gzip(path) else "none"
    return (
        f"read_csv({file_read(path)}, hive_partitioning = false, compression = '{compression}', "
        "auto_detect = false, header = true, "
        f"delim = {text(header.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"strict_mode = true, null_padding = false, columns = {{{columns}}})"
    )


class _TooLongError(Exception):
    """A line that is longer than DuckDB reads."""


class _Lines:
    """Lines of a file, of which none is held in memory that is longer than DuckDB reads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")

    def readline(self) -> str:
        """Return the next line; empty at the end."""
        line = self._lines.readline(LONGEST + 1)
        if len(line) > LONGEST:
            raise _TooLongError
        return line

    def __iter__(self) -> Iterator[str]:
        """Return the lines that are left."""
        return iter(self.readline, "")


def _too_long(where: str) -> DataError:
    return DataError(
        f"{where} has over {LONGEST / 1e6:.0f} MB in one row",
        "a row of a CSV file is shorter",
        "Look for a quote that is not closed, or for line ends that are missing; of a column that "
        "holds whole documents, leave it out of the file",
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
    if "aximum line size" in message:
        return _too_long(where)
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
    if _is_gzip(path):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _is_gzip(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _check_utf8(path: Path, table: str) -> None:
    """Refuse a file that is not UTF-8 throughout, in unread columns too, naming the line."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with open_bytes(path) as stream:
        for chunk in _chunks(stream):
            if chunk.isascii() and not decoder.getstate()[0]:
                line += chunk.count(b"\n")
                continue
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk.count(b"\n", 0, error.start)
                raise _latin(path, table, f"in line {line}") from None
            line += chunk.count(b"\n")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a file, unless a line is too long: DuckDB loses a last one of 32 MB."""
    begun = 0  # bytes of the line that is not over
    while chunk := stream.read(_CHUNK):
        end = b"\n" if b"\n" in chunk else b"\r"
        first, last = chunk.find(end), chunk.rfind(end)
        begun += len(chunk) if first < 0 else first
        if begun > LONGEST:
            raise _TooLongError
        if first >= 0:
            begun = len(chunk) - last - 1
        yield chunk


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


def _header(lines: _Lines, path: Path, table: str, delimiter: str) -> Header:
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
    next(rows, [])
    third = next(rows, [])
    return Header(names, delimiter, is_qualtrics(third))


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


def is_qualtrics(third: Sequence[object]) -> bool:
    """Whether the third row is one of the header rows of a Qualtrics export."""
    return any(str(cell).lstrip().startswith('{"ImportId"') for cell in third)


def _chain(first: str, lines: _Lines) -> Iterator[str]:
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
