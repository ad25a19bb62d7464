"""Waves: of which round of the survey an answer is, by its own name or by its date."""

from __future__ import annotations

from ..study.declared import Study


def wave_of(study: Study, role: str, at: str) -> str:
    """Return the SQL of the name of a row's wave.

    Its own where the table declares one; else, by its date, the calendar quarter (``2026Q3``),
    the quarter of the fiscal year, which is named after the calendar year in which it ends
    (``FY2027Q1``), or the month (``2026-09``).
    """
    if "wave" in study.sources[role].columns:
        return "wave"
    if study.waves == "month":
        return f"strftime({at}, '%Y-%m')"
    fiscal = "'FY' || " if study.fiscal_year_starts != 1 else ""
    day = in_fiscal_year(study, at)
    return f"{fiscal}strftime({day}, '%Y') || 'Q' || quarter({day})"


def in_fiscal_year(study: Study, at: str) -> str:
    """Return the SQL of a date moved on so that its calendar quarter is the fiscal one."""
    months = (13 - study.fiscal_year_starts) % 12
    return f"({at} + INTERVAL {months} MONTH)" if months else at
