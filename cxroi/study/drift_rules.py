"""Drift rules: what is asked of a run's data against the last run's, and which answers stop it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Name -> whether it stops the run where the study file does not say, and what it looks for.
DRIFT_RULES: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {
        "rows_halved": (True, "fewer than half, or more than twice, the rows of the same period"),
        "unit": (True, "numbers about 100 or 1,000 times as large or as small, as cents for units"),
        "ends_early": (True, "a table that ends longer before `complete_until` than last time"),
        "rows_changed": (False, "over a fifth fewer or more rows of the same period"),
        "new_period": (False, "a newest period with a third or thrice the rows usual before it"),
        "columns": (False, "a table or column that is gone, or is another column of the file"),
        "blank": (False, "a tenth of the rows more, or fewer, with a blank cell"),
        "values": (False, "typical numbers that moved by half, or by a quarter of their spread"),
        "shares": (False, "answers or categories whose shares moved by a tenth in all"),
        "new_category": (False, "a category that was not there"),
        "lost_category": (False, "a category that is there no more"),
        "dates_shifted": (False, "a table that begins or ends at another place of its period"),
    }
)
STOPS = tuple(name for name, (stops, _) in DRIFT_RULES.items() if stops)
DRIFT_SAID = (
    "which differences from the data of the last run stop a run; the others are told. The rules: "
    + "; ".join(f"`{name}`, {what}" for name, (_, what) in DRIFT_RULES.items())
)
STOPS_SAID = ", ".join(f"`{name}`" for name in STOPS)
