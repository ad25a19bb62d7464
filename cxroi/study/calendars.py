"""Calendars: in which zone days are cut, and what a wave is where answers do not name theirs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import StudyError
from .schema import FISCAL

if TYPE_CHECKING:
    from .declared import Source, Study


def check_calendar(head: Mapping[str, Any], sources: Mapping[str, Source]) -> Iterator[StudyError]:
    """Yield what is wrong with zone, waves and fiscal year of [study]."""
    if "timezone" in head:
        yield from _check_zone(head["timezone"])
    month = head.get("fiscal_year_starts", 1)
    if not FISCAL[0] <= month <= FISCAL[1]:
        yield StudyError(
            f"[study] fiscal_year_starts is {month}",
            "it is the month in which the year begins, 1 (January) to 12",
        )
    if month != 1 and head.get("waves") == "month":
        yield StudyError(
            "[study] fiscal_year_starts says of which year the quarters are, but waves are months",
            fix="Leave one of the two out",
        )
    role = "responses" if "responses" in sources else "customers"
    own = role in sources and "wave" in sources[role].columns
    for key in ("waves", "fiscal_year_starts"):
        if own and key in head:
            yield StudyError(
                f"[study] has {key}, but [tables.{role}] names the wave of each answer",
                "one of them says what a wave is",
                "Delete one of the two",
            )
    if not own and "wave" in getattr(sources.get("invitations"), "columns", ()):
        yield StudyError(
            f"[tables.invitations] has a wave, but [tables.{role}] has none",
            "invitations and answers are of the same waves",
            f"Declare wave in [tables.{role}] too, or delete it",
        )


# Cities whose clocks an abbreviation may mean; the one of most people who write it so.
_SHORT = {
    **dict.fromkeys(("est", "edt", "est5edt", "et", "eastern"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "cst6cdt", "ct", "central"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mst7mdt", "mt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pst8pdt", "pt", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest", "met", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("bst", "gb"), "Europe/London"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    **{"wet": "Europe/Lisbon", "west": "Europe/Lisbon", "eet": "Europe/Athens"},
    **{"eest": "Europe/Athens", "msk": "Europe/Moscow", "ist": "Asia/Kolkata"},
    **{
        "jst": "Asia/Tokyo",
        "kst": "Asia/Seoul",
        "hkt": "Asia/Hong_Kong",
        "brt": "America/Sao_Paulo",
    },
    **{"sgt": "Asia/Singapore", "sast": "Africa/Johannesburg", "brt": "America/Sao_Paulo"},
}


def _check_zone(name: str) -> Iterator[StudyError]:
    import duckdb

    found = duckdb.connect().execute("SELECT name FROM pg_timezone_names()").fetchall()
    known = {zone for (zone,) in found if "/" in zone and not zone.startswith("SystemV")} | {"UTC"}
    if name in known:
        return
    # The sign of Etc/GMT-5 is the other way round: it is ahead of UTC.
    plain = {zone.casefold(): zone for zone in sorted(known) if not zone.startswith("Etc/")}
    plain = {zone.rpartition("/")[2]: name for zone, name in plain.items()} | plain
    asked = name.strip().replace(" ", "_").casefold()
    plain |= {word: city for word, city in _SHORT.items() if city in known}
    close = difflib.get_close_matches(asked, plain, n=1, cutoff=0.7)
    away = re.fullmatch(r"(?i)(?:utc|gmt)?\s*([+-])0?(\d{1,2})(?::?00)?", name.strip())
    fixed = f"Etc/GMT{'-+'['+-'.index(away[1])]}{away[2]}" if away else ""
    if fixed in known:
        fix = f"Name a city; where clocks never change it is {fixed!r}: its sign is turned round"
    else:
        fix = f"Did you mean {plain[close[0]]!r}?" if close and not away else ""
    yield StudyError(
        f"[study] timezone is {name!r}",
        "it is the name of a zone, area and city, such as America/New_York, or UTC",
        fix,
    )


def wave_word(study: Study) -> str:
    """Return what a wave is called in a sentence: a quarter, a month, or a wave."""
    return "wave" if study.own_waves else study.waves


def calendar(study: Study) -> str:
    """Say in full what a wave is where answers carry no name of theirs."""
    fiscal = study.waves == "quarter" and study.fiscal_year_starts != 1
    return "quarter of the fiscal year" if fiscal else f"calendar {study.waves}"
