"""Rows below the header that are headers too, by what the first rows say."""

from __future__ import annotations

from collections.abc import Sequence

from . import qualtrics, surveymonkey

# Columns by which the rows are known, read whether a study names them or not.
TELLING = (*surveymonkey.ABOUT, "V1")


def header_rows(
    names: Sequence[str], second: Sequence[object], third: Sequence[object]
) -> tuple[int, str]:
    """Return how many rows below the header are headers too, and what a reader is told of them.

    Parameters
    ----------
    second, third
        The first and second row below the header, in the order of `names`.

    Examples
    --------
    >>> header_rows(["Respondent ID", "Gender", ""], ["", "Male", "Female"], ["1", "Male", ""])
    (1, 'second header row of a SurveyMonkey export')
    """
    if qualtrics.three_rows(third):
        return 2, "second and third header row of a Qualtrics export"
    if qualtrics.two_rows(names, second):
        return 1, "second header row of a Qualtrics export"
    if surveymonkey.two_rows(names, second):
        return 1, "second header row of a SurveyMonkey export"
    return 0, ""
