"""What stands for the content of a study's tables: the SHA-256 of every file, remembered."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from ..engine.quoting import path_text
from ..errors import DataError
from ..files import cache
from ..study.declared import Study
from .sources.paths import paths_of

_SETTLED_NS = 2_000_000_000  # clocks of file systems are as coarse as 2 s


def fingerprint(study: Study) -> dict[str, str] | None:
    """Return the SHA-256 of every file of a study's tables as it is now.

    None where a table is not a file that holds all its data: a database, a DuckDB file with
    views, which may read from anywhere. Results of such a study must not be kept.
    """
    found: dict[str, str] = {}
    for name, source in study.sources.items():
        try:
            paths = paths_of(source)
            if not paths or any(map(_has_views, paths)):
                return None
            for number, path in enumerate(paths):
                key = f"{name} {number}" if number else name
                found[key] = file_sha256(path)
                log = path.with_name(path.name + ".wal")  # DuckDB reads it as well
                if log.is_file():
                    found[f"{key}.wal"] = file_sha256(log)
        except (OSError, DataError):
            return None  # whoever reads the table tells what is wrong
    return found


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, remembered while the file is the same.

    It is the same while place, size, inode and both times are. A file changed within the last
    two seconds is not remembered: another change in the same tick of the clock would not show.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    now, before = time.time_ns(), _state(path)
    known = cache.digest(file=str(path.resolve()), state=before)
    remembered = cache.fetch(known)
    if remembered is not None:
        return remembered.decode("ascii")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if _state(path) == before and now - max(before[:2]) > _SETTLED_NS:
        cache.keep(known, found.encode("ascii"))
    return found


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes with a file; its times come first."""
    state = path.stat()
    return (state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino, state.st_dev)


def _has_views(path: Path) -> bool:
    with path.open("rb") as stream:
        if stream.read(12)[8:] != b"DUCK":
            return False
    import duckdb

    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH {path_text(path)} AS looked_at (READ_ONLY)")
            views = (
                "SELECT 1 FROM duckdb_views() WHERE database_name = 'looked_at' AND NOT internal"
            )
            return bool(connection.execute(views).fetchall())
    except duckdb.Error:
        return True
