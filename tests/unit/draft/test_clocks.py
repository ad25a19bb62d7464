"""On whose clocks the times of a drafted study are: by their offsets, or by a person."""

import datetime as dt
import tomllib
from zoneinfo import ZoneInfo

import export_files as files
import pandas as pd
import pytest

import cxroi as cx
from cxroi.draft.drafting import draft_study
from cxroi.draft.facts import facts

YORK = ZoneInfo("America/New_York")
UTC = dt.UTC


def orders(written):
    rows = [["order_id", "customer_id", "ordered_at", "amount"]]
    return rows + [[n, f"C{n % 40:02d}", written(files.ordered(n)), n + 6.5] for n in range(80)]


def survey(written):
    rows = [["customer_id", "nps", "answered_at"]]
    return rows + [[f"C{n:02d}", n % 11, written(files.answered(n))] for n in range(40)]


def york(moment):
    return f"{moment.replace(tzinfo=YORK):%Y-%m-%d %H:%M:%S %z}"


def summer(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S} -0400"


def zulu(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def day(moment):
    return f"{moment:%Y-%m-%d}"


# answers, orders -> what the draft says of the clocks; None: nothing
CLOCKS = [
    (york, york, None),
    (day, york, None),
    (str, str, None),
    (str, york, "America/New_York"),
    (zulu, york, "America/New_York"),
    (str, summer, "?"),
    (str, zulu, "?"),
    (zulu, zulu, None),
    (day, zulu, None),
]


@pytest.mark.parametrize(("answered", "ordered", "zone"), CLOCKS)
def test_a_time_zone_is_declared_where_it_is_needed(answered, ordered, zone, tmp_path):
    paths = [
        files.write(tmp_path, "survey.csv", survey(answered)),
        files.write(tmp_path, "orders.csv", orders(ordered)),
    ]
    made = draft_study(paths, folder=tmp_path)
    assert tomllib.loads(made.text)["study"].get("timezone") == zone
    asked = any(line.startswith("[study] timezone") for line in made.undecided)
    assert asked == (zone is not None or (answered, ordered) == (day, zulu))
    if zone is None and answered is not day:
        return  # read as it stands, with nothing to decide
    text = made.text.replace('timezone = "?"', 'timezone = "America/New_York"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    panel = cx.build_panel(cx.read_tables(cx.load_study(tmp_path / "study.toml")))
    assert panel.ledger.rows("orders", "used") == 80
    local = {york: YORK, summer: dt.timezone(dt.timedelta(hours=-4)), zulu: UTC}
    clock = YORK if zone else UTC if ordered is zulu else None

    def shown(written, moment):
        told = local.get(written)
        return moment.replace(tzinfo=told).astimezone(clock) if told and clock else moment

    days = panel.study.outcome_days
    spent = 0.0
    for n in range(80):
        answer = shown(answered, files.answered(n % 40)).replace(tzinfo=None)
        order = shown(ordered, files.ordered(n)).replace(tzinfo=None)
        if answered is day:  # what is of the same day is not after it
            later = 0 < (order.date() - answer.date()).days <= days
        else:
            later = answer < order <= answer + dt.timedelta(days=days)
        spent += (n + 6.5) * later
    assert panel.frame["spend_after"].sum() == pytest.approx(spent)


def test_the_zone_of_a_frame_is_that_of_the_study():
    answers, bought = (pd.DataFrame(t[1:], columns=t[0]) for t in (survey(str), orders(str)))
    bought["ordered_at"] = pd.to_datetime(bought["ordered_at"]).dt.tz_localize("Asia/Tokyo")
    made = draft_study({"survey": answers, "orders": bought})
    assert tomllib.loads(made.text)["study"]["timezone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("cells", "offsets", "timed"),
    [
        (["2026-01-30 00:49:38 -0400", "2026-07-30 00:49:38 -0500"], (-300, -240), True),
        (["2026-01-30T00:49:38.123+05:30"], (330,), True),
        (["2026-01-30 00:49 UTC", "2026-01-30 00:49 Z"], (0,), True),
        (["30.01.2026 10:00"], (), True),
        (["2026-01-30 00:00:00"], (), False),
        (["2026-01-30"], (), False),
        (["1767225600"], (0,), True),
    ],
)
def test_offsets_and_times_of_day_are_seen(cells, offsets, timed):
    column = facts("ordered_at", "c0", cells * 3)
    assert (column.offsets, column.timed) == (offsets, timed)
