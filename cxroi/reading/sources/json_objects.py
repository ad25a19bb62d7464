"""JSON: an array of objects, or one object a line, written out as a CSV file of texts.

An array may be the one list of objects in an object, as the answers of web services are.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import DataError
from ...study.declared import Source
from .excel import cell_text
from .long_rows import LONGEST, Lines, too_long
from .plain_text import open_bytes

_TIMES = 10  # bytes of memory that a letter of an array takes, read into short objects
_MORE = re.compile(r"(?i)has_?more|next(_?(page|url|link|cursor|token))?|next_?page_?(url|token)")
_NO_MORE = (None, False, "", "false", "null")
_EXPECTED = "a JSON file is an array of flat objects, [{...}, {...}], or has one object a line"


@dataclass(frozen=True)
class Objects:
    """The objects of a file as rows: a CSV file, the names of its columns, the type of each."""

    path: Path
    names: list[str]
    kinds: Mapping[str, str]


def as_csv(content: Path, path: Path, source: Source, scratch: Path, memory: float) -> Objects:
    """Write the objects of a JSON file as rows of a CSV file.

    Numbers keep their digits. A key that an object lacks, and ``null``, are blank. Columns of
    objects or lists are of the type ``STRUCT`` or ``LIST[]``, which is refused where it is named.

    Parameters
    ----------
    memory
        Bytes that may be used: an array is read as a whole.

    Raises
    ------
    DataError
        It is not JSON, holds something else than objects, or an object has a key twice; an array
        or an object is too large.
    """
    where = f"{path.name} ([tables.{source.name}])"
    kinds: dict[str, str] = {}
    for row in _objects(content, where, source.decimal, memory):
        for name, cell in row.items():
            kind = "STRUCT" if isinstance(cell, dict) else "LIST[]" * isinstance(cell, list)
            kinds[name] = kind or kinds.get(name, "VARCHAR")
    if not kinds:
        raise DataError(f"{where} holds no object with a key", _EXPECTED)
    if all(kind in ("STRUCT", "LIST[]") for kind in kinds.values()):
        raise DataError(
            f"{where} holds lists and objects alone: columns, as it seems, where rows are expected",
            _EXPECTED,
            "Write one object a row, in pandas with to_json(path, orient='records')",
        )
    names = list(kinds)
    copy = scratch / f"{uuid.uuid4().hex}.csv"
    with copy.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
        rows.writerow(names)
        for row in _objects(content, where, source.decimal, memory):
            cells = [_text(row.get(name)) for name in names]
            if sum(map(len, cells)) > LONGEST:
                raise too_long(where)
            rows.writerow(cells)
    return Objects(copy, names, kinds)


def _text(cell: Any) -> str:
    if isinstance(cell, dict | list):
        return "nested"
    return cell_text(cell, ".") or ""


def _objects(content: Path, where: str, decimal: str, memory: float) -> Iterator[dict[str, Any]]:
    parse = _parser(decimal)
    with open_bytes(content) as stream:
        if _is_array(stream) or _is_wrapped(stream):
            most = int(memory / _TIMES)
            text = io.TextIOWrapper(stream, encoding="utf-8-sig").read(most + 1)
            if len(text) > most:
                raise _too_large(where, most)
            yield from _checked(_unwrapped(_parsed(parse, text, where, 1), where), where)
            return
        for number, line in enumerate(Lines(stream, where), 1):
            if line.strip():
                yield from _checked([_parsed(parse, line, where, number)], where, number)


def _is_array(stream: BinaryIO) -> bool:
    """Whether the first sign is a bracket; the stream is at its beginning again."""
    first = b""
    while not first and (chunk := stream.read(4096)):
        first = chunk.removeprefix(codecs.BOM_UTF8).lstrip()
    stream.seek(0)
    return first.startswith(b"[")


def _is_wrapped(stream: BinaryIO) -> bool:
    """Whether an object runs over several lines, or is alone and holds a list of objects.

    The stream is at its beginning again.
    """
    lines = (line.strip() for line in iter(lambda: stream.readline(LONGEST + 1), b""))
    filled = filter(None, lines)
    first, second = next(filled, b"").removeprefix(codecs.BOM_UTF8), next(filled, b"")
    stream.seek(0)
    if first.endswith((b"{", b"[", b",")) or len(first) >= LONGEST:
        return first.startswith(b"{")
    with suppress(ValueError, RecursionError):
        alone = None if second else json.loads(first)
        return isinstance(alone, dict) and bool(_lists(alone))
    return False


def _lists(wrapper: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the lists of objects that an object holds."""
    return {
        key: value
        for key, value in wrapper.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    }


def _unwrapped(parsed: Any, where: str) -> Any:
    """Return the one list of objects that an object holds, or what is none as it is.

    Raises
    ------
    DataError
        There are several, or the object says that more pages follow.
    """
    if not isinstance(parsed, dict):
        return parsed
    lists = _lists(parsed)
    if len(lists) > 1:
        raise DataError(
            f"{where} is an object with {len(lists)} lists of objects: "
            + ", ".join(map(repr, lists)),
            _EXPECTED,
            "Save the list that holds the rows as a file of its own",
        )
    inner = [value for value in parsed.values() if isinstance(value, dict)]
    held = {key: value for one in (parsed, *inner) for key, value in one.items()}
    more = [key for key, value in held.items() if _MORE.fullmatch(key) and value not in _NO_MORE]
    if lists and more:
        raise DataError(
            f"{where} is one page of several: its key {more[0]!r} says that more follow",
            "a table has all its rows",
            'Fetch all pages, and save their rows as one file or as several: files = "...*.json"',
        )
    return next(iter(lists.values()), [parsed])


def _too_large(where: str, most: int) -> DataError:
    return DataError(
        f"{where} is an array of over {most / 1e6:,.0f} MB, which memory does not hold",
        "an array is read as a whole; of a file with one object a line each is read by itself",
        "Save it with one object a line, as CSV or Parquet, or raise memory_limit of [study]",
    )


def _parser(decimal: str) -> Callable[[str], Any]:
    """Return a parser that keeps numbers as texts with the declared decimal mark."""

    def number(written: str) -> str:
        if "e" in written.lower():
            return cell_text(float(written), decimal) or ""
        return written.replace(".", decimal)

    return json.JSONDecoder(
        object_pairs_hook=_once, parse_float=number, parse_int=str, parse_constant=str
    ).decode


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(next(name for name in names if names.count(name) > 1))
    return found


def _parsed(parse: Callable[[str], Any], text: str, where: str, line: int) -> Any:
    try:
        return parse(text.strip())
    except KeyError as twice:
        found = f"an object in or below line {line} of {where} has the key {twice.args[0]!r} twice"
        raise DataError(found, "every key of an object is another") from None
    except RecursionError:
        raise DataError(f"{where} is nested too deep to be read", _EXPECTED) from None
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise DataError(f"line {at:,} of {where} is not JSON", _EXPECTED) from None


def _checked(items: Any, where: str, line: int = 0) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            place = f"line {line:,}" if line else f"item {number:,}"
            raise DataError(f"{place} of {where} is no object", _EXPECTED)
        yield item
