"""Names of waves as they are asked for: 2026Q3, FY2027Q1, 2026-09, or the study's own."""

from __future__ import annotations

import re

from ..errors import ParameterError
from .calendars import calendar
from .declared import Study

_YEAR_ENDS = "; a fiscal year is named after the calendar year in which it ends"
# What a wave is -> pattern of its names, which of them there are, an example, how it is written.
_QUARTER = (r"[0-9]{4}Q[1-4]", " from Q1 to Q4", "2026Q3", "four digits, Q and one digit")
_FISCAL = (
    r"FY[0-9]{4}Q[1-4]",
    " from Q1 to Q4",
    "FY2027Q1",
    f"FY, four digits, Q and one digit{_YEAR_ENDS}",
)
_MONTH = (r"[0-9]{4}-(?:0[1-9]|1[0-2])", "", "2026-09", "four digits, - and two digits")


def check_quarter(quarter: str, study: Study | None = None) -> str:
    """Return the name of a wave as it stands when it is empty or one that the study could have.

    Parameters
    ----------
    study
        What its waves are: calendar quarters such as ``2026Q3``, as without a study, quarters of
        a fiscal year (``FY2027Q1``), months (``2026-09``), or any names of its own.

    Raises
    ------
    ParameterError
        It is written in another way.
    """
    pattern, which, example, written = _QUARTER
    if study and study.waves == "month":
        pattern, which, example, written = _MONTH
    elif study and study.fiscal_year_starts != 1:
        pattern, which, example, written = _FISCAL
    own = study is not None and study.own_waves
    if quarter and not own and not re.fullmatch(pattern, quarter):
        raise ParameterError(
            f"the quarter is {quarter!a:.60}",
            f"a {calendar(study) if study else 'calendar quarter'}{which} such as {example}, or "
            "nothing for all waves",
            f"Write it as {written}: {example}",
        )
    return quarter
