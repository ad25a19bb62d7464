"""Plain text: a file unpacked and in UTF-8, whatever it was packed and encoded in."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import re
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import DataError
from ...study.declared import Source
from .long_rows import chunks
from .true_kind import refuse_other_kind

PACKED = (".gz", ".bz2", ".zst", ".zip")
JSON = (".json", ".jsonl", ".ndjson")  # a line of which may hold all rows
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)


class EncodingError(DataError):
    """A text file is in another encoding than the study says; `encoding` is the likeliest."""

    def __init__(self, found: str, expected: str, table: str, encoding: str) -> None:
        fix = f"Add encoding = \"{encoding}\" to [tables.{table}], or save it as 'CSV UTF-8'"
        super().__init__(found, expected, fix)
        self.encoding = encoding


def suffix_of(path: Path) -> str:
    """Return what kind of file it is by its name, packed or not, such as ``.csv``."""
    packed = path.suffix.lower() in PACKED
    return (Path(path.stem).suffix if packed else path.suffix).lower()


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacking it where its name says that it is packed.

    Raises
    ------
    DataError
        A ``.zip`` holds several files or none; what unpacks ``.zst`` is not installed.
    """
    kind = path.suffix.lower()
    if kind == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if kind == ".bz2":
        return cast(BinaryIO, bz2.open(path, "rb"))
    if kind == ".zip":
        return _only_member(path)
    return _zstandard(path) if kind == ".zst" else path.open("rb")


def _only_member(path: Path) -> BinaryIO:
    book = zipfile.ZipFile(path)
    members = [name for name in book.namelist() if not name.endswith("/")]
    members = [name for name in members if not name.startswith("__MACOSX/")]  # of macOS, no data
    if len(members) != 1:
        raise DataError(
            f"{path.name} holds {len(members)} files",
            "a packed table is one file",
            "Unpack it; files = ... reads several files as one table",
        )
    return cast(BinaryIO, book.open(members[0]))


def _zstandard(path: Path) -> BinaryIO:
    try:
        import pyarrow
    except ImportError:
        raise DataError(
            f"{path.name} is packed with Zstandard, and what unpacks it is not installed",
            fix="pip install 'cxroi[frames]'",
        ) from None
    return cast(BinaryIO, pyarrow.input_stream(str(path), compression="zstd"))


def readable(source: Source, path: Path, scratch: Path) -> Path:
    """Return the file itself where DuckDB reads it, else a copy that is unpacked and in UTF-8.

    Raises
    ------
    DataError
        It is empty, cannot be unpacked, is not in the declared encoding, or declares none and is
        not UTF-8.
    """
    with _unpacked(path, source.name) as stream:
        start = stream.read(4096)
    if not start:
        raise DataError(f"{path.name} ([tables.{source.name}]) is empty")
    refuse_other_kind(start, path, source.name)
    declared = codecs.lookup(source.encoding).name if source.encoding else "utf-8"
    if declared in ("utf-8", "utf-8-sig"):
        _refuse_utf16(start, path, source.name)
        if path.suffix.lower() not in PACKED or path.suffix.lower() == ".gz":
            check_utf8(path, source)
            return path
    else:
        _refuse_other_mark(start, declared, path, source)
    copy = scratch / f"{uuid.uuid4().hex}.csv"
    with _unpacked(path, source.name) as stream, copy.open("wb") as target:
        _recode(stream, target, declared, path, source)
    check_utf8(copy, source, path)
    return copy


def without_lines(path: Path, lines: int, scratch: Path) -> Path:
    """Return a copy of a text file without its first lines."""
    copy = scratch / f"{uuid.uuid4().hex}.csv"
    with open_bytes(path) as stream, copy.open("wb") as target:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")  # which knows CR as well
        for _ in range(lines):
            text.readline()
        while held := text.read(_CHUNK):
            target.write(held.encode("utf-8"))
    return copy


@contextmanager
def _unpacked(path: Path, table: str) -> Iterator[BinaryIO]:
    if path.suffix.lower() not in PACKED:
        with path.open("rb") as stream:
            yield stream
        return
    try:
        with open_bytes(path) as stream:
            yield stream
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno:  # the system's: of rights, of a full disk
            raise
        raise DataError(
            f"{path.name} ([tables.{table}]) cannot be unpacked: it is broken, cut off or locked",
            f"it is packed as its name says, {path.suffix}, and whole",
            f"Export it again, or unpack it; of a file that is not packed, take {path.suffix} from "
            "its name",
        ) from None


def _recode(stream: BinaryIO, target: BinaryIO, encoding: str, path: Path, source: Source) -> None:
    """Copy a text as UTF-8; refuse what is not of the declared encoding, naming the line."""
    if encoding == "utf-8":
        for chunk in _chunks(stream, path, source.name):
            target.write(chunk)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    seen = _Utf8()
    line, first = 1, True
    while True:
        chunk = stream.read(_CHUNK)
        seen.take(chunk)
        try:
            held = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:  # of UTF-16 without its mark it tells no place
            if isinstance(error, UnicodeDecodeError):
                line += error.object[: error.start].decode(encoding, "ignore").count("\n")
            raise DataError(
                f"line {line} of {path.name} ([tables.{source.name}]) is not {source.encoding}",
                "every character is of the declared encoding",
                "Ask who exported it, or save it as 'CSV UTF-8' and leave encoding out",
            ) from None
        target.write((held.removeprefix("\ufeff") if first else held).encode("utf-8"))
        line, first = line + held.count("\n"), first and not held
        if not chunk:
            break
    if seen.certain:
        raise DataError(
            f"{path.name} ([tables.{source.name}]) is UTF-8 throughout, and encoding says "
            f"{source.encoding!r}",
            "a declared encoding is that of the file, or its letters become others",
            "Leave encoding out",
        )


def _chunks(stream: BinaryIO, path: Path, table: str) -> Iterator[bytes]:
    if suffix_of(path) in JSON:
        return iter(lambda: stream.read(_CHUNK), b"")
    return chunks(stream, f"{path.name} ([tables.{table}])")


class _Utf8:
    """Whether all bytes so far are UTF-8 with letters beyond ASCII, which is no accident."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._valid, self._letters = True, False

    def take(self, chunk: bytes) -> None:
        try:
            self._letters |= not self._decoder.decode(chunk, final=not chunk).isascii()
        except UnicodeDecodeError:
            self._valid = False

    @property
    def certain(self) -> bool:
        return self._valid and self._letters


def check_utf8(path: Path, source: Source, named: Path | None = None) -> None:
    """Refuse a file that is not UTF-8 throughout, in unread columns too, naming the line."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with _unpacked(path, source.name) as stream:
        for chunk in _chunks(stream, named or path, source.name):
            if chunk.isascii() and not decoder.getstate()[0]:
                line += chunk.count(b"\n")
                continue
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk.count(b"\n", 0, error.start)
                raise not_utf8(named or path, source.name, f"in line {line}", chunk) from None
            line += chunk.count(b"\n")


def not_utf8(path: Path, table: str, where: str, sample: bytes = b"") -> DataError:
    """Return the refusal of a file in an encoding that is not declared; name the likeliest."""
    kana = re.search("[\u3041-\u30ff]{2}", sample.decode("shift_jis", "ignore"))
    probable, encoding = "Latin-1 (Windows-1252)", "windows-1252"
    if kana:
        probable = encoding = "shift_jis"
    return EncodingError(
        f"{path.name} ([tables.{table}]) is not UTF-8 {where}".rstrip()
        + f", but probably {probable}",
        "a text file is read as UTF-8 where no encoding is declared",
        table,
        encoding,
    )


def _refuse_utf16(start: bytes, path: Path, table: str) -> None:
    if start.startswith(_UTF16) or b"\0" in start[:4]:
        encoding = "utf-16"
        if not start.startswith(_UTF16):
            encoding += "-be" if start[:1] == b"\0" else "-le"
        raise EncodingError(
            f"{path.name} ([tables.{table}]) is encoded as UTF-16",
            "a text file is read as UTF-8 where no encoding is declared",
            table,
            encoding,
        )


def _refuse_other_mark(start: bytes, declared: str, path: Path, source: Source) -> None:
    """Refuse a byte-order mark of another encoding than the declared one."""
    marks = {codecs.BOM_UTF8: "utf-8", _UTF16[0]: "utf-16-le", _UTF16[1]: "utf-16-be"}
    for mark, encoding in marks.items():
        if start.startswith(mark) and declared not in (encoding, "utf-16", "utf-32", "utf-32-le"):
            raise DataError(
                f"{path.name} ([tables.{source.name}]) begins with the byte-order mark of "
                f"{encoding}, and encoding says {source.encoding!r}",
                "a declared encoding is that of the file",
                "Leave encoding out" if encoding == "utf-8" else f'Write encoding = "{encoding}"',
            )
