"""Results that took long, kept under a key that names everything they depend on.

A key is a SHA-256 over the parts its maker gives and over the environment: the package's own
code, every installed version, the platform, the ``CXROI_`` settings. Whatever changes, the key
is another, so that no entry is ever out of date. An entry is one file with a checksum, written
in one rename: a damaged one counts as missing, and processes may share the folder.

The folder is the user's cache folder, or that of ``CXROI_CACHE`` (``off`` or empty: no cache);
``CXROI_CACHE_SIZE`` limits it (default 5GB), the entries that were not used for longest go first.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError, ParameterError
from .locked import clear_away, short_lived

_PLACE, _SIZE = "CXROI_CACHE", "CXROI_CACHE_SIZE"
# Settings on which no result depends: places, sizes, and what is shown meanwhile.
NOT_IN_KEY = (_PLACE, _SIZE, "CXROI_PROGRESS", "CXROI_RUN")
_DEFAULT_SIZE = "5GB"
_PACKAGE = Path(__file__).resolve().parents[1]
_NOT_CODE = ("__pycache__", "shipped_files")
_INFO = (".dist-info", ".egg-info")
_PARTIAL = ".partial-"


def folder() -> Path | None:
    """Return the folder of the entries, which nobody else may read; None without a cache.

    Raises
    ------
    OutputError
        The folder that ``CXROI_CACHE`` names cannot be used.
    ParameterError
        ``CXROI_CACHE_SIZE`` is no size.
    """
    named = os.environ.get(_PLACE)
    if named is not None and named.strip().casefold() in ("", "off"):
        return None
    _limit()  # refused now, not after the first result
    entries = _place(named) / "entries"
    try:
        entries.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(entries.stat().st_mode) & 0o077:
            entries.chmod(0o700)
        _clear_away(entries)
    except OSError as error:
        if named is None:
            return None
        raise OutputError(
            f"the cache folder of {_PLACE} cannot be used ({error.strerror})",
            "a folder of your own",
            f"Name another, or set {_PLACE}=off",
        ) from error
    return entries


def digest(**parts: object) -> str:
    """Return the SHA-256 of the canonical JSON of `parts`, as hexadecimal digits."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def key(**parts: object) -> str:
    """Return the key of a result that depends on `parts` and on this environment.

    Parameters
    ----------
    parts
        All else that the result depends on, as JSON can hold it.
    """
    return digest(environment=_environment(), parts=parts)


def fetch(key: str) -> bytes | None:
    """Return what is kept under `key`; None where nothing is, or a damaged entry."""
    entries = folder()
    if entries is None:
        return None
    path = entries / key
    try:
        checksum, content = _split(path.read_bytes())
        if checksum != _checksum(key, content):
            path.unlink()
            return None
        os.utime(path)  # used now: the last to be removed
    except OSError:
        return None
    return content


def keep(key: str, content: bytes) -> None:
    """Keep `content` under `key`; a full disk or a locked folder only costs the entry."""
    entries = folder()
    if entries is None:
        return
    with suppress(OSError):
        with _partial(entries) as partial:
            partial.write_bytes(_checksum(key, content) + content)
            partial.chmod(0o600)
            partial.replace(entries / key)
        # Many entries are small: looked at now and then, they stay near enough to the limit.
        if len(content) > _limit() / 1000 or key.startswith("00"):
            _remove_oldest(entries)


def keep_written(key: str, write: Callable[[Path], None]) -> str:
    """Keep a large file, which `write` writes to the path that it is given.

    Returns
    -------
    str
        The name by which `place` finds it: `key` and the checksum of what was written. Empty
        where it is not kept.
    """
    entries, name = folder(), ""
    if entries is None:
        return name
    with suppress(OSError):
        with _partial(entries) as partial:
            write(partial)
            partial.chmod(0o600)
            if partial.stat().st_size <= _limit() / 2:  # or it would push all else out
                name = f"{key}-{_file_checksum(partial)}"
                partial.replace(entries / name)
        _remove_oldest(entries)
    return name


def place(name: str) -> Path | None:
    """Return where a file is that `keep_written` kept; None where none is, or a damaged one."""
    entries = folder()
    if entries is None or not name:
        return None
    path = entries / name
    try:
        if _file_checksum(path) != name.rpartition("-")[2]:
            path.unlink()
            return None
        os.utime(path)
    except OSError:
        return None
    return path


@contextmanager
def _partial(entries: Path) -> Iterator[Path]:
    """Yield the path of a file to be written and moved; what is still there then is removed."""
    with short_lived(_PARTIAL, entries) as partial:
        yield partial / "entry"


@functools.cache
def _clear_away(entries: Path) -> None:
    """Remove what killed processes left, the first time that this process looks."""
    clear_away(entries, _PARTIAL)


def _place(named: str | None) -> Path:
    if named is not None:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("cxroi", appauthor=False)


def _limit() -> int:
    """Return the most bytes that the entries may take together."""
    given = os.environ.get(_SIZE) or _DEFAULT_SIZE
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?)B?", given.strip(), re.IGNORECASE)
    if not found:
        raise ParameterError(f"{_SIZE} is {given!r}", "a size such as 5GB or 500MB")
    return int(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " "))


def _environment() -> dict[str, object]:
    installed: set[str] = set()  # names with their versions
    for place in dict.fromkeys(sys.path):
        with suppress(OSError):  # what Python cannot look into does not count
            installed |= {p.name for p in Path(place).iterdir() if p.suffix in _INFO}
    ours = {n: v for n, v in os.environ.items() if n.startswith("CXROI_")}
    return {
        "code": _code(),
        "installed": sorted(installed),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "settings": {n: v for n, v in ours.items() if n not in NOT_IN_KEY},
    }


def _code() -> str:
    """Return a hash of the package's own files, so that every edit changes every key."""
    found = hashlib.sha256()
    for where, folders, files in os.walk(_PACKAGE):
        folders[:] = sorted(name for name in folders if name not in _NOT_CODE)
        seen = sorted(name for name in files if not name.startswith("."))
        for path in (Path(where, name) for name in seen):
            found.update(f"{path.relative_to(_PACKAGE)}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def _checksum(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode("ascii") + content).digest()


def _file_checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _split(entry: bytes) -> tuple[bytes, bytes]:
    size = hashlib.sha256().digest_size
    return entry[:size], entry[size:]


def _remove_oldest(entries: Path) -> None:
    """Remove what was not used for longest until the rest is within the limit."""
    found = []
    for entry in os.scandir(entries):
        with suppress(FileNotFoundError):  # another process removed it
            state = entry.stat()
            if not stat.S_ISDIR(state.st_mode):
                found.append((state.st_mtime, state.st_size, Path(entry.path)))
    excess = sum(size for _, size, _ in found) - _limit()
    for _, size, path in sorted(found):
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        excess -= size
