"""Calendar quarters, written such as 2026Q3."""

from __future__ import annotations

import re

from ..errors import ParameterError

_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")


def check_quarter(quarter: str) -> str:
    """Return a quarter as it stands when it is empty or like ``2026Q3``.

    Raises
    ------
    ParameterError
        It is written in another way.
    """
    if quarter and not _QUARTER.fullmatch(quarter):
        raise ParameterError(
            f"the quarter is {quarter!a:.60}",
            "a calendar quarter from Q1 to Q4 such as 2026Q3, or nothing for all waves",
            "Write it as four digits, Q and one digit: 2026Q3",
        )
    return quarter
