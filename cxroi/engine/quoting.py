"""Quoting: nothing from outside gets into SQL but through these functions."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError

if TYPE_CHECKING:
    import duckdb

# Characters around a value that no reader sees: blanks, tab, line ends, non-breaking and
# zero-width spaces, a stray byte-order mark.
_INVISIBLE = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"

_SELECTOR = "\ufe0f"  # makes an emoji of a character


def ident(name: str) -> str:
    """Quote an identifier.

    Examples
    --------
    >>> ident('amount"; drop table x')
    '"amount""; drop table x"'
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Quote a text.

    Examples
    --------
    >>> text("O'Brien")
    "'O''Brien'"
    """
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Return a parenthesised list of quoted texts."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def path_text(path: Path) -> str:
    """Quote the path of a file or folder that DuckDB writes, attaches or is told of."""
    return text(str(path))


def file_read(path: Path) -> str:
    """Quote the path of one file for a function of DuckDB that reads it.

    Such functions take patterns: what would stand for other characters stands for itself.

    Raises
    ------
    DataError
        The path holds a backslash as well, at which DuckDB would cut a pattern into folders.

    Examples
    --------
    >>> file_read(Path("orders[1].csv"))
    "'orders[[]1].csv'"
    """
    plain = str(path)
    escaped = re.sub(r"([*?\[])", r"[\1]", plain)
    if escaped != plain and "\\" in plain and os.sep != "\\":
        raise DataError(
            f"the path of {path.name!r} holds a backslash and one of * ? [",
            "DuckDB reads no file of such a path",
            "Rename the file or its folder",
        )
    return text(escaped)


def dotted(name: str) -> str:
    """Quote ``schema.table`` part by part."""
    return ".".join(ident(part) for part in name.split("."))


def trimmed(sql: str) -> str:
    """Return the SQL of a text without invisible characters around it."""
    return f"trim({sql}, {text(_INVISIBLE)})"


def fold(word: str) -> str:
    """Return a word as it is compared: without case, invisible ends and selectors of emoji.

    Examples
    --------
    >>> fold(" Good ")
    'good'
    """
    return unicodedata.normalize("NFC", word.replace(_SELECTOR, "")).strip(_INVISIBLE).lower()


def among(sql: str, words: Iterable[str]) -> str:
    """Return the SQL of whether a text is one of some words, as `fold` compares them.

    The words are folded by SQL too, whose small letters are not everywhere those of Python.
    """
    return f"{_folded(sql)} IN ({', '.join(_folded(text(word)) for word in words)})"


def _folded(sql: str) -> str:
    return "lower(" + trimmed(f"nfc_normalize(replace({sql}, '{_SELECTOR}', ''))") + ")"


def one_row(connection: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    """Run a statement that yields one row and return it, leaving no open result behind."""
    return tuple(connection.execute(statement).fetchall()[0])
