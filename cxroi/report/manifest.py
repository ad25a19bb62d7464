"""What a report rests on, as written to run.json: tables, parameters, versions, commit."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..files.versions import versions
from ..runs.record import assumptions, data_range, definitions

if TYPE_CHECKING:
    from ..study.declared import Study


def manifest(
    *,
    study: Study,
    text: bytes,
    tables: Sequence[Mapping[str, object]],
    profile: Mapping[str, Any],
    concluded: Mapping[str, Any],
    quarter: str,
    parameters: Mapping[str, object],
    warnings: list[dict[str, str]],
    started: dt.datetime,
    seconds: float,
    cached: Mapping[str, str],
) -> dict[str, Any]:
    """Return the content of run.json; it names no folder, user or host.

    Parameters
    ----------
    text
        The study file, from before it was read.
    tables
        The tables as they were read: table, source, sha256 and rows of each.
    profile
        As `cxroi.reading.profile` returns it.
    concluded
        Verdict, rating and counts of checks, as `cxroi.runs.record` returns them.
    started
        With its time zone.
    seconds
        How long the run took.
    cached
        Notebooks that were taken from the cache, and when they were computed (ISO 8601, UTC).
    """
    return {
        "study": {
            "name": study.name,
            "file": study.path.name,
            "sha256": hashlib.sha256(text).hexdigest(),
        },
        "quarter": quarter,
        "parameters": dict(parameters),
        "seed": study.seed,
        **concluded,
        "assumptions": assumptions(study),
        "definitions": definitions(study),
        "tables": list(tables),
        "data_range": data_range(profile),
        "profile": dict(profile),
        "started": started.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "duration_seconds": round(seconds, 3),
        "cached": dict(cached),
        "warnings": warnings,
        "git_commit": git_commit(),
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def git_commit() -> str | None:
    """Return the commit of the working directory, ``-dirty`` after changes, None without one."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def notebook_warnings(name: str, node: Any) -> list[dict[str, str]]:
    """Return what the cells of an executed notebook wrote to stderr."""
    return [
        {"from": name, "text": output.text.strip()}
        for cell in node.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream" and output.name == "stderr" and output.text.strip()
    ]
