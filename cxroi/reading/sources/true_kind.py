"""What kind of file it is by its first bytes, where its name says another."""

from __future__ import annotations

from pathlib import Path

from ...errors import DataError

# First bytes -> what begins so, and how its name ends.
_BEGINS = {
    b"PK\x03\x04": (
        "an Excel or LibreOffice workbook, or packed as .zip",
        ".xlsx, .ods or .csv.zip",
    ),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook, or one with a password", ".xls"),
    b"\x1f\x8b": ("packed as .gz", ".csv.gz"),
    b"BZh": ("packed as .bz2", ".csv.bz2"),
    b"\x28\xb5\x2f\xfd": ("packed as .zst", ".csv.zst"),
    b"PAR1": ("a Parquet file", ".parquet"),
    b"SQLite format 3": ("a SQLite database", ""),
    b"%PDF": ("a PDF", ""),
}
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def refuse_other_kind(start: bytes, path: Path, table: str) -> None:
    """Refuse a file of another kind than its name says, as far as its first bytes tell.

    Raises
    ------
    DataError
        It is packed, a workbook, a database or a web page.
    """
    where = f"{path.name} ([tables.{table}])"
    for begin, (what, ending) in _BEGINS.items():
        named = tuple(ending.replace(" or ", ", ").split(", ")) if ending else ()
        if start.startswith(begin) and not path.name.lower().endswith(named):
            raise DataError(
                f"{where} is {what} by what it holds",
                "the end of its name says what kind of file it is",
                f"Let its name end in {ending}" if ending else "Save it as CSV or .xlsx",
            )
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise DataError(
            f"{where} is a web page or XML by what it holds, as some programs export tables",
            "the end of its name says what kind of file it is",
            "Open it in Excel or LibreOffice and save it as .xlsx or CSV",
        )
