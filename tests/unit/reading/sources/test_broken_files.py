"""Files that are broken, cut off, or too long to name: one plain line each."""

import csv
import gzip
import tracemalloc
import zipfile
import zlib

import pytest

from cxroi.errors import DataError
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.opening import count, load, open_source
from cxroi.study.declared import Source

CONTENT = b"id,amount\n" + b"".join(b"c%d,%d\n" % (n, n * n) for n in range(3000))
PACKED = gzip.compress(CONTENT)


def rows(path):
    with connect(files=[path]) as connection:
        return count(connection, open_source(connection, Source("orders", {}, path), path.parent))


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
    with pytest.raises(DataError, match=r"orders.csv.gz .* is not a complete gzip file"):
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
    "no_line_ends": [MANY] * 40,
    "header_in_quotes": [b'id,"', *[MANY + b"\n"] * 40, b'"\n'],
    "first_cell": [b'id,amount\n1,"', *[MANY] * 40, b'"\n'],
    "first_cell_of_lines": [b'id,amount\n1,"', *[MANY + b"\n"] * 40, b'"\n'],
    "in_the_middle": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 40, b"\n", b"1,2\n"],
    "last": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 40, b"\n"],
    "last_without_end": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 40],
    "of_3_MB": [b"id,amount\n", b"1,2\n" * 9, b"1,", *[MANY] * 3, b"\n", b"1,2\n" * 9],
}


def read(path, limit):
    with connect(limit, [path]) as connection:
        return load(connection, open_source(connection, Source("orders", {}, path), path), ["id"])


@pytest.mark.parametrize("case", LONG)
def test_a_row_of_any_length_is_refused_in_little_memory(tmp_path, case):
    path = tmp_path / "orders.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(LONG[case])
    before = csv.field_size_limit()
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"has over 2 MB in one row; .* quote"):
            read(path, "150MB")
        assert tracemalloc.get_traced_memory()[1] < 20e6  # of Python, against 40 MB of a row
    finally:
        tracemalloc.stop()
    assert csv.field_size_limit() == before


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
