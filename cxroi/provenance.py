"""What a result rests on: tables, study, versions, seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estimate import Table

if TYPE_CHECKING:
    from .panel import Panel


def provenance(panel: Panel) -> Table:
    """Return the tables with their fingerprints, the quarter, the seed and the versions."""
    import pandas as pd

    from .manifest import versions

    rows = [
        (f"table {source.table}", f"{source.where}, {source.rows:,} rows, SHA-256 {source.sha256}")
        for source in panel.tables.sources
    ]
    rows += [
        ("study file", panel.study.path.name),
        ("quarter", panel.quarter or "all"),
        ("seed", str(panel.study.seed)),
        *((f"version of {name}", version) for name, version in versions().items()),
    ]
    return Table(pd.DataFrame(rows, columns=["what", "which"]))
