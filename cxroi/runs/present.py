"""The run at hand, as it will be remembered: held against earlier ones before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import assumptions, conclusion, definitions
from .remembered import Remembered, remember
from .results_file import results_content

if TYPE_CHECKING:
    from .opening import Run


def present(run: Run) -> Remembered:
    """Return a run as its folder would be read."""
    sources = run.overview.sources
    told = {
        **conclusion(run.analysis, run.checks),
        "definitions": definitions(run.study),
        "assumptions": assumptions(run.study),
        "profile": run.profile,
        "tables": [{"table": s.table, "sha256": s.sha256 or None} for s in sources],
    }
    return remember(results_content(run.analysis), told)
