"""CSV files: delimiter, header and line ends are settled here, DuckDB guesses nothing."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...engine.quoting import file_read, text
from ...errors import DataError, nearest
from ..exports.header_rows import header_rows
from ..exports.surveymonkey import questions
from .long_rows import LONGEST, Lines, too_long
from .plain_text import open_bytes, suffix_of

SUFFIXES = (".csv", ".tsv", ".txt")
_FAR = 2_000_000  # records that are counted again to tell a line
_DELIMITERS = (",", ";", "\t", "|")


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


def read_header(content: Path, path: Path, table: str, delimiter: str = "") -> Header:
    """Read the header of a CSV file.

    Parameters
    ----------
    content
        What is read: the file itself, or its copy in UTF-8 without the lines above the header.
    path
        The file as the study names it.

    Raises
    ------
    DataError
        The file has no header.
    """
    where = f"{path.name} ([tables.{table}])"
    before = csv.field_size_limit(LONGEST)
    with open_bytes(content) as stream:
        try:
            return _header(Lines(stream, where), path, table, delimiter)
        except csv.Error as error:
            if "field larger" in str(error):
                raise too_long(where) from None
            raise DataError(
                f"the header of {where} cannot be read", "quotes in a CSV file come in pairs"
            ) from None
        finally:
            csv.field_size_limit(before)


def scan_sql(path: Path, header: Header) -> str:
    """Return the SQL that reads a CSV file as text, its columns named c0, c1 ..."""
    columns = ", ".join(f"{text(f'c{i}')}: 'VARCHAR'" for i in range(len(header.names)))
    compression = "gzip" if path.suffix.lower() == ".gz" else "none"
    return (
        f"read_csv({file_read(path)}, hive_partitioning = false, compression = '{compression}', "
        "auto_detect = false, header = true, "
        f"delim = {text(header.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"strict_mode = true, null_padding = false, columns = {{{columns}}})"
    )


def explain(error: Exception, name: str, content: Path, delimiter: str, above: int) -> DataError:
    """Turn DuckDB's words about a CSV file into a refusal that quotes none of its data.

    Parameters
    ----------
    name
        What the file and its table are called.
    content, delimiter, above
        What DuckDB read, what parts its cells, and the lines of the file left out above it.
    """
    message = str(error)
    found = re.search(r"CSV Error on Line: (\d+)", message)
    record = int(found.group(1)) if found else 0
    line = (lines_of(content, delimiter, [record]) or [record])[0] + above
    where = f"line {line:,} of {name}" if found else name
    odd, why = _odd_line_end(content)
    if odd:
        return DataError(
            f"line {odd + above:,} of {name} {why}",
            "lines end the same way throughout, all LF or all CRLF",
            "Mend that line, or put quotes around a text that holds a line end",
        )
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if counts:
        return DataError(
            f"{where} has {counts.group(2)} columns",
            f"its header has {counts.group(1)}",
            "Mend that line: a text that holds the delimiter needs quotes around it",
        )
    if "aximum line size" in message:
        return too_long(where)
    if "quote" in message.partition("Possible fixes")[0].lower():
        return DataError(
            f"{where} has a quote that is not closed, or text after a closing quote",
            'a quote inside a quoted text is written twice: ""',
        )
    return DataError(
        f"{where} is not a CSV file that can be read safely",
        "rows end the same way throughout (all LF or all CRLF) and quotes come in pairs",
        "Save it again as CSV UTF-8",
    )


def lines_of(
    content: Path, delimiter: str, records: Sequence[int], blank: bool = True
) -> list[int]:
    """Return the lines in which records begin, both counted from 1; none where it takes too long.

    Parameters
    ----------
    records
        Numbers of records, of which the header is the first.
    blank
        Whether a blank line counts as a record.
    """
    if not delimiter or not records or max(records) > _FAR:
        return []
    found: list[int] = []
    begin, record = 1, 0
    with open_bytes(content) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=delimiter)
        with suppress(csv.Error):
            for cells in reader:
                record += bool(cells) or blank
                found += [begin] * (record in records and (bool(cells) or blank))
                begin = reader.line_num + 1
                if record == max(records):
                    break
    return found if len(found) == len(records) else []


def _odd_line_end(path: Path) -> tuple[int, str]:
    """Return the first line with a carriage return inside, or another end than the first line.

    What stands in quotes may hold any line end. 0 where there is none.
    """
    quoted, first = 0, b""
    with open_bytes(path) as stream:
        for number, line in enumerate(stream, 1):
            parts = line.rstrip(b"\r\n").split(b'"')
            if any(b"\r" in part for part in parts[quoted::2]):
                return number, "holds a bare carriage return"
            quoted ^= (len(parts) - 1) % 2
            end = line[len(line.rstrip(b"\r\n")) :]
            if not quoted and end != (first or end) and end:
                return number, f"ends in {_end(end)} and the first line in {_end(first)}"
            first = first or end
    return 0, ""


def _end(mark: bytes) -> str:
    return mark.decode().replace("\r", "CR").replace("\n", "LF")


def _header(lines: Lines, path: Path, table: str, delimiter: str) -> Header:
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
    second, third = next(rows, []), next(rows, [])
    count, note = header_rows(names, second, third)
    choices = questions(names, second) if count == 1 else {}
    return Header(names, delimiter, count, note, choices)


def named_twice(names: Sequence[str], folded: bool = False) -> frozenset[str]:
    """Return the names that several columns have, spaces around them left out.

    Parameters
    ----------
    folded
        Whether capital and small letters are the same, as they are in a table of DuckDB.
    """
    keys = [name.strip().casefold() if folded else name.strip() for name in names]
    counts = Counter(keys)
    return frozenset(n for n, key in zip(names, keys, strict=True) if key and counts[key] > 1)


def refuse_twice(names: Sequence[str], where: str, folded: bool = False) -> None:
    """Refuse columns of the same name, spaces around it left out, as `match` leaves them out."""
    twice = named_twice(names, folded)
    columns = len({name.strip().casefold() for name in twice})
    if twice:
        raise DataError(
            f"{where} names {columns} column{'' if columns == 1 else 's'} twice: "
            + ", ".join(map(repr, sorted(twice)[:5])),
            "every column has a name of its own, spaces around it left out"
            + (", letters large or small" if folded else ""),
        )


def _chain(first: str, lines: Lines) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter(line: str, path: Path) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    counts = {mark: bare.count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best]:
        return best
    return "\t" if suffix_of(path) == ".tsv" else ","


class MissingColumnError(DataError):
    """A table has no column of that name."""


def match(name: str, columns: Sequence[str], table: str, note: str = "") -> str:
    """Return the column that a study file means by a name.

    Parameters
    ----------
    note
        Said where there is none.

    Raises
    ------
    MissingColumnError
        There is none of that name; the nearest is offered.
    """
    if name in columns:
        return name
    stripped = {column.strip(): column for column in columns}
    if name.strip() in stripped:
        return stripped[name.strip()]
    # Letters with an accent are one sign or two, as macOS writes them in names of files.
    alike = [column for column in columns if _composed(column) == _composed(name)]
    if len(alike) == 1:
        return alike[0]
    fix = " ".join(filter(None, (nearest(name, columns), note)))
    raise MissingColumnError(f"[tables.{table}] has no column {name!r}", fix=fix)


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())
