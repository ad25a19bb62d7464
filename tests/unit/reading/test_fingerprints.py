import hashlib
import os
import time
from types import SimpleNamespace

import duckdb
import pytest

from cxroi.files import cache
from cxroi.reading.fingerprints import file_sha256, fingerprint
from cxroi.study.declared import Source


@pytest.fixture
def entries(tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CXROI_CACHE_SIZE", raising=False)
    return cache.folder()


def names(entries):
    return sorted(path.name for path in entries.iterdir())


def study(**paths):
    return SimpleNamespace(
        sources={name: Source(name, {}, path=path) for name, path in paths.items()}
    )


@pytest.fixture
def hashed(monkeypatch):
    """Names of the files whose bytes were read for their hash."""
    read, real = [], hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda stream, kind: read.append(stream.name) or real(stream, kind)
    )
    return read


def later(monkeypatch, seconds):
    now = time.time_ns() + int(seconds * 1e9)
    monkeypatch.setattr("time.time_ns", lambda: now)


def test_the_hash_of_a_file_is_remembered_until_it_changes(tmp_path, monkeypatch, entries, hashed):
    path = tmp_path / "orders.csv"
    path.write_text("id,amount\n1,10\n")
    before = path.stat()
    later(monkeypatch, 3)
    # printf 'id,amount\n1,10\n' | sha256sum
    first = "246f53bbf26ec4f082a3bddd50e7628181b7506a025b81fb2a43d6536f76b1b9"
    assert [file_sha256(path) for _ in range(3)] == [first] * 3
    assert len(hashed) == 1
    path.write_text("id,amount\n1,90\n")  # as long as before, and its time put back
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file_sha256(path) == hashlib.sha256(b"id,amount\n1,90\n").hexdigest()
    assert len(hashed) == 2


def test_the_hash_of_a_file_that_just_changed_is_not_remembered(tmp_path, entries, hashed):
    path = tmp_path / "orders.csv"
    path.write_text("x")
    assert file_sha256(path) == file_sha256(path)
    assert len(hashed) == 2
    assert names(entries) == []


def test_a_fingerprint_is_of_every_table(tmp_path, entries):
    for name in "ab":
        (tmp_path / name).write_text(name)
    found = fingerprint(study(customers=tmp_path / "a", orders=tmp_path / "b"))
    assert found == {
        "customers": hashlib.sha256(b"a").hexdigest(),
        "orders": hashlib.sha256(b"b").hexdigest(),
    }
    assert fingerprint(study(customers=tmp_path / "a", orders=None)) is None  # a database
    assert fingerprint(study(customers=tmp_path / "missing")) is None


def test_a_duckdb_file_counts_with_its_log_and_not_with_views(tmp_path, entries):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS x")
    assert set(fingerprint(study(t=path))) == {"t"}
    (tmp_path / "shop.duckdb.wal").write_bytes(b"")
    assert set(fingerprint(study(t=path))) == {"t", "t.wal"}
    (tmp_path / "shop.duckdb.wal").unlink()
    (tmp_path / "elsewhere.csv").write_text("x\n1\n")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW v AS FROM read_csv('{tmp_path / 'elsewhere.csv'}')")
    assert fingerprint(study(t=path)) is None
