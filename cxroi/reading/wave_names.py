"""Names of a study's own waves: one a wave, in the order of time where no dates tell it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import duckdb

from ..engine.quoting import fold
from ..errors import DataError
from .staging import Stage

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−_"), "-")
_MONTHS = (
    *("jan", "feb fév febr", "mar mär mrt", "apr avr abr", "may mai mei mag", "jun juin giu"),
    *("jul juil lug", "aug aoû ago", "sep set", "oct okt ott out", "nov", "dec dez dic déc"),
)
_MONTH = {word: n for n, words in enumerate(_MONTHS, start=1) for word in words.split()}
_YEARS = range(1900, 2200)
Place = tuple[tuple[int, int, str], ...]


def names_of(connection: duckdb.DuckDBPyConnection, stage: Stage) -> dict[str, bool]:
    """Return the names of a table's waves in their own order, and whether a date tells when."""
    if "wave" not in stage.source.columns:
        return {}
    dates = "count(answered_at) > 0" if "answered_at" in stage.source.columns else "false"
    return dict(
        connection.execute(
            f"SELECT wave, {dates} FROM clean_{stage.role} WHERE wave IS NOT NULL GROUP BY wave"
        ).fetchall()
    )


def refuse_names(connection: duckdb.DuckDBPyConnection, stage: Stage) -> Iterator[DataError]:
    """Refuse a wave under two names, and names that do not sort as time does where no date tells.

    The wave that comes last is that of which the customers count whom a programme would reach.
    """
    found = names_of(connection, stage)
    names = sorted(found)
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(_folded(name), []).append(name)
    twice = [f"{same[0]!r} and {same[1]!r}" for same in alike.values() if len(same) > 1]
    if twice:
        yield DataError(
            f"{stage.cells[stage.source.columns['wave']]} names waves {', '.join(twice[:3])}",
            "each wave has one name; these differ in case, spaces or dashes alone",
            "Write each wave in one way",
        )
    elif not all(found.values()):
        for first, second in itertools.pairwise(names):
            if place(first) > place(second):
                yield _unsorted(stage, first, second)
                return


def warn_of_order(
    connection: duckdb.DuckDBPyConnection, stage: Stage
) -> list[tuple[str, int, str]]:
    """Say in which order waves are taken whose names hold neither number nor date."""
    found = names_of(connection, stage)
    names = sorted(found)
    if len(names) < 2 or all(found.values()) or all(re.search(r"\d", name) for name in names):
        return []
    listed = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    reason = f"waves are taken in the order of their names: {listed}. If time runs otherwise, "
    reason += "declare answered_at, or put numbers before the names"
    return [("warning", len(names), reason)]


def place(name: str) -> Place:
    """Return where a name lies in time: its numbers and months, the year of four digits first.

    Examples
    --------
    >>> sorted(["W10", "W9", "W1"], key=place)
    ['W1', 'W9', 'W10']
    >>> sorted(["Q1 2026", "Q4 2025", "Feb 2025"], key=place)[-1]
    'Q1 2026'
    """
    words = re.findall(r"\d+|[^\W\d_]+", name.casefold())
    dated = re.search(r"\d\d", name) is not None
    months = [_MONTH.get(word[:3]) if dated and len(word) < 10 else None for word in words]
    parts = [
        (0, int(word), "") if word.isdecimal() else (0, month, "") if month else (1, 0, word)
        for word, month in zip(words, months, strict=True)
    ]
    years = [at for at, (_, number, _) in enumerate(parts) if number in _YEARS]
    ends = re.search(r"\D\d\d$", name)  # as Jan 26, Q1 25 and H2/24 do, with a year
    short = ends and (any(months[:1]) or re.match(r"(?i)[qhts]\W?[1-4]\D", name))
    year = years[0] if len(years) == 1 else len(parts) - 1 if short and not years else 0
    rest = [part for at, part in enumerate(parts) if at != year]
    if year == 2 and len(parts) == 3 and all(kind == 0 for kind, _, _ in parts):
        rest.reverse()  # of 15.01.2026 the month before the day
    return (*parts[year : year + 1], *rest)


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "-", fold(name).translate(_DASHES))


def _unsorted(stage: Stage, first: str, second: str) -> DataError:
    return DataError(
        f"{stage.cells[stage.source.columns['wave']]} names waves that do not sort as time does: "
        f"{first!r} would come before {second!r}",
        "where answers have no dates, waves are in the order of their names",
        f"Declare answered_at in [tables.{stage.role}], or write names such as 2025Q4 and 2026Q1, "
        "or W09 and W10",
    )
