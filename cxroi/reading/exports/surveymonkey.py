"""SurveyMonkey: a row of questions, below it a row of choices, one column for each choice.

The columns of one question but the first have no name of their own. The second row holds
``Response`` or ``Open-Ended Response`` under a question with one column, and nothing under the
columns that say who answered.

Layout: the header in a converter of the Greater Greater Washington election questionnaires
(github.com search for "Row 1: Respondent ID,Collector ID,Start Date") and
help.surveymonkey.com/en/surveymonkey/analyze/exports/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .export import Export

EXPORTS = (
    Export(
        name="SurveyMonkey, individual responses",
        role="responses",
        headers=("respondent id",),
        columns={
            "customer": ("Custom Data 1", "Email Address", "Respondent ID"),
            "answered_at": ("End Date", "Date Modified", "Start Date", "Date Created"),
        },
    ),
)
_UNNAMED = re.compile(r"(?:|Unnamed: \d+|column \d+|_\d+)")
# Columns that say who answered and when: nothing stands under them in the row of choices.
ABOUT = (
    *("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address"),
    *("First Name", "Last Name", "Custom Data 1", "Date Created", "Date Modified"),
)


def two_rows(names: Sequence[str], second: Sequence[object]) -> bool:
    """Whether the second row is the row of choices: nobody's id, and texts under other columns."""
    blank = [name for name, cell in zip(names, second, strict=False) if _says_nothing(cell)]
    about = [name for name in names if name in ABOUT]
    return "Respondent ID" in about and set(about) <= set(blank) and len(blank) < len(names)


def _says_nothing(cell: object) -> bool:
    return cell is None or str(cell).strip().casefold() in ("", "nan")


def questions(names: Sequence[str], second: Sequence[object]) -> dict[str, list[tuple[int, str]]]:
    """Return the questions that have a column for each choice: place and choice of each column."""
    found: dict[str, list[tuple[int, str]]] = {}
    question = ""
    for place, (name, choice) in enumerate(zip(names, second, strict=False)):
        if not _UNNAMED.fullmatch(name):
            question = name
        if question and choice:
            found.setdefault(question, []).append((place, str(choice).strip()))
    return {name: places for name, places in found.items() if len(places) > 1}
