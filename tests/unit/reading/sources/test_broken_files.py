"""Files that are broken, cut off, or too long to name: one plain line each."""

import bz2
import csv
import errno
import gzip
import os
import tracemalloc
import zipfile
import zlib
from functools import partial
from unittest.mock import Mock

import pytest

from cxroi.errors import DataError
from cxroi.files.locked import own_folder
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.loading import count, load
from cxroi.reading.sources.opening import open_source
from cxroi.study.declared import Source

CONTENT = b"id,amount\n" + b"".join(b"c%d,%d\n" % (n, n * n) for n in range(3000))
PACKED = gzip.compress(CONTENT)


def opened(connection, path):
    return open_source(connection, Source("orders", {}, path), path.parent, own_folder())


def rows(path):
    with connect(files=[path]) as connection:
        return count(connection, opened(connection, path))


def flipped(n):
    damaged = bytearray(PACKED)
    damaged[n] ^= 0xFF
    return bytes(damaged)


@pytest.mark.parametrize(
    "content",
    [
        CONTENT,
        b"\x1f\x8b garb",
        PACKED[:9],
        PACKED[: len(PACKED) // 2],
        PACKED[:-1],
        PACKED[:-8],
        flipped(len(PACKED) // 2),
        flipped(-1),  # its length
        flipped(-5),  # its checksum
        PACKED + b"more",
        zlib.compress(CONTENT),
    ],
    ids=[
        "not_packed",
        "garbage",
        "header",
        "half",
        "one_byte",
        "no_end",
        "bit",
        "length",
        "checksum",
        "more",
        "zlib",
    ],
)
def test_a_broken_gz_is_refused(tmp_path, content):
    (tmp_path / "orders.csv.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"orders.csv.gz .* cannot be unpacked: .*\.gz, and"):
        rows(tmp_path / "orders.csv.gz")


@pytest.mark.parametrize("name", ["orders.csv.gz", "ORDERS.CSV.GZ", "orders?.csv.gz"])
def test_a_whole_gz_of_one_part_or_two_is_read(tmp_path, name):
    for content, expected in ((PACKED, 3000), (PACKED + gzip.compress(b"z,1\n"), 3001)):
        (tmp_path / name).write_bytes(content)
        assert rows(tmp_path / name) == expected


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "duckdb"])
def test_a_path_that_is_too_long_is_told(tmp_path, kind):
    with pytest.raises(DataError, match=r"\(File name too long\)") as told:
        rows(tmp_path / f"{'x' * 5000}.{kind}")
    assert len(str(told.value)) < 300


MANY = b"x" * 1_000_000
LONG = {
    "no_line_ends.csv.gz": [MANY] * 12,
    "header_in_quotes.csv.gz": [b'id,"', *[MANY + b"\n"] * 12, b'"\n'],
    "first_cell.csv.bz2": [b'id,amount\n1,"', *[MANY] * 3, b'"\n'],
    "first_cell_of_lines.csv.gz": [b'id,amount\n1,"', *[MANY + b"\n"] * 12, b'"\n'],
    "in_the_middle.csv.zip": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 12, b"\n1,2\n"],
    "last.csv": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 12, b"\n"],
    "last_without_end.csv.gz": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 12],
    "of_3_MB.csv.gz": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 3, b"\n", b"1,2\n" * 9],
    "object.jsonl.gz": [b'{"id": 1}\n{"id": "', *[MANY] * 12, b'"}\n'],
}


def packed(path, content):
    """Write a file packed as its name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("orders.csv", b"".join(content))
        return
    kinds = {".gz": partial(gzip.open, compresslevel=1), ".bz2": bz2.open}
    with kinds.get(path.suffix, open)(path, "wb") as file:
        file.writelines(content)


def read(path, limit):
    with connect(limit, [path]) as connection:
        return load(connection, opened(connection, path), ["id"])


@pytest.mark.parametrize("name", LONG)
def test_a_row_of_any_length_is_refused_in_little_memory(tmp_path, name):
    path = tmp_path / name
    packed(path, LONG[name])
    before = csv.field_size_limit()
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"has over 2 MB in one row; .* quote"):
            read(path, "150MB")
        assert tracemalloc.get_traced_memory()[1] < 13e6  # of Python, against twice 12 MB of a row
    finally:
        tracemalloc.stop()
    assert csv.field_size_limit() == before


def test_an_array_that_memory_does_not_hold_is_refused(tmp_path):
    path = tmp_path / "orders.json.gz"
    packed(path, [b" \n[", *[b'{"id": 1}, '] * 550_000, b'{"id": 2}]'])
    with pytest.raises(DataError, match=r"array of over 6 MB, which memory does not hold; .* line"):
        read(path, "60MB")
    packed(path, [b" \n[", *[b'{"id": 1}, '] * 500, b'{"id": 2}]'])
    assert rows(path) == 501
    packed(path, [b'[{"id": 1, "amount": "', *[MANY] * 3, b'"}]'])
    with pytest.raises(DataError, match="over 2 MB in one row"):
        rows(path)


def test_a_full_disk_is_not_called_a_broken_file(tmp_path, monkeypatch):
    packed(tmp_path / "orders.csv.zip", [CONTENT])
    monkeypatch.setattr(
        "cxroi.reading.sources.plain_text._recode",
        Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
    )
    with pytest.raises(DataError, match=r"cannot be read \(No space left on device\)"):
        rows(tmp_path / "orders.csv.zip")


def test_lines_that_end_in_a_carriage_return_are_left_out_above_the_header(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b"sep=;\rid;amount\r1;2\r3;4\r")
    with connect(files=[path]) as connection:
        scan = load(connection, opened(connection, path), ["id", "amount"])
        got = connection.execute(f"SELECT * FROM {scan.relation}").fetchall()
    assert got == [("1", "2"), ("3", "4")]


def test_a_cell_of_a_megabyte_is_read(tmp_path):
    (tmp_path / "orders.csv").write_bytes(b'id,amount\n1,"' + MANY[:-9] + b'"\n2,x\n')
    assert rows(tmp_path / "orders.csv") == 2


def test_a_sheet_that_unpacks_to_more_than_memory_is_refused(tmp_path):
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 80_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"unpacks to 80 MB, and 60 MB .* Parquet"):
        read(path, "60MB")
    with pytest.raises(DataError, match="is not an Excel file that can be read"):
        read(path, "90MB")
