"""Rows of any length: none is held in memory that is longer than DuckDB reads."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from ...errors import DataError

LONGEST = 2_000_000  # bytes of a row, as DuckDB has it
_CHUNK = 1 << 20


def chunks(stream: BinaryIO, where: str) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Raises
    ------
    DataError
        A line is too long: DuckDB loses a last one of 32 MB.
    """
    begun = 0  # bytes of the line that is not over
    while chunk := stream.read(_CHUNK):
        end = b"\n" if b"\n" in chunk else b"\r"
        first, last = chunk.find(end), chunk.rfind(end)
        begun += len(chunk) if first < 0 else first
        if begun > LONGEST:
            raise too_long(where)
        if first >= 0:
            begun = len(chunk) - last - 1
        yield chunk


class Lines:
    """Lines of a text in UTF-8, with their ends.

    Raises
    ------
    DataError
        A line is too long.
    """

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self._lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        self._where = where

    def readline(self) -> str:
        """Return the next line; empty at the end."""
        line = self._lines.readline(LONGEST + 1)
        if len(line) > LONGEST:
            raise too_long(self._where)
        return line

    def __iter__(self) -> Iterator[str]:
        """Return the lines that are left."""
        return iter(self.readline, "")


def too_long(where: str) -> DataError:
    """Return the refusal of a row that is too long."""
    return DataError(
        f"{where} has over {LONGEST / 1e6:.0f} MB in one row",
        "a row of a text file is shorter",
        "Look for a quote that is not closed, or for line ends that are missing; of a column that "
        "holds whole documents, leave it out of the file",
    )
