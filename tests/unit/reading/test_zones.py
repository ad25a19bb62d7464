"""Local days: on which clock times are read, in every kind of file, with values worked out by hand.

The answer of most tests was given in New York on 31 March 2026 at 23:30, four hours behind UTC,
where it was 03:30 of 1 April. Orders: 1 of the day before, 2 of that day, 4 of the day after.
"""

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import CxroiError, DataError, StudyError
from cxroi.reading.tables import Tables

NEW_YORK = ZoneInfo("America/New_York")
ANSWER = dt.datetime(2026, 3, 31, 23, 30, tzinfo=NEW_YORK)
DAYS = ["2026-03-30", "2026-03-31", "2026-04-01"]
RESPONSES = {"customer": "id", "score": "nps", "answered_at": "at"}
ORDERS = {"customer": "id", "ordered_at": "day", "amount": "amount"}


def answers(at: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": ["a"], "nps": [9], "at": [at] if isinstance(at, str) else at})


def orders(days: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"id": "a", "day": DAYS if days is None else days, "amount": [1, 2, 4]})


def read(frames: dict[str, Any], more: dict[str, Any] | None = None, **head: Any) -> Tables:
    """Read frames, or files where paths stand in their place."""
    files = {n: {"path": str(f)} for n, f in frames.items() if isinstance(f, Path)}
    roles = {"responses": dict(RESPONSES), "orders": dict(ORDERS), **(more or {})}
    for name, place in files.items():
        roles[name] |= place | ({"table": name} if place["path"].endswith(".duckdb") else {})
    known = {"complete_from": dt.date(2026, 3, 1), "complete_until": dt.date(2026, 5, 1)}
    study = {
        "study": {"name": "Zones", **known, **head},
        "tables": {name: table for name, table in roles.items() if table},
        "windows": {"baseline_days": 30, "outcome_days": 30},
    }
    given = {n: f for n, f in frames.items() if not isinstance(f, Path)}
    return cx.read_tables(cx.load_study(study), frames=given)


def sides(tables: Tables, fits: str = "rows") -> tuple[float, float, tuple[str, ...]]:
    """Return spend before and after the one answer, and the waves."""
    panel = cx.build_panel(tables, fits=fits)
    row = panel.frame.iloc[0]
    return row["spend_before"], row["spend_after"], panel.waves


def moments(tables: Tables, column: str = "answered_at", role: str = "responses") -> list[str]:
    found = tables.connection.execute(f"SELECT {column}::VARCHAR FROM clean_{role} ORDER BY row")
    return [value for (value,) in found.fetchall()]


def written(kind: str, frame: pd.DataFrame, folder: Path, name: str) -> Any:
    """Write a frame as a file of a kind; a frame and a relation stand for themselves."""
    path = folder / f"{name}.{kind}"
    if kind == "frame":
        return frame
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as own:
            own.execute("SET TimeZone = 'Asia/Tokyo'")
            own.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    return path


LOCAL = (1.0, 4.0, ("2026Q1",))
IN_UTC = (3.0, 0.0, ("2026Q2",))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "duckdb", "frame"])
def test_a_time_beside_days_is_of_its_own_day(kind: str, tmp_path: Path) -> None:
    made = {"responses": answers("2026-03-31T23:30:00-04:00"), "orders": orders()}
    tables = read({n: written(kind, f, tmp_path, n) for n, f in made.items()})
    assert sides(tables) == LOCAL
    assert tables.ledger.warnings == ()
    said = [e.reason for e in tables.ledger.entries if e.action == "repaired"]
    assert said == ["at: times with a UTC offset read as its own clock shows them"]


def test_a_database_is_read_as_a_file_is(tmp_path: Path, monkeypatch: Any) -> None:
    with sqlite3.connect(tmp_path / "s.db") as store:
        answers("2026-03-31T23:30:00-04:00").to_sql("responses", store, index=False)
    monkeypatch.setenv("SHOP", f"sqlite:///{tmp_path / 's.db'}")
    asked = {"responses": {**RESPONSES, "database": "SHOP", "table": "responses"}}
    assert sides(read({"orders": orders()}, asked)) == LOCAL


def utc(*moments: dt.datetime) -> pd.Series:
    return pd.Series(pd.to_datetime([m.astimezone(dt.UTC) for m in moments], utc=True))


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb", "frame", "text"])
def test_instants_are_of_the_declared_zone(kind: str, tmp_path: Path) -> None:
    """Without one they are in UTC, days beside them too, and the ledger says so."""
    at = "2026-04-01T03:30:00Z" if kind == "text" else utc(ANSWER)
    made = {"responses": answers(at), "orders": orders()}
    kind = "csv" if kind == "text" else kind
    files = {n: written(kind, f, tmp_path, n) for n, f in made.items()}
    tables = read(files, timezone="America/New_York")
    assert sides(tables, "engine" if kind == "csv" else "rows") == LOCAL
    assert tables.ledger.warnings == ()
    there = read(files)
    assert sides(there) == IN_UTC
    [warning] = there.ledger.warnings
    assert "the days in column 'day' of [tables.orders] are taken for days in UTC too" in warning


def test_a_frame_s_zone_is_its_clock_unless_another_is_declared() -> None:
    frames = {"responses": answers(pd.to_datetime([ANSWER])), "orders": orders()}
    assert sides(read(frames)) == LOCAL
    moved = read(frames, timezone="America/Los_Angeles")
    assert moments(moved) == ["2026-03-31 20:30:00"]
    said = [e.reason for e in moved.ledger.entries if e.action == "repaired"]
    assert said == ["at: times with a zone read in America/Los_Angeles"]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("offset", [True, False])
def test_clocks_are_those_of_the_zone_database(zone: str, offset: bool) -> None:
    """Against Python's zoneinfo: every half hour around both changes of 2026, and others."""
    place = ZoneInfo(zone)
    months, days = (3, 4, 10, 11), (1, 5, 8, 25, 29)
    changes = [dt.datetime(2026, month, day, tzinfo=dt.UTC) for month in months for day in days]
    instants = [day + dt.timedelta(minutes=30 * i) for day in changes for i in range(60)]
    local = [instant.astimezone(place) for instant in instants]
    written = local if offset else instants
    frame = pd.DataFrame({"id": "a", "nps": 9, "at": [one.isoformat() for one in written]})
    head = {} if offset else {"timezone": zone}
    tables = read({"responses": frame, "orders": orders()}, **head)
    assert moments(tables) == [str(one.replace(tzinfo=None)) for one in local]


FAR = pd.DataFrame(
    {"id": ["a", "b"], "nps": 9, "at": ["2026-03-31T23:30:00-04:00", "2026-04-01T12:30:00+09:00"]}
)
ZULU = FAR.assign(at=["2026-03-31T23:30:00-04:00", "2026-04-01T03:30:00Z"])


@pytest.mark.parametrize("frame", [FAR, ZULU], ids=["far apart", "beside UTC"])
def test_times_of_several_places_are_in_utc_and_not_beside_days(frame: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"days are in column 'day' .*; times with offsets from -"):
        read({"responses": frame, "orders": orders()})
    timed = orders([f"{day}T12:00:00-04:00" for day in DAYS])
    tables = read({"responses": frame, "orders": timed})
    assert moments(tables) == ["2026-04-01 03:30:00"] * 2
    assert moments(tables, "ordered_at", "orders")[0] == "2026-03-30 16:00:00"
    assert "quarters and days are cut in UTC. Declare where" in tables.ledger.warnings[0]
    there = read({"responses": frame, "orders": orders()}, timezone="America/New_York")
    assert moments(there) == ["2026-03-31 23:30:00"] * 2
    assert "UTC" not in " ".join(there.ledger.warnings)


def test_an_offset_of_another_table_counts_too() -> None:
    timed = orders([f"{day}T12:00:00+01:00" for day in DAYS])
    tables = read({"responses": answers("2026-03-31T23:30:00+02:00"), "orders": timed})
    assert moments(tables) == ["2026-03-31 23:30:00"]  # Berlin, in summer and in winter
    assert moments(tables, "ordered_at", "orders")[0] == "2026-03-30 12:00:00"
    timed = orders([f"{day}T12:00:00Z" for day in DAYS])
    tables = read({"responses": answers("2026-03-31T23:30:00+02:00"), "orders": timed})
    assert moments(tables) == ["2026-03-31 21:30:00"]


def test_offsets_that_cannot_be_told_are_not_taken_for_one_place() -> None:
    frame = answers("2026-03-31 23:30:00 America/New_York")
    with pytest.raises(DataError, match="America/New_York"):
        read({"responses": frame, "orders": orders()})


def test_times_without_an_offset_are_of_the_declared_zone_or_refused() -> None:
    timed = orders([f"{day} 12:00:00" for day in DAYS])
    frames = {"responses": answers("2026-04-01T03:30:00Z"), "orders": timed}
    with pytest.raises(DataError, match=r"'at' .* \(UTC\); without one in column 'day'.*timezone"):
        read(frames)
    tables = read(frames, timezone="America/New_York")
    assert moments(tables, "ordered_at", "orders") == [f"{day} 12:00:00" for day in DAYS]
    assert sides(tables) == (3.0, 4.0, ("2026Q1",))
    at = ["2026-04-01T03:30:00Z", "2026-03-31 23:30:00", "2026-03-31"]
    mixed = pd.DataFrame({"id": ["a", "b", "c"], "nps": 9, "at": at})
    with pytest.raises(DataError, match=r"1 times with a UTC offset and 2 without.*timezone"):
        read({"responses": mixed, "orders": orders()})
    tables = read({"responses": mixed, "orders": orders()}, timezone="America/New_York")
    assert moments(tables) == ["2026-03-31 23:30:00", "2026-03-31 23:30:00", "2026-03-31 00:00:00"]


@pytest.mark.parametrize("at", ["2026-04-01T00:00:00+02:00", "2026-04-01T00:00:00Z", "instant"])
def test_days_written_as_times_are_not_moved_to_another_day(at: str) -> None:
    given = pd.to_datetime(["2026-04-01"], utc=True) if at == "instant" else at
    tables = read({"responses": answers(given), "orders": orders()}, timezone="America/New_York")
    assert moments(tables) == ["2026-04-01 00:00:00"]
    assert tables.date_only == {("responses", "answered_at"), ("orders", "ordered_at")}
    assert "is midnight: days, which are not moved" in tables.ledger.warnings[0]


def test_a_cancellation_is_of_its_own_day() -> None:
    """At 21:00 of the day of the answer in New York: before it, where answers are days."""
    more = {"subscriptions": {"customer": "id", "started_at": "from", "cancelled_at": "to"}}
    held = pd.DataFrame({"id": ["a"], "from": ["2025-01-01"], "to": ["2026-04-01T21:00:00-04:00"]})
    frames = {"responses": answers("2026-04-01"), "orders": orders(), "subscriptions": held}
    with pytest.raises(DataError, match="1 given after the customer had churned"):
        cx.build_panel(read(frames, more))
    frames["subscriptions"] = held.assign(to="2026-04-02T21:00:00-04:00")
    assert cx.build_panel(read(frames, more)).frame["churned_after"].tolist() == [1.0]


def test_invitations_are_of_their_local_quarter() -> None:
    more = {"invitations": {"customer": "id", "invited_at": "on"}}
    asked = pd.DataFrame({"id": ["a", "b"], "on": ["2026-03-31T22:00:00-04:00"] * 2})
    frames = {"responses": answers(ANSWER.isoformat()), "orders": orders(), "invitations": asked}
    assert cx.build_panel(read(frames, more), "2026Q1").coverage.invited == 2


PROMISED = {"customer": "id", "derive": {"late": {"from": "due", "to": "came"}}}


def test_days_between_two_dates_are_local_days() -> None:
    made = pd.DataFrame({"id": ["a"], "due": ["2026-03-31"], "came": [ANSWER.isoformat()]})
    frames = {"responses": answers("2026-03-31"), "orders": orders(), "customers": made}
    assert moments(read(frames, {"customers": PROMISED}), "attr_late", "customers") == ["0.0"]
    frames["customers"] = made.assign(came="2026-04-01T03:30:00Z")
    tables = read(frames, {"customers": PROMISED})
    assert moments(tables, "attr_late", "customers") == ["1.0"]
    assert "in column 'came' of [tables.customers] (UTC): the days in" in tables.ledger.warnings[0]
    tables = read(frames, {"customers": PROMISED}, timezone="America/New_York")
    assert moments(tables, "attr_late", "customers") == ["0.0"]
    frames["customers"] = made.assign(due="2026-03-31 08:00:00")
    with pytest.raises(DataError, match="without one in column 'due' of"):
        read(frames, {"customers": PROMISED})


def test_a_time_that_is_looked_up_is_of_its_own_day() -> None:
    more = {"responses": {**RESPONSES, "via": ["sent.ticket"]}, "sent": {"path": "none.csv"}}
    frames = {
        "responses": pd.DataFrame({"id": ["a"], "nps": [9], "ticket": ["t"]}),
        "sent": pd.DataFrame({"ticket": ["t"], "at": [ANSWER.isoformat()]}),
        "orders": orders(),
    }
    assert sides(read(frames, more)) == LOCAL


@pytest.mark.parametrize(("head", "wave"), [({}, "2026Q1"), ({"timezone": "UTC"}, "2026Q2")])
def test_a_flat_study_s_quarters_are_local(head: dict[str, str], wave: str) -> None:
    study = {
        "study": {"name": "Flat", **head},
        "tables": {"customers": dict(RESPONSES)},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    frame = answers(ANSWER.isoformat()).assign(spend=1.0)
    tables = cx.read_tables(cx.load_study(study), frames={"customers": frame})
    assert cx.build_panel(tables).waves == (wave,)


def test_windows_are_complete_in_local_days() -> None:
    """30 days from 31 March end on 30 April, from 1 April on 1 May; 30 before begin on 1 March."""
    frames = {"responses": answers(ANSWER.isoformat()), "orders": orders()}
    tables = read(frames, complete_until=dt.date(2026, 4, 30), complete_from=dt.date(2026, 3, 1))
    assert cx.build_panel(tables).size == 1
    there = read(frames, complete_until=dt.date(2026, 4, 30), timezone="UTC")
    with pytest.raises(DataError, match="immature"):
        cx.build_panel(there)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("New York", "'America/New_York'"),
        ("Europe/Berln", "'Europe/Berlin'"),
        ("america/new_york", "'America/New_York'"),
        ("BST", "area and city"),
        ("EST", "area and city"),
        ("+02:00", "'Etc/GMT-2'"),  # Etc/GMT-2 is two hours ahead of UTC
        ("GMT-5", "'Etc/GMT+5'"),
        ("utc -05:00", "'Etc/GMT+5'"),
        ("+05:30", "area and city"),
        ("", "area and city"),
    ],
)
def test_a_zone_has_a_name(zone: str, said: str) -> None:
    with pytest.raises(StudyError, match=r"timezone is") as refused:
        read({}, timezone=zone)
    assert said in str(refused.value)


def test_no_moment_is_out_of_order_by_more_than_an_hour() -> None:
    """What reading off two offsets of one place costs, at the change back from summer time."""
    rng = np.random.default_rng(1)
    start = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    instants = sorted(start + dt.timedelta(minutes=int(m)) for m in rng.integers(0, 2000, 80))
    at = [one.astimezone(NEW_YORK).isoformat() for one in instants]
    tables = read({"responses": pd.DataFrame({"id": "a", "nps": 9, "at": at}), "orders": orders()})
    shown = pd.to_datetime(pd.Series(moments(tables)))
    assert shown.diff().min() >= -pd.Timedelta(hours=1)
    assert shown.dt.date.is_monotonic_increasing


def test_frames_of_different_zones_are_refused_with_the_way_out() -> None:
    frames = {
        "responses": answers(pd.to_datetime([ANSWER])),
        "orders": orders(pd.to_datetime(DAYS).tz_localize("Asia/Tokyo") + pd.Timedelta("9h")),
    }
    with pytest.raises(CxroiError, match="timezone = "):
        read(frames)
    tables = read(frames, timezone="America/New_York", complete_until=dt.date(2026, 4, 30))
    assert sides(tables) == (7.0, 0.0, ("2026Q1",))


@pytest.mark.parametrize(
    ("zone", "at"), [("Europe/Berlin", "22:00 or 23:00"), ("America/Bogota", "05:00")]
)
def test_midnights_of_another_place_are_told_of(zone: str, at: str) -> None:
    days = pd.date_range("2026-03-05", periods=40, tz=zone).tz_convert("UTC")
    frame = pd.DataFrame({"id": [f"a{n}" for n in range(40)], "nps": 9})
    frame["at"] = days.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    frames = {"responses": frame, "orders": orders().assign(id="a0")}
    said = f"Every time of column 'at' of [tables.responses] (UTC) is {at}, as midnight"
    assert [w for w in read(frames).ledger.warnings if w.startswith(said)]
    declared = read(frames, timezone=zone).ledger.warnings
    assert not [w for w in declared if w.startswith("Every time")]
    frame["at"] = (days + pd.to_timedelta(range(40), unit="min")).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert not [w for w in read(frames).ledger.warnings if w.startswith("Every time")]


def test_dates_that_stand_for_whole_months_are_told_of() -> None:
    days = pd.Series(pd.date_range("2026-03-01", "2026-04-29"))
    many = pd.DataFrame({"id": "a", "day": days, "amount": range(len(days))})
    months = many.assign(day=days.dt.to_period("M").dt.start_time)
    told = read({"responses": answers("2026-03-31"), "orders": months}).ledger.warnings
    said = "Every date of column 'day' of [tables.orders] is the first of a month"
    assert [warning for warning in told if warning.startswith(said)]
    told = read({"responses": answers("2026-03-31"), "orders": many}).ledger.warnings
    assert not [warning for warning in told if warning.startswith("Every date")]
