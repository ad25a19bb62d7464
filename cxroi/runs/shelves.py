"""Where the findings of a run lie: in the cache, and in the folder that a report hands over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import OutputError
from ..files import cache
from ..reading.fingerprints import fingerprint
from ..study.declared import Study

HANDED = "CXROI_RUN"  # names the folder of the run to a report's notebooks
_ABOUT = "about"
_PAUSE_SECONDS = 0.02


class Shelf(Protocol):
    """A place for the parts of a run, each a text under its name."""

    def fetch(self, part: str) -> str | None:
        """Return a part, None where it is not there."""

    def keep(self, part: str, make: Callable[[], str]) -> None:
        """Keep a part; `make` is called where the place keeps anything at all."""


@dataclass(frozen=True)
class CacheShelf:
    """The cache, under a key that names everything the run rests on; see `rests_on`.

    Attributes
    ----------
    key
        Empty where nothing may be kept.
    unchanged
        Whether the run still rests on the same: of another, which state it saw is unknown.
    """

    key: str = ""
    unchanged: Callable[[], bool] = lambda: True

    def fetch(self, part: str) -> str | None:
        """Return a part, None where it is not there."""
        content = cache.fetch(self._key(part)) if self.key else None
        return None if content is None else content.decode("utf-8")

    def keep(self, part: str, make: Callable[[], str]) -> None:
        """Keep a part, unless the files changed since the run was opened."""
        if self.key and cache.folder() and self.unchanged():
            cache.keep(self._key(part), make().encode("utf-8"))

    def _key(self, part: str) -> str:
        return cache.digest(run=self.key, part=part)


@dataclass(frozen=True)
class HandedShelf:
    """A private folder that the process which analyses fills, and others read.

    Attributes
    ----------
    behind
        Where its parts come from if they are kept; None for those who read the folder and wait
        for what is not there yet.
    """

    folder: Path
    behind: Shelf | None = None

    def fetch(self, part: str) -> str | None:
        """Return a part, waiting for it in a folder that another process fills."""
        path = self.folder / part
        if self.behind is not None:
            found = self.behind.fetch(part)
            if found is not None:
                self._put(part, found)
            return found
        while not path.is_file():
            if not self.folder.is_dir():
                raise OutputError("the run that this notebook reads has ended")
            time.sleep(_PAUSE_SECONDS)
        return path.read_text(encoding="utf-8")

    def keep(self, part: str, make: Callable[[], str]) -> None:
        """Put a part into the folder, and where the parts are kept."""
        if self.behind is not None:
            text = make()
            self._put(part, text)
            self.behind.keep(part, lambda: text)

    def _put(self, part: str, text: str) -> None:
        partial = self.folder / f".{part}"
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.folder / part)


def hand_over(folder: Path, behind: Shelf, identity: str) -> HandedShelf:
    """Make the folder of a run, which nobody else may read, and return its shelf."""
    folder.mkdir(mode=0o700)
    (folder / _ABOUT).write_text(identity, encoding="utf-8")
    return HandedShelf(folder, behind)


def handed_over(identity: str) -> HandedShelf | None:
    """Return the shelf of the run that a report hands over; None where it is of another."""
    named = os.environ.get(HANDED)
    with suppress(OSError):
        if named and (Path(named) / _ABOUT).read_text(encoding="utf-8") == identity:
            return HandedShelf(Path(named))
    return None


def identity(study: Study, text: bytes) -> list[object]:
    """Return what tells a study from others: its file, and what was changed of it."""
    changes = [[change.key, change.after] for change in study.changes]
    return [study.path.name, text.hex(), *([changes] if changes else [])]


def rests_on(study: Study, text: bytes, quarter: str) -> str:
    """Return a key of all that the results of a study rest on; empty where none may be kept.

    Parameters
    ----------
    text
        The study file, from before it was read.
    """
    data = fingerprint(study)
    if data is None:
        return ""
    try:
        return cache.key(study=identity(study, text), data=data, quarter=quarter)
    except OSError:  # a file of the package was replaced while it was read
        return ""
