"""Scores beside that of ``[scale]``, such as CSAT, each with its scale and column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StudyError, nearest
from .scales import Scale, make_scale

TABLES_OF_SCORES = ("ratings", "responses", "customers")


@dataclass(frozen=True)
class DeclaredScore:
    """A score beside that of ``[scale]``.

    Attributes
    ----------
    name
        As in ``[scores.NAME]``.
    column, table
        Where its answers are: of ``ratings``, ``responses`` or ``customers``.
    scale
        Its scale and groups.
    """

    name: str
    column: str
    table: str
    scale: Scale

    @property
    def title(self) -> str:
        """Its name for readers: CSAT, CES, or its own in words."""
        if self.name == self.scale.kind:
            return self.name.upper()
        return self.name.replace("_", " ")


def make_scores(
    section: Mapping[str, Mapping[str, Any]], columns: Mapping[str, Mapping[str, str]]
) -> Iterator[DeclaredScore | StudyError]:
    """Yield the scores of ``[scores.NAME]``, or what is wrong with each.

    Parameters
    ----------
    section
        Table by name: the keys of ``[scale]``, and ``column`` and ``table``.
    columns
        Of the declared tables: what each key names.
    """
    held = [name for name in TABLES_OF_SCORES if name in columns]
    for name, table in section.items():
        where = f"[scores.{name}]"
        place = table.get("table", held[0] if held else "")
        if "." in name or not name.strip():
            yield StudyError(f"{where} has a dot in its name, or none", fix="Name it otherwise")
        elif place not in held:
            yield StudyError(
                f"{where} table is {place!r}", fix=nearest(str(place), held or TABLES_OF_SCORES)
            )
        else:
            yield _one(name, table, place, columns)


def _one(
    name: str, table: Mapping[str, Any], place: str, columns: Mapping[str, Mapping[str, str]]
) -> DeclaredScore | StudyError:
    where, column = f"[scores.{name}]", str(table.get("column", name))
    taken = [key for key, named in columns[place].items() if named == column]
    if taken:
        return StudyError(
            f"{where} is in column {column!r}, which is the {taken[0]} of [tables.{place}]",
            "a score has a column of its own",
        )
    kind = table.get("kind", "custom" if "answers" in table else "nps")
    try:
        scale = make_scale(table if kind == name else {"metric": name, **table})
    except StudyError as error:
        return error.about("[scale]", where)
    return DeclaredScore(name, column, place, scale)


def columns_of_scores(scores: Collection[DeclaredScore], table: str) -> list[str]:
    """Return the columns of a table that hold scores beside that of ``[scale]``."""
    return [score.column for score in scores if score.table == table]
