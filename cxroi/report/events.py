"""Events: what a report tells of its course, for whoever reads its log."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..runs.drift import Drift
from ..study.declared import Study

_LOG = logging.getLogger(__name__)


def started(study: Study, quarter: str) -> None:
    """Tell which study is reported."""
    what = f"{study.name} ({study.path.name}), {quarter or 'all waves'}"
    _tell("started", f"begins with {what}", study=study.name, quarter=quarter)


def checked(tables: Sequence[dict[str, Any]]) -> None:
    """Tell what was read."""
    rows = sum(table["rows"] for table in tables)
    _tell("checked", f"{len(tables)} files hold {rows:,} rows", files=len(tables), rows=rows)


def drifted(one: Drift) -> None:
    """Warn of a difference from the data of the last run."""
    fields = {"rule": one.rule, "table": one.table, "column": one.column}
    _tell("drift", one.sentence, logging.WARNING, **fields)


def notebook(name: str, computed_at: str = "") -> None:
    """Tell that a notebook is done, or when that was which the cache holds."""
    how = f"from the cache, of {computed_at}" if computed_at else "has run"
    _tell("notebook", f"{name} {how}", notebook=name, cached=bool(computed_at))


def written(folder: Path, seconds: float) -> None:
    """Tell that the report is complete."""
    said = f"{folder.name} is complete after {seconds:.0f} s"
    _tell("written", said, path=str(folder), seconds=round(seconds, 1))


def _tell(event: str, message: str, level: int = logging.INFO, **fields: object) -> None:
    _LOG.log(level, "%s", message, extra={"event": event, "fields": fields})
