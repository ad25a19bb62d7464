"""Questions with one column for each choice, as SurveyMonkey exports them, as one column each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .scan import SourceColumn

Questions = Mapping[str, Sequence[tuple[int, str]]]  # question -> place and choice of each column


def joined(relation: str, questions: Questions) -> str:
    """Return a relation of columns c0, c1 ... with q0, q1 ... beside them, one a question."""
    cells = [", ".join(f"c{place}" for place, _ in places) for places in questions.values()]
    columns = "".join(
        f", nullif(concat_ws('; ', {one}), '') AS q{number}" for number, one in enumerate(cells)
    )
    return f"(SELECT *{columns} FROM {relation})" if columns else relation


def by_question(
    columns: Mapping[str, SourceColumn], questions: Questions
) -> dict[str, SourceColumn]:
    """Return the columns with one for each question; that of a choice is there by itself too."""
    found = dict(columns)
    for number, (question, places) in enumerate(questions.items()):
        own = {f"c{place}" for place, _ in places}
        found = {name: c for name, c in found.items() if c.sql.strip('"') not in own}
        found[question] = SourceColumn(f"q{number}", "VARCHAR")
        found |= {f"{question}: {name}": SourceColumn(f"c{p}", "VARCHAR") for p, name in places}
    return found
