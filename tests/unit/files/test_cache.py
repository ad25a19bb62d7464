import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cxroi
from cxroi.errors import OutputError, ParameterError
from cxroi.files import cache

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def entries(tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CXROI_CACHE_SIZE", raising=False)
    return cache.folder()


def names(entries):
    return sorted(path.name for path in entries.iterdir())


def test_a_digest_is_that_of_canonical_json():
    expected = hashlib.sha256(rb'{"a":"\u00e4","b":[1,2.5,null]}').hexdigest()
    assert cache.digest(b=[1, 2.5, None], a="ä") == expected
    assert cache.digest(a=1) != cache.digest(a="1") != cache.digest(b="1")


def test_a_key_changes_with_everything_a_result_rests_on(tmp_path, monkeypatch):
    package, installed = tmp_path / "cxroi", tmp_path / "site-packages"
    (package / "__pycache__").mkdir(parents=True)
    (package / "fit.py").write_text("1 + 1")
    (installed / "numpy-2.4.6.dist-info").mkdir(parents=True)
    monkeypatch.setattr(cache, "_PACKAGE", package)
    monkeypatch.syspath_prepend(installed)
    keys = [cache.key(data="x"), cache.key(data="y")]
    (package / "fit.py").write_text("1 + 2")
    keys.append(cache.key(data="x"))
    (package / "fit.py").rename(package / "fits.py")
    keys.append(cache.key(data="x"))
    (installed / "numpy-2.4.6.dist-info").rename(installed / "numpy-2.4.7.dist-info")
    keys.append(cache.key(data="x"))
    monkeypatch.setenv("CXROI_ENGINE", "spark")
    keys.append(cache.key(data="x"))
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    keys.append(cache.key(data="x"))
    assert len(set(keys)) == len(keys)
    (package / "__pycache__/fit.pyc").write_text("compiled")
    monkeypatch.setenv("CXROI_CACHE", "elsewhere")
    monkeypatch.setenv("CXROI_CACHE_SIZE", "1GB")
    assert cache.key(data="x") == keys[-1]


@pytest.mark.parametrize("off", ["", "off", " OFF "])
def test_no_cache(off, tmp_path, monkeypatch):
    monkeypatch.setenv("CXROI_CACHE", off)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() is None
    cache.keep(KEY, b"x")
    assert cache.fetch(KEY) is None
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
def test_the_place_is_the_cache_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.delenv("CXROI_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg/cxroi/entries"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.folder() == tmp_path / "home/.cache/cxroi/entries"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_nobody_else_may_read_the_entries(tmp_path, monkeypatch, entries):
    assert stat.S_IMODE(entries.stat().st_mode) == 0o700
    cache.keep(KEY, b"x")
    assert stat.S_IMODE((entries / KEY).stat().st_mode) == 0o600
    entries.chmod(0o755)
    entries.parent.chmod(0o755)
    cache.folder()
    assert stat.S_IMODE(entries.stat().st_mode) == 0o700
    assert stat.S_IMODE(entries.parent.stat().st_mode) == 0o755  # it may be anybody's


def test_a_place_that_was_named_and_cannot_be_used_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="CXROI_CACHE=off"):
        cache.folder()
    monkeypatch.delenv("CXROI_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.folder() is None


def test_what_is_kept_is_fetched(entries):
    assert cache.fetch(KEY) is None
    for content in (b"first", b"", bytes(range(256)) * 1000):
        cache.keep(KEY, content)
        assert cache.fetch(KEY) == content
    assert cache.fetch(OTHER) is None
    assert names(entries) == [KEY]


@pytest.mark.parametrize("size", [0, 5, 32, 40, None])
def test_a_damaged_entry_is_missing(entries, size):
    cache.keep(KEY, b"one thousand euros")
    whole = (entries / KEY).read_bytes()
    (entries / KEY).write_bytes(whole[:size] if size is not None else whole[:-1] + b"S")
    assert cache.fetch(KEY) is None
    assert names(entries) == []


def test_an_entry_under_the_name_of_another_is_missing(entries):
    cache.keep(KEY, b"x")
    (entries / KEY).rename(entries / OTHER)
    assert cache.fetch(OTHER) is None


def test_what_cannot_be_written_leaves_the_entry_before(entries, monkeypatch):
    cache.keep(KEY, b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    cache.keep(KEY, b"after")
    assert cache.fetch(KEY) == b"before"
    assert names(entries) == [KEY]


def test_what_was_not_used_for_longest_goes_first(entries, monkeypatch):
    # 3 entries of 1,000 bytes and their checksums of 32 are 3,096: one more than 3kB holds.
    monkeypatch.setenv("CXROI_CACHE_SIZE", "3kB")
    for age, key in ((300, "old"), (200, "used"), (100, "new")):
        if key == "new":
            cache.fetch("old")  # so that "used" was not used for longest
        cache.keep(key, b"x" * 1000)
        os.utime(entries / key, (time.time() - age,) * 2) if key == "used" else None
    assert names(entries) == ["new", "old"]
    cache.keep("whale", b"x" * 3000)
    assert names(entries) == []


@pytest.mark.parametrize(
    ("given", "size"),
    [("", 5e9), ("5GB", 5e9), ("1.5 gb", 1.5e9), ("500M", 5e8), ("2kB", 2000), ("7", 7)],
)
def test_sizes(monkeypatch, given, size):
    monkeypatch.setenv("CXROI_CACHE_SIZE", given)
    assert cache._limit() == size


@pytest.mark.parametrize("given", ["much", "-1GB", "5 G B", "5PB"])
def test_a_wrong_size_is_refused_before_any_work(entries, monkeypatch, given):
    monkeypatch.setenv("CXROI_CACHE_SIZE", given)
    with pytest.raises(ParameterError, match="500MB"):
        cache.folder()


def test_processes_may_write_the_same_entry(entries):
    code = (
        "import sys; from cxroi.files import cache\n"
        f"for _ in range(100): cache.keep('{KEY}', sys.argv[1].encode() * 1_000_000)"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, letter], stderr=subprocess.PIPE)
        for letter in "xy"
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(cache.fetch(KEY))
    assert [writer.communicate()[1] for writer in writers] == [b"", b""]
    assert seen - {None} <= {b"x" * 1_000_000, b"y" * 1_000_000}
    assert cache.fetch(KEY)
    assert names(entries) == [KEY]


def test_an_edit_of_any_module_changes_every_key(tmp_path, monkeypatch):
    home = Path(cxroi.__file__).parent
    copy = tmp_path / "cxroi"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert home == cache._PACKAGE
    monkeypatch.setattr(cache, "_PACKAGE", copy)
    modules = sorted(copy.rglob("*.py"))
    assert {path.parent.name for path in modules} >= {"cxroi", "models", "tools", "sources"}
    hashed = _hashed(monkeypatch)
    before = cache.key(part=1)
    for path in modules:
        place, content = path.relative_to(copy), path.read_bytes()
        at = hashed.index(f"{place}\0{len(content)}\0".encode())
        assert hashed[at + 1] == content
    for path in {path.parent: path for path in modules}.values():  # one of each folder
        source = path.read_bytes()
        path.write_bytes(source + b"\n")
        assert cache.key(part=1) != before, path
        path.write_bytes(source)


def _hashed(monkeypatch):
    """What goes into hashes from here on, piece by piece."""
    pieces, real = [], hashlib.sha256

    class Noted:
        def __init__(self, data=b""):
            self.inner = real(data)

        def update(self, data):
            pieces.append(data)
            self.inner.update(data)

        def hexdigest(self):
            return self.inner.hexdigest()

    monkeypatch.setattr(cache.hashlib, "sha256", Noted)
    return pieces
