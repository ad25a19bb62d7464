"""Times that read without a fault and are likely to be others."""

import pandas as pd
import pytest
from customer_files import KINDS, SOME, entries, tables_of

import cxroi as cx

N = 120
IDS = [f"c{i}" for i in range(N)]
ANSWERS = pd.DataFrame({"id": IDS, "nps": [8, 10] * (N // 2), "day": "2026-03-02"})
TIMES = pd.date_range("2026-03-01 00:10", periods=N, freq="5h7min")
DAYS = pd.date_range("2026-01-02", periods=N, freq="D")  # to the first of May


def warned(folder, cells, kind="frame", role="orders", **declared):
    """Return what is said of the times of orders, answers or subscriptions."""
    frames = {"responses": ANSWERS, "orders": pd.DataFrame({"id": IDS, "day": "2026-03-02"})}
    frames["orders"]["amount"] = 10.0
    if role == "subscriptions":
        frames = {"responses": ANSWERS, role: pd.DataFrame({"id": IDS, "began": cells})}
        frames[role]["ended"] = None
    else:
        frames[role] = frames[role].assign(day=cells)
    tables = tables_of(folder, frames, kind, tables={role: declared})
    return " ".join(entries(tables, "warning"))


def written(times, form):
    return [time.strftime(form) for time in times]


def excel_swapped(days):
    """Return dates whose day and month are swapped where that makes a date."""
    return [f"{d:%Y-%d-%m}" if d.day <= 12 else f"{d:%Y-%m-%d}" for d in days]


@pytest.mark.parametrize("kind", KINDS)
def test_hours_without_am_and_pm_are_told_of(kind, tmp_path):
    lost = "All 120 times of day of column 'day' of [tables.orders] lie between 1:00 and 12:59"
    assert lost in warned(tmp_path, written(TIMES, "%Y-%m-%d %I:%M"), kind)


@pytest.mark.parametrize(
    ("role", "form", "declared"),
    [
        ("responses", "%d/%m/%Y %I:%M", "%d/%m/%Y %H:%M"),
        ("subscriptions", "%Y-%m-%d %I:%M:%S", ""),
    ],
)
def test_hours_of_other_columns_and_formats(role, form, declared, tmp_path):
    more = {"date_format": declared} if declared else {}
    said = warned(tmp_path, written(TIMES, form), role=role, **more)
    assert "lie between 1:00 and 12:59: has AM or PM been lost?" in said


@pytest.mark.parametrize(
    "cells",
    [
        TIMES,  # hours of all the day
        written(TIMES, "%Y-%m-%d %I:%M %p"),
        written(DAYS, "%Y-%m-%d"),  # days alone
        [f"2026-03-02 {7 + i % 6:02}:15" for i in range(N)],  # open in the morning
        [f"2026-03-02 {1 + i % 6:02}:15" for i in range(N)],  # jobs of the night
    ],
)
def test_hours_of_a_whole_day_are_not_worth_a_word(cells, tmp_path):
    assert "AM or PM" not in warned(tmp_path, cells)


@pytest.mark.parametrize("kind", SOME)
def test_dates_that_are_all_swapped_are_told_of(kind, tmp_path):
    days = [d for d in DAYS.repeat(3) if d.day <= 12][:N]
    said = warned(tmp_path, written(days, "%Y-%d-%m"), kind)
    assert "All dates of column 'day' of [tables.orders] are of 12 months" in said
    assert 'date_format, such as "%Y-%d-%m"' in said


def test_swapped_dates_are_right_as_declared(tmp_path):
    days = [d for d in DAYS.repeat(3) if d.day <= 12][:N]
    assert "swapped" not in warned(tmp_path, written(days, "%Y-%d-%m"), date_format="%Y-%d-%m")


@pytest.mark.parametrize("role", ["orders", "responses", "subscriptions"])
def test_dates_swapped_up_to_the_12th_are_told_of(role, tmp_path):
    cells = excel_swapped(DAYS.repeat(4))
    early = sum(int(cell[5:7]) >= 5 for cell in cells)
    wide = {"responses": ANSWERS.loc[ANSWERS.index.repeat(4)]}
    frame = pd.DataFrame({"id": IDS * 4, "day": cells, "amount": range(480), "nps": 9})
    frame["ended"] = None
    frames = wide | {role: frame.rename(columns={"day": "began"} if role[0] == "s" else {})}
    if role == "responses":
        frames["orders"] = frame.assign(day="2026-03-02")
    said = " ".join(entries(tables_of(tmp_path, frames), "warning"))
    assert f"{early} of 480 dates" in said
    assert "of 8 months without a day after the 12th" in said  # May to December


@pytest.mark.parametrize(
    "cells",
    [
        pd.date_range("2024-01-05", periods=N, freq="7D"),
        pd.date_range("2025-01-01", periods=12, freq="MS").repeat(10),  # bills
        pd.date_range("2026-01-01", "2026-04-10", periods=N),  # ends in a month that has begun
        [f"2026-0{1 + i % 3}-{1 + i % 12:02}" for i in range(N)],  # a survey early in a month
    ],
)
def test_ordinary_days_are_not_worth_a_word(cells, tmp_path):
    assert "swapped" not in warned(tmp_path, cells)


@pytest.mark.parametrize("kind", SOME)
def test_dates_of_a_spreadsheet_beside_texts_are_refused_with_advice(kind, tmp_path):
    cells = [pd.Timestamp(f"{d:%Y-%d-%m}") if d.day <= 12 else f"{d:%d/%m/%Y}" for d in DAYS]
    with pytest.raises(cx.CxroiError, match="spreadsheet made dates of those up to the 12th") as e:
        warned(tmp_path, cells, kind)
    assert "mixes date formats: 48 cells are year-month-day, 72 are not" in str(e.value)


@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("role", ["orders", "responses", "subscriptions"])
def test_years_of_two_digits_read_as_four_are_refused_with_the_pattern(role, kind, tmp_path):
    cells = written(DAYS, "%d/%m/%y")
    with pytest.raises(cx.CxroiError, match=r'two digits are %y: date_format = "%d/%m/%y"'):
        warned(tmp_path, cells, kind, role, date_format="%d/%m/%Y")
