"""What the simulator planted for journeys in the demo is found; what it did not plant is not."""

import json
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx
from cxroi.journeys import (
    around_events,
    call_abandonment,
    score_named,
    volume_by,
    when_to_ask,
    whom_not_to_ask,
)

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def tables():
    return cx.read_for_metrics(cx.load_study(DEMO / "study.toml"))[0]


@pytest.fixture(scope="module")
def planted():
    return json.loads((DEMO / "truth.json").read_text())["journeys"]


def rates(found, title):
    return [one.estimate for one in found.rates if one.group == title]


def test_the_reason_whose_volume_changes_is_found_with_its_date(tables, planted):
    truth = planted["change_point"]
    found = volume_by(tables, "reason").parts[truth["reason"]]
    largest = max(found.changes, key=lambda one: abs(one.estimate))
    day = pd.Timestamp(largest.term.removeprefix("change on "))
    assert abs((day - pd.Timestamp(truth["from"])).days) <= 7
    assert largest.p_value <= 0.001


def test_the_outage_stands_out_and_no_other_event_does(tables, planted):
    """It lasted four weeks of the 45 days after its beginning."""
    truth = planted["ratings"]["outage"]
    expected = truth["ces"]["points"] * 7 * truth["weeks"] / 45
    found = around_events(tables, score_named(tables, "ces"))
    (called,) = (one for one in found.steps if one.p_value <= 0.05)
    assert called.term == f"Outage of the web shop ({truth['from']})"
    assert called.conf_low < expected < called.conf_high


def test_fatigue_and_long_surveys_cost_answers(tables):
    found = when_to_ask(tables)
    often, lengths = (
        rates(found, "times asked in the 90 days before"),
        rates(found, "questions asked"),
    )
    assert often == sorted(often, reverse=True)
    assert lengths == sorted(lengths, reverse=True)
    tests = {one.group: one.p_value for one in found.differs}
    assert tests["times asked in the 90 days before"] < 0.001
    assert tests["questions asked"] < 0.001
    assert whom_not_to_ask(tables).rates[0].conf_high < found.overall.conf_low


def test_callers_give_up_the_sooner_the_longer_they_wait(tables, planted):
    found = {one.name: one.estimate for one in call_abandonment(tables).figures}
    by_wait = [value for name, value in found.items() if name.startswith("call_abandonment.")]
    assert by_wait == sorted(by_wait)
    assert found["call_abandonment"] == pytest.approx(planted["waiting"]["share_abandoned"])
