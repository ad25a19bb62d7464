"""Earlier runs: the record of the last one of a study, against which the next is held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ParameterError
from ..runs.drift import drift, recorded, refuse_drift
from ..study.declared import Study
from . import events
from .contents import RUN

NONE = "none"
_NEEDED = ("study", "started", "definitions", "profile")


def last_run(study: str, beside: Path, against: str = "") -> dict[str, Any] | None:
    """Return the record of the run that this one is held against; None where there is none.

    Parameters
    ----------
    study
        Name of the study.
    beside
        The folder that will be made: the last run of the study is looked for in it, should it be
        there, and in the folders beside it.
    against
        The report folder to take in its place, or ``none``.

    Raises
    ------
    ParameterError
        `against` is neither, or its run has no profile, as those of earlier versions.
    """
    if against == NONE:
        return None
    if against:
        found = _record(Path(against))
        if found is None:
            raise ParameterError(
                f"--against {against!r} holds no {RUN} with a profile of its tables",
                f"a folder that cxroi report has made, or {NONE}",
            )
        return found
    files = sorted(beside.parent.glob(f"[!.]*/{RUN}"), key=lambda path: path.stat().st_mtime_ns)
    records = [record for path in files if (record := _record(path.parent)) is not None]
    own = [record for record in records if record["study"].get("name") == study]
    # Of several begun in the same second, the one written last.
    return max(reversed(own), key=lambda record: str(record["started"]), default=None)


def held_against(
    last: Mapping[str, Any] | None, study: Study, text: bytes, profile: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what run.json says of the drift since the last run, if there is one, and tell it.

    Parameters
    ----------
    text
        The study file.

    Raises
    ------
    DataError
        The data differ so that the study's rules stop the run.
    """
    found = drift(study, profile, last) if last else ()
    if last:
        same = last["study"].get("sha256") == hashlib.sha256(text).hexdigest()
        refuse_drift(found, last["started"], same_study=same)
    for one in found:
        events.drifted(one)
    return recorded(found, last)


def _record(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(found, dict) and all(name in found for name in _NEEDED)
    return found if known else None


def runs_beside(target: Path) -> list[str]:
    """Return the runs beside a folder that is to be made, each by its name and when it was made."""
    found = sorted(target.parent.glob(f"[!.]*/{RUN}"))
    return [f"{f.parent.name} {f.stat().st_mtime_ns}" for f in found if f.parent != target]
