"""Files that are broken, cut off, or too long to name: one plain line each."""

import gzip
import zlib

import pytest

from cxroi.errors import DataError
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.opening import count, open_source
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
