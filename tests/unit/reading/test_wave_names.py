"""Names of a study's own waves: in the order of time, which the order of letters need not be."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import DataError
from cxroi.reading.wave_names import place

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def read(waves: list[Any], dates: list[str | None] | None = None) -> cx.Tables:
    """Read a flat study in which one customer answered in each wave."""
    frame = pd.DataFrame({"id": "a", "nps": 9, "round": waves, "spend": range(len(waves))})
    table = {"customer": "id", "score": "nps", "wave": "round"}
    if dates:
        frame["day"], table["answered_at"] = dates, "day"
    study = {
        "study": {"name": "Rounds"},
        "tables": {"customers": table},
        "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    }
    return cx.read_tables(cx.load_study(study), frames={"customers": frame})


@pytest.mark.parametrize(
    "names",
    [
        [f"Q{q} {y}" for y, q in product((2024, 2025, 2026), (1, 2, 3, 4))],
        [f"Q{q}/{y}" for y, q in product((24, 25), (1, 2, 3, 4))],
        [f"{m} {y}" for y, m in product((2025, 2026), MONTHS)],
        [f"{m}-{y}" for y, m in product((25, 26), MONTHS)],
        [f"W{n}" for n in range(1, 53)],
        [f"{y}-{n}" for y, n in product((2025, 2026), range(1, 13))],
        [f"{d:02}.{m:02}.{y}" for y, m, d in product((2025, 2026), (1, 2, 11), (1, 15))],
        [f"FY{y} Q{q}" for y, q in product((25, 26), (1, 2))],
        ["1st", "2nd", "10th"],
        ["2025", "2026"],
    ],
)
def test_a_name_says_when_its_wave_was(names: list[str]) -> None:
    assert sorted(random.Random(5).sample(names, len(names)), key=place) == names


@pytest.mark.parametrize(
    ("waves", "pair"),
    [
        (["W9", "W10"], "'W10' would come before 'W9'"),
        (["Q4 2024", "Q1 2025"], "'Q1 2025' would come before 'Q4 2024'"),
        (["Jan 2026", "Feb 2026"], "'Feb 2026' would come before 'Jan 2026'"),
        (["9", "10"], "'10' would come before '9'"),
    ],
)
def test_waves_without_dates_sort_as_time_does(waves: list[str], pair: str) -> None:
    with pytest.raises(DataError, match=pair):
        read(waves)
    tables = read(waves, ["2025-10-01", "2026-01-01"])  # whose dates tell the order
    assert cx.build_panel(tables).waves == tuple(waves)
    with pytest.raises(DataError, match=pair):
        read(waves, ["2025-10-01", None])


def test_an_order_that_no_name_tells_is_said() -> None:
    said = "waves are taken in the order of their names: post, pre. If time runs otherwise"
    assert any(said in warning for warning in read(["pre", "post"]).ledger.warnings)
    assert not read(["1 pre", "2 post"]).ledger.warnings
    assert not read(["2024", "2025"]).ledger.warnings
    assert not read(["pre", "post"], ["2025-10-01", "2026-01-01"]).ledger.warnings


@pytest.mark.parametrize(
    "waves", [["Spring", "SPRING"], ["2025-1", "2025\u20111"], ["A 1", "A  1"]]
)
def test_a_wave_has_one_name(waves: list[str]) -> None:
    with pytest.raises(DataError, match="each wave has one name"):
        read(waves, ["2025-10-01", "2026-01-01"])
